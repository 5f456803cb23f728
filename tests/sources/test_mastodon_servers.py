"""Which servers are asked about an account on Mastodon: its own, or one that its domain names, if it is allowed."""

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.core.accounts import Account
from dashboard.core.source_errors import AccountNotFound, ServerUnreadable, SourceNotReady
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.mastodon import MastodonSource
from tests.support import fake_networks
from tests.support.mastodon_reads import build_guard, catch_error, read_timeline


@pytest.fixture
def secure() -> Iterator[fake_networks.World]:
    """The fake networks behind TLS."""
    with fake_networks.World(tls=True) as outside:
        yield outside


# --- which servers are asked ------------------------------------------------------------------------------------------


def test_each_account_is_read_from_its_own_server(secure: fake_networks.World) -> None:
    """It is the host in the handle."""
    secure.mastodon.has("nasa", posts=1)
    source = MastodonSource(guard=build_guard(secure))
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
    source = MastodonSource(guard=build_guard(secure))
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
    source = MastodonSource(guard=build_guard(secure))
    with pytest.raises(AccountNotFound, match=r"domain\.example doesn’t respond like a Mastodon server"):
        fetch.fetch_timeline(source, Account("mastodon", "nasa@domain.example"), TimelineRequest(5), timeout_seconds=5)
    assert {request.headers["Host"] for request in secure.mastodon.requests} == {"domain.example"}


def test_only_one_other_server_is_tried(secure: fake_networks.World) -> None:
    """A server that can't help ends the search."""
    secure.mastodon.is_hosted_elsewhere("domain.example", fake_networks.Response({"links": [SELF]}))
    secure.mastodon.is_hosted_elsewhere(
        "social.example", fake_networks.Response({"links": [{"rel": "self", "href": "https://mastodon.example/users/x"}]})
    )
    source = MastodonSource(guard=build_guard(secure))
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
    assert read_timeline(world).posts.height == 3


@pytest.mark.parametrize("way", ["/api/v1/accounts/nasa", "/api/v1/accounts/search", "/api/v2/search"])
@pytest.mark.parametrize("acct", ["nasa2", "nasa@social.example", "", 5, None])
def test_only_exactly_this_account_is_taken_from_a_search(world: fake_networks.World, way: str, acct: Any) -> None:
    """Another account of a similar name, or of the same name on another server, would be the wrong posts."""
    world.mastodon.has("nasa", posts=3)
    world.mastodon.lacks_lookup(LACKING[0], way=way, acct=acct)
    assert type(catch_error(world)) is ServerUnreadable


def test_an_account_that_may_exist_is_not_called_unknown(world: fake_networks.World) -> None:
    """The server can only be asked in ways that it doesn't offer."""
    world.mastodon.lacks_lookup(LACKING[0])
    error = catch_error(world)
    assert type(error) is ServerUnreadable
    assert "nobody knows whether the account exists there" in error.detail


@pytest.mark.parametrize("lacking", [*LACKING, fake_networks.Response({"error": "Record not found"}, 404)])
def test_an_account_that_webfinger_knows_exists(world: fake_networks.World, lacking: fake_networks.Response) -> None:
    """Only its posts can't be read."""
    world.mastodon.lacks_lookup(lacking)
    world.mastodon.knows(KNOWN_HERE)
    error = catch_error(world)
    assert type(error) is ServerUnreadable
    assert "mastodon.example has the account nasa@mastodon.example" in error.detail


def test_a_refusal_stays_one_if_webfinger_knows_the_account(world: fake_networks.World) -> None:
    """A firewall may let only some requests pass."""
    world.mastodon.lacks_lookup(fake_networks.FakeMastodon.error_responses["firewall"])
    world.mastodon.knows(KNOWN_HERE)
    assert "refuses requests from programs" in catch_error(world).detail


@pytest.mark.parametrize(
    ("failure", "expected_text"),
    [("firewall", "refuses requests from programs"), ("no such page", "doesn’t offer what Chorus needs"), ("unknown", "doesn’t offer")],
)
def test_posts_that_cannot_be_read_do_not_make_an_account_unknown(world: fake_networks.World, failure: str, expected_text: str) -> None:
    """The server has just found the account."""
    world.mastodon.has("nasa", posts=1)
    world.mastodon.returns_pages("nasa", fake_networks.FakeMastodon.error_responses[failure])
    error = catch_error(world)
    assert type(error) is ServerUnreadable
    assert expected_text in error.detail


def test_an_allow_list_excludes_other_servers(world: fake_networks.World) -> None:
    """They aren't contacted, and the message names the allowed ones."""
    world.mastodon.has("nasa", posts=1)
    listed = MastodonSource(world.url, frozenset({"social.example", "hachyderm.example"}))
    with pytest.raises(SourceNotReady, match=r"doesn’t read mastodon\.example") as caught:
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
    source = MastodonSource(guard=build_guard(secure, "domain.example"))
    with pytest.raises(SourceNotReady, match=r"doesn’t read social\.example"):
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
