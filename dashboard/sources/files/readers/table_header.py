"""Finds the header of a table among its first rows: below lines of a title, or nowhere, so that its columns are named by their contents."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.core import post_text
from dashboard.sources.files.readers.field_paths import KeyPath, find_paths
from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.readers.post_addresses import parse_post_address
from dashboard.sources.files.readers.required_fields import REQUIRED_FIELDS
from dashboard.sources.files.shapes.shape import recognize_object
from dashboard.sources.files.times import grammar

SAMPLE_LINES = 60  # that are searched for a header
_MIN_TIME_CHARS = 6  # of 5.9.26
_EPOCH_PATTERN = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d{1,9})?", re.ASCII)  # seconds or milliseconds since 1970, from 2001 to 2033
_FIRST_EPOCH = "1136073600"  # 2006, as texts are compared
_CLEARLY_LONGER = 2  # times as long as other texts of a table without a header; otherwise a person is asked
_HANDLE_PATTERN = re.compile(r"@\w[\w.-]{0,60}(@[\w.-]+)?")


@dataclass(frozen=True)
class Header:
    """Where a header is among the first rows, -1 if there is none, and the names of the columns."""

    index: int
    columns: list[str]

    def rank(self) -> tuple[bool, int, int]:
        """Return how plausible a header is: whether it names a text and a time, then the number of known fields, then of columns."""
        fields = find_fields(self.columns) if len(self.columns) <= MAX_COLUMNS else {}
        return all(field in fields for field in REQUIRED_FIELDS), len(fields), len(self.columns)


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """Return the header among the first rows of a table: the first that names a text and a time, or else the first as wide as the table."""
    filled = [(index, _trim(row)) for index, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        return Header(0, [])
    for index, row in filled:
        if len(row) > 1 and all(field in find_fields(row) for field in REQUIRED_FIELDS):
            return Header(index, list(rows[index]))
    index = _find_first_full_row(filled)
    if is_data(rows[index]):
        return Header(-1, name_columns([row for row in rows[index:] if row]))
    return Header(index, list(rows[index]))


def find_fields(columns: Sequence[str]) -> Mapping[str, tuple[KeyPath, ...]]:
    """Return the known fields of a row of names."""
    names = tuple(columns)
    return find_paths(names, (), recognize_object(dict.fromkeys(names, "")))


def _find_first_full_row(filled: list[tuple[int, list[str]]]) -> int:
    """Return the index of the first row that is at least half as wide as most rows."""
    usual_width = Counter(len(row) for _, row in filled).most_common(1)[0][0]
    return next((index for index, row in filled if len(row) >= 2 and 2 * len(row) > usual_width), filled[0][0])


def _trim(row: Sequence[str]) -> list[str]:
    """Return a row without the empty cells at its end."""
    last = max((position for position, cell in enumerate(row) if cell.strip()), default=-1)
    return list(row[: last + 1])


def is_data(row: Sequence[str]) -> bool:
    """Return whether a row can't be a header, because it has a time or the address of a post in it."""
    return any(_is_time(cell) or is_epoch(cell) or parse_post_address(cell.strip()) != ("", "") for cell in row)


def _is_time(cell: str) -> bool:
    text = cell.strip()
    if not _MIN_TIME_CHARS <= len(text) <= grammar.MAX_TIME_CHARS or not any(character.isdecimal() for character in text):
        return False
    try:
        return datetime.fromisoformat(text).year > 2005
    except ValueError:
        return grammar.parse_text(text) is not None


def is_epoch(cell: str) -> bool:
    """Return whether a cell is a number of seconds or milliseconds since 1970 in which a post may have been published."""
    text = cell.strip()
    return _EPOCH_PATTERN.fullmatch(text) is not None and text >= _FIRST_EPOCH


def name_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return names for the columns of a table without a header, by what most of their cells look like."""
    width = max(map(len, rows))
    columns = [[row[number].strip() for row in rows if number < len(row) and row[number].strip()] for number in range(width)]
    names = [f"column {number}" for number in range(1, width + 1)]
    for name, is_like in (
        ("created_at", _is_time),
        ("created_at", is_epoch),
        ("url", lambda cell: parse_post_address(cell) != ("", "")),
        ("account", lambda cell: _HANDLE_PATTERN.fullmatch(cell) is not None),
    ):
        number = next(
            (n for n in range(width) if name not in names and names[n].startswith("column") and is_mostly(columns[n], is_like)), None
        )
        if number is not None:
            names[number] = name
    texts = [n for n in range(width) if names[n].startswith("column") and is_text_column(columns[n])]
    lengths = sorted(((sum(map(len, columns[n])) / len(columns[n]), n) for n in texts), reverse=True)
    if lengths and (len(lengths) == 1 or lengths[0][0] >= _CLEARLY_LONGER * lengths[1][0]):
        names[lengths[0][1]] = "text"
    return names


def is_text_column(cells: Sequence[str]) -> bool:
    """Return whether cells may be the texts of posts: most of them have words, and are no addresses, times, numbers or markup."""
    return is_mostly([cell for cell in cells if cell.strip()], _is_text)


def is_time_column(cells: Sequence[str]) -> bool:
    """Return whether cells may be the times of posts."""
    return is_mostly([cell for cell in cells if cell.strip()], _is_time)


def _is_text(cell: str) -> bool:
    text = cell.strip()
    has_words = any(character.isalpha() for character in text)
    return has_words and not text.startswith(("http://", "https://", "at://", "<blockquote")) and not _is_time(text)


def is_mostly(cells: Sequence[str], is_like: Callable[[str], bool]) -> bool:
    """Return whether most cells are like something."""
    return bool(cells) and 2 * sum(bool(is_like(cell)) for cell in cells) > len(cells)


def find_repeated_name(columns: Sequence[str]) -> str:
    """Return the first name of several columns that is known to hold a field, "" if there is none."""
    used = {path[0] for paths in find_fields(columns).values() for path in paths} if len(columns) <= MAX_COLUMNS else set()
    return next((name for name in columns if name in used and list(columns).count(name) > 1), "")


def deduplicate_names(columns: Sequence[str]) -> list[str]:
    """Return clean, unique names: an empty name becomes its column's number, and a repeated name gets that number appended."""
    names: dict[str, None] = {}
    for column_number, column in enumerate(columns, 1):
        name = post_text.clean_text(column[:400]).strip() or f"column {column_number}"
        names[name if name not in names else f"{name} (column {column_number})"] = None
    return list(names)
