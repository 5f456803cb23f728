"""Reads posts from JSON: the scripts of X's archive, responses of X's API, lists of either, and files with one of them per line.

What a post's values mean is decided in `rows.py`, not here.
"""

import io
import json
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.container_accounts import USER_KEYS, find_user, name_list
from dashboard.sources.files.readers.json_posts import LIST_KEYS, OTHER_KEYS, add_handle, build_handle_by_id, is_post, iter_posts
from dashboard.sources.files.readers.json_stream import ElementTooLong, JsonStream
from dashboard.sources.files.readers.limits import MAX_ELEMENT_CHARS, MAX_LINE_BYTES, iter_lines
from dashboard.sources.files.readers.raw_posts import Unreadable

NumberedElement = tuple[int, Any]  # the number of a line or element, and its value

_POSTS_VARIABLE = re.compile(r"(window\.)?YTD\.(?:tweets?|community_tweet)\.part\d+|Grailbird\.data\.tweets_\d{4}_\d\d", re.ASCII)
_PART_VARIABLE = re.compile(r"(?:window\.)?YTD\.(\w{1,60})\.part\d+", re.ASCII)
_MAX_DEPTH = 8  # of objects that are too long for memory
_MAX_USERS = 200_000  # users in X's `includes` whose handles are kept
_JSON_LINES_EXTENSIONS = ("jsonl", "ndjson")


def iter_script_posts(file: io.BufferedReader, file_name: str) -> Iterator[NumberedElement]:
    """Yield the posts of a script of X's archive: `window.YTD.tweets.part0 = [{"tweet": {…}}, …]`.

    Raises InvalidFile for the archive's other scripts.
    """
    stream = JsonStream(file, file_name)
    name = stream.take_assignment()
    if not _POSTS_VARIABLE.fullmatch(name):
        raise _no_posts_error(name, file_name)
    for number, element in iter_elements(stream, file_name):
        yield from ((number, post) for post in iter_posts(element))


def iter_elements(stream: JsonStream, file_name: str) -> Iterator[NumberedElement]:
    """Yield the elements of a list. Raises InvalidFile for one that is malformed or longer than MAX_ELEMENT_CHARS."""
    if stream.peek() != "[":
        stream.raise_invalid()
    for number in stream.iter_elements():
        try:
            element = stream.take_value()
        except ElementTooLong:
            raise _element_too_long_error(stream, file_name) from None
        yield number, element


def iter_document_posts(open_file: Callable[[], io.BufferedReader], file_name: str, json_lines: bool) -> Iterator[NumberedElement]:
    """Yield the posts of a JSON file, or of a file with one JSON document per line; `open_file` opens it at its start."""
    handle_index = _HandleIndex(open_file, file_name, json_lines)
    if json_lines:
        yield from _iter_line_posts(open_file(), file_name, handle_index)
        return
    stream = JsonStream(open_file(), file_name)
    while stream.peek():  # a file may have several documents in a row
        yield from _iter_stream_posts(stream, file_name, handle_index)


def is_json_lines(head: bytes, is_complete: bool, extension: str) -> bool:
    """Return whether a file has one JSON document per line: by its first bytes or, if they leave it open, by its extension.

    `is_complete` says that `head` is the whole file.
    """
    if head.startswith(b"["):
        return False
    line, end, _ = head.partition(b"\n")
    if not end and not is_complete:
        return True  # one object on a very long line; reading it as a line needs no more memory
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return extension in _JSON_LINES_EXTENSIONS
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
                    for _ in _iter_stream_posts(stream, self._file_name, self, handle_by_id):
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
            yield from ((number, post) for _, post in _iter_stream_posts(stream, file_name, handle_index))
            if stream.peek():
                stream.raise_invalid()
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield from ((number, post) for post in _parse_line(line))


def _parse_line(line: bytes) -> Iterator[Any]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        is_encoding = isinstance(error, UnicodeDecodeError)
        yield Unreadable(deferred("isn't encoded as UTF-8") if is_encoding else deferred("isn't valid JSON"))
        return
    yield from iter_posts(value)


def _iter_stream_posts(
    stream: JsonStream, file_name: str, handle_index: _HandleIndex, collected_handles: dict[str, str] | None = None
) -> Iterator[NumberedElement]:
    """Yield the posts of one document: a post, a response, or a list of either. With `collected_handles`, only collect handles."""
    if stream.peek() == "[":
        for number in stream.iter_elements():
            yield from ((number, post) for post in _iter_value_posts(stream, file_name, handle_index, collected_handles))
    else:
        yield from ((stream.element_count or 1, post) for post in _iter_value_posts(stream, file_name, handle_index, collected_handles))


