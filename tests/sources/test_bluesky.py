"""Reading Bluesky: its two hosts, its profiles and labels, its two times, and where its history ends."""

import json
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import AccountNotFound, AccountProtected, AccountSuspended, RateLimited, SourceError, SourceUnavailable
from dashboard.sources import bluesky, fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from dashboard.sources.bluesky_posts import parse_posts
from tests.support import fake_networks
from tests.support.builders import single_post

NASA = Account("bluesky", "nasa.bsky.social")
FIFTH = datetime(2026, 1, 5, tzinfo=UTC)
CASES = sorted(Path(__file__).with_name("cases").glob("bluesky_*.payload.json"))


@pytest.fixture
def second() -> Iterator[fake_networks.World]:
    """Bluesky's other host."""
    with fake_networks.World() as other:
        yield other


def read(world: fake_networks.World, limit: int = 100, **span: datetime) -> Timeline:
    return fetch.fetch_timeline(BlueskySource(world.url), NASA, TimelineRequest(limit, **span), timeout_seconds=10)


def refusal(world: fake_networks.World) -> SourceError:
    """Return the error that reading nasa.bsky.social raises."""
    with pytest.raises(SourceError) as caught:
        read(world)
    return caught.value


def item(**post: Any) -> dict[str, Any]:
    """Return an item of a feed with some fields replaced."""
    return {"post": {"uri": "at://did:plc:nasa/app.bsky.feed.post/3k1", "record": {}} | post}


# --- posts as Bluesky writes them, and the rows they become -----------------------------------------------------------


@pytest.mark.parametrize("payload", CASES, ids=lambda path: path.name.removesuffix(".payload.json"))
def test_a_page_becomes_rows(world: fake_networks.World, payload: Path) -> None:
    """Each pair of files is a page of Bluesky and the rows that it becomes."""
    expected = json.loads(Path(str(payload).replace(".payload.", ".posts.")).read_text(encoding="utf-8"))
    world.bluesky.returns_pages("nasa", json.loads(payload.read_text(encoding="utf-8")))
    frame = read(world).posts.drop("account", "date_only")
    actual = [row | {"created_at": row["created_at"] and row["created_at"].isoformat()} for row in frame.to_dicts()]
    assert expected == actual


def test_there_are_cases() -> None:
    """The glob above finds its files."""
    assert len(CASES) >= 5


@pytest.mark.parametrize(
    ("post", "column", "value"),
    [
        ({"record": {"text": "&amp; <b>"}}, "text", "&amp; <b>"),
        ({"record": {"text": None}}, "text", ""),
        ({"record": []}, "text", ""),
        ({"record": {"createdAt": "2026-01-05T00:00:00Z"}, "indexedAt": "2026-01-06T00:00:00Z"}, "created_at", FIFTH),
        ({"record": {"createdAt": "2046-01-05T00:00:00Z"}, "indexedAt": "2026-01-05T00:00:00Z"}, "created_at", FIFTH),
        ({"record": {"createdAt": "2026-01-05T01:00:00+01:00"}}, "created_at", FIFTH),
        ({"record": {"createdAt": "2026-01-05T00:00:00"}, "indexedAt": "2026-01-05T00:00:00Z"}, "created_at", FIFTH),
        ({"record": {"createdAt": "9999-12-31T23:59:59-01:00"}}, "created_at", None),
        ({"record": {"langs": ["pt-BR", "en"]}}, "lang", "pt-BR"),
        ({"record": {"langs": [None]}}, "lang", None),
        ({"record": {"langs": ["\ud800"]}}, "lang", None),
        ({"likeCount": 0}, "likes", 0),
        ({"likeCount": 2**63}, "likes", None),
        ({"likeCount": 1.0}, "likes", None),
        ({"viewCount": 7}, "views", None),
        ({"record": {"reply": {"parent": {}}}}, "kind", "reply"),
        ({"record": {"embed": {"$type": "app.bsky.embed.record"}}}, "kind", "quote"),
        ({"embed": {"$type": "app.bsky.embed.recordWithMedia#view"}}, "kind", "quote"),
        ({"embed": {"$type": "app.bsky.embed.record#view", "record": {"uri": "at://did:plc:x/app.bsky.graph.list/1"}}}, "kind", "post"),
        ({"embed": {"$type": ["app.bsky.embed.record"]}}, "kind", "post"),
        ({"author": {"handle": "nasa.gov"}}, "url", "https://bsky.app/profile/nasa.gov/post/3k1"),
        ({"author": {"handle": "evil/../../x"}}, "url", "https://bsky.app/profile/did:plc:nasa/post/3k1"),
    ],
)
def test_invalid_fields_are_null(world: fake_networks.World, post: dict[str, Any], column: str, value: Any) -> None:
    """A missing or invalid value loses neither the post nor its page."""
    world.bluesky.returns_pages("nasa", {"feed": [item(**post)]})
    assert value == single_post(read(world))[column]


