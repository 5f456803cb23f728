"""Finds what was unusual: times when an account was far more negative or positive than usual, or posted far more or far less.

What is unusual is decided in `analytics/events.py`. Here, neighbouring intervals that are part of the same story become one span.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.analytics.events import MIN_POSTS
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.directions import isolate_items
from dashboard.core.formatting.numbers import format_number
from dashboard.core.measures import format_value
from dashboard.core.messages import gettext, is_translated, translatable
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext
from dashboard.reports.findings.history import History, IntervalRow, is_busy

_MIN_PART = 0.5  # how much of the strongest interval's deviation a neighbour must have
_MAX_WORDS = 4
_SENTIMENT_HEADLINES = {
    ("more", "positive"): translatable("%(account)s was far more positive than usual %(when)s"),
    ("more", "negative"): translatable("%(account)s was far more negative than usual %(when)s"),
    ("less", "positive"): translatable("%(account)s was far less positive than usual %(when)s"),
    ("less", "negative"): translatable("%(account)s was far less negative than usual %(when)s"),
}
_ACTIVITY_HEADLINES = {
    True: translatable("%(account)s posted far more than usual %(when)s"),
    False: translatable("%(account)s posted far less than usual %(when)s"),
}
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
        if history.find_index(event["start"]) in described:
            continue
        story = _Story(event, history, context)
        finding, span = _describe_sentiment(story) if event["measure"] == "sentiment" else _describe_activity(story)
        described = described | set(span)
        yield finding


@dataclass(frozen=True)
class _Story:
    """An event, the history of its account, and what findings have in common."""

    event: _Event
    history: History
    context: FindingContext

    @property
    def index(self) -> int:
        """Where in the history the event's interval is."""
        return self.history.find_index(self.event["start"])

    @property
    def label(self) -> str:
        """The account's label."""
        return self.context.labels[self.event["account"]]

    def is_similarly_busy(self, row: IntervalRow) -> bool:
        """Say whether an interval has enough posts to belong to the same story."""
        return is_busy(row["posts"], row["expected"]) and row["posts"] >= _MIN_PART * self.history.rows[self.index]["posts"]

    def describe_span(self, span: range) -> str:
        """Return when a span was, as `on 15–16 September`."""
        first, last = self.history.rows[span[0]]["start"], self.history.rows[span[-1]]["start"]
        return phrases.on_intervals(first, last, self.context.interval, year=self.context.shows_year)

    def describe_usual(self, span: range) -> str:
        """Return what is usual: of that weekday or hour, if the event was judged by it, otherwise of any interval.

        For several intervals, it also gives their posts per interval, because that is how the usual number is given.
        """
        rate, usual, interval, row = self.history.rate(span), self.history.usual(span), self.context.interval, self.history.rows[span[0]]
        if len(span) > 1 and rate >= 1:
            return phrases.at_rate_and_usually(rate, usual, interval)
        if len(span) == 1 and row["is_seasonal"]:
            return phrases.usually_then(usual, row["start"], interval)
        return phrases.usually(usual, interval)

    def build_finding(self, headline: str, detail: str, span: range, sort: str = "") -> Finding:
        """Return the finding of a span, with a link to its posts."""
        event, rows, count = self.event, self.history.rows, self.history.count_posts(span)
        title = phrases.invite_to_read(count)
        parameters = [("from", rows[span[0]]["from"]), ("to", rows[span[-1]]["to"]), *([("sort", sort)] if sort else [])]
        target = self.context.link_posts(title, event["account"], *parameters) if count else None
        words = isolate_items(", ".join(event["words"].split(", ")[:_MAX_WORDS]))
        detail += " " + gettext("Words: “%(words)s”.", words=words) if words and count else ""
        charts = ("sentiment", "events") if event["measure"] == "sentiment" else ("frequency", "events")
        return Finding("unusual", event["account"], headline, detail, charts, target, abs(event["z"]), scope=self._count_concerned(span))

    def _count_concerned(self, span: range) -> float:
        """Return how many posts are concerned: those that sounded unusual, or those that were too many or too few."""
        count = self.history.count_posts(span)
        return count if self.event["measure"] == "sentiment" else abs(count - self.history.usual(span) * len(span))


