"""Reads posts from one JSON document: a post, a response of X's API, or a list of either, even if it is too long for memory.

How a file is divided into documents belongs in `json_documents.py`, and how an object is searched for posts in `json_posts.py`.
"""

from collections.abc import Callable, Generator, Iterator
from itertools import chain
from typing import Any

from dashboard.sources.files.readers.container_accounts import USER_KEYS, find_user, name_list
from dashboard.sources.files.readers.json_elements import NumberedElement, element_too_long_error
from dashboard.sources.files.readers.json_posts import (
    LIST_KEYS,
    OTHER_KEYS,
    SINGLE_KEYS,
    add_handle,
    build_handle_by_id,
    is_post,
    iter_posts,
)
from dashboard.sources.files.readers.json_rows import NAME_KEYS, is_row, iter_row_posts, list_names
from dashboard.sources.files.readers.json_stream import ElementTooLong, JsonStream

LoadHandles = Callable[[], dict[str, str]]  # the handles of authors by their IDs

_MAX_DEPTH = 8  # of objects that are too long for memory
_MAX_USERS = 200_000  # users in X's `includes` whose handles are kept
_MAX_HELD_MEMBERS = 8  # more are posts by their IDs; each may take as much memory as the longest element


def iter_stream_posts(
    stream: JsonStream, file_name: str, load_handles: LoadHandles, collected_handles: dict[str, str] | None = None
) -> Iterator[NumberedElement]:
    """Yield the posts of one document: a post, a response, or a list of either.

    `load_handles` returns the handles in the whole file, and is called only for a response that is too long for memory. With
    `collected_handles`, only collect handles.
    """
    if stream.peek() == "[":
        yield from _iter_list_posts(stream, file_name, load_handles, collected_handles)
    else:
        yield from ((stream.element_count or 1, post) for post in _iter_value_posts(stream, file_name, load_handles, collected_handles))


def _iter_list_posts(
    stream: JsonStream, file_name: str, load_handles: LoadHandles, collected_handles: dict[str, str] | None
) -> Iterator[NumberedElement]:
    numbers = stream.iter_elements()
    for position, number in enumerate(numbers):
        if position == 0 and stream.peek() == "[":
            value = _take_element(stream, file_name)
            if is_row(value):
                rows = chain([(number, value)], ((later, _take_element(stream, file_name)) for later in numbers))
                yield from iter_row_posts(rows)
            elif collected_handles is None:
                yield from ((number, post) for post in iter_posts(value))
        else:
            yield from ((number, post) for post in _iter_value_posts(stream, file_name, load_handles, collected_handles))


def _take_element(stream: JsonStream, file_name: str) -> Any:
    """Take a value. Raises InvalidFile if it's too long."""
    try:
        return stream.take_value()
    except ElementTooLong:
        raise element_too_long_error(stream, file_name) from None


def _iter_value_posts(
    stream: JsonStream, file_name: str, load_handles: LoadHandles, collected_handles: dict[str, str] | None
) -> Iterator[Any]:
    try:
        value = stream.take_value()
    except ElementTooLong:
        if stream.peek() != "{":
            raise element_too_long_error(stream, file_name) from None
        yield from _iter_long_response_posts(stream, file_name, load_handles, collected_handles)
        return
    if collected_handles is None:
        yield from iter_posts(value)


def _iter_long_response_posts(
    stream: JsonStream,
    file_name: str,
    load_handles: LoadHandles,
    collected_handles: dict[str, str] | None,
    depth: int = 0,
    account: str = "",
) -> Generator[Any, None, None]:
    """Yield the posts of a response that is too long for memory, reading it in pieces: those in its lists, at any depth, or its members.

    `account` is whose posts they are, as far as what came before them says it.
    """
    handle_by_id = load_handles() if collected_handles is None else collected_handles
    names, members = list[str](), _Members()
    try:
        for key in stream.iter_members():
            if key == "includes" and stream.peek() == "{":
                _collect_handles(stream, handle_by_id if collected_handles is not None else {})
            elif key in USER_KEYS and stream.peek() in ("{", '"'):
                account = find_user({key: _take_short_value(stream)}) or account
            elif key in NAME_KEYS and stream.peek() == "[":
                names = list_names(key, _take_short_value(stream))
            elif key in OTHER_KEYS or depth >= _MAX_DEPTH or stream.peek() not in ("[", "{"):
                _skip_value(stream)
            elif stream.peek() == "[":
                for _, post in _iter_elements(stream, names):
                    members.has_list |= key in LIST_KEYS and isinstance(post, (dict, list))
                    if collected_handles is None:
                        posts_of_account = iter_posts(post, account=account or name_list(key))
                        posts = (one for one in posts_of_account if key in LIST_KEYS or (isinstance(one, dict) and is_post(one)))
                        yield from (add_handle(one, handle_by_id) for one in posts)
            elif (member := _take_unless_long(stream)) is None:
                name = account or name_list(key)
                members.has_list |= key in (*SINGLE_KEYS, *LIST_KEYS)
                yield from _iter_long_response_posts(stream, file_name, load_handles, collected_handles, depth + 1, name)
            elif collected_handles is None:
                yield from (add_handle(one, handle_by_id) for one in members.iter_posts(member, account, name_list(key)))
        yield from (add_handle(one, handle_by_id) for one in members.iter_held_posts())
    except ElementTooLong:
        raise element_too_long_error(stream, file_name) from None


class _Members:
    """The members of an object that is too long for memory, which are posts only if it has no list of posts (`has_list`).

    The first ones are held back, because a list may follow. Once a member is a post, the others are posts by their IDs, too, so those that
    can't be read are counted.
    """

    def __init__(self) -> None:
        self.has_list, self._have_posts, self._is_holding = False, False, True
        self._held = list[tuple[Any, str, str]]()

    def iter_posts(self, member: Any, account: str, name: str) -> Iterator[Any]:
        """Take the next member, and yield posts unless they are held back. They are the account's, or else their list's with this name."""
        if self.has_list:
            self._held.clear()
        elif self._is_holding and len(self._held) < _MAX_HELD_MEMBERS:
            self._held.append((member, account, name))
        else:
            yield from self.iter_held_posts()
            yield from self._iter_member_posts(member, account, name)

    def iter_held_posts(self) -> Iterator[Any]:
        """Yield the posts that were held back, unless a list came."""
        self._is_holding = False
        for held in () if self.has_list else self._held:
            yield from self._iter_member_posts(*held)
        self._held.clear()

    def _iter_member_posts(self, member: Any, account: str, name: str) -> Iterator[Any]:
        self._have_posts = self._have_posts or is_post(member)
        posts = iter_posts(member, account=account if self._have_posts else account or name)
        return (one for one in posts if self._have_posts or not isinstance(one, dict) or is_post(one))


def _iter_elements(stream: JsonStream, names: list[str]) -> Iterator[NumberedElement]:
    """Yield the elements of a list; if they are rows of a table, as objects by these `names`, if there are any. Raises ElementTooLong."""
    elements = ((number, stream.take_value()) for number in stream.iter_elements())
    first = next(elements, None)
    if first is None:
        return
    rest = chain([first], elements)
    yield from iter_row_posts(rest, names) if is_row(first[1], names) else rest


def _take_unless_long(stream: JsonStream) -> Any:
    """Take a value and return it, or None if it is too long for memory and hasn't been taken."""
    try:
        return stream.take_value()
    except ElementTooLong:
        return None


def _take_short_value(stream: JsonStream) -> Any:
    """Take a value, and return it unless it is too long for memory."""
    if (value := _take_unless_long(stream)) is None:
        _skip_value(stream)
    return value


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
