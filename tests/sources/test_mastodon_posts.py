"""Posts as Mastodon writes them, and the rows they become."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import fake_networks
from tests.support.builders import single_post
from tests.support.mastodon_reads import read_timeline

CASES = sorted(Path(__file__).with_name("cases").glob("mastodon_*.payload.json"))


@pytest.mark.parametrize("payload", CASES, ids=lambda path: path.name.removesuffix(".payload.json"))
def test_a_page_becomes_rows(world: fake_networks.World, payload: Path) -> None:
    """Each pair of files is a page of Mastodon and the rows that it becomes."""
    expected = json.loads(Path(str(payload).replace(".payload.", ".posts.")).read_text(encoding="utf-8"))
    world.mastodon.returns_pages("nasa", json.loads(payload.read_text(encoding="utf-8")), [])
    frame = read_timeline(world).posts.drop("account", "date_only")
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
    assert value == single_post(read_timeline(world))[column]


def test_a_boost_has_the_text_of_the_original_and_its_own_time(world: fake_networks.World) -> None:
    """Its counts are unknown, because they belong to the original."""
    world.mastodon.post("nasa", "Ariane flies", kind="repost")
    row = single_post(read_timeline(world))
    assert row["kind"] == "repost"
    assert row["text"] == "Ariane flies"
    assert row["created_at"] == fake_networks.NEWEST_POST_AT
    assert row["likes"] is None