def _describe_sentiment(story: _Story) -> tuple[Finding, range]:
    event, history, context = story.event, story.history, story.context
    direction, opposite = ("positive", "negative") if event["z"] > 0 else ("negative", "positive")
    row, span = history.rows[story.index], _find_sentiment_span(story)
    degree = ("more", direction) if row[direction] > row[opposite] else ("less", opposite)
    headline = gettext(_SENTIMENT_HEADLINES[degree], account=story.label, when=story.describe_span(span))
    count = history.count_posts(span)
    usual = story.describe_usual(span) if is_busy(history.rate(span), history.usual(span)) else ""
    when = phrases.within_span(event["start"], context.interval, history.rows[span[0]]["start"]) if len(span) > 1 else ""
    posts = _describe_posts(format_count(count, "post"), usual, when, _describe_balance(story, direction, opposite))
    detail = context.mention_language(event["account"], posts)
    return story.build_finding(headline, detail, span, direction), span


def _describe_posts(posts: str, usual: str, when: str, balance: str) -> str:
    """Return the number of posts with the usual one, "" if that says nothing, and how the strongest interval of several sounded."""
    values = {"posts": posts, "usual": usual, "when": when, "balance": balance}
    if usual and when:
        return gettext(": %(posts)s (%(usual)s), %(when)s %(balance)s.", **values)
    if usual:
        return gettext(": %(posts)s (%(usual)s), %(balance)s.", **values)
    return gettext(": %(posts)s, %(when)s %(balance)s.", **values) if when else gettext(": %(posts)s, %(balance)s.", **values)


def _find_sentiment_span(story: _Story) -> range:
    """Return the interval of an event with those beside it that sound similar and are similarly busy."""
    event, history, index = story.event, story.history, story.index
    sign = 1 if event["z"] > 0 else -1
    deviation = sign * (event["value"] - event["expected"])

    def belongs(row: IntervalRow) -> bool:
        is_similar = (row["scored"] or 0) >= MIN_POSTS and (
            sign * (row["score"] / row["scored"] - event["expected"]) >= _MIN_PART * deviation
        )
        return is_similar and story.is_similarly_busy(row)

    row = history.rows[index]
    return history.find_span(index, belongs) if is_busy(row["posts"], row["expected"]) else range(index, index + 1)


def _describe_activity(story: _Story) -> tuple[Finding, range]:
    event, history = story.event, story.history
    if event["z"] < 0:
        span = history.find_quiet_span(story.index)
    else:
        span = history.find_span(story.index, story.is_similarly_busy)
    count, when, usual = history.count_posts(span), story.describe_span(span), story.describe_usual(span)
    if not count:
        return story.build_finding(
            gettext("%(account)s posted nothing %(when)s", account=story.label, when=when), f" ({usual}).", span
        ), span
    headline = gettext(_ACTIVITY_HEADLINES[event["z"] > 0], account=story.label, when=when)
    detail = gettext(": %(posts)s (%(usual)s).", posts=format_count(count, "post"), usual=usual)
    return story.build_finding(headline, detail, span), span


def _describe_balance(story: _Story, direction: str, opposite: str) -> str:
    """Return how the account sounded: `96 negative words against 10 positive`, or the balance if that would be no contrast."""
    row = story.history.rows[story.index]
    if row[direction] <= row[opposite]:
        value, expected = (format_value(story.event[name], "mean") for name in ("value", "expected"))
        return gettext("a balance of %(value)s per post (usually %(expected)s)", value=value, expected=expected)
    unit = story.context.method.unit.removesuffix("s")
    counted, others = (format_count(row[polarity], f"{polarity} {unit}") for polarity in (direction, opposite))
    if not is_translated():
        others = f"{format_number(row[opposite])} {opposite}"  # other languages have genders and cases
    return gettext("%(counted)s against %(others)s", counted=counted, others=others)
