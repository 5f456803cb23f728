"""JSON read value by value, with no more of it in memory than one value and one block. What the values mean is `x_json.py`'s business."""

import codecs
import io
import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any, NoReturn

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers.limits import MAX_ELEMENT_CHARS

_BLOCK_BYTES = 256 * 1024
_WHITESPACE = re.compile(r"[ \t\r\n]*")
_ASSIGNMENT_PATTERN = re.compile(r"\s*([\w.$\[\]\"' ]{1,200}?)\s*=", re.ASCII)
_MAX_NAME_CHARS = 256  # characters before the `=` of an assignment


class ElementTooLong(Exception):
    """The value at hand is longer than LONGEST_ELEMENT, or broken; nothing of it was taken."""


class JsonStream:
    """A cursor over JSON text. Values must be taken in the order they come in; `what` names the file in messages."""

    def __init__(self, file: io.BufferedReader, file_name: str) -> None:
        self._file, self._file_name = file, file_name
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._scan_once = JSONDecoder().scan_once  # type: ignore[attr-defined]
        self._buffer, self._position, self._at_end = "", 0, False
        self.element_count = 0  # elements taken of lists

    def peek(self) -> str:
        """Return the next character that is not blank, nothing at the end."""
        while True:
            self._position = _WHITESPACE.match(self._buffer, self._position).end()  # type: ignore[union-attr]
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._read_block():
                return ""

    def take_assignment(self) -> str:
        """Take `name =` of a script that assigns JSON, and return the name; nothing is taken if there is none."""
        while len(self._buffer) < _MAX_NAME_CHARS and self._read_block():
            pass
        match = _ASSIGNMENT_PATTERN.match(self._buffer)
        if match is None:
            return ""
        self._position = match.end()
        return match[1]

    def take_value(self) -> Any:
        """Take one whole value. Raises TooLong if it is longer than LONGEST_ELEMENT, InvalidArchive if it is broken off."""
        if not self.peek():
            self.raise_invalid()
        while True:
            try:
                value, end = self._scan_once(self._buffer, self._position)
                if end < len(self._buffer) or not self._read_block():  # a number may go on in the next block
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
        """Take a list: yield before each element, which must then be taken, the number of elements so far in this file."""
        self._take_character("[")
        if self._peek_required() == "]":
            self._position += 1
            return
        while True:
            self.element_count += 1
            yield self.element_count
            if self._take_separator("]"):
                return

    def iter_members(self) -> Iterator[str]:
        """Take an object: yield each name, whose value must then be taken."""
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
        """Raise InvalidArchive: here the text is not JSON, or it breaks off."""
        where = f" at element {self.element_count:,}" if self.element_count else ""
        how = "breaks off, or is not valid JSON" if self._at_end else "is not valid JSON"
        raise InvalidFile(f"{self._file_name} {how}{where}.", "Perhaps it was cut short on the way: take it once more from where it came.")

    def _peek_required(self) -> str:
        return self.peek() or self.raise_invalid()

    def _take_character(self, character: str) -> None:
        if self._peek_required() != character:
            self.raise_invalid()
        self._position += 1

    def _take_separator(self, closing_character: str) -> bool:
        """Take a comma, or the end that is asked about."""
        found = self._peek_required()
        if found not in (",", closing_character):
            self.raise_invalid()
        self._position += 1
        return found == closing_character

    def _double_buffer(self) -> bool:
        """Add text until there is twice as much that was not taken, so that a long value is not tried often; say whether there was any."""
        wanted, found = 2 * (len(self._buffer) - self._position), False
        while len(self._buffer) - self._position <= wanted and self._read_block():
            found = True
        return found

    def _read_block(self) -> bool:
        """Add a block of text, dropping what was taken; say whether there was any."""
        if self._at_end:
            return False
        block = self._file.read1(_BLOCK_BYTES)
        self._at_end = not block
        try:
            text = self._decode(block, final=self._at_end)
        except UnicodeDecodeError:
            detail = f"{self._file_name} is not in UTF-8, near element {self.element_count:,}."
            raise InvalidFile(detail, "Save it in UTF-8, and import it again.") from None
        self._buffer, self._position = self._buffer[self._position :] + text, 0
        return True
