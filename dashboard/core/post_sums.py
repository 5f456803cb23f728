"""Define what is left of posts that were analyzed before: how many there were when, and sums of their scores, without their texts.

Analyzing, storing and summing don't belong here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import polars as pl

from dashboard.core.posts import Timeline, empty_frame, with_account
from dashboard.core.pricing import EMPTY_BILL, Bill
from dashboard.core.source_errors import SourceError

COUNT_SCHEMA: dict[str, Any] = {
    "account": pl.String,  # canonical form, see accounts.py
    "created_at": pl.Datetime("us", "UTC"),  # of the first post that the row stands for; null if unknown
    "last_at": pl.Datetime("us", "UTC"),  # of the last one
    "kind": pl.String,
    "date_only": pl.Boolean,  # as in posts.SCHEMA
    "language": pl.String,  # the likeliest one, null if nothing is known of it
    "is_sure": pl.Boolean,  # whether the language is sure; otherwise what its account usually posts in decides
    "variant": pl.String,  # a language other than English in which a post of unsure language was scored, too; null if there is none
    "posts": pl.Int64,  # how many posts the row stands for
}


@dataclass(frozen=True)
class PostSums:
    """The posts of one account, or of several accounts as one series, as rows that stand for one or several posts.

    `counts` has COUNT_SCHEMA. The posts of a row are of the same quarter of an hour, so every day and hour of every time zone has whole
    rows; if `is_exact`, each row is one post. `load_scores` returns the rows of `counts` with the scores of a method, either those of a
    post (analytics.analyzed_languages), or sums of several (analytics.partial_sums); it raises InvalidQuery if the posts weren't scored by
    the method. `load_sample` returns a random sample of the posts (posts.SCHEMA without `account`, and posts.AUTHOR of a series of several
    accounts), None if there is none. `digest` changes
    whenever the rows do.
    """

    account: str
    counts: pl.DataFrame
    load_scores: Callable[[str], pl.DataFrame] = field(repr=False, compare=False)
    digest: str
    fetched_at: datetime
    is_exact: bool = True
    name: str = ""
    warnings: tuple[str, ...] = ()  # sentences on what is missing, which every report shows before its charts
    remarks: tuple[str, ...] = ()  # other sentences that every report must show
    load_sample: Callable[[], pl.DataFrame] | None = field(default=None, repr=False, compare=False)

    # All posts were read, so nothing cut them short:
    cut_by: ClassVar[None] = None
    failure: ClassVar[SourceError | None] = None
    bill: ClassVar[Bill] = EMPTY_BILL

    @property
    def dated_posts(self) -> int:
        """Return how many of the posts have a known date."""
        return int(self.counts.filter(pl.col("created_at").is_not_null())["posts"].sum())

    def draw_timeline(self) -> Timeline:
        """Return a random sample of the dated posts, for what can't be summed. The timeline is empty if there is no sample."""
        frame = self.load_sample() if self.load_sample else empty_frame()
        return Timeline(
            self.account, with_account(frame, self.account), None, self.fetched_at, name=self.name, sampled_from=self.dated_posts
        )

    @property
    def posts_read(self) -> int:
        """Return how many rows were read, which is what a chart costs."""
        return self.counts.height

    @property
    def total_posts(self) -> int:
        """Return how many posts the rows stand for."""
        return int(self.counts["posts"].sum())
