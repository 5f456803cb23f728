"""Writes the parts that sentences of several kinds of findings share: when something happened, how long a period is, two numbers apart.

Whole sentences belong in the module of their kind, and how one number or date is written in `core/formatting`.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from dashboard.analytics.intervals import Interval
from dashboard.core.formatting.dates import (
    format_clock,
    format_day_in_full,
    format_day_of_month,
    format_every_weekday,
    format_month_in_full,
)
from dashboard.core.formatting.numbers import format_decimal, format_share, format_small_number

_MAX_SHORT_SPAN_DAYS = 3  # up to which a period reads better as “15–17 September” than as “from 15 to 17 September”
_ARTICLES = {"hour": "an", "day": "a", "week": "a", "month": "a"}
_ONE_HOUR, _ONE_DAY = timedelta(hours=1), timedelta(days=1)


def on_intervals(first: date, last: date, interval: Interval, *, year: bool) -> str:
    """Return when something happened, from the starts of its first and its last interval: `on 15–16 September`."""
    if interval == "hour":
        return _on_hours(first, last, year=year)  # type: ignore[arg-type]
    if interval == "month":
        return _in_months(first, last, year=year)
    if interval == "week":
        week = f"in the week of {format_day_in_full(first, year=year)}"
        return week if first == last else on_days(first, last + 6 * _ONE_DAY, year=year)
    return on_days(first, last, year=year)


def on_days(first: date, last: date, *, year: bool) -> str:
    """Return a period of days, both included: `on 15 October`, `on 15–16 September`, `from 29 September to 12 October`."""
    end = format_day_in_full(last, year=year)
    if first == last:
        return f"on {end}"
    same_month = (first.year, first.month) == (last.year, last.month)
    begin = str(first.day) if same_month else format_day_in_full(first, year=year and first.year != last.year)
    if (last - first).days >= _MAX_SHORT_SPAN_DAYS:
        return f"from {begin} to {end}"
    return f"on {begin}–{end}" if same_month else f"on {begin} – {end}"


def within_span(moment: date, interval: Interval, first: date) -> str:
    """Return one interval of a span that was named just before and begins with `first`: `on the 16th`, `on 1 October`, `at 14:00`."""
    if interval == "hour":
        clock = f"at {format_clock(moment)}"
        return clock if _day_of(moment) == _day_of(first) else f"{clock} on {format_day_in_full(moment, year=False)}"
    if interval == "month":
        return f"in {format_month_in_full(moment, year=False)}"
    if interval == "week":
        return f"in the week of {format_day_in_full(moment, year=False)}"
    same_month = (moment.year, moment.month) == (first.year, first.month)
    return f"on the {format_day_of_month(moment)}" if same_month else f"on {format_day_in_full(moment, year=False)}"


def usually(usual: float, interval: Interval) -> str:
    """Return the usual number of posts per interval: `usually 6 a day`, `usually none`."""
    return f"usually {format_usual(usual)}" + (f" {_ARTICLES[interval]} {interval}" if usual > 0 else "")


def usually_then(usual: float, moment: date, interval: Interval) -> str:
    """Return the usual number of posts on the same weekday or at the same hour of the day: `usually 10 on Mondays`."""
    when = f"at {format_clock(moment)}" if interval == "hour" else format_every_weekday(moment.isoweekday())
    return f"usually {format_usual(usual)} {when}"


def in_usual_interval(interval: Interval) -> str:
    """Return `on a usual day`, `in a usual week`."""
    return f"{'on' if interval == 'day' else 'in'} a usual {interval}"


def format_usual(usual: float) -> str:
    """Return a usual number of posts, as charts write it: `6`, `at most 1`, `no`."""
    return format_decimal(usual, 0) if usual >= 1 else "at most 1" if usual > 0 else "none"


def in_time_before(start: datetime, end: datetime) -> str:
    """Return the equally long period before one of whole days in local time: `in the two weeks before`, `on the day before`.

    A period that isn't of whole days is only said to be as long.
    """
    days = (end.date() - start.date()).days
    if start.time() != end.time() or days < 1:
        return "in the equally long time before"
    if days == 1:
        return "on the day before"
    if days == 7:
        return "in the week before"
    return f"in the {format_small_number(days // 7)} weeks before" if days % 7 == 0 else f"in the {format_small_number(days)} days before"


def in_period(start: datetime, end: datetime, *, year: bool) -> str:
    """Return a half-open period in local time: in days if it consists of whole ones, otherwise to the minute."""
    if start.time() == end.time() == datetime.min.time():
        return on_days(start.date(), (end - _ONE_DAY).date(), year=year)
    begin, finish = (f"{format_clock(moment)} on {format_day_in_full(moment, year=year)}" for moment in (start, end))
    return f"from {format_clock(start) if start.date() == end.date() else begin} to {finish}"


def format_apart(values: tuple[float, float], write: Callable[[float, int], str], decimals: int = 0) -> tuple[str, str]:
    """Return two different numbers with as many decimals as it takes to see that they differ, up to three."""
    first, second = write(values[0], decimals), write(values[1], decimals)
    is_equal = first == second and values[0] != values[1] and decimals < 3
    return format_apart(values, write, decimals + 1) if is_equal else (first, second)


def format_partial_share(share: float) -> str:
    """Return a share in percent, with one decimal only where rounding would make it all or nothing."""
    text = format_share(share)
    return format_share(share, 1) if text in ("0%", "100%") and share not in (0.0, 1.0) else text


def _on_hours(first: datetime, last: datetime, *, year: bool) -> str:
    end = last + _ONE_HOUR
    day = format_day_in_full(first, year=year)
    if end.date() == first.date() or end - first <= _ONE_HOUR:
        return f"on {day} between {format_clock(first)} and {format_clock(end)}"
    return f"from {format_clock(first)} on {day} to {format_clock(end)} on {format_day_in_full(end, year=year)}"


def _in_months(first: date, last: date, *, year: bool) -> str:
    begin, end = (format_month_in_full(month, year=year) for month in (first, last))
    return f"in {begin}" if first == last else f"from {begin} to {end}"


def _day_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
