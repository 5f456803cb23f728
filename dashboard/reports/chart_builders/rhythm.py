"""Builds the chart of posts by weekday and hour."""

from dashboard.charts.definitions.rhythm import explain_short_histories, hour_post_query, rhythm_chart
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult


def build_rhythm(analysis: Analysis) -> ChartResult:
    """Return posts by weekday and hour in the query's time zone."""
    table = analysis.posts_by_hour_of_week
    chart = rhythm_chart(table, analysis.chart_context)
    short_histories = explain_short_histories(analysis.known_spans_with_hours, analysis.account_labels)
    remarks = [*analysis.hour_remarks, *short_histories]
    post_queries = [hour_post_query(row) for row in table.iter_rows(named=True)]
    note = " ".join(short_histories)
    return ChartResult(table, chart, remarks, post_queries, note=note, list_drawn_posts=lambda: analysis.timed_post_counts)
