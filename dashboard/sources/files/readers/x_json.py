"""Posts out of JSON: X's archive scripts, answers of X's API, lists of either, and one of them a line. What a post means is `rows.py`'s."""

import io
import json
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.json_stream import ElementTooLong, JsonStream
from dashboard.sources.files.readers.limits import MAX_ELEMENT_CHARS, MAX_LINE_BYTES, iter_lines

NumberedElement = tuple[int, Any]  # the number of a line or element, and what stands there

_POSTS_VARIABLE = re.compile(r"(window\.)?YTD\.tweets?\.part\d+|Grailbird\.data\.tweets_\d{4}_\d\d", re.ASCII)
_PART_VARIABLE = re.compile(r"(?:window\.)?YTD\.(\w{1,60})\.part\d+", re.ASCII)
_DATA_KEYS = ("data", "statuses")  # where an answer has its posts: of X's API v2, of v1.1
_WRAPPER_KEYS = ("tweet", "tweets", "post")
_MAX_USERS = 200_000  # of X's `includes`, by whose names posts are told apart
_JSON_LINES_EXTENSIONS = ("jsonl", "ndjson")


def iter_script_posts(file: io.BufferedReader, file_name: str) -> Iterator[NumberedElement]:
    """Yield the posts of a script of X's archive: `window.YTD.tweets.part0 = [{"tweet": {…}}, …]`. Raises InvalidArchive for its others."""
    stream = JsonStream(file, file_name)
    name = stream.take_assignment()
    if not _POSTS_VARIABLE.fullmatch(name):
        raise _no_posts_error(name, file_name)
    for number, element in iter_elements(stream, file_name):
        yield number, _unwrap(element)


def iter_elements(stream: JsonStream, file_name: str) -> Iterator[NumberedElement]:
    """Yield the elements of a list, each whole. Raises InvalidArchive for one that is broken or longer than LONGEST_ELEMENT."""
    if stream.peek() != "[":
        stream.raise_invalid()
    for number in stream.iter_elements():
        try:
            element = stream.take_value()
        except ElementTooLong:
            raise _element_too_long_error(stream, file_name) from None
        yield number, element


def iter_document_posts(
    open_file: Callable[[], io.BufferedReader], file_name: str, json_lines: bool, tally: ImportTally
) -> Iterator[NumberedElement]:
    """Yield the posts of a JSON file, or of one with a document a line; `again` opens it at its start."""
    names = _HandleIndex(open_file, file_name, json_lines)
    if json_lines:
        yield from _iter_line_posts(open_file(), file_name, names, tally)
        return
    stream = JsonStream(open_file(), file_name)
    while stream.peek():  # documents may follow one another
        yield from _iter_stream_posts(stream, file_name, names)


def is_json_lines(head: bytes, is_complete: bool, extension: str) -> bool:
    """Say whether a file has a document a line, by its first bytes and, if they leave it open, by its name; `whole`: there are no more."""
    if head.startswith(b"["):
        return False
    line, end, _ = head.partition(b"\n")
    if not end and not is_complete:
        return True  # an object on a very long line: read as a line it needs no more memory
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return extension in _JSON_LINES_EXTENSIONS
    return True


# --- answers of X's API ----------------------------------------------------------------------------------------------


class _HandleIndex:
    """Handles by the authors' ids, as X's answers give them beside the posts."""

    def __init__(self, open_file: Callable[[], io.BufferedReader], file_name: str, json_lines: bool) -> None:
        self._open_file, self._file_name, self._json_lines = open_file, file_name, json_lines
        self._handle_by_id: dict[str, str] | None = None

    def load_handles(self) -> dict[str, str]:
        """Return those of the whole file, found in a reading of their own: X writes them after the posts."""
        if self._handle_by_id is None:
            known = self._handle_by_id = dict[str, str]()
            for stream in self._iter_streams(self._open_file()):
                while stream.peek():
                    for _ in _iter_stream_posts(stream, self._file_name, self, known):
                        pass
        return self._handle_by_id

    def _iter_streams(self, file: io.BufferedReader) -> Iterator[JsonStream]:
        """Yield the file, or its lines that are too long for memory: a shorter one has its handles with it."""
        if not self._json_lines:
            yield JsonStream(file, self._file_name)
            return
        for line in iter_lines(file):
            if len(line) > MAX_LINE_BYTES:
                yield JsonStream(io.BufferedReader(_LineRemainder(line, file)), self._file_name)


def _iter_line_posts(file: io.BufferedReader, file_name: str, handle_index: _HandleIndex, tally: ImportTally) -> Iterator[NumberedElement]:
    """Yield the posts of each line; a line that is no JSON is counted, and one too long for memory is read in pieces."""
    for number, line in enumerate(iter_lines(file), 1):
        if len(line) > MAX_LINE_BYTES:
            stream = JsonStream(io.BufferedReader(_LineRemainder(line, file)), f"Line {number:,} of {file_name}")
            yield from ((number, post) for _, post in _iter_stream_posts(stream, file_name, handle_index))
            if stream.peek():
                stream.raise_invalid()
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield from ((number, post) for post in _parse_line(line, number, tally))


