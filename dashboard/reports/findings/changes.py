"""Finds clear changes against the period before. What is clear is decided in `analytics/compare.py`."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.core.formatting.numbers import format_share, format_signed
from dashboard.core.measures import format_rate
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import Method
from dashboard.core.query_values import Measure
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_SENTIMENT_MEASURES = ("positive_share", "net_per_post")  # both say the same, and the first is easier to understand
_ACTIVITY_HEADLINES = {  # by whether the value has risen, as all below
    True: translatable("%(account)s posted clearly more often %(when)s than %(before)s"),
    False: translatable("%(account)s posted clearly less often %(when)s than %(before)s"),
}
_SENTIMENT_HEADLINES = {
    True: translatable("%(account)s was clearly more positive %(when)s than %(before)s"),
    False: translatable("%(account)s was clearly less positive %(when)s than %(before)s"),
}
_DAILY_DETAILS = {
    True: translatable(": %(now)s posts a day, up from %(before)s."),
    False: translatable(": %(now)s posts a day, down from %(before)s."),
}
_WEEKLY_DETAILS = {
    True: translatable(": %(now)s posts a week, up from %(before)s."),
    False: translatable(": %(now)s posts a week, down from %(before)s."),
}
_SHARE_DETAILS = {
    True: translatable(": %(clause)s, up from %(before)s."),
    False: translatable(": %(clause)s, down from %(before)s."),
}
_BALANCE_DETAILS = {
    True: translatable(": a balance of %(now)s per post, up from %(before)s."),
    False: translatable(": a balance of %(now)s per post, down from %(before)s."),
}
_CHARTED_MEASURES: Mapping[str, Measure] = {"positive_share": "share", "net_per_post": "mean"}  # of the chart of sentiment
_Row = Mapping[str, Any]


def find_changes(changes: pl.DataFrame, periods: pl.DataFrame, context: FindingContext) -> list[Finding]:
    """Return the clear changes: at most one in sentiment and one in activity per account.

    `changes` and `periods` (SCHEMA and PERIOD_SCHEMA) come from analytics.compare.
    """
    clear_rows = changes.filter(pl.col("clear").fill_null(value=False), pl.col("change").is_not_null()).to_dicts()
    period_by_account = {row["account"]: row for row in periods.iter_rows(named=True)}
    findings = []
    for account in context.labels:
        by_measure = {row["measure"]: row for row in clear_rows if row["account"] == account}
        sentiment = next((by_measure[name] for name in _SENTIMENT_MEASURES if name in by_measure), None)
        rows = [row for row in (sentiment, by_measure.get("posts_per_day")) if row]
        findings += [_describe_change(row, period_by_account[account], context) for row in rows]
    return findings


def _describe_change(row: _Row, period: _Row, context: FindingContext) -> Finding:
    bounds = [period[name].astimezone(context.query.zone) for name in ("begins", "until")]
    when = phrases.in_period(*bounds, year=context.shows_year)
    is_partial = period["known_since"] > period["since"]
    before = gettext("before") if is_partial else phrases.in_time_before(*bounds)
    headlines = _ACTIVITY_HEADLINES if row["measure"] == "posts_per_day" else _SENTIMENT_HEADLINES
    headline = gettext(headlines[row["change"] > 0], account=context.labels[row["account"]], when=when, before=before)
    width = row["high"] - row["low"] if row["high"] is not None else abs(row["change"])
    charts = ("compare", "frequency" if row["measure"] == "posts_per_day" else "sentiment")
    target = Target(gettext("Compare"), chart="compare")
    values = _describe_values(row, context.method)
    detail = values if row["measure"] == "posts_per_day" else context.mention_language(row["account"], values)
    strength = abs(row["change"]) / (width or 1)
    return Finding("change", row["account"], headline, detail, charts, target, strength, _CHARTED_MEASURES.get(row["measure"]))


def _describe_values(row: _Row, method: Method) -> str:
    """Return the two values: `: 43% positive words, up from 18%.`."""
    has_risen = row["change"] > 0
    values = (row["now"], row["before"])
    if row["measure"] == "posts_per_day":
        days, details = (7, _WEEKLY_DETAILS) if max(values) < 1 else (1, _DAILY_DETAILS)
        now, before = phrases.format_apart((days * values[0], days * values[1]), format_rate, 1)
        return gettext(details[has_risen], now=now, before=before)
    if row["measure"] == "positive_share":
        now, before = phrases.format_apart(values, format_share)
        return gettext(_SHARE_DETAILS[has_risen], clause=method.describe_share(now), before=before)
    now, before = phrases.format_apart(values, format_signed, 2)
    return gettext(_BALANCE_DETAILS[has_risen], now=now, before=before)
