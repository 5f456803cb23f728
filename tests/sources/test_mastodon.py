"""Reading Mastodon: each account from its own server, that server's errors, accounts hosted under another domain, and HTML."""

import json
import re
import ssl
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.accounts import Account
from dashboard.core.post_text import MAX_TEXT_CHARACTERS
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    AccountSuspended,
    RateLimited,
    ServerUnreadable,
    SourceError,
    SourceNotReady,
    SourceUnavailable,
)
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.mastodon import MastodonSource
from dashboard.sources.mastodon_html import html_to_text
from dashboard.sources.ssrf_guard import SsrfGuard
from tests.support import fake_networks

CASES = sorted(Path(__file__).with_name("cases").glob("mastodon_*.payload.json"))


@pytest.fixture
def secure() -> Iterator[fake_networks.World]:
    """The fake networks behind TLS."""
    with fake_networks.World(tls=True) as outside:
        yield outside


def public(world: fake_networks.World, *allowed: str) -> SsrfGuard:
    """Return a guard that resolves every name to a public address and connects to the fake networks."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=world.port)
    return SsrfGuard(
        frozenset(allowed),
        resolve=names.resolve,
        create_connection=names.dial,
        ssl_context=ssl.create_default_context(cafile=fake_networks.CERTIFICATE_PATH),
    )


def read(world: fake_networks.World, name: str = "nasa@mastodon.example", limit: int = 100, **span: datetime) -> Timeline:
    return fetch.fetch_timeline(MastodonSource(world.url), Account("mastodon", name), TimelineRequest(limit, **span), timeout_seconds=10)


def refusal(world: fake_networks.World) -> SourceError:
    """Return the error that reading nasa@mastodon.example raises."""
    with pytest.raises(SourceError) as caught:
        read(world)
    return caught.value


def single_post(timeline: Timeline) -> dict[str, Any]:
    """Return the one post of a timeline."""
    (row,) = timeline.posts.to_dicts()
    return row


# --- posts as Mastodon writes them, and the rows they become ----------------------------------------------------------


@pytest.mark.parametrize("payload", CASES, ids=lambda path: path.name.removesuffix(".payload.json"))
def test_a_page_becomes_rows(world: fake_networks.World, payload: Path) -> None:
    """Each pair of files is a page of Mastodon and the rows that it becomes."""
    expected = json.loads(Path(str(payload).replace(".payload.", ".posts.")).read_text(encoding="utf-8"))
    world.mastodon.returns_pages("nasa", json.loads(payload.read_text(encoding="utf-8")), [])
    frame = read(world).posts.drop("account", "date_only")
    actual = [row | {"created_at": row["created_at"] and row["created_at"].isoformat()} for row in frame.to_dicts()]
    assert expected == actual


def test_there_are_cases() -> None:
    """The glob above finds its files."""
    assert len(CASES) >= 6


@pytest.mark.parametrize(
    ("raw", "column", "value"),
    [
        ({"content": fake_networks.OMITTED}, "text", ""),
        ({"content": {"html": "x"}}, "text", ""),
        ({"spoiler_text": "Careful "}, "text", "Careful\nHello"),
        ({"spoiler_text": "Careful", "content": ""}, "text", "Careful"),
        ({"spoiler_text": "<b> & co"}, "text", "<b> & co\nHello"),
        ({"created_at": fake_networks.OMITTED}, "created_at", None),
        ({"created_at": "2026-01-05T11:00:00+01:00"}, "created_at", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ({"created_at": "2026-01-05"}, "created_at", None),
        ({"language": None}, "lang", None),
        ({"language": "zh-TW"}, "lang", "zh-TW"),
        ({"favourites_count": 0}, "likes", 0),
        ({"favourites_count": None}, "likes", None),
        ({"quotes_count": fake_networks.OMITTED}, "quotes", None),
        ({"views_count": 9}, "views", None),
        ({"in_reply_to_id": "1", "quote": {"state": "accepted"}}, "kind", "reply"),
        ({"quote": {"id": "1", "content": "as Pleroma writes"}}, "kind", "quote"),
        ({"quote_id": "1"}, "kind", "quote"),
        ({"reblog": [], "quote": []}, "kind", "post"),
        ({"url": "https://[broken"}, "url", None),
        ({"url": "ftp://mastodon.example/1", "uri": fake_networks.OMITTED}, "url", None),
        ({"url": None, "uri": "https://mastodon.example/1"}, "url", "https://mastodon.example/1"),
        ({"url": "https://mastodon.example/" + "x" * 2000, "uri": None}, "url", None),
    ],
)
def test_invalid_fields_are_null(world: fake_networks.World, raw: dict[str, Any], column: str, value: Any) -> None:
    """A missing or invalid value loses neither the post nor its page."""
    world.mastodon.post("nasa", **({"uri": None} if "url" in raw else {}) | raw)
    assert value == single_post(read(world))[column]


def test_a_boost_has_the_text_of_the_original_and_its_own_time(world: fake_networks.World) -> None:
    """Its counts are unknown, because they belong to the original."""
    world.mastodon.post("nasa", "Ariane flies", kind="repost")
    row = single_post(read(world))
    assert row["kind"] == "repost"
    assert row["text"] == "Ariane flies"
    assert row["created_at"] == fake_networks.NEWEST_POST_AT
    assert row["likes"] is None


# --- HTML as text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One<br>Two<br/>Three<br />Four</p>", "One\nTwo\nThree\nFour"),
        ("<p>One</p>\n\n\n<p></p><p> Two </p>", "One\n\nTwo"),
        ('<a class="u-url mention" href="https://a.example/@b">@<span>b</span></a>', "@b"),
        ('<a class="mention hashtag" href="https://a.example/tags/c">#<span>c</span></a>', "#c"),
        ('<a rel="tag" href="https://a.example/tags/c">#c</a>', "#c"),
        ('<a href="https://a.example/b"><span class="invisible">https://</span>a.example/b</a>', "https://a.example/b"),
        ('<a href="https://a.example/long/way"><span class="ellipsis">a.example/lo</span></a>', "https://a.example/long/way"),
        ('<a href="https://a.example/long/way">a.example/lo…</a>', "https://a.example/long/way"),
        ('<a href="https://evil.example/">https://bank.example/</a>', "https://bank.example/ (https://evil.example/)"),
        ('<a href="https://a.example/?b=1&amp;c=2">there</a>', "there (https://a.example/?b=1&c=2)"),
        ('<a href="JaVaScRiPt:alert(1)">x</a>', "x"),
        ("<p>a<script>alert('<p>b</p>')</script>c</p>", "ac"),
        ("a<style>b</style>c<title>d</title>e", "ace"),
        ("<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"),
        ("a<!-- b --><![CDATA[c]]><?php d ?>e", "ae"),
        ("&lt;b&gt; &amp;amp; &#x1F600; &quot;", '<b> &amp; \U0001f600 "'),
        ("1 < 2 > 0 & 3", "1 < 2 > 0 & 3"),
        ("<pre>if x:\n    y</pre>", "if x:\n    y"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ('<p class="quote-inline">RE: <a href="https://a.example/1">x</a><br></p><p>Mine</p>', "Mine"),
        ("<table><tr><td>a</td></tr></table>", "a"),
        ("\ud800a\x00b\u200dc", "ab\u200dc"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    """Paragraphs, links and mentions stay readable, and everything else is removed."""
    assert text == html_to_text(html)


@pytest.mark.parametrize(
    "piece", ["<", "<p>", "&", "<a href=https://a.example/>", "<!--", "<br>", " ", "<pre> ", "<li>\n", "<![CDATA[", "</", "<b "]
)
def test_a_megabyte_of_hostile_html_becomes_a_short_text(piece: str) -> None:
    """A parser with quadratic running time would take hours."""
    text = html_to_text(piece * (2**20 // len(piece)))
    assert len(text) <= MAX_TEXT_CHARACTERS


# --- requests to a server ---------------------------------------------------------------------------------------------


def test_pages_have_40_posts_and_continue_from_the_last_id(world: fake_networks.World) -> None:
    """The next page is older than the last post of the previous one; the last page is empty."""
    account = world.mastodon.has("nasa", posts=90)
    read(world, limit=400)
    asked = [(request.params["limit"], request.params.get("max_id")) for request in world.mastodon.page_requests("nasa")]
    assert [("40", None), *(("40", str(account.posts[last].id)) for last in (39, 79, 89))] == asked


def test_it_looks_up_the_local_name(world: fake_networks.World) -> None:
    """A server knows its own accounts by the name before the @."""
    world.mastodon.has("nasa", posts=1)
    read(world)
    assert world.mastodon.requests[0].params == {"acct": "nasa"}


def test_it_sends_no_key(world: fake_networks.World) -> None:
    """No key of another network is sent, either."""
    world.mastodon.has("nasa", posts=1)
    read(world)
    assert {request.headers["Authorization"] for request in world.mastodon.requests} == {None}


def test_a_page_that_is_too_long_is_cut_to_40_posts(world: fake_networks.World) -> None:
    """Servers may ignore the requested limit."""
    written = [
        fake_networks.FakeMastodon.serialize_post(fake_networks.FakePost(100 - i, f"post {i}", fake_networks.NEWEST_POST_AT))
        for i in range(60)
    ]
    world.mastodon.returns_pages("nasa", written, written[40:], [])
    asked = (read(world).posts.height, [request.params.get("max_id") for request in world.mastodon.page_requests("nasa")])
    assert asked == (60, [None, "61", "41"])


def test_a_short_page_does_not_end_a_timeline(world: fake_networks.World) -> None:
    """Servers leave posts out of full pages, so only an empty page is the end."""
    first, second = (
        fake_networks.FakeMastodon.serialize_post(fake_networks.FakePost(number, f"post {number}", fake_networks.NEWEST_POST_AT))
        for number in (2, 1)
    )
    world.mastodon.returns_pages("nasa", [first], [second], [])
    assert read(world).posts["text"].to_list() == ["post 2", "post 1"]


def test_an_empty_page_with_a_next_link_does_not_end_a_timeline(world: fake_networks.World) -> None:
    """Only the ID in the link is used, never its host."""
    link = {"Link": '<https://evil.example/api?max_id=77&limit=1>; rel="next"'}
    written = fake_networks.FakeMastodon.serialize_post(fake_networks.FakePost(1, "old", fake_networks.NEWEST_POST_AT))
    world.mastodon.returns_pages("nasa", fake_networks.Response([], headers=link), [written], [])
    asked = (single_post(read(world))["text"], [request.params.get("max_id") for request in world.mastodon.page_requests("nasa")])
    assert asked == ("old", [None, "77", "1"])


@pytest.mark.parametrize(
    "link", ["", ";", "<", '<>; rel="next"', '<https://[x/?max_id=5>; rel="next"', '<?max_id=../x>; rel="next"', "x" * 9000]
)
def test_an_invalid_next_link_is_ignored(world: fake_networks.World, link: str) -> None:
    """An empty page without a valid ID is the end."""
    world.mastodon.returns_pages("nasa", fake_networks.Response([], headers={"Link": link}))
    assert read(world).posts.height == 0
    assert len(world.mastodon.page_requests("nasa")) == 1


def test_a_repeated_next_link_ends_the_read(world: fake_networks.World) -> None:
    """There is no third request, and the timeline isn't called complete."""
    world.mastodon.returns_pages("nasa", fake_networks.Response([], headers={"Link": '<https://x.example/?max_id=5>; rel="next"'}))
    assert type(refusal(world)) is SourceUnavailable
    assert len(world.mastodon.page_requests("nasa")) == 2


