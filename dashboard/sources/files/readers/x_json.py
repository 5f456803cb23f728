"""Posts out of JSON: X's archive scripts, answers of X's API, lists of either, and one of them a line. What a post means is `rows.py`'s."""

import io
import json
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any

from dashboard.core.errors import InvalidArchive
from dashboard.sources.files.readers.import_tally import Tally
from dashboard.sources.files.readers.json_stream import Stream, TooLong
from dashboard.sources.files.readers.limits import LONGEST_ELEMENT, LONGEST_LINE, lines

Numbered = tuple[int, Any]  # the number of a line or element, and what stands there

_POSTS = re.compile(r"(window\.)?YTD\.tweets?\.part\d+|Grailbird\.data\.tweets_\d{4}_\d\d", re.ASCII)
_PART = re.compile(r"(?:window\.)?YTD\.(\w{1,60})\.part\d+", re.ASCII)
_DATA = ("data", "statuses")  # where an answer has its posts: of X's API v2, of v1.1
_WRAPPERS = ("tweet", "tweets", "post")
_MOST_USERS = 200_000  # of X's `includes`, by whose names posts are told apart
_LINE_MODE = ("jsonl", "ndjson")


def script(file: io.BufferedReader, what: str) -> Iterator[Numbered]:
    """Yield the posts of a script of X's archive: `window.YTD.tweets.part0 = [{"tweet": {…}}, …]`. Raises InvalidArchive for its others."""
    stream = Stream(file, what)
    name = stream.assignment()
    if not _POSTS.fullmatch(name):
        raise _no_posts(name, what)
    for number, element in elements(stream, what):
        yield number, _unwrapped(element)


def elements(stream: Stream, what: str) -> Iterator[Numbered]:
    """Yield the elements of a list, each whole. Raises InvalidArchive for one that is broken or longer than LONGEST_ELEMENT."""
    if stream.peek() != "[":
        stream.broken()
    for number in stream.elements():
        try:
            element = stream.value()
        except TooLong:
            raise _too_long(stream, what) from None
        yield number, element


def document(again: Callable[[], io.BufferedReader], what: str, by_line: bool, tally: Tally) -> Iterator[Numbered]:
    """Yield the posts of a JSON file, or of one with a document a line; `again` opens it at its start."""
    names = _Names(again, what, by_line)
    if by_line:
        yield from _lines(again(), what, names, tally)
        return
    stream = Stream(again(), what)
    while stream.peek():  # documents may follow one another
        yield from _posts(stream, what, names)


def is_by_line(head: bytes, whole: bool, extension: str) -> bool:
    """Say whether a file has a document a line, by its first bytes and, if they leave it open, by its name; `whole`: there are no more."""
    if head.startswith(b"["):
        return False
    line, end, _ = head.partition(b"\n")
    if not end and not whole:
        return True  # an object on a very long line: read as a line it needs no more memory
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return extension in _LINE_MODE
    return True


# --- answers of X's API ----------------------------------------------------------------------------------------------


class _Names:
    """Handles by the authors' ids, as X's answers give them beside the posts."""

    def __init__(self, again: Callable[[], io.BufferedReader], what: str, by_line: bool) -> None:
        self._again, self._what, self._by_line = again, what, by_line
        self._known: dict[str, str] | None = None

    def of_file(self) -> dict[str, str]:
        """Return those of the whole file, found in a reading of their own: X writes them after the posts."""
        if self._known is None:
            known = self._known = dict[str, str]()
            for stream in self._streams(self._again()):
                while stream.peek():
                    for _ in _posts(stream, self._what, self, known):
                        pass
        return self._known

    def _streams(self, file: io.BufferedReader) -> Iterator[Stream]:
        """Yield the file, or its lines that are too long for memory: a shorter one has its handles with it."""
        if not self._by_line:
            yield Stream(file, self._what)
            return
        for line in lines(file):
            if len(line) > LONGEST_LINE:
                yield Stream(io.BufferedReader(_Rest(line, file)), self._what)


def _lines(file: io.BufferedReader, what: str, names: _Names, tally: Tally) -> Iterator[Numbered]:
    """Yield the posts of each line; a line that is no JSON is counted, and one too long for memory is read in pieces."""
    for number, line in enumerate(lines(file), 1):
        if len(line) > LONGEST_LINE:
            stream = Stream(io.BufferedReader(_Rest(line, file)), f"Line {number:,} of {what}")
            yield from ((number, post) for _, post in _posts(stream, what, names))
            if stream.peek():
                stream.broken()
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield from ((number, post) for post in _line(line, number, tally))


def _line(line: bytes, number: int, tally: Tally) -> Iterator[Any]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        tally.count()
        tally.refuse(f"line {number:,}", "is not in UTF-8" if isinstance(problem, UnicodeDecodeError) else "is not JSON")
        return
    yield from _answered(value)


