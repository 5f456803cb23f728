"""Finds when in the week accounts post: almost only from Monday to Friday, or mostly within a part of the day."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

import polars as pl

from dashboard.analytics.rhythm import HOURS_OF_DAY, ISO_WEEKDAYS
from dashboard.core.formatting.dates import format_hours
from dashboard.core.messages import gettext, translatable
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_MIN_POSTS = 30  # with fewer, a week without posts at weekends may be chance
_HEADLINES = {  # by whether all posts are from Monday to Friday, and whether all are in the window; None if even most aren't
    (True, None): translatable("%(account)s posts only from Monday to Friday"),
    (False, None): translatable("%(account)s posts almost only from Monday to Friday"),
    (None, True): translatable("%(account)s posts only between %(begin)s and %(end)s"),
    (None, False): translatable("%(account)s posts mostly between %(begin)s and %(end)s"),
    (True, True): translatable("%(account)s posts only from Monday to Friday, only between %(begin)s and %(end)s"),
    (True, False): translatable("%(account)s posts only from Monday to Friday, mostly between %(begin)s and %(end)s"),
    (False, True): translatable("%(account)s posts almost only from Monday to Friday, only between %(begin)s and %(end)s"),
    (False, False): translatable("%(account)s posts almost only from Monday to Friday, mostly between %(begin)s and %(end)s"),
}
_HOURS_PER_WEEK = len(ISO_WEEKDAYS) * len(HOURS_OF_DAY)
_MAX_WEEKEND_SHARE = 0.1
_MIN_WEEKENDS = 4  # of which posts are known; before, nothing is said of weekends
_MIN_WINDOW_SHARE = 0.8
_MAX_WINDOW_HOURS = 16  # posts spread evenly over the day need 20 hours for four fifths


def find_rhythms(table: pl.DataFrame, weekends: Mapping[str, int], context: FindingContext) -> list[Finding]:
    """Return the accounts with a weekly or daily pattern; `table` is that of analytics.rhythm.

    An account of which not every hour of the week is known is left out. `weekends` has the number of known weekends of each account.
    """
    weeks: dict[str, list[int | None]] = {account: [] for account in context.labels}
    for account, posts in table[["account", "posts"]].iter_rows():  # by weekday, then by hour
        weeks[account].append(posts)
    known_weeks = {account: [posts for posts in week if posts is not None] for account, week in weeks.items()}
    findings = (
        _describe_rhythm(account, week, context, knows_weekends=weekends.get(account, 0) >= _MIN_WEEKENDS)
        for account, week in known_weeks.items()
        if len(week) == _HOURS_PER_WEEK and sum(week) >= _MIN_POSTS
    )
    return [finding for finding in findings if finding]


def _describe_rhythm(
    account: str, posts_by_hour_of_week: Sequence[int], context: FindingContext, *, knows_weekends: bool
) -> Finding | None:
    total = sum(posts_by_hour_of_week)
    weekday_share = sum(posts_by_hour_of_week[: 5 * len(HOURS_OF_DAY)]) / total
    by_hour = [sum(posts_by_hour_of_week[hour :: len(HOURS_OF_DAY)]) for hour in HOURS_OF_DAY]
    first, length = find_window(by_hour)
    window_share = sum(by_hour[(first + step) % 24] for step in range(length)) / total
    has_window = length <= _MAX_WINDOW_HOURS
    has_weekdays = knows_weekends and 1 - weekday_share < _MAX_WEEKEND_SHARE
    if not has_weekdays and not has_window:
        return None
    begin, end = format_hours(first)[0], format_hours((first + length - 1) % 24)[1]
    pattern = (weekday_share == 1 if has_weekdays else None, window_share == 1 if has_window else None)
    headline = gettext(_HEADLINES[pattern], account=context.labels[account], begin=begin, end=end)
    shares = [phrases.format_partial_share(weekday_share)] * has_weekdays + [phrases.format_partial_share(window_share)] * has_window
    detail = _describe_shares(shares, context.query.tz if has_window else "")
    strength = 1 / length + has_weekdays
    return Finding("rhythm", account, headline, detail, ("rhythm",), Target(gettext("See when"), section="activity"), strength)


def _describe_shares(shares: Sequence[str], zone: str) -> str:
    if not zone:
        return gettext(": %(share)s of its posts.", share=shares[0])
    if len(shares) == 1:
        return gettext(" (%(zone)s): %(share)s of its posts.", zone=zone, share=shares[0])
    return gettext(" (%(zone)s): %(share)s and %(other_share)s of its posts.", zone=zone, share=shares[0], other_share=shares[1])


def find_window(posts_by_hour: Sequence[int]) -> tuple[int, int]:
    """Return the first hour and the length of the shortest part of the day with four fifths of the posts, the fullest if there are several.

    It may run past midnight.
    """
    posts_before = [0, *accumulate([*posts_by_hour, *posts_by_hour])]  # each hour of two days
    for length in range(1, len(HOURS_OF_DAY) + 1):
        sums = [posts_before[first + length] - posts_before[first] for first in HOURS_OF_DAY]
        if max(sums) >= _MIN_WINDOW_SHARE * sum(posts_by_hour):
            return sums.index(max(sums)), length
    return 0, len(HOURS_OF_DAY)
