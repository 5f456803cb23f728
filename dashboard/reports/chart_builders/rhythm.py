"""Builds the chart of posts by weekday and hour."""

from dashboard.analytics.rhythm import rhythm
from dashboard.charts.definitions.rhythm import explain_short_histories, hour_post_query, rhythm_chart
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult


def build_rhythm(analysis: Analysis) -> ChartResult:
    """Return posts by weekday and hour in the query's time zone."""
    table = rhythm(analysis.filtered_posts, analysis.known_spans, analysis.account_spans["account"].to_list(), analysis.query.tz)
    chart = rhythm_chart(table, analysis.chart_context)
    remarks = explain_short_histories(analysis.known_spans, analysis.account_labels)
    return ChartResult(table, chart, remarks, [hour_post_query(row) for row in table.iter_rows(named=True)])
