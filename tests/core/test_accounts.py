"""Parsing accounts: every documented spelling means one account, and every other text is explained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.accounts import Account, InvalidAccount, parse_account
from dashboard.core.networks import NETWORKS
from tests.support.builders import deterministic

NASA = Account("x", "nasa")
BSKY = Account("bluesky", "bsky.app")
MASTODON = Account("mastodon", "mastodon@mastodon.social")
DID = Account("bluesky", "did:plc:abcdefghijklmnopqrstuvwx")
QUAY = Account("bluesky", "quay.example.org")


def refusal(text: str) -> str:
    """Return the message for a text that isn't an account."""
    with pytest.raises(InvalidAccount) as refused:
        parse_account(text)
    return str(refused.value)


def quoted(message: str) -> str:
    """Return what a message quotes."""
    return message[message.index("“") + 1 : message.rindex("”")]


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("nasa", NASA),
        ("@nasa", NASA),
        ("x:nasa", NASA),
        ("x:@nasa", NASA),
        ("nasa.bsky.social", Account("bluesky", "nasa.bsky.social")),
        ("@bsky.app", BSKY),
        ("bluesky:bsky.app", BSKY),
        ("bluesky:@bsky.app", BSKY),
        ("Mastodon@mastodon.social", MASTODON),
        ("@Mastodon@mastodon.social", MASTODON),
        ("mastodon:Mastodon@mastodon.social", MASTODON),
        ("mastodon:@Mastodon@mastodon.social", MASTODON),
        ("demo:aster-air", Account("demo", "aster-air")),
        ("file:3f2a", Account("file", "3f2a")),
        ("file:3f2a/nasa", Account("file", "3f2a/nasa")),
        ("https://x.com/nasa", NASA),
        ("https://bsky.app/profile/bsky.app", BSKY),
        ("https://mastodon.social/@Mastodon", MASTODON),
    ],
)
def test_every_documented_spelling_is_parsed(written: str, account: Account) -> None:
    """This includes each row of the contract's table and each profile URL below it."""
    assert parse_account(written) == account


@pytest.mark.parametrize(
    "written",
    ["NASA", "@Nasa", "X:NaSa", "HTTPS://X.COM/NASA", "https://Twitter.com/Nasa/", "  nasa\t", "nasa.", "@nasa…", "https://x.com/nasa…"],
)
def test_case_and_pasted_characters_do_not_matter(written: str) -> None:
    """Upper case, surrounding spaces and a final full stop are ignored."""
    assert parse_account(written) == NASA


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com/nasa",
        "http://x.com/nasa",
        "x.com/nasa",
        "www.x.com/nasa",
        "https://www.twitter.com/nasa",
        "https://mobile.twitter.com/nasa",
        "https://mobile.x.com/nasa",
        "https://x.com/nasa/",
        "https://x.com//nasa",
        "https://x.com/@nasa",
        "https://x.com/nasa?lang=en&s=20",
        "https://x.com/nasa#top",
        "https://x.com/nasa/status/1234567890",
        "https://twitter.com/nasa/with_replies",
        "https://x.com:443/nasa",
        "https://x.com/%6Easa",
    ],
)
def test_any_url_below_an_x_profile_means_the_profile(address: str) -> None:
    """It may have www, a mobile host, a query string or a post, or lack the scheme."""
    assert parse_account(address) == NASA


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("https://bsky.app/profile/bsky.app/", BSKY),
        ("bsky.app/profile/bsky.app", BSKY),
        ("https://www.bsky.app/profile/BSKY.app/post/3kabc", BSKY),
        ("https://mastodon.social/@Mastodon/114000000000", MASTODON),
        ("mastodon.social/@Mastodon?max_id=1", MASTODON),
        ("https://fosstodon.org/@Mastodon@mastodon.social", MASTODON),
    ],
)
def test_any_url_below_another_profile_means_the_profile(address: str, account: Account) -> None:
    """URLs of Bluesky and Mastodon are parsed as leniently, including remote accounts on another instance."""
    assert parse_account(address) == account