def _posts(stream: Stream, what: str, names: _Names, learnt: dict[str, str] | None = None) -> Iterator[Numbered]:
    """Yield the posts of one document: a list of posts or of answers, or one of them. With `learnt` only handles are read, into it."""
    if stream.peek() == "[":
        for number in stream.elements():
            yield from ((number, post) for post in _value(stream, what, names, learnt))
    else:
        yield from ((stream.count or 1, post) for post in _value(stream, what, names, learnt))


def _value(stream: Stream, what: str, names: _Names, learnt: dict[str, str] | None) -> Iterator[Any]:
    try:
        value = stream.value()
    except TooLong:
        if stream.peek() != "{":
            raise _too_long(stream, what) from None
        yield from _long_answer(stream, what, names, learnt)
        return
    if learnt is None:
        yield from _answered(value)


def _long_answer(stream: Stream, what: str, names: _Names, learnt: dict[str, str] | None) -> Generator[Any, None, None]:
    """Yield the posts of an answer that is too long for memory, piece by piece."""
    known = names.of_file() if learnt is None else learnt
    try:
        for part in stream.members():
            if part in _DATA and stream.peek() == "[":
                for _ in stream.elements():
                    post = stream.value()
                    if learnt is None:
                        yield _named(_unwrapped(post), known)
            elif part == "includes" and stream.peek() == "{":
                _learn(stream, known if learnt is not None else {})
            else:
                stream.value()
    except TooLong:
        raise _too_long(stream, what) from None


def _learn(stream: Stream, learnt: dict[str, str]) -> None:
    """Take `includes`, and keep the handles of its users."""
    for kind in stream.members():
        if stream.peek() != "[":
            stream.value()
            continue
        for _ in stream.elements():
            included = stream.value()
            if kind == "users" and len(learnt) < _MOST_USERS:
                learnt.update(_handles([included]))


def _answered(value: Any) -> Iterator[Any]:
    """Yield the posts of a value that is in memory: of an answer its data, else the value itself."""
    part = next((name for name in (*_DATA, "meta") if name in value), None) if isinstance(value, dict) else None
    if part is None or "text" in value:
        yield _unwrapped(value)
        return
    included, data = value.get("includes"), value.get(part) if part in _DATA else None
    users = included.get("users") if isinstance(included, dict) else None
    handles = _handles(users if isinstance(users, list) else [])
    for post in data if isinstance(data, list) else [data] if data is not None else []:
        yield _named(_unwrapped(post), handles)


def _handles(users: list[Any]) -> dict[str, str]:
    pairs = ((user.get("id"), user.get("username")) for user in users if isinstance(user, dict))
    return {str(number): handle for number, handle in pairs if isinstance(handle, str)}


def _named(post: Any, handles: dict[str, str]) -> Any:
    """Return a post with its author's handle, if it is known."""
    handle = handles.get(str(post.get("author_id"))) if isinstance(post, dict) else None
    return post | {"username": handle} if handle and "username" not in post else post


def _unwrapped(element: Any) -> Any:
    """Return the post inside `{"tweet": {…}}`; before 2020 there was no wrapper."""
    if isinstance(element, dict) and len(element) == 1:
        name, inside = next(iter(element.items()))
        return inside if name in _WRAPPERS and isinstance(inside, dict) else element
    return element


class _Rest(io.RawIOBase):
    """What is left of a line whose beginning was read already."""

    def __init__(self, begun: bytes, file: io.BufferedReader) -> None:
        super().__init__()
        self._begun, self._file, self._ended = begun, file, begun.endswith(b"\n")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._begun and not self._ended:
            self._begun = self._file.readline(len(buffer))
            self._ended = not self._begun or self._begun.endswith(b"\n")
        block, self._begun = self._begun[: len(buffer)], self._begun[len(buffer) :]
        buffer[: len(block)] = block
        return len(block)


def _too_long(stream: Stream, what: str) -> InvalidArchive:
    detail = f"Element {stream.count:,} of {what} is broken, or longer than {LONGEST_ELEMENT // 2**20} MB, which no post is."
    return InvalidArchive(detail, "Check that it is the file you meant, and that it was saved whole.")


def _no_posts(name: str, what: str) -> InvalidArchive:
    part = _PART.fullmatch(name)
    if part and part[1].startswith("deleted"):
        return InvalidArchive(f"{what} holds deleted posts.", "They are not imported. Take tweets.js of the same archive.")
    if part:
        return InvalidArchive(f"{what} is the part “{part[1]}” of X's archive, which holds no posts.", "Take tweets.js, or the whole zip.")
    return InvalidArchive(
        f"{what} is a script, and not one of X's archive.", "Take tweets.js out of the archive's folder data, or the whole zip."
    )
