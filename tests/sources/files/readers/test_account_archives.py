"""The zips in which networks give people their own data are read whole, whatever else is in them."""

import io
import json
from typing import Any

import pytest

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import reader
from tests.support.archive_files import ACCOUNT_SCRIPT, build_script, build_tweet, build_zip


def read(members: dict[str, Any], name: str) -> list[tuple[str, str, str]]:
    """Return the account, kind and text of each post in a zip; members that aren't bytes or text become JSON."""
    content = build_zip({path: value if isinstance(value, (bytes, str)) else json.dumps(value) for path, value in members.items()})
    rows = (row for batch in reader.open_reader(io.BytesIO(content), name) for row in batch)
    return [(row["account"], row["kind"], row["text"]) for row in rows]


def break_letters(text: str) -> str:
    """Return a text as Meta writes it: each byte of UTF-8 as a character."""
    return text.encode().decode("latin-1")


def build_facebook_post(text: str) -> dict[str, Any]:
    """Return a post as Facebook's archive has it."""
    return {"timestamp": 1793613600, "data": [{"post": break_letters(text)}], "title": "Ann updated her status."}


def build_instagram_post(text: str) -> dict[str, Any]:
    """Return a post as Instagram's archive has it."""
    return {"media": [{"uri": "media/1.jpg", "creation_timestamp": 1793613600, "title": break_letters(text)}]}


def test_facebooks_archive_is_read() -> None:
    """All parts are read in order, messages aren't, and the owner is in the profile."""
    folder = "your_facebook_activity/posts"
    members = {
        f"{folder}/your_posts__check_ins__photos_and_videos_10.json": [build_facebook_post("third")],
        f"{folder}/your_posts__check_ins__photos_and_videos_2.json": [build_facebook_post("second")],
        f"{folder}/your_posts__check_ins__photos_and_videos_1.json": [build_facebook_post("Café")],
        "your_facebook_activity/messages/inbox/ann/message_1.json": {"messages": [{"content": "secret", "timestamp_ms": 1793613600000}]},
        "profile_information/profile_information.json": {"profile_v2": {"name": {"full_name": break_letters("Zoë Quay")}}},
    }
    assert read(members, "facebook-export.zip") == [
        ("zoë_quay", "post", "Café"),
        ("zoë_quay", "post", "second"),
        ("zoë_quay", "post", "third"),
    ]


def test_instagrams_archive_is_read() -> None:
    """Posts, reels and Threads are read; the owner is in the name of the zip, if nowhere else."""
    members = {
        "your_instagram_activity/media/posts_1.json": [build_instagram_post("Café")],
        "your_instagram_activity/media/reels.json": {"ig_reels_media": [build_instagram_post("reel")]},
        "your_instagram_activity/threads/threads_and_replies.json": {"text_post_app_text_posts": [build_instagram_post("thread")]},
        "connections/followers_1.json": [{"string_list_data": [{"value": "ann", "timestamp": 1793613600}]}],
    }
    assert read(members, "instagram-quayside-2026-11-29-AbC.zip") == [
        ("quayside", "post", "Café"),
        ("quayside", "post", "reel"),
        ("quayside", "post", "thread"),
    ]


def test_mastodons_archive_is_read() -> None:
    """Only the outbox has posts."""
    activity = {
        "type": "Create",
        "id": "a",
        "actor": "https://quay.example/users/pier",
        "published": "2026-11-02T10:00:00Z",
        "object": {"id": "https://quay.example/1", "type": "Note", "content": "<p>good</p>", "published": "2026-11-02T10:00:00Z"},
    }
    members = {"outbox.json": {"orderedItems": [activity]}, "likes.json": {"orderedItems": ["https://o.example/1"]}, "actor.json": {}}
    assert read(members, "archive-2026.zip") == [("pier", "post", "good")]


def test_posts_in_communities_of_x_are_read() -> None:
    """They have a script of their own, which can also be uploaded alone."""
    script = build_script([build_tweet(2, "in a community")], "community_tweet.part0")
    members = {
        "data/tweets.js": build_script([build_tweet(1, "good")]),
        "data/community-tweet.js": script,
        "data/account.js": ACCOUNT_SCRIPT,
    }
    assert sorted(read(members, "x.zip")) == [("harbour", "post", "good"), ("harbour", "post", "in a community")]
    content = script if isinstance(script, bytes) else script.encode()
    rows = [row for batch in reader.open_reader(io.BytesIO(content), "community-tweet.js") for row in batch]
    assert [row["text"] for row in rows] == ["in a community"]


@pytest.mark.parametrize("name", ["Basic_LinkedInDataExport/Shares.csv", "export/tweets.csv"])
def test_the_only_table_in_a_zip_is_read(name: str) -> None:
    """Other members don't matter."""
    table = "Date,ShareLink,ShareCommentary\n2026-11-02 10:00:00,https://www.linkedin.com/1,good\n"
    assert [text for _, _, text in read({name: table, "readme.pdf": b"%PDF"}, "export.zip")] == ["good"]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"your_facebook_activity/posts/your_posts_1.html": "<html>"}, "the archive of Facebook as web pages"),
        ({"your_instagram_activity/media/posts_1.html": "<html>"}, "the archive of Instagram as web pages"),
        ({"a.csv": "x", "b.csv": "y"}, "several tables or JSON files"),
    ],
)
def test_archives_without_readable_posts_are_refused_by_name(members: dict[str, Any], expected: str) -> None:
    """The advice says how to get a readable one."""
    with pytest.raises(InvalidFile, match=expected) as refused:
        read(members, "export.zip")
    assert refused.value.advice