@pytest.mark.parametrize(
    "page",
    [
        "home",
        "i/flow/login",
        "search?q=nasa",
        "explore",
        "settings/profile",
        "hashtag/nasa",
        "share?url=x",
        "messages/1",
        "notifications",
        "login",
        "logout",
        "signup",
        "compose/post",
        "tos",
        "en/tos",
        "about",
        "bookmarks",
        "account/access",
        "privacy",
        "jobs",
    ],
)
def test_a_page_of_x_that_is_not_a_profile_is_refused(page: str) -> None:
    """X's own pages have the same URLs as profiles."""
    assert "isn’t a profile link" in refusal(f"https://x.com/{page}")


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com",
        "https://x.com/",
        "https://mastodon.social/about",
        "https://example.org/nasa",
        "ftp://x.com/nasa",
        "javascript://x.com/nasa",
        "https://x.com@evil.example/nasa",
        "https://x.com/nasa%00",
        "https://x.com/nasa%2f..",
        "https://127.0.0.1/@root",
        "https://[::1]/@root",
        "https://localhost/@root",
        "http://[::1",
        "http://",
        "https://x.com:port/@",
        "https://mastodon.social/@nása",
        "https://straße.example/@hans",
    ],
)
def test_a_url_that_is_not_a_profile_is_explained(address: str) -> None:
    """The message shows what profile URLs look like."""
    assert refusal(address).endswith(
        "isn’t a profile link. Profile links look like https://x.com/nasa; you can also enter only the handle."
    )


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx", DID),
        ("did:plc:abcdefghijklmnopqrstuvwx", DID),
        ("at://did:plc:abcdefghijklmnopqrstuvwx", DID),
        ("at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3kabc", DID),
        ("https://bsky.app/profile/did:web:example.org", Account("bluesky", "did:web:example.org")),
        ("at://quay.example.org", QUAY),
        ("at://quay.example.org/app.bsky.actor.profile/self", QUAY),
        ("bsky:quay.example.org", QUAY),
        ("https://deck.blue/profile/quay.example.org", QUAY),
        ("https://another-app.example/profile/quay.example.org/post/3kabc", QUAY),
        ("https://bsky.app/profile/@quay.example.org?x=1", QUAY),
        ("https://bsky.app/starter-pack/quay.example.org/3kabc", QUAY),
        ("https://nasa.bsky.social", Account("bluesky", "nasa.bsky.social")),
        ("https://nasa.bsky.social/", Account("bluesky", "nasa.bsky.social")),
        ("@nasa.bsky.social.", Account("bluesky", "nasa.bsky.social")),
        ("https://mastodon.social/users/mastodon", MASTODON),
        ("https://mastodon.social/users/Mastodon/statuses/1", MASTODON),
        ("https://mastodon.social/users/mastodon.json", MASTODON),
        ("https://mastodon.social/@mastodon.rss", MASTODON),
        ("https://mastodon.social/deck/@mastodon", MASTODON),
        ("https://mastodon.social/deck/@mastodon/1", MASTODON),
        ("https://mastodon.social/web/@mastodon", MASTODON),
        ("https://other.example/web/@mastodon@mastodon.social", MASTODON),
        ("https://other.example/@mastodon@mastodon.social/1", MASTODON),
        ("https://elk.example/mastodon.social/@mastodon", MASTODON),
        ("https://other.example/authorize_interaction?uri=acct:mastodon@mastodon.social", MASTODON),
        ("https://mastodon.social./@mastodon", MASTODON),
        ("https://www.mastodon.social/@mastodon", MASTODON),
        ("acct:mastodon@mastodon.social", MASTODON),
        ("@mastodon@mastodon.social.", MASTODON),
        ("＠mastodon＠mastodon．social", MASTODON),
        ("https://friendica.example/profile/jane", Account("mastodon", "jane@friendica.example")),
        ("https://pixelfed.example/jane", Account("mastodon", "jane@pixelfed.example")),
        ("https://m.twitter.com/nasa", NASA),
        ("https://m.x.com/nasa", NASA),
        ("https://x.com./nasa", NASA),
        ("https://nitter.net/nasa", NASA),
        ("https://nitter.example.org/nasa/with_replies", NASA),
        ("https://fxtwitter.com/nasa/status/1", NASA),
        ("https://twitter.com/#!/nasa", NASA),
        ("https://twitter.com/intent/user?screen_name=nasa", NASA),
        ("https://x.com/intent/follow?screen_name=NASA&ref_src=twsrc%5Etfw", NASA),
        ("https://x.com/search?q=from%3Anasa%20since%3A2026-01-01", NASA),
        ("https://x.com/nasa?ref_src=twsrc%5Egoogle%7Ctwcamp%5Eserp%7Ctwgr%5Eauthor", NASA),
        ("twitter:nasa", NASA),
        ("twitter://user?screen_name=nasa", NASA),
        ("bluesky://profile/quay.example.org", QUAY),
        ("@mastodon@mastodon.social:443", MASTODON),
        ("https://https://x.com/nasa", NASA),
        ("https:/x.com/nasa", NASA),
        ("http:x.com/nasa", NASA),
        ("ttps://x.com/nasa", NASA),
        ("hxxps://x.com/nasa", NASA),
        ("//x.com/nasa", NASA),
        (r"https://x.com\nasa", NASA),
        ("https://x.com/nasa%20", NASA),
        ("https://x.com/nasa%E2%80%8B", NASA),
        ("https://x.com/nasa&s=20", NASA),
        ("https://x.com/en/nasa", NASA),
        ("https://x.com/en/status/1", Account("x", "en")),
        ("https://12ft.io/https://x.com/nasa", NASA),
        ("https://web.archive.org/web/20240101000000/twitter.com/nasa", NASA),
        ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.com%2Fnasa&data=" + "a" * 400, NASA),
        ("https://translate.google.com/translate?u=https://x.com/nasa", NASA),
        ("https://plc.directory/did:plc:abcdefghijklmnopqrstuvwx", DID),
        ("https://embed.bsky.app/embed/did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3k", DID),
        ("https://tool.example/at://quay.example.org", QUAY),
        ("https://tool.example/quay.bsky.social/lists", Account("bluesky", "quay.bsky.social")),
        ("https://another.example/@quay.bsky.social", Account("bluesky", "quay.bsky.social")),
        ("https://quay.bsky.social/rss", Account("bluesky", "quay.bsky.social")),
        ("https://bsky.app/search?q=from%3Aquay.example.org+ferry", QUAY),
        ("https://bsky.app/hashtag/ferry?author=quay.example.org", QUAY),
        ("https://public.api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed?actor=quay.example.org", QUAY),
        ("https://mastodon.social/@mastodon?q=jane", MASTODON),
        ("https://other.example/authorize_interaction?uri=https%3A%2F%2Fmastodon.social%2F%40mastodon", MASTODON),
        ("https://other.example/search?q=%40mastodon%40mastodon.social", MASTODON),
        ("https://mastodon.social/api/v1/accounts/lookup?acct=mastodon", MASTODON),
        ("https://mastodon.social/.well-known/webfinger?resource=acct:mastodon@mastodon.social", MASTODON),
        ("mastodon:mastodon.social/@Mastodon", MASTODON),
        ("mailto:Mastodon@mastodon.social", MASTODON),
        ("Mastodon@mastodon.social/", MASTODON),
        ("Mastodon(at)mastodon[dot]social", MASTODON),
        ("@hans@müller.example", Account("mastodon", "hans@xn--mller-kva.example")),
        ("https://MÜLLER.example/@hans", Account("mastodon", "hans@xn--mller-kva.example")),
        ("bücher.example", Account("bluesky", "xn--bcher-kva.example")),
        ("@иван.рф", Account("bluesky", "xn--80adrw.xn--p1ai")),
        ("https//x.com/nasa", NASA),
        ("https://www.google.com/url?sa=t&url=https%3A%2F%2Fx.com%2Fnasa&usg=1", NASA),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fx.com%2Fnasa%3Ffbclid%3D1&h=2", NASA),
        ("https://web.archive.org/web/20240101000000/https://twitter.com/nasa", NASA),
    ],
)
def test_addresses_from_other_apps_and_interfaces_mean_the_profile(address: str, account: Account) -> None:
    """People copy what their app shows: permanent IDs, other clients, mobile pages, redirects and archives."""
    assert parse_account(address) == account


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("!!!", ["“!!!” isn’t a valid X handle"]),
        ("#nasa", ["is a hashtag", "reads accounts", "Did you mean @nasa, nasa.bsky.social or nasa@mastodon.social?"]),
        ("https://x.com/hashtag/nasa", ["a hashtag", "Did you mean @nasa"]),
        ("https://www.instagram.com/nasa/", ["is an Instagram address", "Did you mean @nasa"]),
        ("https://www.facebook.com/nasa", ["is a Facebook address", "Did you mean @nasa"]),
        ("https://mastodon.social/tags/caturday", ["a hashtag", "@caturday"]),
        ("$TSLA", ["is a stock symbol"]),
        (
            "https://www.instagram.com/nasa/",
            ["Instagram", "upload the file", "Did you mean @nasa, nasa.bsky.social or nasa@mastodon.social?"],
        ),
        ("instagram.com/nasa?igsh=1", ["Instagram", "@nasa"]),
        ("instagram:nasa", ["Instagram"]),
        ("https://www.youtube.com/@NASA", ["YouTube", "Did you mean @nasa, nasa.bsky.social or nasa@mastodon.social?"]),
        ("https://youtu.be/abc", ["YouTube"]),
        ("https://m.youtube.com/channel/UC1", ["YouTube"]),
        ("https://www.tiktok.com/@nasa", ["TikTok", "@nasa"]),
        ("https://de.linkedin.com/in/jane-smith", ["LinkedIn", "upload the file"]),
        ("https://m.facebook.com/nasa", ["Facebook", "@nasa"]),
        ("https://www.threads.net/@nasa", ["Threads", "@nasa"]),
        ("@nasa@threads.net", ["Threads"]),
        ("https://old.reddit.com/r/nasa", ["Reddit"]),
        ("https://t.co/AbC123", ["a shortened link", "copy the address"]),
        ("https://bit.ly/x", ["a shortened link"]),
        ("jane@gmail.com", ["an e-mail address", "handle"]),
        ("@nasa@twitter.com", ["twitter.com is X", "Did you mean @nasa?"]),
        ("@nasa@bsky.social", ["bsky.social is Bluesky", "Did you mean nasa.bsky.social?"]),
        ("https://mastodon.social/@nasa@x.com", ["x.com is X", "Did you mean @nasa?"]),
        ("https://mastodon.social/@quay.bsky.social@bsky.brid.gy", ["bsky.brid.gy is Bluesky", "Did you mean quay.bsky.social?"]),
        ("https://bsky.app/@quay.example.org", ["isn’t a profile link", "Did you mean quay.example.org?"]),
        ("https://quay.example.org/", ["isn’t a profile link", "Did you mean quay.example.org?"]),
        ("https://mastodon.social/ap/users/115", ["doesn’t contain the account’s handle"]),
        ("https://mastodon.social/web/statuses/1", ["doesn’t contain the account’s handle"]),
        ("https://x.com/intent/user?user_id=11348282", ["doesn’t contain the account’s handle"]),
        ("https://twitter.com/statuses/1", ["doesn’t contain the account’s handle"]),
        ("tweets.csv", ["is the name of a file", "upload the file"]),
        (r"C:\Users\me\posts.xlsx", ["is the name of a file"]),
        ("~/archive/tweets.js", ["is the name of a file"]),
        ("x:", ["“x:” isn’t a valid X handle"]),
        ("@quay.example.org@bsky.brid.gy", ["bsky.brid.gy is Bluesky", "Did you mean quay.example.org?"]),
        ("https://www.youtube.com/c/nasa", ["YouTube", "@nasa"]),
        ("https://linkedin.com/company/nasa", ["LinkedIn", "@nasa"]),
        ("twitter://user?id=1", ["isn’t a valid X handle"]),
        ("bluesky:nasa", ["isn’t a valid Bluesky handle", "Did you mean nasa.bsky.social?"]),
        ("https://bsky.app/profile/nasa", ["isn’t a profile link", "Did you mean nasa.bsky.social?"]),
        ("https://bsky.app/profile", ["Profile links look like https://bsky.app/profile/nasa.bsky.social"]),
        ("https://x.com/i/user/11348282", ["doesn’t contain the account’s handle"]),
        ("https://x.com/i/status/1", ["doesn’t contain the account’s handle"]),
    ],
)
def test_the_message_says_what_to_do_instead(written: str, parts: list[str]) -> None:
    """It names what was pasted, and suggests an account where one is close."""
    message = refusal(written)
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize(
    "address", ["https://vm.tiktok.com/abc", "https://youtu.be/abc", "https://www.instagram.com/p/abc/", "https://t.co/abc"]
)
def test_no_account_is_suggested_for_an_address_that_names_none(address: str) -> None:
    """The last part of such an address is the ID of something else."""
    assert "Did you mean" not in refusal(address)


