"""Defines what every chart builder returns, and links charts over time to the posts behind them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import polars as pl

from dashboard.charts.spec.chart import Chart, PostQuery
from dashboard.charts.spec.time_series_chart import TimeSeriesChart


@dataclass(frozen=True)
class ChartResult:
    """A chart, its table, remarks, and the query for the posts behind each row of the table.

    `note` is the one of the remarks that changes how the chart must be read, "" if none does.
    `overview`: what a report with several charts shows instead of the chart, without the remarks in `chart_remarks`.
    `claim` is what the chart shows, as a headline, for charts without findings.
    `list_drawn_posts` returns the posts that the chart is about if it isn't about all that are shown: account, created_at, and posts if a
    row stands for several.
    """

    table: pl.DataFrame
    chart: Chart
    remarks: Sequence[str] = ()
    post_queries: Sequence[PostQuery] = ()
    note: str = ""
    overview: Chart | None = None
    chart_remarks: Sequence[str] = ()
    claim: str = ""
    list_drawn_posts: Callable[[], pl.DataFrame] | None = None


class RowQueries(Sequence[PostQuery]):
    """The query for the posts behind each row of a table, made when it's asked for: a table of thousands of rows shows a hundred."""

    def __init__(self, table: pl.DataFrame, build_query: Callable[[Mapping[str, Any]], PostQuery]) -> None:
        self._table, self._build_query = table, build_query

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._table.height

    @overload
    def __getitem__(self, index: int) -> PostQuery: ...

    @overload
    def __getitem__(self, index: slice) -> list[PostQuery]: ...

    def __getitem__(self, index: int | slice) -> PostQuery | list[PostQuery]:
        """Return the query of a row, or those of several."""
        if isinstance(index, slice):
            return [self._build_query(row) for row in self._table[index].iter_rows(named=True)]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._build_query(self._table.row(index, named=True))

    def __iter__(self) -> Iterator[PostQuery]:
        """Yield the query of each row."""
        return map(self._build_query, self._table.iter_rows(named=True))


def link_points(chart: TimeSeriesChart, table: pl.DataFrame, post_queries: Sequence[PostQuery]) -> TimeSeriesChart:
    """Return a chart over time whose points link to the same posts as the rows of its table."""
    queries_by_account: dict[str, list[PostQuery]] = {}
    for account, post_query in zip(table["account"], post_queries, strict=True):
        queries_by_account.setdefault(account, []).append(post_query)
    return chart.with_post_queries(queries_by_account)
