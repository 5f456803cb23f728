"""JSON read value by value, with no more of it in memory than one value and one block. What the values mean is `x_json.py`'s business."""

import codecs
import io
import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any, NoReturn

from dashboard.core.errors import InvalidArchive
from dashboard.sources.files.readers.limits import LONGEST_ELEMENT

_BLOCK = 256 * 1024
_BLANK = re.compile(r"[ \t\r\n]*")
_ASSIGNMENT = re.compile(r"\s*([\w.$\[\]\"' ]{1,200}?)\s*=", re.ASCII)
_LONGEST_NAME = 256  # characters before the `=` of an assignment


class TooLong(Exception):
    """The value at hand is longer than LONGEST_ELEMENT, or broken; nothing of it was taken."""


class Stream:
    """A cursor over JSON text. Values must be taken in the order they come in; `what` names the file in messages."""

    def __init__(self, file: io.BufferedReader, what: str) -> None:
        self._file, self._what = file, what
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._scan = JSONDecoder().scan_once  # type: ignore[attr-defined]
        self._text, self._at, self._ended = "", 0, False
        self.count = 0  # elements taken of lists

    def peek(self) -> str:
        """Return the next character that is not blank, nothing at the end."""
        while True:
            self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def assignment(self) -> str:
        """Take `name =` of a script that assigns JSON, and return the name; nothing is taken if there is none."""
        while len(self._text) < _LONGEST_NAME and self._more():
            pass
        match = _ASSIGNMENT.match(self._text)
        if match is None:
            return ""
        self._at = match.end()
        return match[1]

    def value(self) -> Any:
        """Take one whole value. Raises TooLong if it is longer than LONGEST_ELEMENT, InvalidArchive if it is broken off."""
        if not self.peek():
            self.broken()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
                if end < len(self._text) or not self._more():  # a number may go on in the next block
                    self._at = end
                    return value
            except (StopIteration, ValueError):
                if len(self._text) - self._at > LONGEST_ELEMENT:
                    raise TooLong from None
                if not self._double():
                    self.broken()
            except RecursionError:
                self.broken()

    def elements(self) -> Iterator[int]:
        """Take a list: yield before each element, which must then be taken, the number of elements so far in this file."""
        self._take("[")
        if self._next() == "]":
            self._at += 1
            return
        while True:
            self.count += 1
            yield self.count
            if self._ends("]"):
                return

    def members(self) -> Iterator[str]:
        """Take an object: yield each name, whose value must then be taken."""
        self._take("{")
        if self._next() == "}":
            self._at += 1
            return
        while True:
            name = self.value() if self.peek() == '"' else self.broken()
            self._take(":")
            yield name
            if self._ends("}"):
                return

    def broken(self) -> NoReturn:
        """Raise InvalidArchive: here the text is not JSON, or it breaks off."""
        where = f" at element {self.count:,}" if self.count else ""
        how = "breaks off, or is not valid JSON" if self._ended else "is not valid JSON"
        raise InvalidArchive(f"{self._what} {how}{where}.", "Perhaps it was cut short on the way: take it once more from where it came.")

    def _next(self) -> str:
        return self.peek() or self.broken()

    def _take(self, character: str) -> None:
        if self._next() != character:
            self.broken()
        self._at += 1

    def _ends(self, character: str) -> bool:
        """Take a comma, or the end that is asked about."""
        found = self._next()
        if found not in (",", character):
            self.broken()
        self._at += 1
        return found == character

    def _double(self) -> bool:
        """Add text until there is twice as much that was not taken, so that a long value is not tried often; say whether there was any."""
        wanted, found = 2 * (len(self._text) - self._at), False
        while len(self._text) - self._at <= wanted and self._more():
            found = True
        return found

    def _more(self) -> bool:
        """Add a block of text, dropping what was taken; say whether there was any."""
        if self._ended:
            return False
        block = self._file.read1(_BLOCK)
        self._ended = not block
        try:
            text = self._decode(block, final=self._ended)
        except UnicodeDecodeError:
            detail = f"{self._what} is not in UTF-8, near element {self.count:,}."
            raise InvalidArchive(detail, "Save it in UTF-8, and import it again.") from None
        self._text, self._at = self._text[self._at :] + text, 0
        return True
