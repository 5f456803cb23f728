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
from dashboard.core.formatting.day_spans import on_days
from dashboard.core.formatting.numbers import format_decimal, format_number, format_share, format_small_number
from dashboard.core.messages import gettext, ngettext, pgettext, translatable

_USUALLY = {
    "hour": translatable("usually %(count)s an hour"),
    "day": translatable("usually %(count)s a day"),
    "week": translatable("usually %(count)s a week"),
    "month": translatable("usually %(count)s a month"),
}
_RATES = {
    "hour": translatable("about %(rate)s an hour, usually %(count)s"),
    "day": translatable("about %(rate)s a day, usually %(count)s"),
    "week": translatable("about %(rate)s a week, usually %(count)s"),
    "month": translatable("about %(rate)s a month, usually %(count)s"),
}
_ONE_HOUR, _ONE_DAY = timedelta(hours=1), timedelta(days=1)


def on_intervals(first: date, last: date, interval: Interval, *, year: bool) -> str:
    """Return when something happened, from the starts of its first and its last interval: `on 15–16 September`."""
    if interval == "hour":
        return _on_hours(first, last, year=year)  # type: ignore[arg-type]
    if interval == "month":
        return _in_months(first, last, year=year)
    if interval == "week":
        if first != last:
            return on_days(first, last + 6 * _ONE_DAY, year=year)
        return gettext("in the week of %(day)s", day=format_day_in_full(first, year=year))
    return on_days(first, last, year=year)


def within_span(moment: date, interval: Interval, first: date) -> str:
    """Return one interval of a span that was named just before and begins with `first`: `on the 16th`, `on 1 October`, `at 14:00`."""
    if interval == "hour":
        if _day_of(moment) == _day_of(first):
            return gettext("at %(time)s", time=format_clock(moment))
        return gettext("at %(time)s on %(day)s", time=format_clock(moment), day=format_day_in_full(moment, year=False))
    if interval == "month":
        return gettext("in %(month)s", month=format_month_in_full(moment, year=False))
    if interval == "week":
        return gettext("in the week of %(day)s", day=format_day_in_full(moment, year=False))
    if (moment.year, moment.month) == (first.year, first.month):
        return gettext("on the %(day)s", day=format_day_of_month(moment))
    return gettext("on %(day)s", day=format_day_in_full(moment, year=False))


def usually(usual: float, interval: Interval) -> str:
    """Return the usual number of posts per interval: `usually 6 a day`, `usually none`."""
    return gettext(_USUALLY[interval], count=format_usual(usual)) if usual > 0 else gettext("usually none")


def at_rate_and_usually(rate: float, usual: float, interval: Interval) -> str:
    """Return how many posts there were per interval of a longer time, and how many are usual: `about 38 a day, usually 6`."""
    return gettext(_RATES[interval], rate=format_usual(rate), count=format_usual(usual))


def usually_then(usual: float, moment: date, interval: Interval) -> str:
    """Return the usual number of posts on the same weekday or at the same hour of the day: `usually 10 on Mondays`."""
    if interval == "hour":
        when = gettext("at %(time)s", time=format_clock(moment))
    else:
        when = format_every_weekday(moment.isoweekday())
    return gettext("usually %(count)s %(when)s", count=format_usual(usual), when=when)


def invite_to_read(count: int) -> str:
    """Return the title of a link to posts: `Read the 75 posts`."""
    return ngettext("Read the post", "Read the %(count)s posts", count, count=format_number(count))


def format_usual(usual: float) -> str:
    """Return a usual number of posts, as charts write it: `6`, `at most 1`, `no`."""
    if usual >= 1:
        return format_decimal(usual, 0)
    return gettext("at most 1") if usual > 0 else pgettext("posts", "none")


def in_time_before(start: datetime, end: datetime) -> str:
    """Return the equally long period before one of whole days in local time: `in the two weeks before`, `on the day before`.

    A period that isn't of whole days is only said to be as long.
    """
    days = (end.date() - start.date()).days
    if start.time() != end.time() or days < 1:
        return gettext("in the equally long time before")
    if days == 1:
        return gettext("on the day before")
    if days == 7:
        return gettext("in the week before")
    if days % 7 == 0:
        return gettext("in the %(count)s weeks before", count=format_small_number(days // 7))
    return gettext("in the %(count)s days before", count=format_small_number(days))


def in_period(start: datetime, end: datetime, *, year: bool) -> str:
    """Return a half-open period in local time: in days if it consists of whole ones, otherwise to the minute."""
    if start.time() == end.time() == datetime.min.time():
        return on_days(start.date(), (end - _ONE_DAY).date(), year=year)
    begin, finish = (_format_time_of_day(moment, year=year) for moment in (start, end))
    if start.date() == end.date():
        begin = format_clock(start)
    return pgettext("times", "from %(begin)s to %(end)s", begin=begin, end=finish)


def _format_time_of_day(moment: datetime, *, year: bool) -> str:
    return gettext("%(time)s on %(day)s", time=format_clock(moment), day=format_day_in_full(moment, year=year))


def format_apart(values: tuple[float, float], write: Callable[[float, int], str], decimals: int = 0) -> tuple[str, str]:
    """Return two different numbers with as many decimals as it takes to see that they differ, up to three."""
    first, second = write(values[0], decimals), write(values[1], decimals)
    is_equal = first == second and values[0] != values[1] and decimals < 3
    return format_apart(values, write, decimals + 1) if is_equal else (first, second)


def format_partial_share(share: float) -> str:
    """Return a share in percent, with one decimal only where rounding would make it all or nothing."""
    text = format_share(share)
    return format_share(share, 1) if text in (format_share(0), format_share(1)) and share not in (0.0, 1.0) else text


def _on_hours(first: datetime, last: datetime, *, year: bool) -> str:
    end = last + _ONE_HOUR
    day = format_day_in_full(first, year=year)
    if end.date() == first.date() or end - first <= _ONE_HOUR:
        return gettext("on %(day)s between %(begin)s and %(end)s", day=day, begin=format_clock(first), end=format_clock(end))
    begin, finish = (_format_time_of_day(moment, year=year) for moment in (first, end))
    return pgettext("times", "from %(begin)s to %(end)s", begin=begin, end=finish)


def _in_months(first: date, last: date, *, year: bool) -> str:
    begin, end = (format_month_in_full(month, year=year) for month in (first, last))
    if first == last:
        return gettext("in %(month)s", month=begin)
    return pgettext("months", "from %(first)s to %(last)s", first=begin, last=end)


def _day_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
