"""Builds the chart of intervals that stand out from an account's own history."""

import polars as pl

from dashboard.analytics import events
from dashboard.charts.definitions.events import event_chart
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext, translatable
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult
from dashboard.reports.notes.analyzed_notes import missing_word_remarks

_TOO_FEW = {
    "hour": translatable("Too few hours to tell what’s usual for %(accounts)s; %(needed)s complete hours are needed."),
    "day": translatable("Too few days to tell what’s usual for %(accounts)s; %(needed)s complete days are needed."),
    "week": translatable("Too few weeks to tell what’s usual for %(accounts)s; %(needed)s complete weeks are needed."),
    "month": translatable("Too few months to tell what’s usual for %(accounts)s; %(needed)s complete months are needed."),
}
_SHORTER_INTERVAL, _LONGER_PERIOD = (
    translatable("Group by a shorter interval to get more."),
    translatable("Choose a longer period to get more."),
)


def build_events(analysis: Analysis) -> ChartResult:
    """Return the events in the number of posts and in the sentiment."""
    table = analysis.unusual_intervals
    context = analysis.interval_chart_context.with_caption(after=analysis.scoring_attribution)
    post_queries = _event_post_queries(table, analysis)
    chart = event_chart(table, context, post_queries)
    remarks = [*([] if table.height else [chart.empty_message]), *short_history_remarks(analysis)]
    remarks += missing_word_remarks(analysis)
    return ChartResult(table, chart, [*remarks, *analysis.language_remarks, *analysis.interval_remarks], post_queries)


def _event_post_queries(table: pl.DataFrame, analysis: Analysis) -> list[PostQuery]:
    """Return the query for the posts of each event's interval; for an event in the sentiment, only the scored posts."""
    interval_queries = analysis.interval_post_queries
    interval_indices = analysis.posts_per_interval[["account", "start"]].with_row_index("_index")
    language_by_measure: dict[str, PostQuery] = {"posts": (), "sentiment": analysis.language_filter}
    rows = table.join(interval_indices, on=["account", "start"], how="left", maintain_order="left").select("_index", "measure").iter_rows()
    return [(*interval_queries[index], *language_by_measure[measure]) if interval_queries[index] else () for index, measure in rows]


def short_history_remarks(analysis: Analysis) -> list[str]:
    """Return a remark if some accounts have too few complete intervals to know what is usual."""
    interval, labels = analysis.interval, analysis.account_labels
    short_histories = {account: length for account, length in analysis.history_lengths.items() if length < events.MIN_INTERVALS}
    accounts = format_list([f"{labels[account]} ({length})" for account, length in short_histories.items()])
    needed = format_number(events.MIN_INTERVALS)
    if not short_histories:
        return []
    are_hidden = set(short_histories) & set(analysis.provisional_accounts)  # shorter intervals have too few posts for their sentiment
    advice = gettext(_LONGER_PERIOD if are_hidden else _SHORTER_INTERVAL)
    return [f"{gettext(_TOO_FEW[interval], accounts=accounts, needed=needed)} {advice}"]