@pytest.mark.parametrize("handle", ["bsky.app", "github.com", "threads.net", "medium.com"])
def test_a_domain_alone_is_a_handle_of_bluesky_whoever_owns_it(handle: str) -> None:
    """Companies use their own domain as their handle."""
    assert parse_account(handle) == Account("bluesky", handle)


@pytest.mark.parametrize("handle", ["1234567", "007", "_", "a", "a23456789012345"])
def test_unusual_valid_handles_of_x_are_accepted(handle: str) -> None:
    """X allows only digits, a single underscore, and up to 15 characters."""
    assert parse_account(handle) == Account("x", handle)


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("a234567890123456", "a valid X handle"),
        ("na sa", "a valid X handle"),
        ("na-sa", "a valid X handle"),
        ("<script>alert(1)<", "a valid X handle"),
        ("🚀", "a valid X handle"),
        ("nаsa", "a valid X handle"),
        ("x:", "a valid X handle"),
        ("x:nasa.gov", "a valid X handle"),
        ("x:nasa/status/1", "a valid X handle"),
        ("", "a valid X handle"),
        ("@", "a valid X handle"),
        ("...", "a valid X handle"),
        ("@@", "a valid X handle"),
        ("nasa@", "a valid Mastodon account"),
        ("@nasa@localhost", "a valid Mastodon account"),
        ("a@b@c.social", "a valid Mastodon account"),
        ("@hans@straße.example", "a valid Mastodon account"),
        ("@hans@mаstodon.example", "a valid Mastodon account"),
        ("mastodon:nasa", "a valid Mastodon account"),
        ("a@-b.social", "a valid Mastodon account"),
        ("nasa..social", "a valid Bluesky handle"),
        ("nasa.bsky.123", "a valid Bluesky handle"),
        ("-nasa.bsky.social", "a valid Bluesky handle"),
        ("192.168.0.1", "a valid Bluesky handle"),
        ("bluesky:nasa", "a valid Bluesky handle"),
        ("demo:", "a valid demo account"),
        ("demo:no such thing", "a valid demo account"),
        ("demo:../etc", "a valid demo account"),
        ("file:", "an uploaded file"),
        ("file:../../etc/passwd", "an uploaded file"),
        ("file:3f2a/a/b", "an uploaded file"),
    ],
)
def test_the_message_names_the_likeliest_network(written: str, network: str) -> None:
    """It shows what accounts look like there."""
    assert f"isn’t {network}. " in refusal(written)


