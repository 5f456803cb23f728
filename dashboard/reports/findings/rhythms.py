"""Finds when in the week accounts post: almost only from Monday to Friday, or mostly within a part of the day."""

from collections.abc import Sequence

import polars as pl

from dashboard.analytics.rhythm import HOURS_OF_DAY, ISO_WEEKDAYS
from dashboard.core.formatting.dates import format_hours
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_MIN_POSTS = 30  # with fewer, a week without posts at weekends may be chance
_HOURS_PER_WEEK = len(ISO_WEEKDAYS) * len(HOURS_OF_DAY)
_MAX_WEEKEND_SHARE = 0.1
_MIN_WINDOW_SHARE = 0.8
_MAX_WINDOW_HOURS = 16  # posts spread evenly over the day need 20 hours for four fifths


def find_rhythms(table: pl.DataFrame, context: FindingContext) -> list[Finding]:
    """Return the accounts with a weekly or daily pattern; `table` is that of analytics.rhythm.

    An account of which not every hour of the week is known is left out.
    """
    weeks: dict[str, list[int | None]] = {account: [] for account in context.labels}
    for account, posts in table.select("account", "posts").iter_rows():  # by weekday, then by hour
        weeks[account].append(posts)
    known_weeks = {account: [posts for posts in week if posts is not None] for account, week in weeks.items()}
    findings = (
        _describe_rhythm(account, week, context)
        for account, week in known_weeks.items()
        if len(week) == _HOURS_PER_WEEK and sum(week) >= _MIN_POSTS
    )
    return [finding for finding in findings if finding]


def _describe_rhythm(account: str, posts_by_hour_of_week: Sequence[int], context: FindingContext) -> Finding | None:
    total = sum(posts_by_hour_of_week)
    weekday_share = sum(posts_by_hour_of_week[: 5 * len(HOURS_OF_DAY)]) / total
    by_hour = [sum(posts_by_hour_of_week[hour :: len(HOURS_OF_DAY)]) for hour in HOURS_OF_DAY]
    first, length = find_window(by_hour)
    window_share = sum(by_hour[(first + step) % 24] for step in range(length)) / total
    has_window = length <= _MAX_WINDOW_HOURS
    only = "only" if weekday_share == 1 else "almost only" if 1 - weekday_share < _MAX_WEEKEND_SHARE else ""
    if not only and not has_window:
        return None
    begin, end = format_hours(first)[0], format_hours((first + length - 1) % 24)[1]
    mostly = "only" if window_share == 1 else "mostly"
    patterns = [f"{only} from Monday to Friday"] * bool(only) + [f"{mostly} between {begin} and {end}"] * has_window
    shares = [phrases.format_partial_share(weekday_share)] * bool(only) + [phrases.format_partial_share(window_share)] * has_window
    zone = f" ({context.query.tz})" if has_window else ""
    headline = f"{context.labels[account]} posts {', '.join(patterns)}"
    detail = f"{zone}: {' and '.join(shares)} of its posts."
    return Finding("rhythm", account, headline, detail, ("rhythm",), Target("See when", section="activity"), 1 / length + bool(only))


def find_window(posts_by_hour: Sequence[int]) -> tuple[int, int]:
    """Return the first hour and the length of the shortest part of the day with four fifths of the posts, the fullest if there are several.

    It may run past midnight.
    """
    total = sum(posts_by_hour)
    for length in range(1, len(HOURS_OF_DAY) + 1):
        sums = {first: sum(posts_by_hour[(first + step) % 24] for step in range(length)) for first in HOURS_OF_DAY}
        first = max(sums, key=lambda hour: sums[hour])
        if sums[first] >= _MIN_WINDOW_SHARE * total:
            return first, length
    return 0, len(HOURS_OF_DAY)
