"""Decodes the bytes of a text file, whatever wrote them. What the text means isn't decided here."""

import codecs
import re
from collections.abc import Iterable

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import Readable

_BLOCK_BYTES = 256 * 1024
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_RUN_OF_HIGH_BYTES = re.compile(rb"[\x80-\xff]{3,}")  # frequent in scripts other than Latin
_MAX_CHECKED_LINES = 50
_NON_ASCII_WITH_NEIGHBOURS = re.compile(r"(?=(.)([^\x00-\x7f])(.))", re.DOTALL)
_MARKS_ANYWHERE, _MARKS_OUTSIDE_WORDS = "’´…–—•™¿¡", "“”‘"
_RARE_CHARACTERS = frozenset("ŸŽŠžšŒœƒˆ˜ªºµıˇ˘˙˚˝˛")  # in Western European languages; where the two encodings have common ones
TITLE_BY_ENCODING = {"cp1252": "Windows-1252", "mac-roman": "Mac OS Roman"}


def detect_utf16(head: bytes) -> str | None:
    """Return the codec of a text in UTF-16, by its mark or by its NUL bytes; None for any other text."""
    for mark, codec in _UTF16_MARKS.items():
        if head.startswith(mark):
            return codec
    pairs = len(head) // 2
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if pairs and max(even, odd) > pairs // 2 and min(even, odd) <= pairs // 20:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


class Utf16Reader:
    """Returns a text in UTF-16 as UTF-8, without its mark."""

    def __init__(self, source: Readable, codec: str) -> None:
        self._source, self._decoder, self._pending, self._is_start = (
            source,
            codecs.getincrementaldecoder(codec)(errors="replace"),
            b"",
            True,
        )

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, or b"" at the end."""
        while not self._pending:
            block = self._source.read(min(max(size, 2), _BLOCK_BYTES))
            text = self._decoder.decode(block, final=not block)
            if self._is_start and text:
                text, self._is_start = text.removeprefix("\ufeff"), False
            self._pending = text.encode("utf-8", "replace")
            if not block:
                break
        result, self._pending = self._pending[:size], self._pending[size:]
        return result


def choose_encoding(lines: Iterable[bytes], *, has_mac_newlines: bool) -> str | None:
    """Return the encoding of lines that Excel wrote, cp1252 or mac-roman, in which more letters make sense; None if all are UTF-8.

    In the wrong one, `é` is a capital letter inside a word, and an apostrophe a letter. The kind of line end decides if both make sense.
    """
    odd_lines = [line for line in lines if not _is_utf8(line)]
    if not odd_lines:
        return None
    points = {
        encoding: sum(_count_plausible(f" {line.decode(encoding, 'replace')} ") for line in odd_lines) for encoding in TITLE_BY_ENCODING
    }
    if points["mac-roman"] == points["cp1252"]:
        return "mac-roman" if has_mac_newlines else "cp1252"
    return max(points, key=points.__getitem__)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _count_plausible(text: str) -> int:
    """Return the number of characters beyond ASCII that fit between their neighbours, less those that don't."""
    return sum(_rate_character(*match.groups()) for match in _NON_ASCII_WITH_NEIGHBOURS.finditer(text))


def _rate_character(before: str, character: str, after: str) -> int:
    """Return how well a character fits between its neighbours: from −3 to 2 points."""
    if character == "\ufffd":
        return -3
    if character in _MARKS_ANYWHERE:
        return 1
    if character in _MARKS_OUTSIDE_WORDS:
        return 1 if before.isalnum() and after.isalnum() else 2
    if character in _RARE_CHARACTERS:
        return -before.isalpha() - after.isalpha()
    if not character.isalpha():
        return 1 if character.isspace() or not (before.isalpha() or after.isalpha()) else -2 * (before.isalpha() and after.isalpha())
    if character.isupper():
        return -2 if before.islower() or (before.isupper() and after.islower()) else int(after.isalpha() or before.isupper())
    return int(before.isalpha() or after.islower())


class LineDecoder:
    """Decodes the lines of a table: as UTF-8, or in the encoding that Excel uses if no line before was UTF-8 beyond ASCII."""

    def __init__(self, file_name: str, tally: ImportTally) -> None:
        self._file_name, self._tally, self._has_utf8, self._odd_lines, self._foreign_lines = file_name, tally, False, 0, 0
        self._encoding: str | None = None

    def inspect(self, lines: Iterable[bytes], *, has_mac_newlines: bool) -> None:
        """Choose the encoding of lines that aren't UTF-8 by the first lines, if there are any among them."""
        self._encoding = choose_encoding(lines, has_mac_newlines=has_mac_newlines)

    def decode_all(self, lines: list[bytes]) -> list[str] | None:
        """Return lines as text, None if one of them isn't UTF-8, so that each has to be decoded with `decode`."""
        try:
            texts = list(map(bytes.decode, lines))
        except UnicodeDecodeError:
            return None
        if not self._has_utf8 and not self._odd_lines:
            self._has_utf8 = not all(map(bytes.isascii, lines))
        return texts

    def decode(self, line: bytes, line_number: int, *, has_mac_newlines: bool) -> str:
        """Return a line as text. Raises InvalidFile if it's neither UTF-8 nor in a Western European encoding."""
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            self._encoding = self._encoding or choose_encoding([line], has_mac_newlines=has_mac_newlines) or "cp1252"
            return self._decode_other(line, line_number, self._encoding)
        if not self._has_utf8 and not self._odd_lines and not line.isascii():
            self._has_utf8 = True
        return text

    def _decode_other(self, line: bytes, line_number: int, encoding: str) -> str:
        if self._has_utf8:
            self._tally.add_notice("damaged_letters")
            return line.decode("utf-8", "replace")
        self._odd_lines += 1
        self._foreign_lines += _is_foreign(line)
        if self._odd_lines <= _MAX_CHECKED_LINES and 2 * self._foreign_lines > self._odd_lines:
            detail = deferred("Line %(number)s of %(file)s isn’t encoded as UTF-8.", number=line_number, file=self._file_name)
            raise InvalidFile(detail, translatable("Save it as UTF-8 (in Excel: “CSV UTF-8”) and upload it again."))
        if self._odd_lines == 1:
            self._tally.add_notice("encoding", example=TITLE_BY_ENCODING[encoding])
        return line.decode(encoding, "replace")


def _is_foreign(line: bytes) -> bool:
    """Return whether a line that isn't UTF-8 can't be Western European either, because letters beyond ASCII come in rows."""
    return 2 * sum(map(len, _RUN_OF_HIGH_BYTES.findall(line))) > len(re.findall(rb"[\x80-\xff]", line))