def _iter_value_posts(
    stream: JsonStream, file_name: str, handle_index: _HandleIndex, collected_handles: dict[str, str] | None
) -> Iterator[Any]:
    try:
        value = stream.take_value()
    except ElementTooLong:
        if stream.peek() != "{":
            raise _element_too_long_error(stream, file_name) from None
        yield from _iter_long_response_posts(stream, file_name, handle_index, collected_handles)
        return
    if collected_handles is None:
        yield from iter_posts(value)


def _iter_long_response_posts(
    stream: JsonStream,
    file_name: str,
    handle_index: _HandleIndex,
    collected_handles: dict[str, str] | None,
    depth: int = 0,
    account: str = "",
) -> Generator[Any, None, None]:
    """Yield the posts of a response that is too long for memory, reading it in pieces: those in its lists, at any depth.

    `account` is whose posts they are, as far as what came before them says it.
    """
    handle_by_id = handle_index.load_handles() if collected_handles is None else collected_handles
    try:
        for key in stream.iter_members():
            if key == "includes" and stream.peek() == "{":
                _collect_handles(stream, handle_by_id if collected_handles is not None else {})
            elif key in USER_KEYS and stream.peek() in ("{", '"'):
                account = find_user({key: _take_short_value(stream)}) or account
            elif key in OTHER_KEYS or depth >= _MAX_DEPTH or stream.peek() not in ("[", "{"):
                _skip_value(stream)
            elif stream.peek() == "[":
                for _ in stream.iter_elements():
                    post = stream.take_value()
                    if collected_handles is None:
                        posts_of_account = iter_posts(post, account=account or name_list(key))
                        posts = (one for one in posts_of_account if key in LIST_KEYS or (isinstance(one, dict) and is_post(one)))
                        yield from (add_handle(one, handle_by_id) for one in posts)
            else:
                name = account or name_list(key)
                yield from _iter_long_response_posts(stream, file_name, handle_index, collected_handles, depth + 1, name)
    except ElementTooLong:
        raise _element_too_long_error(stream, file_name) from None


def _take_short_value(stream: JsonStream) -> Any:
    """Take a value, and return it unless it is too long for memory."""
    try:
        return stream.take_value()
    except ElementTooLong:
        _skip_value(stream)
        return None


def _skip_value(stream: JsonStream) -> None:
    """Take a value of any length that isn't needed."""
    try:
        stream.take_value()
    except ElementTooLong:
        members = stream.iter_members() if stream.peek() == "{" else stream.iter_elements() if stream.peek() == "[" else ()
        if members == ():
            raise
        for _ in members:
            _skip_value(stream)


def _collect_handles(stream: JsonStream, collected_handles: dict[str, str]) -> None:
    """Take the value of `includes` and collect the handles of its users."""
    for kind in stream.iter_members():
        if stream.peek() != "[":
            stream.take_value()
            continue
        for _ in stream.iter_elements():
            included = stream.take_value()
            if kind == "users" and len(collected_handles) < _MAX_USERS:
                collected_handles.update(build_handle_by_id([included]))


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


def _element_too_long_error(stream: JsonStream, file_name: str) -> InvalidFile:
    detail = deferred(
        "Post %(number)s of %(file)s is damaged or longer than %(limit)s MB.",
        number=stream.element_count,
        file=file_name,
        limit=MAX_ELEMENT_CHARS // 2**20,
    )
    return InvalidFile(detail, translatable("Check that you chose the right file and that it is complete."))


def _no_posts_error(variable_name: str, file_name: str) -> InvalidFile:
    part = _PART_VARIABLE.fullmatch(variable_name)
    if part and part[1].startswith("deleted"):
        return InvalidFile(
            deferred("%(file)s contains deleted posts, which we don't read.", file=file_name),
            translatable("Upload tweets.js from the same archive instead."),
        )
    if part:
        return InvalidFile(
            deferred("%(file)s is the part “%(part)s” of X's archive, which has no posts in it.", file=file_name, part=part[1]),
            translatable("Upload tweets.js or the whole zip instead."),
        )
    return InvalidFile(
        deferred("%(file)s is a script that isn't part of X's archive.", file=file_name),
        translatable("Upload data/tweets.js from the archive, or the whole zip."),
    )
