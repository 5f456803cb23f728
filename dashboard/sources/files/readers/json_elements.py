"""Reads the elements of one list in JSON, whatever they are. Which of them are posts is decided in `json_posts.py`, not here."""

from collections.abc import Iterator
from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.json_stream import ElementTooLong, JsonStream
from dashboard.sources.files.readers.limits import MAX_ELEMENT_CHARS

NumberedElement = tuple[int, Any]  # the number of a line or element, and its value


def iter_elements(stream: JsonStream, file_name: str) -> Iterator[NumberedElement]:
    """Yield the elements of a list. Raises InvalidFile for one that is malformed or longer than MAX_ELEMENT_CHARS."""
    if stream.peek() != "[":
        stream.raise_invalid()
    for number in stream.iter_elements():
        try:
            element = stream.take_value()
        except ElementTooLong:
            raise element_too_long_error(stream, file_name) from None
        yield number, element


def element_too_long_error(stream: JsonStream, file_name: str) -> InvalidFile:
    """Return the error for an element of a stream that doesn't end within MAX_ELEMENT_CHARS."""
    detail = deferred(
        "Post %(number)s of %(file)s is damaged or longer than %(limit)s MB.",
        number=stream.element_count,
        file=file_name,
        limit=MAX_ELEMENT_CHARS // 2**20,
    )
    return InvalidFile(detail, translatable("Check that you chose the right file and that it is complete."))
