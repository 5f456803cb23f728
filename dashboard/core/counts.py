"""How often an account posted, as its network counts it: numbers an hour, and no posts. No reading, no keeping, no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.core.errors import SourceError
from dashboard.core.posts import CutReason
from dashboard.core.pricing import Bill

SCHEMA: dict[str, Any] = {
    "account": pl.String,  # canonical form, see accounts.py
    "created_at": pl.Datetime("us", "UTC"),  # the start of the hour, or of the counted time inside it
    "posts": pl.Int64,
}
ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class HourlyCounts:
    """What a network counted of one account in since <= time < until (aware UTC, whole seconds).

    `hours` holds the hours with posts by their start; an hour inside the span that is not in it had none. The first and the last
    hour are those parts of them that lie in the span. `cut_by` says why the span does not reach to the start that was asked for.
    """

    account: str
    posts_by_hour: Mapping[datetime, int]
    since: datetime
    until: datetime
    cut_by: CutReason | None
    fetched_at: datetime
    failure: SourceError | None = None
    bill: Bill = field(default_factory=dict)

    @property
    def posts_read(self) -> int:
        """Return how many posts were read: none, for they were counted where they are."""
        return 0

    @property
    def total_posts(self) -> int:
        """Return how many posts were counted."""
        return sum(self.posts_by_hour.values())

    @property
    def is_empty(self) -> bool:
        """Say whether no time was counted at all."""
        return self.since >= self.until

    def to_frame(self) -> pl.DataFrame:
        """Return the hours as a frame of SCHEMA, in order of time."""
        rows = [(self.account, start, self.posts_by_hour[start]) for start in sorted(self.posts_by_hour)]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def start_of_hour(moment: datetime) -> datetime:
    """Return the start of a moment's hour in UTC."""
    return moment.replace(minute=0, second=0, microsecond=0)