@pytest.mark.parametrize("body", [{}, {"error": "?"}, "posts", None, 5])
def test_an_invalid_page_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """Anything but a list isn't an empty timeline."""
    world.mastodon.has("nasa", posts=1)
    world.mastodon.returns_pages("nasa", fake_networks.Response(body))
    assert SourceUnavailable is type(refusal(world))


@pytest.mark.parametrize("number", [fake_networks.OMITTED, None, "", "../../../x", "1?limit=1", ["1"], "\ud800", True])
def test_a_lookup_without_a_valid_id_is_a_source_error(world: fake_networks.World, number: Any) -> None:
    """The ID becomes part of a URL, so only simple ones are accepted."""
    world.mastodon.has("nasa", id=number)
    assert type(refusal(world)) is SourceUnavailable
    assert len(world.mastodon.requests) == 1


def test_it_stops_after_a_page_that_is_older_than_the_span(world: fake_networks.World) -> None:
    """The rest of a long history isn't needed."""
    world.mastodon.has("nasa", posts=1000)
    timeline = read(world, limit=900, since=fake_networks.NEWEST_POST_AT - timedelta(hours=50))
    assert timeline.posts.height == 51
    assert len(world.mastodon.page_requests("nasa")) == 3
    assert timeline.cut_by is None


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "noun", "expected_text"),
    [
        ("suspended", AccountSuspended, "mastodon.example has suspended"),
        ("protected", AccountProtected, "followers only"),
        ("unknown", AccountNotFound, "on mastodon.example"),
        ("gone", AccountSuspended, "suspended or deleted"),
        ("login", AccountProtected, "mastodon.example doesn't let visitors read"),
        ("secure", AccountProtected, "mastodon.example doesn't let visitors read"),
        ("forbidden", AccountProtected, "mastodon.example doesn't let visitors read"),
        ("no such page", AccountNotFound, "doesn't respond like a Mastodon server"),
        ("html", SourceUnavailable, "doesn't respond like a Mastodon server"),
        ("firewall", ServerUnreadable, "mastodon.example refuses requests from programs (status 403, with a web page instead of data)"),
        ("rate limit", RateLimited, "mastodon.example doesn't let us read"),
        ("overloaded", SourceUnavailable, "mastodon.example is overloaded"),
        ("broken", SourceUnavailable, "mastodon.example has a problem"),
        ("hang up", SourceUnavailable, "mastodon.example can't be reached"),
    ],
)
def test_each_error_names_the_server(world: fake_networks.World, failure: str, noun: type[SourceError], expected_text: str) -> None:
    """Different states have different messages about the account."""
    world.mastodon.has("nasa", posts=3)
    world.mastodon.fails("nasa", with_=failure)
    error = refusal(world)
    assert type(error) is noun
    assert expected_text in error.detail
    assert "nasa@mastodon.example" in error.detail
    assert error.advice != ""


