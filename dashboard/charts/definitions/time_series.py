"""Charts over time: number of posts, and sentiment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.formatting.counts import format_count, format_times
from dashboard.core.formatting.dates import format_clock, format_day, format_minute, format_month, format_month_in_full
from dashboard.core.formatting.numbers import format_share, format_signed
from dashboard.core.methods import METHODS

_MIN_STRIPS = 5  # accounts; from there on, sentiment is drawn as heat strips
_MAX_LINES = 6  # in one plot; more accounts have a row each
_MIN_SPARSE_INTERVALS, _SPARSE_SHARE = 8, 0.4  # from this share of intervals without posts on, an account is sparse

INTERVAL_HOURS = {"hour": 1, "day": 24, "week": 7 * 24, "month": 30 * 24}
_MEASURE_HINTS = {
    "net": "Dark: the balance. Light: positive and negative {unit}",
    "mean": "Thin lines: margin of error (95%)",
    "share": "Thin lines: margin of error (95%)",
}
MEASURE_TITLES = {"net": "Total balance", "mean": "Balance per post", "share": "Positive share"}


def frequency_chart(table: pl.DataFrame, context: ChartContext) -> TimeSeriesChart:
    """Draw posts per interval, one line per account.

    `table` is analytics.frequency's with `part` of analytics.intervals.flag_partial.
    """
    interval = context.interval
    series = tuple(
        _build_series(
            account,
            context,
            rows["start"],
            rows["posts"],
            [_posts_tooltip(count, interval, start) + _partial_note(interval, part) for start, count, part in rows.iter_rows()],
            is_open=_is_last_open(rows),
        )
        for account, rows in _split_by_account(table.select("account", "start", "posts", "part"), context.labels)
    )
    has_rows = len(series) > _MAX_LINES or all(line.is_sparse for line in series)
    key = _build_key(series, context) if has_rows else ""
    return TimeSeriesChart(
        kind="frequency",
        title=f"Posts per {interval}",
        mark="bar" if has_rows else "line",
        faceted=has_rows,
        series=series,
        y_title=f"Posts per {interval}",
        hint=_join_sentences(_capitalize(key), _build_open_hint(series, interval)),
        key=key,
        interval_hours=INTERVAL_HOURS[interval],
        caption=tuple(context.caption),
        alt=_build_frequency_alt_text(series, interval, "Bar charts" if has_rows else "Line chart"),
        integer_values=True,
        shared_scale=context.query.axis == "same",
    )


def sentiment_chart(table: pl.DataFrame, context: ChartContext) -> TimeSeriesChart:
    """Draw the measure per interval, one row of bars per account, in front of light bars for positive and negative.

    `table` is analytics.sentiment's with `part` of analytics.intervals.flag_partial.
    """
    interval, method, measure = context.interval, context.query.method, context.query.measure
    series = tuple(_build_bar_series(account, rows, context) for account, rows in _split_by_account(table, context.labels))
    is_strip = len(series) >= _MIN_STRIPS
    key = _build_key(series, context, is_strip=is_strip)
    return TimeSeriesChart(
        kind="sentiment",
        title=f"Sentiment per {interval}",
        mark="strip" if is_strip else "bar",
        faceted=True,
        series=series,
        y_title=METHODS[method].axis_title(measure),
        hint=_join_sentences(
            f"{METHODS[method].axis_title(measure)}, by {METHODS[method].chart_name}",
            "" if is_strip else _MEASURE_HINTS[measure].format(unit=METHODS[method].unit),
            _capitalize(key),
            _build_open_hint(series, interval),
        ),
        key=key,
        interval_hours=INTERVAL_HOURS[interval],
        caption=tuple(context.caption),
        alt=_build_sentiment_alt_text(series, interval, METHODS[method].axis_title(measure), measure),
        percent=measure == "share",
        integer_values=measure == "net",
        value_limits={"share": (0.0, 1.0), "mean": METHODS[method].score_range}.get(measure),
        shared_scale=context.query.axis == "same",
    )


def _split_by_account(table: pl.DataFrame, labels: Mapping[str, str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each account's rows in the order of `labels`, without the column `account`."""
    return ((account, table.filter(account=account).drop("account")) for account in labels)


def _build_bar_series(account: str, rows: pl.DataFrame, context: ChartContext) -> TimeSeries:
    interval, method, measure = context.interval, context.query.method, context.query.measure
    details = [_sentiment_tooltip(row, interval, method, measure) for row in rows.iter_rows(named=True)]
    up, down = (rows["positive"].to_list(), (-rows["negative"]).to_list()) if measure == "net" else ([], [])
    low, high = ((), ()) if measure == "net" else (tuple(rows["low"]), tuple(rows["high"]))
    series = _build_series(account, context, rows["start"], rows["value"], details, up, down, is_open=_is_last_open(rows))
    return replace(series, low=low, high=high)


def _build_series(
    account: str,
    context: ChartContext,
    starts: pl.Series,
    values: pl.Series,
    tooltips: list[str],
    positive: Sequence[float] = (),
    negative: Sequence[float] = (),
    *,
    is_open: bool = False,
) -> TimeSeries:
    x_values = tuple(map(to_wall_clock, starts))
    return TimeSeries(
        account,
        context.labels[account],
        context.styles[account],
        x_values,
        tuple(values),
        tuple(tooltips),
        tuple(positive),
        tuple(negative),
        is_open=is_open,
        is_sparse=values.dtype.is_integer() and _is_sparse(values),
    )


def _is_last_open(rows: pl.DataFrame) -> bool:
    return bool(rows.height and rows["part"][-1])


