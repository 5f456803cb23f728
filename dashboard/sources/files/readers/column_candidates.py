"""Finds the columns of a table that may hold a field, by their cells, where no name says it. What people are asked belongs elsewhere.

Columns that look right come first. If there are none, those follow that could be meant all the same: texts of emoji or links only, dates
in a column that is usually something else.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.sources.files.readers.count_columns import parse_count
from dashboard.sources.files.readers.post_addresses import parse_account_reference
from dashboard.sources.files.readers.table_header import find_fields, is_epoch, is_mostly, is_text_column, is_time_column
from dashboard.sources.files.times.numeric_times import parse_serial

_HANDLE_PATTERN = re.compile(r"@\w[\w.-]{0,60}(@[\w.-]+)?")
_SERIAL_PATTERN = re.compile(r"\d{5}(?:\.\d{1,12})?", re.ASCII)
_IDEOGRAPHS = re.compile(r"[\u2e80-\U0003ffff]")
_CLEARLY_LONGER = 2  # times as long as the cells of another column
_TIME_NAME = re.compile(r"date|time|publi|posted|created|sent|wann|datum|fecha|quand|when", re.IGNORECASE)
_ACCOUNT_NAME = re.compile(
    r"\bwer\b|\bwho\b|\bqui\b|qui[eé]n|quem|name|nom|konto|account|auth?or|auteur|user|profil|marke|brand|page|seite", re.IGNORECASE
)
_MAX_NAME_WORDS, _MAX_NAME_CHARACTERS = 4, 40
_OTHER_TIME_NAME = re.compile(r"updat|edit|modif|collect|scrap|crawl|fetch|import|export|delet|birth|join|start|end|last|account", re.I)

Cells = Sequence[str]


def list_candidates(field: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the columns that may hold the texts ("text"), the times ("created_at") or the accounts ("account") of posts."""
    used_columns = {path[0] for paths in find_fields(columns).values() for path in paths}
    cells_by_column = {
        column: [str(row[number]) for row in rows if number < len(row) and _is_cell(row[number])] for number, column in enumerate(columns)
    }
    unused = {column: cells for column, cells in cells_by_column.items() if column not in used_columns}
    used = {column: cells for column, cells in cells_by_column.items() if column in used_columns}
    return next(filter(None, (search(unused, used) for search in _SEARCHES[field])), [])


def suggest(field: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str | None:
    """Return the column that a field is in most likely, None if several are alike."""
    names = list_candidates(field, columns, rows)
    if len(names) <= 1:
        return names[0] if names else None
    if field == "account":
        named = [name for name in names if _ACCOUNT_NAME.search(name)]
        return named[0] if len(named) == 1 else None
    if field == "created_at":
        names = [name for name in names if _TIME_NAME.search(name) and not _OTHER_TIME_NAME.search(name)]
        return names[0] if len(names) == 1 else None
    positions = [list(columns).index(name) for name in names]
    lengths = [sum(_measure(str(row[position])) for row in rows if position < len(row)) for position in positions]
    (longest, name), (second, _), *_ = sorted(zip(lengths, names, strict=True), reverse=True)
    return name if longest >= _CLEARLY_LONGER * second else None


def _measure(text: str) -> int:
    """Return the length of a text; an ideograph counts as two letters, because it says as much."""
    return len(text) + len(_IDEOGRAPHS.findall(text))


def _is_cell(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _select(columns: Mapping[str, Cells], is_like: Callable[[Cells], bool]) -> list[str]:
    return [column for column, cells in columns.items() if is_like(cells)]


def _find_texts(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    names = _select(unused, is_text_column)
    return [name for name in names if _has_sentences(unused[name])] or names


def _find_misnamed_texts(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    return _select(used, lambda cells: is_text_column(cells) and _has_sentences(cells))


def _find_wordless_texts(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    return _select(unused, lambda cells: not is_time_column(cells) and is_mostly(_list_filled(cells), _is_wordless_text))


def _find_times(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    return _select(unused, is_time_column)


def _find_numeric_times(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    return _select(unused, lambda cells: is_mostly(_list_filled(cells), _is_numeric_time))


def _find_misnamed_times(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    return _find_times(used, {})


def _find_accounts(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    return _select(unused, lambda cells: is_mostly(_list_filled(cells), _is_handle))


def _find_repeated_names(unused: Mapping[str, Cells], used: Mapping[str, Cells]) -> list[str]:
    return [
        name for name, cells in unused.items() if _are_repeated_names(_list_filled(cells), is_called_so=bool(_ACCOUNT_NAME.search(name)))
    ]


_SEARCHES: Mapping[str, tuple[Callable[[Mapping[str, Cells], Mapping[str, Cells]], list[str]], ...]] = {
    "text": (_find_texts, _find_misnamed_texts, _find_wordless_texts),
    "created_at": (_find_times, _find_numeric_times, _find_misnamed_times),
    "account": (_find_accounts, _find_repeated_names),
}


def _list_filled(cells: Cells) -> list[str]:
    return [cell.strip() for cell in cells if cell.strip()]


def _has_sentences(cells: Cells) -> bool:
    return 2 * sum(len(cell.split()) > 2 for cell in cells) > len(cells)


def _are_repeated_names(cells: Cells, *, is_called_so: bool) -> bool:
    """Return whether cells may be names of accounts: short words that come again. One name for all has to be called so by its column."""
    different = set(cells)
    is_repeated = len(different) < len(cells) and (is_called_so or len(different) > 1)
    return is_repeated and all(_is_name(cell) for cell in different) and not is_time_column(cells)


def _is_name(cell: str) -> bool:
    is_short = len(cell) <= _MAX_NAME_CHARACTERS and len(cell.split()) <= _MAX_NAME_WORDS
    return is_short and parse_count(cell) is None and any(character.isalpha() for character in cell)


def _is_wordless_text(cell: str) -> bool:
    """Return whether a cell may be a text without words: emoji, or the address of what was shared."""
    return parse_count(cell) is None and (not cell.isascii() or cell.startswith(("http://", "https://")))


def _is_handle(cell: str) -> bool:
    return _HANDLE_PATTERN.fullmatch(cell) is not None or (cell.startswith("http") and parse_account_reference(cell) != cell)


def _is_numeric_time(cell: str) -> bool:
    """Return whether a cell is a number that may be the time of a post: since 1970, or as spreadsheets count days."""
    number = cell.replace(",", ".")
    return is_epoch(number) or (_SERIAL_PATTERN.fullmatch(number) is not None and parse_serial(float(number)) is not None)
