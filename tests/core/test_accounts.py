"""Accounts: every written form of the contract means one account, and every other text gets a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.accounts import Account, InvalidAccount, find_personal_name, parse_account, split_accounts
from dashboard.core.networks import NETWORKS
from tests.support.builders import deterministic

NASA = Account("x", "nasa")
BSKY = Account("bluesky", "bsky.app")
MASTODON = Account("mastodon", "mastodon@mastodon.social")


def refusal(text: str) -> str:
    """Return the sentence that a person gets who typed this."""
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
def test_every_written_form_of_the_contract_is_read(written: str, account: Account) -> None:
    """Each row of the contract's table, and each profile address beneath it, names its account."""
    assert parse_account(written) == account


@pytest.mark.parametrize(
    "written",
    ["NASA", "@Nasa", "X:NaSa", "HTTPS://X.COM/NASA", "https://Twitter.com/Nasa/", "  nasa\t", "nasa.", "@nasa…", "https://x.com/nasa…"],
)
def test_case_and_what_pasting_leaves_at_the_ends_do_not_matter(written: str) -> None:
    """Upper case, blanks around a handle and the full stop of a sentence behind it change nothing."""
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
def test_any_address_beneath_an_x_profile_means_the_profile(address: str) -> None:
    """With www, on a phone, with a query string, at a post or without a scheme, the address of a profile is the profile."""
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
def test_any_address_beneath_another_profile_means_the_profile(address: str, account: Account) -> None:
    """Bluesky's and Mastodon's addresses are read as forgivingly as X's, also a guest's page on another instance."""
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
        "intent/user?screen_name=nasa",
        "share?url=x",
        "messages/1",
        "notifications",
        "login",
        "logout",
        "signup",
        "compose/post",
        "tos",
        "privacy",
        "jobs",
    ],
)
def test_a_page_of_x_that_is_no_profile_is_refused(page: str) -> None:
    """X's own pages stand where profiles stand, and are no accounts."""
    assert "isn't a profile link" in refusal(f"https://x.com/{page}")


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com",
        "https://x.com/",
        "https://bsky.app/profile",
        "https://bsky.app/bsky.app",
        "https://mastodon.social/about",
        "https://example.org/nasa",
        "ftp://x.com/nasa",
        "javascript://x.com/nasa",
        "//x.com/nasa",
        "https://x.com@evil.example/nasa",
        "https://x.com/nasa%00",
        "https://x.com/nasa%2f..",
        "https://127.0.0.1/@root",
        "https://[::1]/@root",
        "https://localhost/@root",
        "http://[::1",
        "http://",
        "https://x.com:port/@",
        "https://müller.example/@hans",
    ],
)
def test_an_address_of_no_profile_says_what_profile_addresses_look_like(address: str) -> None:
    """Addresses without a profile, of other schemes, of bare machines or broken ones are refused as addresses."""
    assert refusal(address).endswith(
        "isn't a profile link. Profile links look like https://x.com/nasa; you can also enter only the handle."
    )


@pytest.mark.parametrize("handle", ["1234567", "007", "_", "a", "a23456789012345"])
def test_handles_of_digits_or_of_the_shortest_and_longest_kind_are_x_handles(handle: str) -> None:
    """X allows digits alone, an underscore alone, and up to 15 signs."""
    assert parse_account(handle) == Account("x", handle)


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("a234567890123456", "a valid X handle"),
        ("na sa", "a valid X handle"),
        ("na-sa", "a valid X handle"),
        ("#nasa", "a valid X handle"),
        ("<script>", "a valid X handle"),
        ("<script>alert(1)<", "a valid X handle"),
        ("ｎａｓａ", "a valid X handle"),
        ("🚀", "a valid X handle"),
        ("nаsa", "a valid X handle"),
        ("x:", "a valid X handle"),
        ("x:nasa.gov", "a valid X handle"),
        ("x:nasa/status/1", "a valid X handle"),
        ("", "a valid X handle"),
        ("@", "a valid X handle"),
        ("...", "a valid X handle"),
        ("@@nasa", "a valid Mastodon account"),
        ("nasa@", "a valid Mastodon account"),
        ("@nasa@localhost", "a valid Mastodon account"),
        ("a@b@c.social", "a valid Mastodon account"),
        ("@hans@müller.example", "a valid Mastodon account"),
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
def test_a_text_that_is_no_account_says_what_it_most_looks_like(written: str, network: str) -> None:
    """The sentence names the network that the text seems to mean, and shows how accounts look there."""
    assert f"isn't {network}. " in refusal(written)