def test_protected_posts_of_a_visible_account_are_an_error(world: fake_networks.World) -> None:
    """Some servers show visitors an account, but not its posts."""
    world.mastodon.has("nasa", posts=80)
    world.mastodon.fails("nasa", with_="secure", after_pages=1)
    timeline = read(world)
    assert timeline.posts.height == 40
    assert type(timeline.failure) is AccountProtected


def test_a_locked_account_with_public_posts_is_read(world: fake_networks.World) -> None:
    """Approving followers hides only posts for followers."""
    world.mastodon.has("nasa", posts=3, locked=True)
    assert read(world).posts.height == 3


def test_a_locked_account_without_posts_is_empty(world: fake_networks.World) -> None:
    """There is nothing that it could hide."""
    world.mastodon.has("nasa", posts=0, locked=True)
    assert read(world).posts.height == 0


def test_a_rate_limit_has_its_reset_time(world: fake_networks.World) -> None:
    """Mastodon's header is an ISO time."""
    moment = (datetime.now(UTC) + timedelta(minutes=4)).replace(microsecond=0)
    world.mastodon.fails("nasa", with_="rate limit", headers={"X-RateLimit-Reset": moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z")})
    assert moment == refusal(world).resets_at  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "header", [None, "", "soon", "1893456000", "2020-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2099-01-01T00:00:00Z"]
)
def test_an_invalid_reset_time_is_ignored(world: fake_networks.World, header: str | None) -> None:
    """It may be missing, nonsense, past or far in the future; the message still has advice."""
    world.mastodon.fails("nasa", with_="rate limit", headers={} if header is None else {"X-RateLimit-Reset": header})
    error = refusal(world)
    assert error.resets_at is None  # type: ignore[attr-defined]
    assert "five minutes" in error.advice  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 403, 404, 410, 418, 422, 429, 500])
