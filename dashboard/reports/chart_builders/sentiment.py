"""Builds the chart of sentiment per interval, with its unusual intervals named."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from dashboard.analytics.sentiment import measure_intervals
from dashboard.charts.definitions.events import mark_peaks
from dashboard.charts.definitions.sentiment import sentiment_chart
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.messages import gettext
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult, link_points
from dashboard.reports.notes import language_notes, scoring_notes, unread_notes


def build_sentiment(analysis: Analysis) -> ChartResult:
    """Return the query's measure per interval, by its method."""
    query = analysis.query
    split = analysis.language_split
    provisional = [*analysis.provisional_accounts, *split.list_keys(analysis.is_provisional)]
    known = analysis.hide_unknown_values(measure_intervals(analysis.split_sentiment_per_interval, query.measure))
    rows = analysis.hide_unsure_values(known, provisional)
    hidden_note = _explain_hidden_rows(known, rows, analysis)
    context = split.repeat_labels(analysis.interval_chart_context.with_caption(after=analysis.scoring_attribution))
    chart = sentiment_chart(analysis.mark_partial_rows(rows), context)
    table = split.restore(rows) if split else rows
    post_queries = _link_rows(analysis.build_post_queries(table), table, analysis)
    chart = link_points(mark_peaks(chart, split.name_events(analysis.sentiment_events), rows, query.measure), rows, post_queries)
    remarks = [*_scoring_remarks(analysis), *analysis.language_remarks, *language_notes.explain_rows(analysis), *analysis.interval_remarks]
    notes = [*unread_notes.explain_unread_accounts(analysis), *_unknown_sentiment_remarks(analysis)]
    if hidden_note and not rows["value"].count():
        chart = replace(chart, series=(), key="", incomplete_note="", empty_message=hidden_note)
    else:
        notes += filter(None, [hidden_note])
    return ChartResult(table, chart, remarks, post_queries, note=" ".join(notes), list_drawn_posts=lambda: analysis.score_sums)


def _explain_hidden_rows(known: pl.DataFrame, shown: pl.DataFrame, analysis: Analysis) -> str:
    """Return why accounts, or their rows in a language, have none of their values, and what shows some; "" if all have some."""
    if shown is known:
        return ""
    counts = known.select("account", "posts", is_known=known["value"].is_not_null(), is_shown=shown["value"].is_not_null())
    sums = counts.group_by("account").agg(pl.col("posts").sum(), pl.col("is_known", "is_shown").any())
    hidden = sums.filter(pl.col("is_known") & ~pl.col("is_shown"))
    if hidden.is_empty():
        return ""
    languages = analysis.main_languages | dict(analysis.language_split.keys[["row_key", "language"]].iter_rows())
    reason = language_notes.explain_hidden_values(languages[account] for account in hidden["account"])
    monthly = known.group_by("account", pl.col("start").dt.truncate("1mo")).agg(pl.col("posts").sum())
    return f"{reason} {_suggest_more_posts(hidden['posts'].min(), monthly.join(hidden, on='account', how='semi')['posts'].max())}"


def _suggest_more_posts(posts: Any, most_per_month: Any) -> str:
    """Return what would show values of rows with at least `posts` posts, of which up to `most_per_month` are in one month."""
    if posts < MIN_PROVISIONAL_POSTS:
        return gettext("Choose a longer period.")
    if most_per_month < MIN_PROVISIONAL_POSTS:
        return gettext("The scorecard of the report counts all of these posts together.")
    return gettext("Group by a longer interval.")


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
