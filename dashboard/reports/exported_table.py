"""What a chart's table and a list of posts have in common: the files that they are exported as.

Which columns a table has, and the URLs of files, don't belong here.
"""

from abc import ABC, abstractmethod
from typing import Any

import polars as pl

from dashboard.reports.csv_export import to_csv, to_plain_rows


class ExportedTable(ABC):
    """A table that is exported in the data formats."""

    @abstractmethod
    def select_exported_rows(self) -> pl.DataFrame:
        """Return the rows of a file, without what networks' terms forbid there."""

    @abstractmethod
    def select_coverage(self) -> pl.DataFrame:
        """Return account, asked, fetched, first, last, cut_by and name of each account."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return the public contract's JSON document without its data: query, coverage, notes, fetched_at."""

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values, with times in ISO 8601."""
        return to_plain_rows(self.select_exported_rows())

    def to_document(self) -> dict[str, Any]:
        """Return the public contract's JSON document."""
        return self.describe() | {"data": self.to_rows()}

    def to_csv(self, *, is_for_spreadsheet: bool = False) -> str:
        """Return the rows as CSV (RFC 4180), without cells that a spreadsheet would run."""
        return to_csv(self._join_coverage(), is_for_spreadsheet=is_for_spreadsheet)

    def to_xlsx(self) -> bytes:
        """Return the rows as an Excel workbook, whose second sheet says what they cover."""
        from dashboard.reports.xlsx_export import to_xlsx

        return to_xlsx(self._join_coverage(), self.select_coverage(), self.describe())

    def to_parquet(self) -> bytes:
        """Return the rows as Parquet, whose metadata say what they cover."""
        from dashboard.reports.parquet_export import to_parquet

        return to_parquet(self._join_coverage(), self.describe())

    def _join_coverage(self) -> pl.DataFrame:
        """Return the rows, each followed by its account's coverage."""
        return self.select_exported_rows().join(self.select_coverage(), on="account", how="left", maintain_order="left")
