"""Posts as X writes them, and the rows they become."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import fake_networks
from tests.support.builders import single_post
from tests.support.x_reads import read_timeline

CASES = sorted(Path(__file__).with_name("cases").glob("x_*.payload.json"))


@pytest.mark.parametrize("payload", CASES, ids=lambda path: path.name.removesuffix(".payload.json"))
def test_a_page_becomes_rows(world: fake_networks.World, payload: Path) -> None:
    """Each pair of files is a page of X and the rows that it becomes."""
    expected = json.loads(Path(str(payload).replace(".payload.", ".posts.")).read_text(encoding="utf-8"))
    world.x.has("nasa", username="NASA")
    world.x.returns_pages("nasa", json.loads(payload.read_text(encoding="utf-8")))
    frame = read_timeline(world).posts.drop("account", "date_only")
    actual = [row | {"created_at": row["created_at"] and row["created_at"].isoformat()} for row in frame.to_dicts()]
    assert expected == actual


def test_there_are_cases() -> None:
    """The glob above finds its files."""
    assert len(CASES) >= 5


@pytest.mark.parametrize(
    ("raw", "column", "value"),
    [
        ({"id": 9223372036854775807}, "id", "9223372036854775807"),
        ({"id": "9007199254740993"}, "id", "9007199254740993"),
        ({"text": "&amp;lt; &amp; &#39;"}, "text", "&lt; & '"),
        ({"text": fake_networks.OMITTED}, "text", ""),
        ({"text": 7}, "text", ""),
        ({"text": "cut…", "note_tweet": {"text": "whole &amp; long"}}, "text", "whole & long"),
        ({"text": "cut…", "note_post": {"text": "whole"}}, "text", "whole"),
        ({"note_tweet": {"text": None}}, "text", "Hello"),
        ({"note_tweet": "odd"}, "text", "Hello"),
        ({"created_at": fake_networks.OMITTED}, "created_at", None),
        ({"created_at": "yesterday"}, "created_at", None),
        ({"created_at": "2026-01-05T10:00:00"}, "created_at", None),
        ({"created_at": 1767607200}, "created_at", None),
        ({"created_at": "9999-12-31T23:59:59-01:00"}, "created_at", None),
        ({"created_at": "1969-12-31T23:59:59Z"}, "created_at", None),
        ({"created_at": "2026-01-05T10:00:00Z"}, "created_at", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ({"created_at": "2026-01-05T11:00:00+01:00"}, "created_at", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ({"lang": "de"}, "lang", "de"),
        ({"lang": "zh-Hant"}, "lang", "zh-Hant"),
        ({"lang": "qu"}, "lang", "qu"),
        ({"lang": "und"}, "lang", None),
        ({"lang": "zxx"}, "lang", None),
        ({"lang": "qme"}, "lang", None),
        ({"lang": ["en"]}, "lang", None),
        ({"lang": "\ud800"}, "lang", None),
        ({"public_metrics": fake_networks.OMITTED}, "likes", None),
        ({"public_metrics": []}, "likes", None),
        ({"public_metrics": {"like_count": 0}}, "likes", 0),
        ({"public_metrics": {"like_count": True}}, "likes", None),
        ({"public_metrics": {"like_count": "12"}}, "likes", None),
        ({"public_metrics": {"like_count": -1}}, "likes", None),
        ({"public_metrics": {"like_count": 2**63}}, "likes", None),
        ({"public_metrics": {"like_count": 1.5}}, "likes", None),
        ({"public_metrics": {"retweet_count": 5}}, "reposts", 5),
        ({"public_metrics": {"repost_count": 5}}, "reposts", 5),
        ({"public_metrics": {"impression_count": 7}}, "views", 7),
        ({"text": "RT @esa: hello"}, "kind", "repost"),
        ({"text": "RT @esa: hello", "referenced_tweets": [{"type": "quoted"}]}, "kind", "quote"),
        ({"text": "RT this please"}, "kind", "post"),
        ({"referenced_tweets": [{"type": "quoted"}, {"type": "replied_to"}]}, "kind", "reply"),
        ({"referenced_posts": [{"type": "retweeted"}]}, "kind", "repost"),
        ({"referenced_tweets": {"type": "quoted"}}, "kind", "post"),
        ({"referenced_tweets": [None, "quoted", {"type": ["quoted"]}]}, "kind", "post"),
    ],
)
def test_invalid_fields_are_null(world: fake_networks.World, raw: dict[str, Any], column: str, value: Any) -> None:
    """Both spellings are read, and a missing or invalid value loses neither the post nor its page."""
    world.x.post("nasa", **raw)
    assert value == single_post(read_timeline(world))[column]


@pytest.mark.parametrize(
    "odd", [{"id": fake_networks.OMITTED}, {"id": None}, {"id": ""}, {"id": ["1"]}, {"id": True}, {"id": "1/../2"}, {"id": "\ud800"}]
)
def test_only_posts_without_an_id_are_left_out(world: fake_networks.World, odd: dict[str, Any]) -> None:
    """The posts around them stay."""
    world.x.post("nasa", "first")
    world.x.post("nasa", "odd", **odd)
    world.x.post("nasa", "last")
    assert read_timeline(world).posts["text"].to_list() == ["last", "first"]


def test_anything_but_a_post_is_left_out(world: fake_networks.World) -> None:
    """Numbers, strings and null among the posts harm none of them."""
    good = fake_networks.FakeX.serialize_post(fake_networks.FakePost(1, "good", fake_networks.NEWEST_POST_AT))
    world.x.returns_pages("nasa", {"data": [None, 5, "post", [], {}, good], "meta": {}})
    assert single_post(read_timeline(world))["text"] == "good"


def test_a_long_text_is_complete(world: fake_networks.World) -> None:
    """A note of 25,000 characters loses nothing."""
    long = "word " * 4999 + "done."
    world.x.post("nasa", long[:279] + "…", note_tweet={"text": long})
    assert long == single_post(read_timeline(world))["text"]


def test_urls_have_the_handle_as_x_spells_it(world: fake_networks.World) -> None:
    """They are the URLs that X itself shows."""
    world.x.has("nasa", username="NASA")
    number = world.x.post("nasa").id
    assert f"https://x.com/NASA/status/{number}" == single_post(read_timeline(world))["url"]


def test_urls_ignore_another_handle(world: fake_networks.World) -> None:
    """A lookup that returns another name doesn't get into URLs."""
    world.x.has("nasa", username="evil/../../x")
    number = world.x.post("nasa").id
    assert f"https://x.com/nasa/status/{number}" == single_post(read_timeline(world))["url"]
