"""Finds which account is the most positive and which posts most often, over the period that is known of all of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.analytics import shared_period
from dashboard.core.formatting.dates import format_day_in_full
from dashboard.core.formatting.numbers import format_multiple, format_share
from dashboard.core.measures import format_rate
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_MIN_RATIO = 1.5  # of posts per day, below which nobody would say that one account posts more often
_Row = Mapping[str, Any]


def find_most_positive(levels: pl.DataFrame, period: str, context: FindingContext) -> list[Finding]:
    """Return who is clearly the most positive, else who is clearly the least: the intervals of their shares don't overlap.

    `levels` is the table of analytics.shared_period.measure_span. `period` says when, as `since 29 September`, if that isn't all that the
    report shows.
    """
    rows = levels.drop_nulls(["share", "low", "high"]).sort("share", descending=True, maintain_order=True).to_dicts()
    if len(rows) < 2:
        return []
    if rows[0]["low"] > max(row["high"] for row in rows[1:]):
        return [_describe_level(rows[0], rows[1], "more" if len(rows) == 2 else "most", period, context)]
    if rows[-1]["high"] < min(row["low"] for row in rows[:-1]):
        return [_describe_level(rows[-1], rows[-2], "least", period, context)]
    return []


def find_most_frequent(levels: pl.DataFrame, period: str, context: FindingContext) -> list[Finding]:
    """Return who posts clearly more often than all others, at least 1.5 times as often as the next.

    `levels` is the table of analytics.shared_period.count_span; `period` as above.
    """
    rows = levels.sort("posts", descending=True, maintain_order=True).to_dicts()
    if len(rows) < 2 or not rows[1]["posts"]:
        return []
    first, second = rows[:2]
    ratio = first["posts"] / second["posts"]
    if ratio < _MIN_RATIO or not shared_period.is_more_frequent(first["posts"], second["posts"]):
        return []
    label, other = (context.labels[row["account"]] for row in (first, second))
    rate, other_rate = (format_rate(row["per_day"]) for row in (first, second))
    verb = _in_tense("posts", "posted", "has posted", period)
    if len(rows) == 2:
        headline = f"{label} {verb} about {format_multiple(ratio)} as often as {other}{_after(period)}"
        detail = f": {rate} posts a day against {other_rate}."
    else:
        headline = f"{label} {verb} most often{_after(period)}"
        detail = f": {rate} posts a day, about {format_multiple(ratio)} as many as {other}, the next ({other_rate})."
    return [Finding("volume", first["account"], headline, detail, ("frequency",), Target("See activity", section="activity"), ratio)]


def describe_period(span: tuple[datetime, datetime], spans: pl.DataFrame, context: FindingContext) -> str:
    """Return the period that all accounts share in words, "" if it's all that is shown of each of them (`spans`: account, first, last)."""
    first, last = spans.select(pl.col("first").min(), pl.col("last").max()).row(0)
    begin, end = (moment.astimezone(context.query.zone) for moment in span)
    is_over = context.query.until is not None and not context.query.last
    if last >= span[1] or (first < span[0] and is_over):
        return phrases.on_days(begin.date(), end.date(), year=context.shows_year)
    return f"since {format_day_in_full(begin, year=context.shows_year)}" if first < span[0] else ""


def _describe_level(row: _Row, other: _Row, degree: str, period: str, context: FindingContext) -> Finding:
    label, other_label = context.labels[row["account"]], context.labels[other["account"]]
    rank = "the more positive of the two" if degree == "more" else f"the {degree} positive"
    headline = f"{label} {_in_tense('is', 'was', 'has been', period)} {rank}{_after(period)}"
    share, other_share = phrases.format_apart((row["share"], other["share"]), format_share)
    name = "" if degree == "more" else f" for {other_label}, the next"
    gap = abs(row["share"] - other["share"]) / (row["high"] - row["low"] + other["high"] - other["low"])
    detail = f": {share} positive against {other_share}{name}."
    return Finding("level", row["account"], headline, detail, ("sentiment",), Target("See sentiment", section="sentiment"), gap)


def _in_tense(present: str, past: str, perfect: str, period: str) -> str:
    """Return the form of a verb that goes with a period: none, one that lasts (`since …`), or one that is over."""
    return present if not period else perfect if period.startswith("since") else past


def _after(period: str) -> str:
    return f" {period}" if period else ""
