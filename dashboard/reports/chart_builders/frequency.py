"""Builds the chart of posts per interval, with its peaks named."""

from dataclasses import replace

from dashboard.charts.definitions.events import mark_peaks
from dashboard.charts.definitions.frequency import frequency_chart
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult, link_points
from dashboard.reports.notes import coverage_notes


def build_frequency(analysis: Analysis) -> ChartResult:
    """Return posts per interval. The label of an account whose network counted its posts says so."""
    table = analysis.posts_per_interval
    labels = analysis.account_labels | {
        counts.account: f"{analysis.account_labels[counts.account]} ({coverage_notes.counted_by(counts.account)})"
        for counts in analysis.network_counts
    }
    context = replace(analysis.interval_chart_context, labels=labels)
    chart = frequency_chart(analysis.known_posts_per_interval, context)
    post_queries = analysis.interval_post_queries
    return ChartResult(
        table, link_points(mark_peaks(chart, analysis.posting_peaks, table), table, post_queries), analysis.interval_remarks, post_queries
    )
