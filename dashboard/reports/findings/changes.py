"""Finds clear changes against the period before. What is clear is decided in `analytics/compare.py`."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.core.formatting.numbers import format_share, format_signed
from dashboard.core.measures import format_rate
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_SENTIMENT_MEASURES = ("positive_share", "net_per_post")  # both say the same, and the first is easier to understand
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
    before = "before" if is_partial else phrases.in_time_before(*bounds)
    verb = "posted clearly more often" if row["measure"] == "posts_per_day" else "was clearly more positive"
    headline = f"{context.labels[row['account']]} {verb if row['change'] > 0 else verb.replace('more', 'less')} {when} than {before}"
    width = row["high"] - row["low"] if row["high"] is not None else abs(row["change"])
    charts = ("compare", "frequency" if row["measure"] == "posts_per_day" else "sentiment")
    target = Target("Compare", section="scorecard")
    return Finding("change", row["account"], headline, f": {_describe_values(row)}.", charts, target, abs(row["change"]) / (width or 1))


def _describe_values(row: _Row) -> str:
    """Return the two values: `43% positive, up from 18%`."""
    direction = "up" if row["change"] > 0 else "down"
    values = (row["now"], row["before"])
    if row["measure"] == "posts_per_day":
        days, unit = (7, "week") if max(values) < 1 else (1, "day")
        now, before = phrases.format_apart((days * values[0], days * values[1]), format_rate, 1)
        return f"{now} posts a {unit}, {direction} from {before}"
    if row["measure"] == "positive_share":
        now, before = phrases.format_apart(values, format_share)
        return f"{now} positive, {direction} from {before}"
    now, before = phrases.format_apart(values, format_signed, 2)
    return f"a balance of {now} per post, {direction} from {before}"
