"""Reads posts from JSON files: of one document, several in a row, or one per line. What a document has is read in `json_responses.py`.

What a post's values mean is decided in `post_fields.py`, not here.
"""

import codecs
import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from dashboard.core.messages import deferred
from dashboard.sources.files.readers.json_elements import NumberedElement
from dashboard.sources.files.readers.json_posts import iter_posts
from dashboard.sources.files.readers.json_responses import iter_stream_posts
from dashboard.sources.files.readers.json_rows import is_row, iter_row_posts
from dashboard.sources.files.readers.json_stream import JsonStream
from dashboard.sources.files.readers.limits import MAX_LINE_BYTES, iter_lines
from dashboard.sources.files.readers.raw_posts import Unreadable

_ROW_PATTERN = re.compile(rb'\[ *"[^\r\n]*\][ \r]*\Z')  # a list of cells on a line of its own
_JSON_LINES_EXTENSIONS = ("jsonl", "ndjson")


def iter_document_posts(open_file: Callable[[], io.BufferedReader], file_name: str, json_lines: bool) -> Iterator[NumberedElement]:
    """Yield the posts of a JSON file, or of a file with one JSON document per line; `open_file` opens it at its start."""
    handle_index = _HandleIndex(open_file, file_name, json_lines)
    if json_lines:
        posts = _iter_line_posts(open_file(), file_name, handle_index)
        first = next(posts, None)
        posts = posts if first is None else chain([first], posts)
        yield from iter_row_posts(posts) if first and is_row(first[1]) else posts
        return
    stream = JsonStream(open_file(), file_name)
    while stream.peek():  # a file may have several documents in a row
        yield from iter_stream_posts(stream, file_name, handle_index.load_handles)


def is_json_lines(head: bytes, is_complete: bool, extension: str) -> bool:
    """Return whether a file has one JSON document per line: by its first bytes or, if they leave it open, by its extension.

    `is_complete` says that `head` is the whole file.
    """
    line, end, rest = head.partition(b"\n")
    if head.startswith(b"["):
        return _ROW_PATTERN.match(line) is not None and rest.lstrip().startswith(b"[")
    if not end and not is_complete:
        return True  # one object on a very long line; reading it as a line needs no more memory
    if _is_json(line.rstrip().removesuffix(b",")):
        return True
    return extension in _JSON_LINES_EXTENSIONS and not _begins_with_document(head)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _begins_with_document(head: bytes) -> bool:
    """Return whether the first bytes of a file have a whole document, of several lines or with another one on its line."""
    try:
        json.JSONDecoder().raw_decode(codecs.getincrementaldecoder("utf-8")().decode(head))
    except (ValueError, RecursionError):
        return False
    return True


class _HandleIndex:
    """The handles of authors by their IDs, which X's responses list separately from the posts."""

    def __init__(self, open_file: Callable[[], io.BufferedReader], file_name: str, json_lines: bool) -> None:
        self._open_file, self._file_name, self._json_lines = open_file, file_name, json_lines
        self._handle_by_id: dict[str, str] | None = None

    def load_handles(self) -> dict[str, str]:
        """Return the handles in the whole file. Needs a separate pass, because X writes them after the posts."""
        if self._handle_by_id is None:
            handle_by_id = self._handle_by_id = dict[str, str]()
            for stream in self._iter_streams(self._open_file()):
                while stream.peek():
                    for _ in iter_stream_posts(stream, self._file_name, self.load_handles, handle_by_id):
                        pass
        return self._handle_by_id

    def _iter_streams(self, file: io.BufferedReader) -> Iterator[JsonStream]:
        """Yield the file, or only its lines that are too long for memory, because shorter ones are parsed together with their handles."""
        if not self._json_lines:
            yield JsonStream(file, self._file_name)
            return
        for line in iter_lines(file):
            if len(line) > MAX_LINE_BYTES:
                yield JsonStream(io.BufferedReader(_LineRemainder(line, file)), self._file_name)


def _iter_line_posts(file: io.BufferedReader, file_name: str, handle_index: _HandleIndex) -> Iterator[NumberedElement]:
    """Yield the posts of each line. A line that isn't JSON is Unreadable, and one too long for memory is read in pieces."""
    for number, line in enumerate(iter_lines(file), 1):
        if len(line) > MAX_LINE_BYTES:
            stream = JsonStream(
                io.BufferedReader(_LineRemainder(line, file)), deferred("Line %(number)s of %(file)s", number=number, file=file_name)
            )
            yield from ((number, post) for _, post in iter_stream_posts(stream, file_name, handle_index.load_handles))
            if stream.peek():
                stream.raise_invalid()
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield from ((number, post) for post in _parse_line(line))


def _parse_line(line: bytes) -> Iterator[Any]:
    try:
        text = line.decode("utf-8-sig").rstrip()
        value = json.loads(text.removesuffix(","))  # a comma, as if the lines were elements of a list
    except (ValueError, RecursionError) as error:
        is_encoding = isinstance(error, UnicodeDecodeError)
        yield Unreadable(deferred("isn’t encoded as UTF-8") if is_encoding else deferred("isn’t valid JSON"))
        return
    yield from iter_posts(value)


class _LineRemainder(io.RawIOBase):
    """A line whose start has already been read, as a stream from its start to its end."""

    def __init__(self, line_start: bytes, file: io.BufferedReader) -> None:
        super().__init__()
        self._pending, self._file, self._at_end = line_start, file, line_start.endswith(b"\n")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._pending and not self._at_end:
            self._pending = self._file.readline(len(buffer))
            self._at_end = not self._pending or self._pending.endswith(b"\n")
        block, self._pending = self._pending[: len(buffer)], self._pending[len(buffer) :]
        buffer[: len(block)] = block
        return len(block)
