"""Builds the comparison of two periods, for each account and measure."""

from collections.abc import Iterator

import polars as pl

from dashboard.analytics import compare
from dashboard.charts.definitions.compare import comparison_chart
from dashboard.charts.spec.chart import PostQuery
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.period_notes import describe_periods, missing_period_remarks
from dashboard.reports.chart_builders.result import ChartResult


def build_comparison(analysis: Analysis) -> ChartResult:
    """Return each account's change against the previous period, for every measure."""
    query, periods, table = analysis.query, analysis.comparison_periods, analysis.period_changes
    period_lines = describe_periods(periods, analysis.account_labels, query)
    context = analysis.chart_context.with_caption(before=period_lines, after=analysis.scoring_attribution)
    post_queries = list(_current_post_queries(table, analysis))
    chart = comparison_chart(table, context, post_queries)
    remarks = [*missing_period_remarks(periods, analysis.account_labels, query), *analysis.language_remarks]
    return ChartResult(table, chart, remarks, post_queries)


def _current_post_queries(table: pl.DataFrame, analysis: Analysis) -> Iterator[PostQuery]:
    """Yield the query for the current period's posts behind each row: all posts for the rate, only scored posts for the other measures."""
    spans = compare.current_spans(analysis.comparison_periods, analysis.query.tz).iter_rows()
    period_by_account = {account: (("from", start.isoformat()), ("to", end.isoformat())) for account, start, end in spans}
    language_by_measure: dict[str, PostQuery] = {"posts_per_day": ()} | dict.fromkeys(compare.MEASURES[1:], analysis.language_filter)
    for account, measure, posts in table[["account", "measure", "posts_now"]].iter_rows():
        yield (
            (("account", account), *period_by_account[account], *language_by_measure[measure])
            if posts and account in period_by_account
            else ()
        )
