"""An answer to a question as one value: a report is one chart of it with its table and notes, a dashboard all of them.

Nothing is computed here but how the table is written: `builder` makes these values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.charts.spec import Chart, PostQuery
from dashboard.core import sharing_terms
from dashboard.core.query import Query
from dashboard.reports import notes, table_format
from dashboard.reports.csv_export import to_csv, to_plain_rows
from dashboard.reports.json_document import build_document


@dataclass(frozen=True)
class Report:
    """One kind of answer: its table (the contract's columns), the chart of it, coverage rows, notes, and when posts were read (UTC).

    `where` says of each row of the table which posts are behind it, as parameters of /posts; empty if that can't be said.
    """

    kind: str
    query: Query
    interval: str
    table: pl.DataFrame
    chart: Chart
    post_queries: Sequence[PostQuery]
    coverage: pl.DataFrame
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    fetched_at: datetime | None
    common_time: str = ""  # the time that all accounts cover, if a page is to offer it
    needs_more_posts: bool = False  # whether more must be read for it than was: its own page does, `chart.nothing` says so

    @property
    def demo_notice(self) -> str:
        """The label of demo data, empty if there is none."""
        return notes.source_notice(self.query.users)

    @property
    def notes(self) -> list[str]:
        """Everything that is to be said of the numbers, most important first."""
        return [*filter(None, [self.demo_notice]), *self.warnings, *self.remarks]

    @property
    def columns(self) -> list[table_format.TableColumn]:
        """Return how the columns of the table are headed."""
        return table_format.build_columns(self.table, self.kind, self.query, self.interval)

    def formatted_rows(self, max_rows: int) -> list[dict[str, str]]:
        """Return the first rows of the table as people read them."""
        return table_format.format_rows(self.table.head(max_rows), self.kind, self.query)

    @property
    def link_column(self) -> str:
        """Return the column whose cells lead to the posts behind their row, empty if none does."""
        likely = ("posts", "posts_now", *self.table.columns[1:])
        return next((name for name in likely if name in self.table.columns), "") if any(self.post_queries) else ""

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the table as plain values, times as ISO 8601 texts; of posts what their network's terms allow in a file."""
        return to_plain_rows(sharing_terms.redact_table(self.table, self.query.users))

    def to_coverage_rows(self) -> list[dict[str, Any]]:
        """Return coverage as plain values: account, asked, fetched, first, last, cut_by."""
        return to_plain_rows(self.coverage)

    def to_document(self) -> dict[str, Any]:
        """Return the public contract's JSON document."""
        question = self.query.to_json() | {"interval": self.interval}
        return build_document(question, self.to_coverage_rows(), self.notes, self.fetched_at, self.to_rows())

    def to_csv(self) -> str:
        """Return the table as RFC 4180 text, each row followed by its account's coverage, with no cell a spreadsheet would compute."""
        riding = self.coverage.select("account", "asked", "fetched", "first", "last", "cut_by")
        return to_csv(
            sharing_terms.redact_table(self.table, self.query.users).join(riding, on="account", how="left", maintain_order="left")
        )


@dataclass(frozen=True)
class Dashboard:
    """All kinds of answers to one question, and a summary row an account; `unit` is what counts as positive, `measured` the measure.

    `remarks` and `caption` are what more than one of them would say.
    """

    reports: tuple[Report, ...]
    summary_rows: list[dict[str, Any]]
    polarity_unit: str
    measure_title: str
    demo_notice: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    caption: tuple[str, ...]
    common_time: str = ""
