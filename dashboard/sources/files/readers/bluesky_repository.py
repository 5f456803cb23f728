"""Reads posts from a Bluesky repository (CAR): blocks of DAG-CBOR, of which some are records and others the tree of their names.

Blocks are read one at a time and decoded by libipld. What a record means is decided in `shapes/bluesky_converters.py`.
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import libipld

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.shapes.bluesky_converters import convert_bluesky_record

REPOSITORY_PATTERN = re.compile(rb".{1,2}\xa2(?:eroots|gversion)", re.DOTALL)  # how a CAR begins
MAX_BLOCK_BYTES = 2 * 2**20  # Bluesky's own limit for a record is 1 MiB
MAX_NAMES = 500_000  # names of records that are held, about 150 bytes each
_POST_COLLECTIONS = (b"app.bsky.feed.post/", b"app.bsky.feed.repost/")
_ID_BYTES = 36  # of a block: version, codec, hash function, length, SHA-256
_ID_START = b"\x01\x71\x12\x20"
_MAX_VARINT_BYTES = 9
_ADVICE = translatable(
    "Download the repository again, or enter the account’s handle on the form: Bluesky’s posts can be read without a file."
)

Block = tuple[bytes, Any]  # the ID of a block, and its decoded value


def iter_repository_posts(open_file: Callable[[], io.BufferedReader], file_name: str) -> Iterator[tuple[int, Any]]:
    """Yield the posts and reposts of a repository with their numbers. Raises InvalidFile if it's damaged.

    `open_file` opens the file at its start, which is needed twice: for the names of records, and for the records.
    """
    account_id, name_by_id = _read_names(_iter_blocks(open_file(), file_name))
    if account_id is None:
        raise InvalidFile(deferred("%(file)s isn’t the repository of a Bluesky account.", file=file_name), _ADVICE)
    number = 0
    for block_id, record in _iter_blocks(open_file(), file_name):
        collection = record.get("$type") if isinstance(record, dict) else None
        if isinstance(collection, str) and f"{collection}/".encode("utf-8", "replace") in _POST_COLLECTIONS:
            uri = f"at://{account_id}/{name_by_id.get(block_id, f'{collection}/{block_id.hex()}')}"
            if (post := convert_bluesky_record({"uri": uri, "value": record})) is not None:
                number += 1
                yield number, post


def _read_names(blocks: Iterator[Block]) -> tuple[str | None, dict[bytes, str]]:
    """Return the permanent ID of the account, and the names of its posts by the IDs of their blocks."""
    account_id, name_by_id = None, dict[bytes, str]()
    for _, value in blocks:
        if not isinstance(value, dict):
            continue
        if isinstance(value.get("did"), str) and "data" in value:
            account_id = value["did"]
        elif isinstance(value.get("e"), list) and len(name_by_id) < MAX_NAMES:
            name_by_id.update(_iter_names(value["e"]))
    return account_id, name_by_id


def _iter_names(entries: list[Any]) -> Iterator[tuple[bytes, str]]:
    """Yield the IDs and names in a node of the tree, in which each name leaves out what it shares with the one before."""
    name = b""
    for entry in entries:
        if not isinstance(entry, dict):
            return
        shared, rest, block_id = entry.get("p"), entry.get("k"), entry.get("v")
        if not isinstance(shared, int) or not isinstance(rest, bytes) or not isinstance(block_id, bytes):
            return
        name = name[:shared] + rest
        if name.startswith(_POST_COLLECTIONS) and len(name) <= 600:
            yield block_id, name.decode("ascii", "replace")


def _iter_blocks(file: io.BufferedReader, file_name: str) -> Iterator[Block]:
    """Yield the blocks after the header. Blocks that aren't DAG-CBOR are skipped."""
    _take(file, _take_length(file, file_name), file_name)
    while file.peek(1):
        block = _take(file, _take_length(file, file_name), file_name)
        if block.startswith(_ID_START):
            try:
                yield block[:_ID_BYTES], libipld.decode_dag_cbor(block[_ID_BYTES:])
            except (ValueError, RecursionError, OverflowError) as error:
                raise _damaged_error(file_name) from error


def _take_length(file: io.BufferedReader, file_name: str) -> int:
    """Take a length: seven bits per byte, the lowest first."""
    length = 0
    for position in range(_MAX_VARINT_BYTES):
        byte = file.read(1)
        if not byte:
            break
        length |= (byte[0] & 0x7F) << 7 * position
        if byte[0] < 0x80:
            return length
    raise _damaged_error(file_name)


def _take(file: io.BufferedReader, length: int, file_name: str) -> bytes:
    block = file.read(length) if 0 < length <= MAX_BLOCK_BYTES else b""
    if len(block) != length or not length:
        raise _damaged_error(file_name)
    return block


def _damaged_error(file_name: str) -> InvalidFile:
    return InvalidFile(deferred("%(file)s is damaged or incomplete.", file=file_name), _ADVICE)
