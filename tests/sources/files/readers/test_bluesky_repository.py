"""The repository of a Bluesky account becomes its posts and reposts; damaged ones are refused."""

import gzip
import hashlib
import io
from typing import Any

import libipld
import pytest

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import reader

DID = "did:plc:abcdefghijklmnopqrstuvwx"


def write_varint(number: int) -> bytes:
    """Return a length as CAR writes it."""
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def build_block(value: Any) -> tuple[bytes, bytes]:
    """Return the ID of a value, and its block."""
    content = libipld.encode_dag_cbor(value)
    block_id = b"\x01\x71\x12\x20" + hashlib.sha256(content).digest()
    return block_id, write_varint(len(block_id) + len(content)) + block_id + content


def build_record(kind: str, day: int, **values: Any) -> dict[str, Any]:
    """Return a record of a repository."""
    return {"$type": f"app.bsky.feed.{kind}", "createdAt": f"2026-11-0{day}T10:00:00Z", **values}


def build_repository(records: dict[str, dict[str, Any]]) -> bytes:
    """Return a repository with records by their names, in one node of the tree."""
    blocks, entries, previous = [], [], ""
    for name, record in sorted(records.items()):
        block_id, block = build_block(record)
        shared = next((n for n, (a, b) in enumerate(zip(previous, name, strict=False)) if a != b), min(len(previous), len(name)))
        entries.append({"p": shared, "k": name[shared:].encode(), "v": block_id, "t": None})
        blocks.append(block)
        previous = name
    node_id, node = build_block({"l": None, "e": entries})
    _, commit = build_block({"did": DID, "version": 3, "data": node_id, "rev": "3l", "prev": None, "sig": b"x"})
    header = libipld.encode_dag_cbor({"version": 1, "roots": []})
    return write_varint(len(header)) + header + commit + node + b"".join(blocks)


RECORDS = {
    "app.bsky.feed.post/3l1": build_record("post", 2, text="A good day", langs=["en"]),
    "app.bsky.feed.post/3l2": build_record("post", 3, text="A bad day", reply={"parent": {"uri": "at://x", "cid": "y"}}),
    "app.bsky.feed.repost/3l3": build_record("repost", 4, subject={"uri": "at://x", "cid": "y"}),
    "app.bsky.feed.like/3l4": build_record("like", 4, subject={"uri": "at://x", "cid": "y"}),
    "app.bsky.actor.profile/self": {"$type": "app.bsky.actor.profile", "displayName": "Quay"},
}


def read(content: bytes) -> list[dict[str, Any]]:
    """Return the rows of a repository."""
    return [row for batch in reader.open_reader(io.BytesIO(content), "repo.car") for row in batch]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_posts_and_reposts_are_read(pack: Any) -> None:
    """Likes and profiles aren't posts."""
    rows = sorted(read(pack(build_repository(RECORDS))), key=lambda row: row["created_at"])
    assert [(row["account"], row["kind"], row["text"]) for row in rows] == [
        ("did_plc_abcdefghijklmnopqrstuvwx", "post", "A good day"),
        ("did_plc_abcdefghijklmnopqrstuvwx", "reply", "A bad day"),
        ("did_plc_abcdefghijklmnopqrstuvwx", "repost", ""),
    ]
    assert rows[0]["id"] == f"at://{DID}/app.bsky.feed.post/3l1"
    assert rows[0]["url"] == f"https://bsky.app/profile/{DID}/post/3l1"
    assert rows[0]["lang"] == "en"


@pytest.mark.parametrize(
    "content",
    [
        build_repository(RECORDS)[:-10],
        build_repository(RECORDS)[:40],
        build_repository({}) + b"\xff" * 20,
        build_repository({}) + write_varint(36 + 100_000) + b"\x01\x71\x12\x20" + b"x" * 32 + b"\x81" * 100_000,
        build_repository({}) + write_varint(2**40),
        build_repository({}),
    ],
    ids=["cut", "cut early", "endless length", "nested", "huge", "empty"],
)
def test_a_damaged_repository_is_refused(content: bytes) -> None:
    """The advice says how to do without a file, or that there were no posts."""
    with pytest.raises(InvalidFile) as refused:
        read(content)
    assert refused.value.advice
