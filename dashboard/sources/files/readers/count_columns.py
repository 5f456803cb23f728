"""Parses counts in the notation of their column: 1.000, 1,234, 12 500, 1.2K, 1,2 Mio. Other numbers of a post don't belong here.

A dot or comma may separate thousands or decimals. Counts are whole numbers, so most values leave only one reading; for the others, the
rest of the column decides. If that leaves it open too, the count is unknown.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from dashboard.sources.files.readers.cell_values import are_digits

MAX_COUNT = 2**63
_INSPECTED_VALUES = 2_000
_MAX_CHARS, _MAX_DIGITS = 40, 18  # of a count

_SEPARATORS = "\u0020\u00a0\u2009\u202f'\u2019_"  # that only ever separate thousands
_GROUPED_BY_SPACE = re.compile(rf"\d{{1,3}}(?:[{_SEPARATORS}]\d{{3}})+", re.ASCII)
_GROUPED_BY_DOT = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
_GROUPED_BY_COMMA = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d\d)+,\d{3}", re.ASCII)  # the second is how India writes lakhs
_ENGLISH = re.compile(r"([1-9]\d{0,2}(?:,\d{3})+)\.0*", re.ASCII)
_GERMAN = re.compile(r"([1-9]\d{0,2}(?:\.\d{3})+),0*", re.ASCII)
_WHOLE_DECIMAL = re.compile(r"(\d{1,18})[.,]0*", re.ASCII)
_FRACTION = re.compile(r"\d+([.,])(?!\d{3}\Z)\d*[1-9]\d*", re.ASCII)
_ABBREVIATED = re.compile(r"(\d{1,6}(?:[.,]\d{1,2})?|\d{1,3}(?:,\d{3})+)\s?([^\W\d_]{1,8})\.?")
_PLAIN_CHARACTERS = str.maketrans("\u00b4`\u2032\u02bc\u066c\u066b", "'''',.")  # apostrophes, and Arabic separators
_PROTECTED = re.compile(r"'(\d[^']*)|=?\"([^\"]+)\"", re.ASCII)  # as people keep spreadsheets from converting a number
_UNITS = {
    1_000: "k тыс tsd mila mil thousand rb ribu bin tusen 千 천",
    10_000: "万 萬 만 w",
    100_000: "lakh lakhs lac lacs",
    1_000_000: "m mio mln mill million millions mi mn млн jt juta milyon miljoen miljoner",
    10_000_000: "crore crores cr",
    100_000_000: "亿 億 억",
    1_000_000_000: "b bn mrd mld billion billions млрд",
}
_FACTOR_BY_UNIT = {unit: factor for factor, units in _UNITS.items() for unit in units.split()}


class CountColumn:
    """The notation of the counts in one column, detected from the values that it begins with."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        texts = [value.strip() for value in values if isinstance(value, str) and len(value) <= _MAX_CHARS][:_INSPECTED_VALUES]
        self._dot_groups, self._comma_groups = _has_groups(texts, "."), _has_groups(texts, ",", is_usual=True)

    def parse_all(self, values: Sequence[Any]) -> Sequence[int | None]:
        """Return the count of each value, as `parse` does."""
        if are_digits(values, _MAX_DIGITS):
            return list(map(int, values))
        if bool in set(map(type, values)):  # True is equal to 1, but isn't a count
            return list(map(self.parse, values))
        count_by_value = {value: self.parse(value) for value in set(values)}
        return [count_by_value[value] for value in values]

    def parse(self, value: Any) -> int | None:
        """Return a count of 0 or more, or None if the value isn't one or can be read in two ways."""
        if not isinstance(value, str):
            is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return int(value) if is_whole and value is not True and value is not False and 0 <= value < MAX_COUNT else None
        text = value.strip()
        return int(text) if text.isdecimal() and len(text) <= _MAX_DIGITS else self._parse_notation(text)

    def _parse_notation(self, text: str) -> int | None:
        text = unicodedata.normalize("NFKC", text[:_MAX_CHARS].translate(_PLAIN_CHARACTERS)).strip()
        if text.startswith("+"):
            return self.parse(text.lstrip("+ "))
        if match := _PROTECTED.fullmatch(text):
            return self.parse(match[1] or match[2])
        if not text.isascii():
            text = "".join(str(unicodedata.decimal(character, character)) for character in text)
        if _GROUPED_BY_DOT.fullmatch(text) or _GROUPED_BY_COMMA.fullmatch(text):
            return self._parse_groups(text)
        if match := _ENGLISH.fullmatch(text) or _GERMAN.fullmatch(text) or _WHOLE_DECIMAL.fullmatch(text):
            return _to_count(re.sub("[.,]", "", match[1]))
        if _GROUPED_BY_SPACE.fullmatch(text):
            return _to_count(re.sub(f"[{_SEPARATORS}]", "", text))
        return _parse_abbreviation(text)

    def _parse_groups(self, text: str) -> int | None:
        """Return a count with groups of three digits, or None if the column doesn't show that they are thousands."""
        is_clear = len(re.findall("[.,]", text)) > 1
        if is_clear or (self._dot_groups if "." in text else self._comma_groups):
            return _to_count(re.sub("[.,]", "", text))
        return None


def parse_count(value: Any) -> int | None:
    """Return a count that needs no column to be understood, or None."""
    return CountColumn().parse(value)


def _has_groups(texts: list[str], separator: str, *, is_usual: bool = False) -> bool:
    """Return whether a separator groups thousands in a column. `is_usual` is the answer if nothing shows it.

    It does if some value couldn't be a whole number otherwise, as 12.500 couldn't. It doesn't if fractions are written with it, or if
    thousands are also written without a separator.
    """
    grouped = [text for text in texts if separator in text and re.fullmatch(rf"[1-9]\d{{0,2}}(?:\{separator}\d{{3}})+", text, re.ASCII)]
    has_fractions = any(match[1] == separator for text in texts if (match := _FRACTION.fullmatch(text)))
    has_plain_thousands = any(len(text) > 3 and text.isdecimal() for text in texts)
    if has_fractions:
        return False
    is_certain = any(text.count(separator) > 1 or text[-3:] != "000" for text in grouped)
    return (is_certain or is_usual) and (not has_plain_thousands or is_usual)


def _parse_abbreviation(text: str) -> int | None:
    """Return a count such as 1.2K, or None if it isn't one."""
    match = _ABBREVIATED.fullmatch(text)
    factor = _FACTOR_BY_UNIT.get(match[2].lower()) if match else None
    if match is None or factor is None:
        return None
    number = match[1].replace(",", "") if re.search(r",\d{3}", match[1]) else match[1].replace(",", ".")
    count = round(float(number) * factor)
    return count if count < MAX_COUNT else None


def _to_count(digits: str) -> int | None:
    count = int(digits)
    return count if count < MAX_COUNT else None
