"""A JSON parser that reads one value at a time and holds no more than one value and one block in memory.

What the values mean is decided in `json_responses.py`, not here.
"""

import codecs
import io
import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any, NoReturn

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.limits import MAX_ELEMENT_CHARS

_BLOCK_BYTES = 256 * 1024
_WHITESPACE = re.compile(r"[ \t\r\n]*")
_ASSIGNMENT_PATTERN = re.compile(r"\s*([\w.$\[\]\"' ]{1,200}?)\s*=", re.ASCII)
_MAX_NAME_CHARS = 256  # characters before the `=` of an assignment
_INVALID = translatable("%(file)s isn’t valid JSON.")
_INVALID_AT_ELEMENT = translatable("%(file)s isn’t valid JSON at element %(number)s.")
_CUT_SHORT = translatable("%(file)s is cut short or isn’t valid JSON.")
_CUT_AT_ELEMENT = translatable("%(file)s is cut short or isn’t valid JSON at element %(number)s.")


class ElementTooLong(Exception):
    """The next value is longer than MAX_ELEMENT_CHARS, or malformed. It hasn't been taken."""


class JsonStream:
    """A cursor over JSON text, whose values must be taken in order; `file_name` names the file in messages."""

    def __init__(self, file: io.BufferedReader, file_name: str) -> None:
        self._file, self._file_name = file, file_name
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._scan_once = JSONDecoder().scan_once  # type: ignore[attr-defined]
        self._buffer, self._position, self._at_end = "", 0, False
        self.element_count = 0  # list elements taken so far

    def peek(self) -> str:
        """Return the next character that isn't white space, or "" at the end."""
        while True:
            self._position = _WHITESPACE.match(self._buffer, self._position).end()  # type: ignore[union-attr]
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._read_block():
                return ""

    def take_assignment(self) -> str:
        """Take the `name =` of a script that assigns JSON and return the name. Returns "" and takes nothing if there is none."""
        while len(self._buffer) < _MAX_NAME_CHARS and self._read_block():
            pass
        match = _ASSIGNMENT_PATTERN.match(self._buffer)
        if match is None:
            return ""
        self._position = match.end()
        return match[1]

    def take_value(self) -> Any:
        """Take one complete value. Raises ElementTooLong if it exceeds MAX_ELEMENT_CHARS, InvalidFile if it is cut short."""
        if not self.peek():
            self.raise_invalid()
        while True:
            try:
                value, end = self._scan_once(self._buffer, self._position)
                if end < len(self._buffer) or not self._read_block():  # a number may continue in the next block
                    self._position = end
                    return value
            except (StopIteration, ValueError):
                if len(self._buffer) - self._position > MAX_ELEMENT_CHARS:
                    raise ElementTooLong from None
                if not self._double_buffer():
                    self.raise_invalid()
            except RecursionError:
                self.raise_invalid()

    def iter_elements(self) -> Iterator[int]:
        """Take a list: before each element, yield its number in this file. The caller must take the element then."""
        self._take_character("[")
        if self._peek_required() == "]":
            self._position += 1
            return
        while True:
            self.element_count += 1
            yield self.element_count
            if self._take_separator("]"):
                return
            if self.peek() == "]":  # a comma after the last element, as programs and people leave it
                self._position += 1
                return

    def iter_members(self) -> Iterator[str]:
        """Take an object: yield each key. The caller must take its value then."""
        self._take_character("{")
        if self._peek_required() == "}":
            self._position += 1
            return
        while True:
            name = self.take_value() if self.peek() == '"' else self.raise_invalid()
            self._take_character(":")
            yield name
            if self._take_separator("}"):
                return

    def raise_invalid(self) -> NoReturn:
        """Raise InvalidFile, because the text isn't JSON here or is cut short."""
        number, is_cut = self.element_count, self._at_end
        if number:
            message = _CUT_AT_ELEMENT if is_cut else _INVALID_AT_ELEMENT
        else:
            message = _CUT_SHORT if is_cut else _INVALID
        values = {"file": self._file_name} | ({"number": number} if number else {})
        advice = translatable("The download may be incomplete. Download the file again.")
        raise InvalidFile(deferred(message, **values), advice)

    def _peek_required(self) -> str:
        return self.peek() or self.raise_invalid()

    def _take_character(self, character: str) -> None:
        if self._peek_required() != character:
            self.raise_invalid()
        self._position += 1

    def _take_separator(self, closing_character: str) -> bool:
        """Take a comma or the closing character; return whether it was the latter."""
        character = self._peek_required()
        if character not in (",", closing_character):
            self.raise_invalid()
        self._position += 1
        return character == closing_character

    def _double_buffer(self) -> bool:
        """Read until the untaken text has doubled, so that a long value isn't parsed too often; return whether anything was read."""
        target_chars, has_grown = 2 * (len(self._buffer) - self._position), False
        while len(self._buffer) - self._position <= target_chars and self._read_block():
            has_grown = True
        return has_grown

    def _read_block(self) -> bool:
        """Append a block of text and drop what was taken; return whether anything was read."""
        if self._at_end:
            return False
        block = self._file.read1(_BLOCK_BYTES)
        self._at_end = not block
        try:
            text = self._decode(block, final=self._at_end)
        except UnicodeDecodeError:
            near = translatable("%(file)s isn’t encoded as UTF-8 (near element %(number)s).")
            detail = deferred(near, file=self._file_name, number=self.element_count)
            raise InvalidFile(detail, translatable("Save it as UTF-8 and upload it again.")) from None
        self._buffer, self._position = self._buffer[self._position :] + text, 0
        return True