def _parse_line(line: bytes, line_number: int, tally: ImportTally) -> Iterator[Any]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        tally.count_rows()
        tally.reject_row(f"line {line_number:,}", "is not in UTF-8" if isinstance(problem, UnicodeDecodeError) else "is not JSON")
        return
    yield from _iter_response_posts(value)


def _iter_stream_posts(
    stream: JsonStream, file_name: str, handle_index: _HandleIndex, collected_handles: dict[str, str] | None = None
) -> Iterator[NumberedElement]:
    """Yield the posts of one document: a list of posts or of answers, or one of them. With `learnt` only handles are read, into it."""
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
        yield from _iter_response_posts(value)


def _iter_long_response_posts(
    stream: JsonStream, file_name: str, handle_index: _HandleIndex, collected_handles: dict[str, str] | None
) -> Generator[Any, None, None]:
    """Yield the posts of an answer that is too long for memory, piece by piece."""
    known = handle_index.load_handles() if collected_handles is None else collected_handles
    try:
        for part in stream.iter_members():
            if part in _DATA_KEYS and stream.peek() == "[":
                for _ in stream.iter_elements():
                    post = stream.take_value()
                    if collected_handles is None:
                        yield _add_handle(_unwrap(post), known)
            elif part == "includes" and stream.peek() == "{":
                _collect_handles(stream, known if collected_handles is not None else {})
            else:
                stream.take_value()
    except ElementTooLong:
        raise _element_too_long_error(stream, file_name) from None


def _collect_handles(stream: JsonStream, collected_handles: dict[str, str]) -> None:
    """Take `includes`, and keep the handles of its users."""
    for kind in stream.iter_members():
        if stream.peek() != "[":
            stream.take_value()
            continue
        for _ in stream.iter_elements():
            included = stream.take_value()
            if kind == "users" and len(collected_handles) < _MAX_USERS:
                collected_handles.update(_build_handle_by_id([included]))


def _iter_response_posts(response: Any) -> Iterator[Any]:
    """Yield the posts of a value that is in memory: of an answer its data, else the value itself."""
    part = next((name for name in (*_DATA_KEYS, "meta") if name in response), None) if isinstance(response, dict) else None
    if part is None or "text" in response:
        yield _unwrap(response)
        return
    included, data = response.get("includes"), response.get(part) if part in _DATA_KEYS else None
    users = included.get("users") if isinstance(included, dict) else None
    handles = _build_handle_by_id(users if isinstance(users, list) else [])
    for post in data if isinstance(data, list) else [data] if data is not None else []:
        yield _add_handle(_unwrap(post), handles)


def _build_handle_by_id(users: list[Any]) -> dict[str, str]:
    pairs = ((user.get("id"), user.get("username")) for user in users if isinstance(user, dict))
    return {str(number): handle for number, handle in pairs if isinstance(handle, str)}


def _add_handle(post: Any, handle_by_id: dict[str, str]) -> Any:
    """Return a post with its author's handle, if it is known."""
    handle = handle_by_id.get(str(post.get("author_id"))) if isinstance(post, dict) else None
    return post | {"username": handle} if handle and "username" not in post else post


def _unwrap(element: Any) -> Any:
    """Return the post inside `{"tweet": {…}}`; before 2020 there was no wrapper."""
    if isinstance(element, dict) and len(element) == 1:
        name, inside = next(iter(element.items()))
        return inside if name in _WRAPPER_KEYS and isinstance(inside, dict) else element
    return element


class _LineRemainder(io.RawIOBase):
    """What is left of a line whose beginning was read already."""

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
    detail = f"Element {stream.element_count:,} of {file_name} is broken, or longer than {MAX_ELEMENT_CHARS // 2**20} MB, which no post is."
    return InvalidFile(detail, "Check that it is the file you meant, and that it was saved whole.")


def _no_posts_error(variable_name: str, file_name: str) -> InvalidFile:
    part = _PART_VARIABLE.fullmatch(variable_name)
    if part and part[1].startswith("deleted"):
        return InvalidFile(f"{file_name} holds deleted posts.", "They are not imported. Take tweets.js of the same archive.")
    if part:
        return InvalidFile(
            f"{file_name} is the part “{part[1]}” of X's archive, which holds no posts.", "Take tweets.js, or the whole zip."
        )
    return InvalidFile(
        f"{file_name} is a script, and not one of X's archive.", "Take tweets.js out of the archive's folder data, or the whole zip."
    )
