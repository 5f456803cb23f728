"""Finds when in the week accounts post: almost only from Monday to Friday, or mostly within a part of the day."""

from collections.abc import Sequence

import polars as pl

from dashboard.analytics.rhythm import HOURS_OF_DAY
from dashboard.core.formatting import format_hours
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_MIN_POSTS = 30  # with fewer, a week without posts at weekends may be chance
_MAX_WEEKEND_SHARE = 0.1
_MIN_WINDOW_SHARE = 0.8
_MAX_WINDOW_HOURS = 16  # posts spread evenly over the day need 20 hours for four fifths


def find_rhythms(table: pl.DataFrame, context: FindingContext) -> list[Finding]:
    """Return the accounts with a weekly or daily pattern; `table` is that of analytics.rhythm.

    An account of which not every hour of the week is known is left out.
    """
    findings = []
    for (account,), rows in table.partition_by("account", maintain_order=True, as_dict=True).items():
        if rows["posts"].null_count() or rows["posts"].sum() < _MIN_POSTS:
            continue
        finding = _describe_rhythm(str(account), rows, context)
        findings += [finding] if finding else []
    return findings


def _describe_rhythm(account: str, rows: pl.DataFrame, context: FindingContext) -> Finding | None:
    total = int(rows["posts"].sum())
    weekday_share = int(rows.filter(pl.col("weekday") <= 5)["posts"].sum()) / total
    by_hour = rows.group_by("hour").agg(pl.col("posts").sum()).sort("hour")["posts"].to_list()
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
