"""What every chart's builder returns, and the links from a chart to the posts behind it that charts of time share."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from dashboard.analytics import intervals
from dashboard.charts.spec import Chart, PostQuery, TimeSeriesChart
from dashboard.reports.analysis import Analysis


@dataclass(frozen=True)
class ChartResult:
    """One answer to a question: its table, the chart of it, what must be said about it, and the posts behind each row of the table."""

    table: pl.DataFrame
    chart: Chart
    remarks: Sequence[str] = ()
    post_queries: Sequence[PostQuery] = ()


def interval_post_queries(table: pl.DataFrame, analysis: Analysis, extra_parameters: PostQuery = ()) -> list[PostQuery]:
    """Return which posts are behind each row of a table of intervals; none are behind a row without posts, nor behind counts."""
    by_network = {counts.account for counts in analysis.network_counts}
    edges = intervals.add_edges(table, analysis.interval)
    return [
        (("account", account), ("from", start), ("to", end), *extra_parameters) if posts and account not in by_network else ()
        for account, posts, start, end in edges.select("account", "posts", "from", "to").iter_rows()
    ]


def link_points(chart: TimeSeriesChart, table: pl.DataFrame, post_queries: Sequence[PostQuery]) -> TimeSeriesChart:
    """Return a chart of time whose points know the posts behind them, which are those behind the rows of its table."""
    by_account: dict[str, list[PostQuery]] = {}
    for account, post_query in zip(table["account"], post_queries, strict=True):
        by_account.setdefault(account, []).append(post_query)
    return chart.with_post_queries(by_account)
