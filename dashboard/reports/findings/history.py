"""Arranges the intervals of each account in order, to find the neighbours that belong to one story. Sentences don't belong here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Interval

BUSY_RATIO = 2.0  # of an interval's posts to the usual number, for it to be busy
IntervalRow = Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """The intervals of an account in order: start, from, to, posts, part, scored, positive, negative, score.

    `usual` is the median of its posts per interval.
    """

    rows: Sequence[IntervalRow]
    usual: float

    @cached_property
    def index_by_start(self) -> dict[date, int]:
        """The position of each interval."""
        return {row["start"]: index for index, row in enumerate(self.rows)}

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

    def is_busy(self, posts: float) -> bool:
        """Return whether a number of posts in one interval is at least twice the usual one."""
        return posts >= max(1.0, BUSY_RATIO * self.usual)

    def count_posts(self, span: range) -> int:
        """Return the number of posts in a span."""
        return sum(self.rows[index]["posts"] for index in span)


def build_histories(
    posts_per_interval: pl.DataFrame,
    usual_posts: Mapping[str, float],
    interval: Interval,
    sentiment_per_interval: pl.DataFrame | None = None,
) -> dict[str, History]:
    """Return the history of each account in `usual_posts`, which are those with enough intervals.

    `posts_per_interval` has account, start, posts, part; `sentiment_per_interval` has account, start and sentiment.SUM_COLUMNS. Without it,
    rows have no sentiment.
    """
    rows = intervals.add_edges(posts_per_interval, interval).filter(pl.col("account").is_in(list(usual_posts)))
    if sentiment_per_interval is not None:
        sums = sentiment_per_interval.select("account", "start", "positive", "negative", "score", scored="posts")
        rows = rows.join(sums, on=["account", "start"], how="left", maintain_order="left")
    parts = rows.partition_by("account", maintain_order=True, as_dict=True)
    return {str(account): History(part.to_dicts(), usual_posts[str(account)]) for (account,), part in parts.items()}
