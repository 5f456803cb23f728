"""Builds the chart of sentiment per interval, with its unusual intervals named."""

from dashboard.analytics.sentiment import measure_intervals
from dashboard.charts.definitions.events import mark_peaks
from dashboard.charts.definitions.sentiment import sentiment_chart
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult, interval_post_queries, link_points
from dashboard.reports.notes import scoring_notes


def build_sentiment(analysis: Analysis) -> ChartResult:
    """Return the query's measure per interval, by its method."""
    query = analysis.query
    table = measure_intervals(analysis.sentiment_per_interval, query.measure)
    context = analysis.interval_chart_context.with_caption(after=analysis.scoring_attribution)
    chart = sentiment_chart(analysis.mark_partial_intervals(table), context)
    post_queries = interval_post_queries(table, analysis, analysis.language_filter)
    chart = link_points(mark_peaks(chart, analysis.sentiment_events, table, query.measure), table, post_queries)
    remarks = [*_scoring_remarks(analysis), *analysis.language_remarks, *analysis.interval_remarks]
    return ChartResult(table, chart, remarks, post_queries, note=" ".join(_unknown_sentiment_remarks(analysis)))


def _unknown_sentiment_remarks(analysis: Analysis) -> list[str]:
    if analysis.method.needs_labeller:
        return []
    return scoring_notes.unknown_sentiment_remarks(analysis.account_summaries, analysis.account_labels, analysis.query.method)


def _scoring_remarks(analysis: Analysis) -> list[str]:
    if analysis.method.needs_labeller:
        return scoring_notes.model_remarks(analysis.account_summaries, analysis.model_title)
    return scoring_notes.lexicon_remarks(analysis.account_summaries, analysis.account_labels, analysis.query.method)