@pytest.mark.parametrize(
    "written",
    [
        "nasa\u200f",
        "\u202enasa",
        "na\u200bsa",
        "\u2066@nasa\u2069",
        "na\u00adsa",
        "nasa\ufeff",
        "\u200e@nasa",
        "nasa\ufe0f",
        "\u2060https://x.com/nasa\u200b",
        "ｎａｓａ",
        "＠ｎａｓａ",
        "𝗻𝗮𝘀𝗮",
        "<nasa>",
        "[nasa]",
        "«@nasa»",
        "`nasa`",
        "**@nasa**",
        "@nasa,",
        "@nasa:",
        "@nasa’s",
        "@nasa!",
        "@nasa/",
        "<https://x.com/nasa>",
        "[NASA](https://x.com/nasa)",
        "[https://x.com/nasa](https://x.com/nasa)",
        "%40nasa",
        "@@nasa",
        "@nasa🚀",
        "✅ @nasa",
        "『nasa』",
        "~~nasa~~",
        "(from:nasa",
        "x:https://x.com/nasa",
        "url=https://x.com/nasa",
        'href="https://x.com/nasa">',
        "![NASA](https://x.com/nasa)",
        "x[.]com/nasa",
    ],
)
def test_what_is_pasted_along_with_a_handle_is_ignored(written: str) -> None:
    """Brackets, quotation marks, punctuation, invisible characters and styled letters come from the page that was copied."""
    assert parse_account(written) == NASA