def linked(text: str, label: str, uri: Any = "https://shop.example/best-worst", **index: Any) -> dict[str, Any]:
    """Return a record whose text links a label."""
    first = len(text[: text.index(label)].encode())
    span = {"byteStart": first, "byteEnd": first + len(label.encode())} | index
    return {"text": text, "facets": [{"index": span, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}]}]}


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("See shop.example/best-wo... now", "shop.example/best-wo...", "See https://shop.example/best-worst now"),
        ("Ä 😀 shop.example/best…", "shop.example/best…", "Ä 😀 https://shop.example/best-worst"),
        ("shop.example", "shop.example", "https://shop.example/best-worst"),
        ("(shop.example/a)", "shop.example/a", "(https://shop.example/best-worst)"),
        ("seeshop.example/ait", "shop.example/a", "see https://shop.example/best-worst it"),
        ("Read our best report", "best report", "Read our best report"),
        ("v1.2 is out", "v1.2", "v1.2 is out"),
    ],
)
def test_a_shortened_link_is_written_in_full(text: str, label: str, expected: str) -> None:
    """A facet says where it is and where it leads. Linked words stay words."""
    (row,) = parse_posts([item(record=linked(text, label))])
    assert row["text"] == expected


@pytest.mark.parametrize(
    "record",
    [
        linked("😀 a.example", "a.example", byteStart=1),
        linked("a.example", "a.example", byteEnd=999),
        linked("a.example", "a.example", byteStart=-1),
        linked("a.example", "a.example", byteStart=True),
        linked("a.example", "a.example", byteStart=9, byteEnd=0),
        linked("a.example", "a.example", "javascript:alert(1)"),
        linked("a.example", "a.example", "https://b.example/ c"),
        linked("a.example", "a.example", "https://b.example/\ud800"),
        linked("a.example", "a.example", None),
        {"text": "a.example", "facets": [None, {}, {"index": 5, "features": "x"}]},
        {"text": "a.example", "facets": "x"},
    ],
)
def test_an_invalid_facet_is_ignored(record: dict[str, Any]) -> None:
    """The text stays as it is."""
    (row,) = parse_posts([item(record=record)])
    assert row["text"] == record["text"]


def test_overlapping_facets_keep_the_first() -> None:
    """The others don't fit the text any more."""
    first, second = linked("a.example/b", "a.example/b"), linked("a.example/b", "example/b")
    (row,) = parse_posts([item(record=first | {"facets": first["facets"] + second["facets"] + ["x"]})])
    assert row["text"] == "https://shop.example/best-worst"


@pytest.mark.parametrize("uri", [None, "", 5, "https://bsky.app/1", "at://did:plc:x/\ud800", "at://did plc", "at://" + "x" * 1000])
def test_only_posts_without_an_id_are_left_out(world: fake_networks.World, uri: Any) -> None:
    """The posts around them stay."""
    world.bluesky.returns_pages("nasa", {"feed": [item(uri=uri), item(record={"text": "good"})]})
    assert single_post(read(world))["text"] == "good"