@pytest.mark.parametrize(
    "written",
    [
        "na\0sa",
        "nasa\u200f",
        "\u202enasa",
        "na\u200bsa",
        "\u2066@nasa\u2069",
        "na\u00adsa",
        "nasa\ufeff",
        "na\x1bsa",
        "na\ud800sa",
        "na\ue000sa",
    ],
)
def test_invisible_characters_are_refused_as_such(written: str) -> None:
    """NUL, right-to-left marks, zero-width and private characters are pointed out, since nobody sees them."""
    assert "contains invisible characters" in refusal(written)


@pytest.mark.parametrize("written", ["a" * 319, "https://x.com/nasa?" + "a" * 10_000, "a." * 5_000 + "social", "\0" * 400, "🚀" * 400])
def test_a_text_too_long_for_any_account_is_refused_by_its_length(written: str) -> None:
    """Above the longest possible account, nothing is read and the message gives both numbers."""
    assert refusal(written).endswith(f"is too long for an account: it has {len(written)} characters, and the limit is 318.")


def test_a_handle_of_300_characters_is_no_x_handle() -> None:
    """A long handle is quoted in short and told how long handles are."""
    assert refusal("a" * 300) == f"“{'a' * 39}…” isn't a valid X handle. Handles have 1 to 15 letters, digits or underscores, such as nasa."


@deterministic
@given(st.one_of(st.text(max_size=400), st.text("@:/.<>\0\u202e ax", max_size=60), st.text(max_size=90).map("https://x.com/{}".format)))
def test_any_text_is_an_account_or_gets_a_printable_sentence(text: str) -> None:
    """Whatever is typed, a refusal quotes at most 40 printable characters of it and nothing else escapes."""
    try:
        account = parse_account(text)
    except InvalidAccount as refused:
        shown = quoted(str(refused))
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
def test_the_canonical_form_reads_back_as_the_same_account(account: Account) -> None:
    """Writing an account and reading it is going round in a circle."""
    assert parse_account(str(account)) == account


@deterministic
@given(_accounts)
def test_a_network_in_front_of_the_name_names_the_same_account(account: Account) -> None:
    """Every account can be written with its network, in any case."""
    assert parse_account(f"{account.network}:{account.name}".upper()) == account


@pytest.mark.parametrize("written", ["file:ab/x'.", "file:ab/x).", "“nasa.”", "(@nasa…)", "'bsky.app.'"])
def test_what_was_read_once_reads_the_same_again(written: str) -> None:
    """The canonical form is canonical: quotes and full stops at its end are gone for good."""
    assert parse_account(str(parse_account(written))) == parse_account(written)


@pytest.mark.parametrize(
    ("account", "label"), [(NASA, "@nasa"), (BSKY, "bsky.app"), (MASTODON, "mastodon@mastodon.social"), (Account("demo", "a"), "demo:a")]
)
def test_a_label_is_how_people_know_the_account(account: Account, label: str) -> None:
    """Only X handles carry an @ in front."""
    assert account.label == label


@pytest.mark.parametrize("between", [",", ", ", " ", "\n", "\r\n", ";", "\t", "，", "、", ",,,", " , ;\n", "\u00a0", "\u3000"])
def test_handles_are_cut_at_commas_semicolons_and_white_space(between: str) -> None:
    """However a list was pasted, it is a list."""
    assert split_accounts(f"nasa{between}@esa") == ["nasa", "@esa"]


@pytest.mark.parametrize("text", ["", " ", ",", "@", "@ @,\n;"])
def test_a_list_of_nothing_holds_no_handles(text: str) -> None:
    """Separators and lonely @ signs are no handles."""
    assert split_accounts(text) == []


@pytest.mark.parametrize("name", ["Jane Smith", "Mary-Ann Jones O'Brien", "Åsa Müller"])
def test_a_name_with_spaces_is_told_from_a_list_of_handles(name: str) -> None:
    """A name is two or three capitalised words; it's found between other accounts too."""
    assert find_personal_name(name) == name
    assert find_personal_name(f"nasa, {name}\nesa") == name


@pytest.mark.parametrize(
    "text", ["nasa esa", "NASA ESA", "Nasa esa", "@Jane @Smith", "Jane, Smith", "Jane\nSmith", "Jane", "Jane_Smith X1"]
)
def test_handles_separated_by_spaces_are_not_taken_for_a_name(text: str) -> None:
    """Only words that nobody writes a list of handles in count as a name."""
    assert find_personal_name(text) == ""
