"""Builds the chart of sentiment per interval, with its unusual intervals named."""

from collections.abc import Sequence

import polars as pl

from dashboard.analytics.sentiment import measure_intervals
from dashboard.charts.definitions.events import mark_peaks
from dashboard.charts.definitions.sentiment import sentiment_chart
from dashboard.charts.spec.chart import PostQuery
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult, link_points
from dashboard.reports.notes import language_notes, scoring_notes, unread_notes


def build_sentiment(analysis: Analysis) -> ChartResult:
    """Return the query's measure per interval, by its method."""
    query = analysis.query
    split = analysis.language_split
    provisional = [*analysis.provisional_accounts, *split.list_keys(analysis.is_provisional)]
    rows = measure_intervals(analysis.split_sentiment_per_interval, query.measure)
    rows = analysis.hide_unknown_values(analysis.hide_unsure_values(rows, provisional))
    context = split.repeat_labels(analysis.interval_chart_context.with_caption(after=analysis.scoring_attribution))
    chart = sentiment_chart(analysis.mark_partial_rows(rows), context)
    table = split.restore(rows) if split else rows
    post_queries = _link_rows(analysis.build_post_queries(table), table, analysis)
    chart = link_points(mark_peaks(chart, split.name_events(analysis.sentiment_events), rows, query.measure), rows, post_queries)
    remarks = [*_scoring_remarks(analysis), *analysis.language_remarks, *language_notes.explain_rows(analysis), *analysis.interval_remarks]
    notes = [*unread_notes.explain_unread_accounts(analysis), *_unknown_sentiment_remarks(analysis)]
    return ChartResult(table, chart, remarks, post_queries, note=" ".join(notes))


def _link_rows(post_queries: Sequence[PostQuery], table: pl.DataFrame, analysis: Analysis) -> list[PostQuery]:
    """Return the queries for the scored posts of each row: those in its language, or in every language that is read."""
    languages = table["language"] if "language" in table.columns else [None] * table.height
    filters = ((("language", language),) if language else analysis.language_filter for language in languages)
    return [(*query, *language_filter) if query else () for query, language_filter in zip(post_queries, filters, strict=True)]


def _unknown_sentiment_remarks(analysis: Analysis) -> list[str]:
    if analysis.method.needs_labeller:
        return []
    return scoring_notes.unknown_sentiment_remarks(analysis.account_summaries, analysis.account_labels, analysis.query.method)


def _scoring_remarks(analysis: Analysis) -> list[str]:
    if analysis.method.needs_labeller:
        return scoring_notes.model_remarks(analysis.account_summaries, analysis.model_title)
    return scoring_notes.lexicon_remarks(analysis.account_summaries, analysis.account_labels, analysis.query.method)