def test_any_error_body_becomes_a_source_error(world: fake_networks.World, subtests: pytest.Subtests, status: int) -> None:
    """This holds for every status and body."""
    for body in [b"", b"[]", b'{"error": 5}', b'{"error": "no"}', b"<html>", b"[" * 100_000]:
        with subtests.test(body=body[:40]):
            world.mastodon.accounts.clear()
            world.mastodon.fails("nasa", with_=fake_networks.Response(body, status))
            assert isinstance(refusal(world), SourceError)


@pytest.mark.parametrize("failure", ["secure", "hang up", "html", "bad gzip", "redirect", "broken", "no http"])
def test_no_error_contains_a_cause_or_a_url(world: fake_networks.World, failure: str) -> None:
    """Neither the error nor its cause nor its traceback reveals the gateway."""
    world.mastodon.fails("nasa", with_=failure)
    error = refusal(world)
    error_texts = "".join([repr(error), repr(vars(error)), error.message, *traceback.format_exception(error)])
    assert error.__cause__ is None
    assert error.__context__ is None
    assert re.findall("127.0.0.1", error_texts) == []


# --- which servers are asked ------------------------------------------------------------------------------------------


def test_each_account_is_read_from_its_own_server(secure: fake_networks.World) -> None:
    """It is the host in the handle."""
    secure.mastodon.has("nasa", posts=1)
    source = MastodonSource(guard=public(secure))
    for host in ("mastodon.example", "social.example"):
        fetch.fetch_timeline(source, Account("mastodon", f"nasa@{host}"), TimelineRequest(1), timeout_seconds=5)
    assert [request.headers["Host"] for request in secure.mastodon.requests] == ["mastodon.example"] * 2 + ["social.example"] * 2


