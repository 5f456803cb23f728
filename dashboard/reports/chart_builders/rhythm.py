"""Builds the chart of posts by weekday and hour."""

import polars as pl

from dashboard.analytics.rhythm import rhythm
from dashboard.charts.definitions.rhythm import explain_short_histories, hour_post_query, rhythm_chart
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult


def build_rhythm(analysis: Analysis) -> ChartResult:
    """Return posts by weekday and hour in the query's time zone."""
    timed_posts = analysis.filtered_posts.filter(~pl.col("date_only"))
    known_spans = analysis.known_spans.filter(~pl.col("account").is_in(analysis.accounts_without_hours))
    table = rhythm(timed_posts, known_spans, analysis.account_spans["account"].to_list(), analysis.query.tz)
    chart = rhythm_chart(table, analysis.chart_context)
    remarks = [*analysis.hour_remarks, *explain_short_histories(known_spans, analysis.account_labels)]
    return ChartResult(table, chart, remarks, [hour_post_query(row) for row in table.iter_rows(named=True)])
