"""Intervals and the time from one to another in words, for tooltips and alternative texts."""

from collections.abc import Sequence
from datetime import date, datetime

from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.core.formatting.dates import format_clock, format_day, format_minute, format_month, format_month_in_full


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


def format_interval_title(start: date, interval: str, *, year: bool) -> str:
    """Return an interval as the beginning of a line: `Tue 3 Mar`, `Week of 3 Mar 2026`, `Tue 3 Mar, 08:00`, `Mar 2026`."""
    if interval == "month":
        return format_month(start)
    day = format_day(start, year=year)
    return f"Week of {day}" if interval == "week" else f"{start:%a} {day}" + (f", {format_clock(start)}" if interval == "hour" else "")


def describe_chart(chart_name: str, value_title: str, interval: str, series: Sequence[TimeSeries]) -> str:
    """Return the first sentence of an alternative text: what is drawn, per which interval, of which accounts, from when to when."""
    first, last = min(line.x[0] for line in series), max(line.x[-1] for line in series)
    names = list_names([line.label for line in series])
    return f"{chart_name} of {value_title}, per {interval}, for {names}, {_format_time_range(first, last, interval)}."


def _format_time_range(first: datetime, last: datetime, interval: str) -> str:
    """Return a phrase such as `from 3 Aug 2026 to 9 Aug 2026`. Weeks are marked as such, so that they aren't mistaken for days."""
    begins, ends = (("the " if interval == "week" else "") + format_interval_short(start, interval) for start in (first, last))
    if first == last:
        return f"{'on' if interval == 'day' else 'in'} {begins}" if interval != "hour" else f"in the hour from {begins}"
    return f"from {begins} to {ends}"