@pytest.mark.parametrize("written", ["na\0sa", "na\x1bsa", "na\ud800sa", "na\ue000sa", "file:ab/na\u200bsa"])
def test_control_characters_are_refused_as_such(written: str) -> None:
    """No page shows them. In a file's account every character may belong to the name."""
    assert "contains invisible characters" in refusal(written)


@pytest.mark.parametrize("written", ["a" * 319, "https://x.com/nasa?" + "a" * 10_000, "a." * 5_000 + "social", "\0" * 400, "🚀" * 400])
def test_a_text_that_is_too_long_is_refused_by_its_length(written: str) -> None:
    """The message has both its length and the limit."""
    assert refusal(written).endswith(f"is too long for an account: it has {len(written):,} characters, and the limit is 318.")


def test_a_handle_of_300_characters_is_explained() -> None:
    """It is quoted in short, with the allowed length."""
    assert refusal("a" * 300) == f"“{'a' * 39}…” isn’t a valid X handle. Handles have 1 to 15 letters, digits or underscores, such as nasa."


@deterministic
@given(st.one_of(st.text(max_size=400), st.text("@:/.<>\0\u202e ax", max_size=60), st.text(max_size=90).map("https://x.com/{}".format)))
def test_any_text_is_an_account_or_has_a_printable_message(text: str) -> None:
    """The message quotes at most 40 printable characters of it, and no other exception is raised."""
    try:
        account = parse_account(text)
    except InvalidAccount as refused:
        shown = quoted(str(refused)).removeprefix("\N{FIRST STRONG ISOLATE}").removesuffix("\N{POP DIRECTIONAL ISOLATE}")
        assert len(shown) <= 40
        assert shown.isprintable() is True
    else:
        assert account.network in NETWORKS