def test_a_repost_has_the_text_of_the_original_and_its_own_time(world: fake_networks.World) -> None:
    """Its counts are unknown, because they belong to the original."""
    world.bluesky.post("nasa", "Ariane flies", kind="repost")
    row = single_post(read(world))
    assert row["kind"] == "repost"
    assert row["text"] == "Ariane flies"
    assert row["created_at"] == fake_networks.NEWEST_POST_AT
    assert row["likes"] is None


def test_a_post_and_its_own_repost_have_different_ids(world: fake_networks.World) -> None:
    """Both are posts of the account."""
    own = item(record={"text": "Again"})
    again = own | {"reason": {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": "2026-01-05T10:00:00Z"}}
    world.bluesky.returns_pages("nasa", {"feed": [again, own]})
    assert read(world).posts["kind"].to_list() == ["repost", "post"]


# --- requests to Bluesky ----------------------------------------------------------------------------------------------


def test_it_looks_up_the_profile_and_uses_its_permanent_id(world: fake_networks.World) -> None:
    """A handle may change, the ID doesn't."""
    account = world.bluesky.has("nasa", posts=150)
    read(world, limit=150)
    assert [request.params["actor"] for request in world.bluesky.requests] == ["nasa.bsky.social"] + [f"did:plc:{account.numeric_id}"] * 2


def test_it_requests_full_pages_with_replies_and_without_pins(world: fake_networks.World) -> None:
    """A pinned post would come first, whatever its time."""
    world.bluesky.has("nasa", posts=1)
    read(world)
    asked = world.bluesky.page_requests("nasa")[0].params
    assert asked["limit"] == "100"
    assert asked["filter"] == "posts_with_replies"
    assert asked["includePins"] == "false"


def test_it_sends_no_key(world: fake_networks.World) -> None:
    """No key of another network is sent, either."""
    world.bluesky.has("nasa", posts=1)
    read(world)
    assert {request.headers["Authorization"] for request in world.bluesky.requests} == {None}


def test_short_and_empty_pages_do_not_end_a_timeline(world: fake_networks.World) -> None:
    """Only a missing cursor does."""
    first, second = ({"post": {"uri": f"at://did:plc:nasa/app.bsky.feed.post/{k}", "record": {"text": k}}} for k in ("one", "two"))
    world.bluesky.returns_pages("nasa", {"feed": [first], "cursor": "a"}, {"feed": [], "cursor": "b"}, {"feed": [second]})
    assert read(world).posts["text"].to_list() == ["one", "two"]


def test_a_repeated_cursor_ends_the_read(world: fake_networks.World) -> None:
    """There is no third request, and the timeline isn't called complete."""
    world.bluesky.returns_pages("nasa", {"feed": [], "cursor": "same"})
    assert type(refusal(world)) is SourceUnavailable
    assert len(world.bluesky.page_requests("nasa")) == 2


@pytest.mark.parametrize("body", [{}, {"feed": None}, {"feed": {}}, {"error": "?"}])
def test_an_invalid_page_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """An object without a feed isn't an empty timeline."""
    world.bluesky.returns_pages("nasa", body)
    assert SourceUnavailable is type(refusal(world))


@pytest.mark.parametrize("did", [fake_networks.OMITTED, None, "", "nasa", "did:plc:../x", ["did:plc:x"]])
def test_an_invalid_profile_is_a_source_error(world: fake_networks.World, did: Any) -> None:
    """A profile without a valid ID doesn't mean that the account is unknown."""
    world.bluesky.has("nasa", did=did)
    assert SourceUnavailable is type(refusal(world))


def test_it_stops_after_a_page_that_is_older_than_the_span(world: fake_networks.World) -> None:
    """The rest of a long history isn't needed."""
    world.bluesky.has("nasa", posts=1000)
    timeline = read(world, limit=900, since=fake_networks.NEWEST_POST_AT - timedelta(hours=120))
    assert timeline.posts.height == 121
    assert len(world.bluesky.page_requests("nasa")) == 3
    assert timeline.cut_by is None


def test_one_old_post_does_not_stop_the_read(world: fake_networks.World) -> None:
    """It may be an imported post among newer ones."""
    world.bluesky.has("nasa", posts=150)
    world.bluesky.post("nasa", "imported", at=datetime(2012, 1, 1, tzinfo=UTC))
    assert read(world, limit=500, since=datetime(2020, 1, 1, tzinfo=UTC)).posts.height == 150


# --- where history ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("total", "cut_by"), [(120, None), (170, None), (171, "network"), (9000, "network"), (None, None), ("many", None)])
def test_a_history_that_ends_early_is_cut_by_the_network(world: fake_networks.World, total: Any, cut_by: str | None) -> None:
    """A few missing posts may be deleted, hidden or not yet subtracted."""
    world.bluesky.has("nasa", posts=120, postsCount=total)
    assert read(world, limit=500).cut_by == cut_by


def test_a_tenth_of_a_large_account_may_be_missing(world: fake_networks.World) -> None:
    """The tolerance grows with the account."""
    world.bluesky.has("nasa", posts=901, postsCount=1000)
    assert read(world, limit=2000).cut_by is None


def test_reposts_do_not_replace_missing_posts(world: fake_networks.World) -> None:
    """Bluesky's count excludes them, and so does ours."""
    world.bluesky.has("nasa", postsCount=100)
    for _ in range(100):
        world.bluesky.post("nasa", kind="repost")
    assert read(world, limit=500).cut_by == "network"


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "noun", "expected_text"),
    [
        ("suspended", AccountSuspended, "has suspended"),
        ("deactivated", AccountNotFound, "deactivated the account"),
        ("protected", AccountProtected, "only to signed-in Bluesky users"),
        ("unknown", AccountNotFound, "There's no"),
        ("blocked", AccountProtected, "isn't visible to visitors"),
        ("forbidden", SourceUnavailable, "refuses requests"),
        ("login", SourceUnavailable, "refuses requests"),
        ("bad request", SourceUnavailable, "not your fault"),
        ("rate limit", RateLimited, "doesn't let us read"),
        ("overloaded", SourceUnavailable, "overloaded"),
        ("broken", SourceUnavailable, "has a problem"),
    ],
)
def test_each_error_has_its_own_message(world: fake_networks.World, failure: str, noun: type[SourceError], expected_text: str) -> None:
    """Different states have different messages, and each has the handle."""
    world.bluesky.fails("nasa", with_=failure)
    error = refusal(world)
    assert type(error) is noun
    assert expected_text in error.message
    assert "nasa.bsky.social" in error.detail


