"""Arranges the intervals of each account in order, to find the neighbours that belong to one story. Sentences don't belong here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.events import BUSY_RATIO
from dashboard.analytics.intervals import Interval

IntervalRow = Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """The intervals of an account in order: start, from, to, posts, part, expected, is_seasonal, scored, positive, negative, score."""

    rows: Sequence[IntervalRow]

    @cached_property
    def _index_by_start(self) -> dict[tuple[date, timedelta | None], int]:
        return {_tell_apart(row["start"]): index for index, row in enumerate(self.rows)}

    def find_index(self, start: date) -> int:
        """Return the position of the interval that starts then. Raises KeyError if there is none."""
        return self._index_by_start[_tell_apart(start)]

    def find_span(self, index: int, belongs: Callable[[IntervalRow], bool]) -> range:
        """Return the positions of an interval and of its completely known neighbours on both sides, as far as they belong to it.

        The first interval never does, because the account may have started in the middle of it.
        """
        first = last = index
        while first > 1 and not self.rows[first - 1]["part"] and belongs(self.rows[first - 1]):
            first -= 1
        while last + 1 < len(self.rows) and not self.rows[last + 1]["part"] and belongs(self.rows[last + 1]):
            last += 1
        return range(first, last + 1)

    def find_quiet_span(self, index: int) -> range:
        """Return the positions of an unusually quiet interval and of its neighbours that are as quiet, at most half as busy as usual.

        It neither begins nor ends with intervals without posts where none are usual, such as weekends.
        """
        posts = self.rows[index]["posts"]
        span = self.find_span(index, lambda row: row["posts"] <= min(posts, row["expected"] / 2))
        telling = [position for position in span if self.rows[position]["expected"]]
        return range(telling[0], telling[-1] + 1)

    def count_posts(self, span: range) -> int:
        """Return the number of posts in a span."""
        return sum(self.rows[index]["posts"] for index in span)

    def rate(self, span: range) -> float:
        """Return the number of posts per interval of a span."""
        return self.count_posts(span) / len(span)

    def usual(self, span: range) -> float:
        """Return the usual number of posts per interval of a span."""
        return float(sum(self.rows[index]["expected"] for index in span) / len(span))


def _tell_apart(start: date) -> tuple[date, timedelta | None]:
    """Return a start with its UTC offset: Python takes the two hours for equal that a clock change gives the same name."""
    return start, start.utcoffset() if isinstance(start, datetime) else None


def is_busy(posts: float, usual: float) -> bool:
    """Return whether a number of posts per interval is at least twice the usual one."""
    return posts >= max(1.0, BUSY_RATIO * usual)


def build_histories(
    expected_posts: pl.DataFrame, interval: Interval, sentiment_per_interval: pl.DataFrame | None = None
) -> dict[str, History]:
    """Return the history of each account of which a usual number of posts is known.

    `expected_posts` is the table of analytics.events.expect_posts; `sentiment_per_interval` has account, start and
    sentiment.SUM_COLUMNS. Without it, rows have no sentiment.
    """
    rows = intervals.add_edges(expected_posts, interval).filter(pl.col("expected").is_not_null())
    if sentiment_per_interval is not None:
        sums = sentiment_per_interval.select("account", "start", "positive", "negative", "score", scored="posts")
        rows = rows.join(sums, on=["account", "start"], how="left", maintain_order="left")
    parts = rows.partition_by("account", maintain_order=True, as_dict=True)
    return {str(account): History(part.to_dicts()) for (account,), part in parts.items()}