_names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=15)
_words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
_domains = st.builds("{}.{}".format, _words, st.sampled_from(["social", "bsky.social", "example.org", "x-y.app"]))
_accounts = st.one_of(
    st.builds(Account, st.just("x"), _names),
    st.builds(Account, st.just("bluesky"), _domains),
    st.builds(Account, st.just("mastodon"), st.builds("{}@{}".format, _names, _domains)),
    st.builds(Account, st.just("demo"), st.builds("{}-{}".format, _words, _words.map(lambda word: word[:9]))),
    st.builds(Account, st.just("file"), st.one_of(_words, st.builds("{}/{}".format, _words, _names))),
)


@deterministic
@given(_accounts)
def test_the_canonical_form_parses_to_the_same_account(account: Account) -> None:
    """Formatting and parsing are inverse."""
    assert parse_account(str(account)) == account


@deterministic
@given(_accounts)
def test_a_network_prefix_names_the_same_account(account: Account) -> None:
    """Every account can be written with its network, in any case."""
    assert parse_account(f"{account.network}:{account.name}".upper()) == account


@pytest.mark.parametrize("written", ["file:ab/x'.", "file:ab/x).", "“nasa.”", "(@nasa…)", "'bsky.app.'"])
def test_a_parsed_text_stays_the_same_account(written: str) -> None:
    """The canonical form has no quotes or final full stops left."""
    assert parse_account(str(parse_account(written))) == parse_account(written)


@pytest.mark.parametrize(
    ("account", "label"),
    [(NASA, "@nasa"), (BSKY, "bsky.app"), (MASTODON, "mastodon@mastodon.social"), (Account("demo", "aster-air"), "Aster Air")],
)
def test_a_label_is_the_usual_name_of_an_account(account: Account, label: str) -> None:
    """Only handles of X have an @ in front, and demo accounts have titles."""
    assert account.label == label


@pytest.mark.parametrize(
    ("account", "handle"),
    [(NASA, "@nasa"), (BSKY, "bsky.app"), (Account("demo", "aster-air"), "aster-air"), (Account("file", "ab12cd/nasa"), "file ab12")],
)
def test_a_handle_identifies_an_account(account: Account, handle: str) -> None:
    """It says what a display name leaves open."""
    assert account.handle == handle