def test_a_negated_label_hides_nothing(world: fake_networks.World) -> None:
    """Its owner has taken the wish back."""
    world.bluesky.has("nasa", posts=1, labels=[{"val": "!no-unauthenticated", "neg": True}, {"val": "other"}, None])
    assert read(world).posts.height == 1


def test_an_account_that_disappears_after_the_lookup_is_not_found(world: fake_networks.World) -> None:
    """The feed may report that the account doesn't exist."""
    world.bluesky.has("nasa", posts=150)
    world.bluesky.fails("nasa", with_="unknown actor", after_pages=1)
    timeline = read(world, limit=150)
    assert timeline.posts.height == 100
    assert type(timeline.failure) is AccountNotFound


def test_a_rate_limit_has_its_reset_time(world: fake_networks.World) -> None:
    """Bluesky's header has epoch seconds."""
    header = fake_networks.epoch_in_minutes(4)
    world.bluesky.fails("nasa", with_="rate limit", headers={"RateLimit-Reset": header})
    assert datetime.fromtimestamp(int(header), UTC) == refusal(world).resets_at  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 403, 404, 418, 429, 500])
def test_any_error_body_becomes_a_source_error(world: fake_networks.World, subtests: pytest.Subtests, status: int) -> None:
    """This holds for every status and body."""
    for body in [b"", b"[]", b'{"error": 5, "message": ["not found"]}', b"<html>", b"[" * 100_000]:
        with subtests.test(body=body[:40]):
            world.bluesky.accounts.clear()
            world.bluesky.fails("nasa", with_=fake_networks.Response(body, status))
            assert isinstance(refusal(world), SourceError)