SELF = {"rel": "self", "type": "application/activity+json", "href": "https://social.example/users/nasa_gov"}


@pytest.mark.parametrize(
    ("webfinger", "name"),
    [
        (fake_networks.Response({"subject": "acct:nasa_gov@social.example", "links": [{"rel": "avatar"}, SELF]}), "nasa_gov"),
        (fake_networks.Response({"links": [SELF]}), "nasa"),
        (
            fake_networks.Response(
                b"", 301, {"Location": "https://social.example/.well-known/webfinger?resource=acct:nasa@domain.example"}
            ),
            "nasa",
        ),
    ],
    ids=["described", "without a subject", "sent on"],
)
def test_a_domain_may_name_the_server_of_its_accounts(secure: fake_networks.World, webfinger: fake_networks.Response, name: str) -> None:
    """WebFinger names it in its response or by a redirect; the account keeps its requested name."""
    secure.mastodon.is_hosted_elsewhere("domain.example", webfinger)
    secure.mastodon.has(name, posts=2)
    source = MastodonSource(guard=public(secure))
    timeline = fetch.fetch_timeline(source, Account("mastodon", "nasa@domain.example"), TimelineRequest(5), timeout_seconds=5)
    assert timeline.account == "nasa@domain.example"
    assert timeline.posts.height == 2


