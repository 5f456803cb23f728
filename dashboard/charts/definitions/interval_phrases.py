"""Intervals and the time from one to another in words, for tooltips and alternative texts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.core.formatting.dates import (
    format_clock,
    format_day,
    format_minute,
    format_month,
    format_month_in_full,
    format_short_weekday,
)
from dashboard.core.messages import gettext, translatable

_NAMES = {
    "hour": translatable("hour"),
    "day": translatable("day"),
    "week": translatable("week"),
    "month": translatable("month"),
}


def format_interval_phrase(start: date, interval: str) -> str:
    """Return an interval in words that follow a number: `on 3 Aug 2026`, `in the week from 3 Aug 2026`, `in August 2026`."""
    if interval == "hour":
        return gettext("in the hour from %(time)s on %(day)s", time=format_clock(start), day=format_day(start))
    if interval == "month":
        return gettext("in %(month)s", month=format_month_in_full(start))
    if interval == "week":
        return gettext("in the week from %(day)s", day=format_day(start))
    return gettext("on %(day)s", day=format_day(start))


def format_interval_short(start: date, interval: str, *, year: bool = True) -> str:
    """Return an interval in short form: `3 Aug 2026`, `week of 3 Aug 2026`, `3 Aug 2026 14:00`, `Aug 2026`."""
    if interval == "month":
        return format_month(start)
    if interval == "week":
        return gettext("week of %(day)s", day=format_day(start, year=year))
    return format_minute(start) if interval == "hour" else format_day(start, year=year)


def format_interval_title(start: date, interval: str, *, year: bool) -> str:
    """Return an interval as the beginning of a line: `Tue 3 Mar`, `Week of 3 Mar 2026`, `Tue 3 Mar, 08:00`, `Mar 2026`."""
    if interval == "month":
        return format_month(start)
    day = format_day(start, year=year)
    if interval == "week":
        return gettext("Week of %(day)s", day=day)
    return f"{format_short_weekday(start.isoweekday())} {day}" + (f", {format_clock(start)}" if interval == "hour" else "")


def format_stretch_title(first: date, last: date, interval: str, *, year: bool) -> str:
    """Return one or several intervals, from their first and last start: `Wed 2 Sep – Sun 20 Sep`, `Week of 3 Mar`, `3 Mar – 16 Mar`."""
    if first == last:
        return format_interval_title(first, interval, year=year)
    if interval == "week":
        ends = [format_day(day, year=year) for day in (first, last + timedelta(days=6))]
    else:
        ends = [format_interval_title(start, interval, year=year) for start in (first, last)]
    return " – ".join(ends)


def describe_chart(message: str, interval: str, series: Sequence[TimeSeries], **values: str) -> str:
    """Return the first sentence of an alternative text: what is drawn, per which interval, of which accounts, from when to when.

    `message` has the placeholders interval, accounts and period; `values` are for others that it has.
    """
    first, last = min(line.x[0] for line in series), max(line.x[-1] for line in series)
    names = list_names([line.label for line in series])
    return gettext(message, interval=name_interval(interval), accounts=names, period=_format_time_range(first, last, interval), **values)


def name_interval(interval: str) -> str:
    """Return the name of an interval as it follows “per”: `day`."""
    return gettext(_NAMES[interval])


def _format_time_range(first: datetime, last: datetime, interval: str) -> str:
    """Return a phrase such as `from 3 Aug 2026 to 9 Aug 2026`. Weeks are marked as such, so that they aren't mistaken for days."""
    begins, ends = (format_interval_short(start, interval) for start in (first, last))
    if interval == "week":
        if first == last:
            return gettext("in the %(week)s", week=begins)
        return gettext("from the %(first)s to the %(last)s", first=begins, last=ends)
    if first != last:
        return gettext("from %(first)s to %(last)s", first=begins, last=ends)
    if interval == "hour":
        return gettext("in the hour from %(minute)s", minute=begins)
    return gettext("on %(day)s", day=begins) if interval == "day" else gettext("in %(month)s", month=begins)
