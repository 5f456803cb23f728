"""Finds what was unusual: times when an account was far more negative or positive than usual, or posted far more or far less.

What is unusual is decided in `analytics/events.py`. Here, neighbouring intervals that are part of the same story become one span.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import polars as pl

from dashboard.analytics.events import MIN_POSTS
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.directions import isolate_items
from dashboard.core.measures import format_value
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext
from dashboard.reports.findings.history import History, IntervalRow

_MIN_PART = 0.5  # how much of the strongest interval's deviation a neighbour must have
_MAX_WORDS = 4
_Event = Mapping[str, Any]


def find_unusual_spans(events: pl.DataFrame, histories: Mapping[str, History], context: FindingContext) -> list[Finding]:
    """Return a finding per unusual span. `events` is a table of analytics.events with every account's events, strongest first.

    Sentiment comes first: an event in the number of posts within a span that is already described adds nothing.
    """
    rows_by_account: dict[str, list[_Event]] = {account: [] for account in context.labels if account in histories}
    for row in sorted(events.iter_rows(named=True), key=lambda event: event["measure"] != "sentiment"):
        if row["account"] in rows_by_account:
            rows_by_account[row["account"]].append(row)
    return [finding for account, rows in rows_by_account.items() for finding in _describe_account(rows, histories[account], context)]


def _describe_account(events: Sequence[_Event], history: History, context: FindingContext) -> Iterator[Finding]:
    described: Set[int] = set()
    for event in events:
        index = history.index_by_start[event["start"]]
        if index in described:
            continue
        describe = _describe_sentiment if event["measure"] == "sentiment" else _describe_activity
        finding, span = describe(event, index, history, context)
        described = described | set(span)
        yield finding


def _describe_sentiment(event: _Event, index: int, history: History, context: FindingContext) -> tuple[Finding, range]:
    sign = 1 if event["z"] > 0 else -1
    deviation = sign * (event["value"] - event["expected"])

    def belongs(row: IntervalRow) -> bool:
        is_similar = (row["scored"] or 0) >= MIN_POSTS and (
            sign * (row["score"] / row["scored"] - event["expected"]) >= _MIN_PART * deviation
        )
        return is_similar and _is_similarly_busy(row, history, index)

    span = history.find_span(index, belongs) if history.is_busy(history.rows[index]["posts"]) else range(index, index + 1)
    row, direction, opposite = history.rows[index], *(("positive", "negative") if sign > 0 else ("negative", "positive"))
    degree = f"more {direction}" if row[direction] > row[opposite] else f"less {opposite}"
    headline = f"{context.labels[event['account']]} was far {degree} than usual {_on_span(span, history, context)}"
    count = history.count_posts(span)
    usual = f" ({phrases.usually(history.usual, context.interval)})" if history.is_busy(count / len(span)) else ""
    when = f", {phrases.within_span(event['start'], context.interval, history.rows[span[0]]['start'])} " if len(span) > 1 else ", "
    detail = f": {format_count(count, 'post')}{usual}{when}{_describe_balance(event, row, direction, opposite, context)}."
    return _build_finding(event, headline, detail, span, history, context, direction), span


def _describe_activity(event: _Event, index: int, history: History, context: FindingContext) -> tuple[Finding, range]:
    label = context.labels[event["account"]]
    if event["z"] < 0:
        span = history.find_span(index, lambda row: row["posts"] <= min(history.rows[index]["posts"], history.usual / 2))
    else:
        span = history.find_span(index, lambda row: _is_similarly_busy(row, history, index))
    count, when = history.count_posts(span), _on_span(span, history, context)
    usual = _describe_usual(event, span, history, context)
    if not count:
        return _build_finding(event, f"{label} posted nothing {when}", f" ({usual}).", span, history, context), span
    headline = f"{label} posted far {'more' if event['z'] > 0 else 'less'} than usual {when}"
    return _build_finding(event, headline, f": {format_count(count, 'post')} ({usual}).", span, history, context), span


def _is_similarly_busy(row: IntervalRow, history: History, index: int) -> bool:
    return history.is_busy(row["posts"]) and row["posts"] >= _MIN_PART * history.rows[index]["posts"]


def _describe_usual(event: _Event, span: range, history: History, context: FindingContext) -> str:
    """Return what is usual: of that weekday or hour, if the event was judged by it, otherwise of any interval."""
    is_seasonal = len(span) == 1 and abs(event["expected"] - history.usual) > 1e-6 and context.interval in ("hour", "day")
    if is_seasonal:
        return phrases.usually_then(event["expected"], event["start"], context.interval)
    return phrases.usually(history.usual, context.interval)


def _describe_balance(event: _Event, row: IntervalRow, direction: str, opposite: str, context: FindingContext) -> str:
    """Return how the account sounded: `96 negative words against 10 positive`, or the balance if that would be no contrast."""
    if row[direction] <= row[opposite]:
        value, expected = (format_value(event[name], "mean") for name in ("value", "expected"))
        return f"a balance of {value} per post (usually {expected})"
    unit = context.method.unit.removesuffix("s")
    return f"{format_count(row[direction], f'{direction} {unit}')} against {row[opposite]:,} {opposite}"


def _build_finding(
    event: _Event, headline: str, detail: str, span: range, history: History, context: FindingContext, sort: str = ""
) -> Finding:
    count, first, last = history.count_posts(span), history.rows[span[0]], history.rows[span[-1]]
    title = "Read the post" if count == 1 else f"Read the {format_count(count, 'post')}"
    parameters = [("from", first["from"]), ("to", last["to"]), *([("sort", sort)] if sort else [])]
    target = context.link_posts(title, event["account"], *parameters) if count else None
    words = isolate_items(", ".join(event["words"].split(", ")[:_MAX_WORDS]))
    detail += f" Words: “{words}”." if words and count else ""
    charts = ("sentiment", "events") if event["measure"] == "sentiment" else ("frequency", "events")
    return Finding("unusual", event["account"], headline, detail, charts, target, abs(event["z"]))


def _on_span(span: range, history: History, context: FindingContext) -> str:
    first, last = history.rows[span[0]]["start"], history.rows[span[-1]]["start"]
    return phrases.on_intervals(first, last, context.interval, year=context.shows_year)
