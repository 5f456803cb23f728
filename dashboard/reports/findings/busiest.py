"""Tells of the busiest interval of each account that never posted unusually often. A peak is a fact, so it needs no test.

Which interval that is is decided in `analytics/events.py`.
"""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from dashboard.core.formatting.counts import format_count
from dashboard.core.messages import gettext, translatable
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext
from dashboard.reports.findings.history import History, IntervalRow

_USUAL_DETAILS = {
    "hour": translatable(": %(posts)s, against %(usual)s in a usual hour."),
    "day": translatable(": %(posts)s, against %(usual)s on a usual day."),
    "week": translatable(": %(posts)s, against %(usual)s in a usual week."),
    "month": translatable(": %(posts)s, against %(usual)s in a usual month."),
}


def find_busiest_intervals(
    peaks: pl.DataFrame, histories: Mapping[str, History], judged_accounts: Collection[str], context: FindingContext
) -> list[Finding]:
    """Return a finding for each row of `peaks`, which are those of analytics.events.find_plain_peaks.

    What is usual is only told of `judged_accounts`, of which enough intervals are known.
    """
    rows = {row["account"]: row for row in peaks.iter_rows(named=True)}
    return [
        _describe_peak(rows[account], histories[account], context, is_judged=account in judged_accounts)
        for account in context.labels
        if account in rows
    ]


def _describe_peak(peak: Mapping[str, Any], history: History, context: FindingContext, *, is_judged: bool) -> Finding:
    account, posts, row = peak["account"], peak["posts"], history.rows[history.find_index(peak["start"])]
    when = phrases.on_intervals(row["start"], row["start"], context.interval, year=context.shows_year)
    target = context.link_posts(phrases.invite_to_read(posts), account, ("from", row["from"]), ("to", row["to"]))
    headline = gettext("%(account)s was busiest %(when)s", account=context.labels[account], when=when)
    count = format_count(posts, "post")
    detail = _describe_posts(count, row, context) if is_judged else gettext(": %(posts)s.", posts=count)
    return Finding("busiest", account, headline, detail, ("frequency",), target, posts / max(1.0, row["expected"]))


def _describe_posts(posts: str, row: IntervalRow, context: FindingContext) -> str:
    if row["expected"] < 1:
        return gettext(": %(posts)s.", posts=posts)
    if row["is_seasonal"]:
        usual = phrases.usually_then(row["expected"], row["start"], context.interval)
        return gettext(": %(posts)s (%(usual)s).", posts=posts, usual=usual)
    return gettext(_USUAL_DETAILS[context.interval], posts=posts, usual=phrases.format_usual(row["expected"]))
