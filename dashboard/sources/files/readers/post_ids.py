"""Finds the ID of each post. Other fields don't belong here."""

import re
from collections.abc import Sequence
from typing import Any

from dashboard.sources.files.readers.cell_values import are_digits
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.post_addresses import parse_post_address

_MAX_DIGITS = 20
_ID_PATTERN = re.compile(r"[!-~]{1,300}", re.ASCII)
# R packages prefix long numbers with an x, and people write '123 or ="123", so that no program rounds them.
_NUMERIC_ID_PATTERN = re.compile(r"(?:x|'|=?\"+)?(\d{1,20})\"*", re.ASCII)
_ROUNDED_ID_PATTERN = re.compile(r"x?\d+([.,]\d*)?[eE]\+?\d+|x?\d{16,}\.\d*", re.ASCII)
_SPREADSHEET_DIGITS = 15  # digits that spreadsheets keep of a number; the rest become 0


class PostIds:
    """The IDs of one file's posts. A post without one is called after its row; `file_number` is that of the file among several, from 0.

    Posts of different files that have the same row must not have the same ID, or one would count as a copy of the other.
    """

    def __init__(self, tally: ImportTally, file_number: int = 0) -> None:
        self._tally, self._are_rounded = tally, False
        self._prefix = f"row-{file_number + 1}-" if file_number else "row-"

    def inspect(self, values: Sequence[Any]) -> None:
        """Detect by the first IDs whether a spreadsheet has rounded them."""
        ids = map(str, values)
        long_ids = [post_id for post_id in ids if len(post_id) > _SPREADSHEET_DIGITS + 1 and post_id.isdecimal()]
        self._are_rounded = len(long_ids) > 2 and not any(post_id[_SPREADSHEET_DIGITS:].strip("0") for post_id in long_ids)

    def parse_all(self, values: Sequence[Any], addresses: Sequence[Any], row_numbers: Sequence[int]) -> Sequence[str]:
        """Return the IDs: of the values or, where there is none, of the posts' addresses or by their rows."""
        if self._are_rounded:
            self._tally.add_notice("digits", len(values))
            self._tally.unidentified_posts += len(values)
            return [f"{self._prefix}{row_number}" for row_number in row_numbers]
        if are_digits(values, _MAX_DIGITS):
            return values
        return [
            self._parse(value or parse_post_address(address)[1], row_number)
            for value, address, row_number in zip(values, addresses, row_numbers, strict=True)
        ]

    def _parse(self, value: Any, row_number: int) -> str:
        """Return an ID as text; a missing one, or one that is rounded itself, is replaced by one by its row."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MAX_DIGITS:
            value = str(value)
        elif isinstance(value, float) and value.is_integer() and 0 <= value < 2**53:
            value = str(int(value))
        elif isinstance(value, float):
            value = f"{value:e}"
        text = value.strip() if isinstance(value, str) else ""
        numeric_id = _NUMERIC_ID_PATTERN.fullmatch(text.removesuffix(".0") if len(text) < 18 else text)
        if _ROUNDED_ID_PATTERN.fullmatch(text):
            self._tally.add_notice("digits")
        elif numeric_id:
            return numeric_id[1]
        elif _ID_PATTERN.fullmatch(text):
            return text
        return self._name_row(row_number)

    def _name_row(self, row_number: int) -> str:
        self._tally.unidentified_posts += 1
        return f"{self._prefix}{row_number}"
