"""Writes the links of a Bluesky post in full. Bluesky's apps shorten addresses in the text and keep the target in a facet beside it.

A facet marks a range of UTF-8 bytes. Nothing here trusts it: a facet that doesn't fit the text is ignored.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.sources.coerce import as_list, as_mapping, as_text

MAX_FACETS = 100  # of a post that are read; a post has at most 300 characters
_MAX_URI_CHARS = 2000
_LINK_TYPE = "app.bsky.richtext.facet#link"
_URI_PATTERN = re.compile(r"https?://[^\s\x00-\x20\x7f\ud800-\udfff]+", re.IGNORECASE)
_ADDRESS_PATTERN = re.compile(r"(?:https?://)?(?:[^\s./@]+\.)+[^\W\d_]{2,}(?:[:/?#…]\S*|\.{3})?", re.IGNORECASE)
_Link = tuple[int, int, str]  # first byte, byte after the last, target


def expand_links(record: Mapping[str, Any]) -> str:
    """Return the text of a post's record with the whole address in place of each linked one. Linked words stay words."""
    text, end, parts = as_text(record.get("text")).encode("utf-8", "surrogatepass"), 0, list[bytes]()
    for first, last, uri in sorted(_iter_links(record)):
        if end <= first < last <= len(text) and _is_boundary(text, first) and _is_boundary(text, last):
            parts += [text[end:first], _write_link(text[first:last], uri, text[:first], text[last:])]
            end = last
    return b"".join([*parts, text[end:]]).decode("utf-8", "surrogatepass")


def _iter_links(record: Mapping[str, Any]) -> Iterator[_Link]:
    for facet in map(as_mapping, as_list(record.get("facets"))[:MAX_FACETS]):
        index, features = as_mapping(facet.get("index")), map(as_mapping, as_list(facet.get("features")))
        uri = next((as_text(feature.get("uri")) for feature in features if feature.get("$type") == _LINK_TYPE), "")
        first, last = index.get("byteStart"), index.get("byteEnd")
        if type(first) is int and type(last) is int and _URI_PATTERN.fullmatch(uri) and len(uri) <= _MAX_URI_CHARS:
            yield first, last, uri


def _is_boundary(text: bytes, position: int) -> bool:
    """Return whether a character begins or the text ends at a position."""
    return position == len(text) or text[position] & 0xC0 != 0x80


def _write_link(label: bytes, uri: str, before: bytes, after: bytes) -> bytes:
    """Return the address for a label that is one, apart from adjacent letters; any other label is a part of the sentence and stays."""
    if not _ADDRESS_PATTERN.fullmatch(label.decode("utf-8", "replace").strip()):
        return label
    space_before = b" " if before[-1:].isalnum() or before[-1:] >= b"\x80" else b""
    return space_before + uri.encode() + (b" " if after and not after[:1].isspace() and after[:1] not in b").,;:!?]\"'" else b"")