def _is_sparse(counts: pl.Series) -> bool:
    """Return whether so many intervals have no posts that a line would only zigzag."""
    return counts.len() >= _MIN_SPARSE_INTERVALS and int((counts == 0).sum()) >= _SPARSE_SHARE * counts.len()


def to_wall_clock(start: date) -> datetime:
    """Return a date or a zoned time as naive local time."""
    return start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())


def _posts_tooltip(count: int, interval: str, start: date) -> str:
    return f"{format_count(count, 'post')}\n{format_interval_phrase(start, interval)}"


def _sentiment_tooltip(row: dict[str, Any], interval: str, method: str, measure: str) -> str:
    value = "no sentiment" if row["value"] is None else format_value(row["value"], measure)
    value += f" ({_format_confidence_interval(row['low'], row['high'], measure)})" if row.get("low") is not None else ""
    sums = f"{row['positive']:,} positive, {row['negative']:,} negative {METHODS[method].unit}"
    return f"{value}\n{sums}\n{_posts_tooltip(row['posts'], interval, row['start'])}{_partial_note(interval, row['part'])}"


def _format_confidence_interval(low: float, high: float, measure: str) -> str:
    """Return a 95% interval in words."""
    return f"{format_value(low, measure)} to {format_value(high, measure)} with 95% confidence"


def _capitalize(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _join_sentences(*parts: str) -> str:
    return ". ".join(filter(None, parts))


def _build_key(series: Sequence[TimeSeries], context: ChartContext, *, is_strip: bool = False) -> str:
    """Say what the colours of heat strips stand for, and which scale the accounts have, if there are several."""
    colors = "teal is positive, red is negative" if is_strip else ""
    scale = "all accounts on one scale" if context.query.axis == "same" else "each account on its own scale"
    return ", ".join(filter(None, [colors, scale if len(series) > 1 else ""]))


def _partial_note(interval: str, is_partial: bool) -> str:
    return f"\nincomplete {interval}" if is_partial else ""


def _build_open_hint(series: Iterable[TimeSeries], interval: str) -> str:
    """Explain dashed lines and outlined bars, if there are any."""
    return f"The last {interval} isn't complete yet" if any(line.is_open for line in series) else ""


def format_value(value: float, measure: str) -> str:
    """Return a value of a measure as text: `+12`, `−0.31`, `64%`."""
    if measure == "share":
        return format_share(value)
    return format_signed(value, 0 if measure == "net" else 2)


def format_interval_phrase(start: date, interval: str) -> str:
    """Return an interval in words that follow a number: `on 3 Aug 2026`, `in the week from 3 Aug 2026`, `in August 2026`."""
    if interval == "hour":
        return f"in the hour from {format_clock(start)} on {format_day(start)}"
    if interval == "month":
        return f"in {format_month_in_full(start)}"
    return f"{'in the week from' if interval == 'week' else 'on'} {format_day(start)}"


def format_interval_short(start: date, interval: str) -> str:
    """Return an interval in short form: `3 Aug 2026`, `week of 3 Aug 2026`, `3 Aug 2026 14:00`, `Aug 2026`."""
    if interval == "month":
        return format_month(start)
    return format_minute(start) if interval == "hour" else f"{'week of ' * (interval == 'week')}{format_day(start)}"


def _build_frequency_alt_text(series: Sequence[TimeSeries], interval: str, chart_name: str) -> str:
    busy = [line for line in series if line.x]
    if not busy:
        return "There are no posts to show."
    total = {line.label: int(sum(value or 0 for value in line.y)) for line in busy}
    top = max(busy, key=lambda line: total[line.label])
    peak = max(range(len(top.x)), key=lambda index: top.y[index] or 0)
    times = format_times(total[top.label])
    summary = f"{top.label} posted most, {times}" if len(busy) > 1 else f"{top.label} posted {times}"
    return f"{_describe_chart(chart_name, 'posts', interval, busy)} {summary}, with {' '.join(top.tooltips[peak].split(chr(10))[:2])}."


def _build_sentiment_alt_text(series: Sequence[TimeSeries], interval: str, value_title: str, measure: str) -> str:
    busy = [line for line in series if any(value is not None for value in line.y)]
    if not busy:
        return "There is no sentiment to show."
    return " ".join(
        [
            _describe_chart("Bar charts", value_title[0].lower() + value_title[1:], interval, busy),
            *(_describe_extremes(line, interval, measure) for line in busy[:6]),
        ]
    )


def _describe_extremes(series: TimeSeries, interval: str, measure: str) -> str:
    known_values = [(value, index) for index, value in enumerate(series.y) if value is not None]
    (low, low_index), (high, high_index) = min(known_values), max(known_values)
    if low == high:
        return f"{series.label} stays at {format_value(low, measure)}."
    lowest, highest = (
        f"{format_value(value, measure)} ({format_interval_short(series.x[index], interval)})"
        for value, index in ((low, low_index), (high, high_index))
    )
    return f"{series.label} is lowest at {lowest} and highest at {highest}."


def _describe_chart(chart_name: str, value_title: str, interval: str, series: Sequence[TimeSeries]) -> str:
    first, last = min(line.x[0] for line in series), max(line.x[-1] for line in series)
    names = list_names([line.label for line in series])
    return f"{chart_name} of {value_title}, per {interval}, for {names}, {_format_time_range(first, last, interval)}."


def _format_time_range(first: datetime, last: datetime, interval: str) -> str:
    """Return a phrase such as `from 3 Aug 2026 to 9 Aug 2026`. Weeks are marked as such, so that they aren't mistaken for days."""
    begins, ends = (("the " if interval == "week" else "") + format_interval_short(start, interval) for start in (first, last))
    if first == last:
        return f"{'on' if interval == 'day' else 'in'} {begins}" if interval != "hour" else f"in the hour from {begins}"
    return f"from {begins} to {ends}"
