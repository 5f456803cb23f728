"""What the charts over time share: the series of an account, and the parts of their hints and tooltips."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.interval_phrases import format_interval_phrase
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.core.formatting.counts import format_count
from dashboard.core.messages import gettext, translatable

_MIN_SPARSE_INTERVALS, _SPARSE_SHARE = 8, 0.4  # from this share of intervals without posts on, an account is sparse

_INCOMPLETE = {
    "hour": translatable("incomplete hour"),
    "day": translatable("incomplete day"),
    "week": translatable("incomplete week"),
    "month": translatable("incomplete month"),
}
_STILL_OPEN = {
    "hour": translatable("The last hour may be incomplete"),
    "day": translatable("The last day may be incomplete"),
    "week": translatable("The last week may be incomplete"),
    "month": translatable("The last month may be incomplete"),
}
_CUT = {
    "hour": translatable("The first hour may be incomplete"),
    "day": translatable("The first day may be incomplete"),
    "week": translatable("The first week may be incomplete"),
    "month": translatable("The first month may be incomplete"),
}
_CUT_AND_OPEN = {
    "hour": translatable("The first and the last hour may be incomplete"),
    "day": translatable("The first and the last day may be incomplete"),
    "week": translatable("The first and the last week may be incomplete"),
    "month": translatable("The first and the last month may be incomplete"),
}
INTERVAL_HOURS = {"hour": 1, "day": 24, "week": 7 * 24, "month": 30 * 24}


class AccountRows(NamedTuple):
    """The rows of a table of intervals that belong to one account: `start`, `part` and the values."""

    account: str
    rows: pl.DataFrame


def split_by_account(table: pl.DataFrame, context: ChartContext) -> list[AccountRows]:
    """Return the rows of each account, in the order of the query."""
    parts, without_rows = table.partition_by("account", as_dict=True), table.clear()
    return [AccountRows(account, parts.get((account,), without_rows)) for account in context.labels]


def build_series(intervals: AccountRows, value_column: str, tooltips: Iterable[str], context: ChartContext) -> TimeSeries:
    """Return the series of an account without anything but its values, and which of its ends are known only in part."""
    account, rows = intervals
    values = rows[value_column]
    return TimeSeries(
        account,
        context.labels[account],
        context.styles[account],
        tuple(map(to_wall_clock, rows["start"].to_list())),
        tuple(values.to_list()),
        tuple(tooltips),
        is_open=bool(rows.height and rows["part"][-1]),
        is_cut=bool(rows.height > 1 and rows["part"][0]),
        is_sparse=values.dtype.is_integer() and _is_sparse(values),
    )


def _is_sparse(counts: pl.Series) -> bool:
    """Return whether too many intervals have no posts for a line, which would only zigzag."""
    return counts.len() >= _MIN_SPARSE_INTERVALS and int((counts == 0).sum()) >= _SPARSE_SHARE * counts.len()


def to_wall_clock(start: date) -> datetime:
    """Return a date or a zoned time as naive local time."""
    return start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())


def describe_interval(row: Mapping[str, Any], interval: str) -> str:
    """Return the lines of a tooltip about an interval: its posts, when it was, and whether it's incomplete."""
    is_incomplete = f"\n{gettext(_INCOMPLETE[interval])}" if row["part"] else ""
    return f"{format_count(row['posts'], 'post')}\n{format_interval_phrase(row['start'], interval)}{is_incomplete}"


def capitalize(phrase: str) -> str:
    """Return a phrase as the beginning of a sentence."""
    return phrase[:1].upper() + phrase[1:]


def join_sentences(*parts: str) -> str:
    """Return the sentences that aren't empty, without a full stop after the last one."""
    return ". ".join(filter(None, parts))


def build_key(series: Sequence[TimeSeries], *, shares_scale: bool, is_strip: bool = False) -> str:
    """Say what the colours of heat strips stand for, and which scale the accounts have, if there are several."""
    colors = gettext("teal is positive, red is negative") if is_strip else ""
    scale = gettext("all accounts on one scale") if shares_scale else gettext("each account on its own scale")
    return ", ".join(filter(None, [colors, scale if len(series) > 1 else ""]))


def build_incomplete_note(series: Sequence[TimeSeries], interval: str) -> str:
    """Explain dashed lines and outlined marks, if there are any."""
    is_cut, is_open = any(line.is_cut for line in series), any(line.is_open for line in series)
    if is_cut and is_open:
        return gettext(_CUT_AND_OPEN[interval])
    return gettext(_CUT[interval]) if is_cut else gettext(_STILL_OPEN[interval]) if is_open else ""