@pytest.mark.parametrize(
    "webfinger",
    [
        fake_networks.FakeMastodon.error_responses["no such page"],
        fake_networks.Response({"links": [{"rel": "self", "href": "http://social.example/users/nasa"}]}),
        fake_networks.Response(
            {"links": [{"rel": "self", "href": "https://social.example:444/users/nasa"}, {"rel": "self", "href": 5}, None]}
        ),
        fake_networks.Response({"links": "self"}),
        fake_networks.Response(b"", 302, {"Location": "https://social.example/login"}),
        fake_networks.Response({"links": [{"rel": "self", "href": "https://social\u202e.example/users/nasa"}]}),
        fake_networks.Response(b"<html>"),
        fake_networks.Response(b"", 500),
    ],
)
def test_a_domain_without_a_usable_server_is_not_mastodon(secure: fake_networks.World, webfinger: fake_networks.Response) -> None:
    """No other server is contacted, and the message names the domain."""
    secure.mastodon.is_hosted_elsewhere("domain.example", webfinger)
    source = MastodonSource(guard=public(secure))
    with pytest.raises(AccountNotFound, match=r"domain\.example doesn't respond like a Mastodon server"):
        fetch.fetch_timeline(source, Account("mastodon", "nasa@domain.example"), TimelineRequest(5), timeout_seconds=5)
    assert {request.headers["Host"] for request in secure.mastodon.requests} == {"domain.example"}


def test_only_one_other_server_is_tried(secure: fake_networks.World) -> None:
    """A server that can't help ends the search."""
    secure.mastodon.is_hosted_elsewhere("domain.example", fake_networks.Response({"links": [SELF]}))
    secure.mastodon.is_hosted_elsewhere(
        "social.example", fake_networks.Response({"links": [{"rel": "self", "href": "https://mastodon.example/users/x"}]})
    )
    source = MastodonSource(guard=public(secure))
    with pytest.raises(AccountNotFound):
        fetch.fetch_timeline(source, Account("mastodon", "nasa@domain.example"), TimelineRequest(5), timeout_seconds=5)
    assert {request.headers["Host"] for request in secure.mastodon.requests} == {"domain.example", "social.example"}


# --- servers that lack a part of the API ------------------------------------------------------------------------------

LACKING = [
    fake_networks.Response({"error": "Can't find user"}, 404),
    fake_networks.Response({"error": "Bad request"}, 400),
    fake_networks.Response({"errors": {"detail": "Not Found"}}, 404),
    fake_networks.Response(b"<html>Not found</html>", 404, {"Content-Type": "text/html"}),
    fake_networks.Response(b"", 405),
]
KNOWN_HERE = fake_networks.Response({"links": [{"rel": "self", "href": "https://mastodon.example/users/nasa"}]})


@pytest.mark.parametrize("lacking", LACKING)
@pytest.mark.parametrize("way", ["/api/v1/accounts/nasa", "/api/v1/accounts/search", "/api/v2/search"])
def test_a_server_without_the_lookup_is_asked_in_other_ways(world: fake_networks.World, lacking: fake_networks.Response, way: str) -> None:
    """Pleroma takes a name for an ID, and others search."""
    account = world.mastodon.has("nasa", posts=3)
    world.mastodon.lacks_lookup(lacking, way=way, id=str(account.numeric_id))
    assert read(world).posts.height == 3


@pytest.mark.parametrize("way", ["/api/v1/accounts/nasa", "/api/v1/accounts/search", "/api/v2/search"])
@pytest.mark.parametrize("acct", ["nasa2", "nasa@social.example", "", 5, None])
def test_only_exactly_this_account_is_taken_from_a_search(world: fake_networks.World, way: str, acct: Any) -> None:
    """Another account of a similar name, or of the same name on another server, would be the wrong posts."""
    world.mastodon.has("nasa", posts=3)
    world.mastodon.lacks_lookup(LACKING[0], way=way, acct=acct)
    assert type(refusal(world)) is ServerUnreadable


def test_an_account_that_may_exist_is_not_called_unknown(world: fake_networks.World) -> None:
    """The server can only be asked in ways that it doesn't offer."""
    world.mastodon.lacks_lookup(LACKING[0])
    error = refusal(world)
    assert type(error) is ServerUnreadable
    assert "nobody knows whether the account exists there" in error.detail