@pytest.mark.parametrize("failure", ["forbidden", "hang up", "html", "bad gzip", "redirect", "broken", "no http"])
def test_no_error_contains_a_cause_or_a_url(world: fake_networks.World, failure: str) -> None:
    """Neither the error nor its cause nor its traceback reveals the gateway."""
    world.bluesky.fails("nasa", with_=failure)
    error = refusal(world)
    error_texts = "".join([repr(error), repr(vars(error)), error.message, *traceback.format_exception(error)])
    assert error.__cause__ is None
    assert error.__context__ is None
    assert re.findall("127.0.0.1", error_texts) == []


# --- the second host --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["forbidden", "broken", "overloaded", "hang up", "html", "redirect"])
def test_the_second_host_is_used_if_the_first_fails(world: fake_networks.World, second: fake_networks.World, failure: str) -> None:
    """The first one isn't used again for the rest of the fetch."""
    world.bluesky.fails("nasa", with_=failure)
    second.bluesky.has("nasa", posts=150)
    timeline = fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(150), timeout_seconds=10)
    once_or_again = len(world.bluesky.requests) in (1, 2)
    assert timeline.posts.height == 150
    assert timeline.failure is None
    assert once_or_again is True
    assert len(second.bluesky.requests) == 3


def test_the_second_host_continues_where_the_first_stops(world: fake_networks.World, second: fake_networks.World) -> None:
    """No page is lost."""
    for host in (world, second):
        host.bluesky.has("nasa", posts=250)
    world.bluesky.fails("nasa", with_="broken", after_pages=1)
    timeline = fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(250), timeout_seconds=10)
    assert timeline.posts.height == 250
    assert timeline.failure is None
    assert [request.params["cursor"] for request in second.bluesky.page_requests("nasa")] == ["c100", "c200"]


@pytest.mark.parametrize(("failure", "noun"), [("unknown", AccountNotFound), ("suspended", AccountSuspended), ("rate limit", RateLimited)])
def test_a_clear_answer_of_the_first_host_is_final(
    world: fake_networks.World, second: fake_networks.World, failure: str, noun: type[SourceError]
) -> None:
    """The second one isn't used to get around a limit."""
    world.bluesky.fails("nasa", with_=failure)
    second.bluesky.has("nasa", posts=1)
    with pytest.raises(noun):
        fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(1), timeout_seconds=10)
    assert second.bluesky.requests == []


def test_two_failing_hosts_are_a_source_error(world: fake_networks.World, second: fake_networks.World) -> None:
    """The last error is raised, without a chain."""
    for host in (world, second):
        host.bluesky.fails("nasa", with_="forbidden")
    with pytest.raises(SourceUnavailable) as caught:
        fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(1), timeout_seconds=10)
    assert caught.value.__context__ is None
    assert [len(host.bluesky.requests) for host in (world, second)] == [1, 1]


def test_a_refused_connection_is_a_source_error() -> None:
    """The message says that Bluesky can't be reached."""
    with fake_networks.World() as gone:
        pass
    assert SourceUnavailable is type(refusal(gone))


@pytest.mark.parametrize("created_at", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "2031-01-01T00:00:00Z", "yesterday"])
def test_an_impossible_time_of_a_client_is_replaced_by_the_network_s_own(created_at: str) -> None:
    """Bluesky knows when it indexed the post."""
    record = {"text": "Fog", "createdAt": created_at}
    post = {"uri": "at://did:plc:a/app.bsky.feed.post/1", "record": record, "indexedAt": "2026-11-02T10:00:00Z"}
    (row,) = bluesky.parse_posts([{"post": post}])
    assert row["created_at"].isoformat() == "2026-11-02T10:00:00+00:00"


def test_a_time_in_the_future_is_unknown() -> None:
    """If the network doesn't know better, nobody guesses."""
    record = {"text": "Fog", "createdAt": "2031-01-01T00:00:00Z"}
    with fake_networks.World() as world:
        feed = {"feed": [{"post": {"uri": "at://did:plc:nasa/app.bsky.feed.post/1", "record": record}}]}
        world.bluesky.returns_pages("nasa", feed)
        assert read(world).posts["created_at"].to_list() == [None]
