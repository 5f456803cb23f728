"""Define the posts per hour that a network counted for an account, without the posts themselves.

Fetching, storing and HTTP don't belong here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.core.posts import CutReason
from dashboard.core.pricing import Bill
from dashboard.core.source_errors import SourceError

SCHEMA: dict[str, Any] = {
    "account": pl.String,  # canonical form, see accounts.py
    "created_at": pl.Datetime("us", "UTC"),  # the start of the hour, or of the counted time inside it
    "posts": pl.Int64,
}


@dataclass(frozen=True)
class HourlyCounts:
    """A network's count of one account's posts in since <= time < until (aware UTC, whole seconds).

    `posts_by_hour` maps the start of each hour to its posts; hours of the span that are missing had none. The first and the last hour
    count only what lies within the span. `cut_by` is why the span begins later than requested, None if it doesn't. `name` is as in
    `Timeline`.
    """

    account: str
    posts_by_hour: Mapping[datetime, int]
    since: datetime
    until: datetime
    cut_by: CutReason | None
    fetched_at: datetime
    failure: SourceError | None = None
    bill: Bill = field(default_factory=dict)
    name: str = ""

    @property
    def posts_read(self) -> int:
        """Return how many posts were read: 0, because the network counts them itself."""
        return 0

    @property
    def total_posts(self) -> int:
        """Return the number of posts in the whole span."""
        return sum(self.posts_by_hour.values())

    @property
    def is_empty(self) -> bool:
        """Return whether the span is empty."""
        return self.since >= self.until

    def to_frame(self) -> pl.DataFrame:
        """Return the hours with posts as a frame of SCHEMA, in chronological order."""
        rows = [(self.account, start, self.posts_by_hour[start]) for start in sorted(self.posts_by_hour)]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def start_of_hour(moment: datetime) -> datetime:
    """Return the start of the UTC hour that contains a moment (aware UTC)."""
    return moment.replace(minute=0, second=0, microsecond=0)
