"""Finds which account is the most positive and which posts most often, over the period that is known of all of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import polars as pl

from dashboard.analytics import shared_period
from dashboard.core.formatting.dates import format_day_in_full
from dashboard.core.formatting.day_spans import on_days
from dashboard.core.formatting.numbers import format_multiple, format_share
from dashboard.core.measures import format_rate
from dashboard.core.messages import gettext, translatable
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_MIN_RATIO = 1.5  # of posts per day, below which nobody would say that one account posts more often
_Tense = Literal["present", "past", "perfect"]
_LEVEL_HEADLINES: Mapping[str, Mapping[_Tense, str]] = {
    "more": {
        "present": translatable("%(account)s is the more positive of the two"),
        "past": translatable("%(account)s was the more positive of the two %(period)s"),
        "perfect": translatable("%(account)s has been the more positive of the two %(period)s"),
    },
    "most": {
        "present": translatable("%(account)s is the most positive"),
        "past": translatable("%(account)s was the most positive %(period)s"),
        "perfect": translatable("%(account)s has been the most positive %(period)s"),
    },
    "least": {
        "present": translatable("%(account)s is the least positive"),
        "past": translatable("%(account)s was the least positive %(period)s"),
        "perfect": translatable("%(account)s has been the least positive %(period)s"),
    },
}
_MULTIPLE_HEADLINES: Mapping[_Tense, str] = {
    "present": translatable("%(account)s posts about %(multiple)s as often as %(other)s"),
    "past": translatable("%(account)s posted about %(multiple)s as often as %(other)s %(period)s"),
    "perfect": translatable("%(account)s has posted about %(multiple)s as often as %(other)s %(period)s"),
}
_MOST_OFTEN_HEADLINES: Mapping[_Tense, str] = {
    "present": translatable("%(account)s posts most often"),
    "past": translatable("%(account)s posted most often %(period)s"),
    "perfect": translatable("%(account)s has posted most often %(period)s"),
}
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
    values = {"account": label, "other": other, "multiple": format_multiple(ratio), "period": period}
    rates = {"rate": rate, "other_rate": other_rate}
    if len(rows) == 2:
        headline = gettext(_MULTIPLE_HEADLINES[_choose_tense(period)], **values)
        detail = gettext(": %(rate)s posts a day against %(other_rate)s.", **rates)
    else:
        headline = gettext(_MOST_OFTEN_HEADLINES[_choose_tense(period)], **values)
        next_account = {"multiple": format_multiple(ratio), "account": other}
        detail = gettext(
            ": %(rate)s posts a day, about %(multiple)s as many as %(account)s, the next (%(other_rate)s).", **rates, **next_account
        )
    target = Target(gettext("See activity"), section="activity")
    return [Finding("volume", first["account"], headline, detail, ("frequency",), target, ratio)]


def describe_period(span: tuple[datetime, datetime], spans: pl.DataFrame, context: FindingContext) -> str:
    """Return the period that all accounts share in words, "" if it's all that is shown of each of them (`spans`: account, first, last)."""
    first, last = spans.select(pl.col("first").min(), pl.col("last").max()).row(0)
    begin, end = (moment.astimezone(context.query.zone) for moment in span)
    is_over = context.query.until is not None and not context.query.last
    if last >= span[1] or (first < span[0] and is_over):
        return on_days(begin.date(), end.date(), year=context.shows_year)
    return gettext("since %(day)s", day=format_day_in_full(begin, year=context.shows_year)) if first < span[0] else ""


def _describe_level(row: _Row, other: _Row, degree: str, period: str, context: FindingContext) -> Finding:
    label, other_label = context.labels[row["account"]], context.labels[other["account"]]
    headline = gettext(_LEVEL_HEADLINES[degree][_choose_tense(period)], account=label, period=period)
    share, other_share = phrases.format_apart((row["share"], other["share"]), format_share)
    gap = abs(row["share"] - other["share"]) / (row["high"] - row["low"] + other["high"] - other["low"])
    values = {"clause": context.method.describe_share(share), "other_share": other_share}
    if degree == "more":
        detail = gettext(": %(clause)s, against %(other_share)s.", **values)
    else:
        detail = gettext(": %(clause)s, against %(other_share)s for %(account)s, the next.", **values, account=other_label)
    target = Target(gettext("See sentiment"), section="sentiment")
    return Finding("level", row["account"], headline, detail, ("sentiment",), target, gap, measure="share")


def _choose_tense(period: str) -> _Tense:
    """Return the tense that goes with a period: none, one that lasts (`since …`), or one that is over."""
    since = gettext("since %(day)s", day="").strip()
    return "present" if not period else "perfect" if period.startswith(since) else "past"
