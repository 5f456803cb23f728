"""Posts as Bluesky writes them, and the rows they become."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.sources.bluesky_posts import parse_posts
from tests.support import fake_networks
from tests.support.bluesky_reads import read_timeline
from tests.support.builders import single_post

FIFTH = datetime(2026, 1, 5, tzinfo=UTC)
CASES = sorted(Path(__file__).with_name("cases").glob("bluesky_*.payload.json"))


def item(**post: Any) -> dict[str, Any]:
    """Return an item of a feed with some fields replaced."""
    return {"post": {"uri": "at://did:plc:nasa/app.bsky.feed.post/3k1", "record": {}} | post}


@pytest.mark.parametrize("payload", CASES, ids=lambda path: path.name.removesuffix(".payload.json"))
def test_a_page_becomes_rows(world: fake_networks.World, payload: Path) -> None:
    """Each pair of files is a page of Bluesky and the rows that it becomes."""
    expected = json.loads(Path(str(payload).replace(".payload.", ".posts.")).read_text(encoding="utf-8"))
    world.bluesky.returns_pages("nasa", json.loads(payload.read_text(encoding="utf-8")))
    frame = read_timeline(world).posts.drop("account", "date_only")
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
        ({"record": {"langs": ["", "und", "fr", "en"]}}, "lang", "fr"),
        ({"record": {"createdAt": "2026-01-05t00:00:00z"}}, "created_at", FIFTH),
        ({"record": {"createdAt": "2026-01-04T23:59:60Z"}}, "created_at", FIFTH - timedelta(seconds=1)),
        ({"record": {"createdAt": "2026-01-05T00:00:60Z"}}, "created_at", None),
        (
            {"record": {"text": "The begin […]", "bridgyOriginalText": "<p>The beginning &amp; the end</p>"}},
            "text",
            "The beginning & the end",
        ),
        (
            {"record": {"text": "All of it", "bridgyOriginalText": "<p>All of it</p><p>and what was left out by choice</p>"}},
            "text",
            "All of it",
        ),
        ({"record": {"text": "The begin…", "bridgyOriginalText": "<p></p>"}}, "text", "The begin…"),
        ({"record": {"text": "The begin…", "bridgyOriginalText": 5}}, "text", "The begin…"),
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
    assert value == single_post(read_timeline(world))[column]


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
    assert single_post(read_timeline(world))["text"] == "good"


def test_a_repost_has_the_text_of_the_original_and_its_own_time(world: fake_networks.World) -> None:
    """Its counts are unknown, because they belong to the original."""
    world.bluesky.post("nasa", "Ariane flies", kind="repost")
    row = single_post(read_timeline(world))
    assert row["kind"] == "repost"
    assert row["text"] == "Ariane flies"
    assert row["created_at"] == fake_networks.NEWEST_POST_AT
    assert row["likes"] is None


def test_a_post_and_its_own_repost_have_different_ids(world: fake_networks.World) -> None:
    """Both are posts of the account."""
    own = item(record={"text": "Again"})
    again = own | {"reason": {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": "2026-01-05T10:00:00Z"}}
    world.bluesky.returns_pages("nasa", {"feed": [again, own]})
    assert read_timeline(world).posts["kind"].to_list() == ["repost", "post"]


@pytest.mark.parametrize("created_at", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "2031-01-01T00:00:00Z", "yesterday"])
def test_an_impossible_time_of_a_client_is_replaced_by_the_network_s_own(created_at: str) -> None:
    """Bluesky knows when it indexed the post."""
    record = {"text": "Fog", "createdAt": created_at}
    post = {"uri": "at://did:plc:a/app.bsky.feed.post/1", "record": record, "indexedAt": "2026-11-02T10:00:00Z"}
    (row,) = parse_posts([{"post": post}])
    assert row["created_at"].isoformat() == "2026-11-02T10:00:00+00:00"


def test_a_time_in_the_future_is_unknown() -> None:
    """If the network doesn't know better, nobody guesses."""
    record = {"text": "Fog", "createdAt": "2031-01-01T00:00:00Z"}
    with fake_networks.World() as world:
        feed = {"feed": [{"post": {"uri": "at://did:plc:nasa/app.bsky.feed.post/1", "record": record}}]}
        world.bluesky.returns_pages("nasa", feed)
        assert read_timeline(world).posts["created_at"].to_list() == [None]