@pytest.mark.parametrize("lacking", [*LACKING, fake_networks.Response({"error": "Record not found"}, 404)])
def test_an_account_that_webfinger_knows_exists(world: fake_networks.World, lacking: fake_networks.Response) -> None:
    """Only its posts can't be read."""
    world.mastodon.lacks_lookup(lacking)
    world.mastodon.knows(KNOWN_HERE)
    error = refusal(world)
    assert type(error) is ServerUnreadable
    assert "mastodon.example has the account nasa@mastodon.example" in error.detail


def test_a_refusal_stays_one_if_webfinger_knows_the_account(world: fake_networks.World) -> None:
    """A firewall may let only some requests pass."""
    world.mastodon.lacks_lookup(fake_networks.FakeMastodon.error_responses["firewall"])
    world.mastodon.knows(KNOWN_HERE)
    assert "refuses requests from programs" in refusal(world).detail


@pytest.mark.parametrize(
    ("failure", "expected_text"),
    [("firewall", "refuses requests from programs"), ("no such page", "doesn't offer what Chorus needs"), ("unknown", "doesn't offer")],
)
def test_posts_that_cannot_be_read_do_not_make_an_account_unknown(world: fake_networks.World, failure: str, expected_text: str) -> None:
    """The server has just found the account."""
    world.mastodon.has("nasa", posts=1)
    world.mastodon.returns_pages("nasa", fake_networks.FakeMastodon.error_responses[failure])
    error = refusal(world)
    assert type(error) is ServerUnreadable
    assert expected_text in error.detail


def test_an_allow_list_excludes_other_servers(world: fake_networks.World) -> None:
    """They aren't contacted, and the message names the allowed ones."""
    world.mastodon.has("nasa", posts=1)
    listed = MastodonSource(world.url, frozenset({"social.example", "hachyderm.example"}))
    with pytest.raises(SourceNotReady, match=r"doesn't read mastodon\.example") as caught:
        fetch.fetch_timeline(listed, Account("mastodon", "nasa@mastodon.example"), TimelineRequest(1), timeout_seconds=5)
    assert caught.value.advice == "It reads hachyderm.example and social.example."
    assert world.mastodon.requests == []


def test_an_allow_list_includes_its_own_servers(world: fake_networks.World) -> None:
    """A listed server is read."""
    world.mastodon.has("nasa", posts=1)
    listed = MastodonSource(world.url, frozenset({"mastodon.example"}))
    assert (
        fetch.fetch_timeline(listed, Account("mastodon", "nasa@mastodon.example"), TimelineRequest(1), timeout_seconds=5).posts.height == 1
    )


def test_an_allow_list_applies_to_servers_named_by_a_domain(secure: fake_networks.World) -> None:
    """A listed domain can't make us contact an unlisted server."""
    secure.mastodon.is_hosted_elsewhere("domain.example", fake_networks.Response({"links": [SELF]}))
    source = MastodonSource(guard=public(secure, "domain.example"))
    with pytest.raises(SourceNotReady, match=r"doesn't read social\.example"):
        fetch.fetch_timeline(source, Account("mastodon", "nasa@domain.example"), TimelineRequest(5), timeout_seconds=5)
    assert {request.headers["Host"] for request in secure.mastodon.requests} == {"domain.example"}


@pytest.mark.parametrize(
    ("hosts", "expected_text"),
    [
        ([], "No account needed."),
        (["b.example", "a.example"], "Reads a.example and b.example. No account needed."),
        (
            [f"{letter}.example" for letter in "abcdefg"],
            "a.example, b.example, c.example, d.example, e.example and 2 more. No account needed.",
        ),
    ],
)
def test_readiness_names_the_allowed_servers(hosts: list[str], expected_text: str) -> None:
    """People see them before they type a handle."""
    assert expected_text in MastodonSource(allowed_hosts=frozenset(hosts)).readiness().message
