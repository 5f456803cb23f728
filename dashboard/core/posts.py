"""The one shape of posts between all networks: a polars frame, and the timeline that brought it.

The schema's comments are the glossary. What a network does not give is null, never 0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl

from dashboard.core.errors import SourceError
from dashboard.core.pricing import Bill

POST_KINDS = ("post", "reply", "repost", "quote")

SCHEMA: dict[str, Any] = {
    "account": pl.String,  # canonical form, see accounts.py
    "id": pl.String,  # the network's own; past 2^53 on X, so never a number
    "created_at": pl.Datetime("us", "UTC"),  # null if missing or not believable
    "text": pl.String,  # plain, unescaped, whole; cleaned of NUL, control characters and surrogates
    "kind": pl.String,  # one of KINDS
    "lang": pl.String,  # BCP 47 as the network says it; null if unknown
    "url": pl.String,  # where the original can be read; null if nowhere
    "likes": pl.Int64,
    "reposts": pl.Int64,
    "replies": pl.Int64,
    "quotes": pl.Int64,
    "views": pl.Int64,
}

_MIN_CREATED_AT, _MAX_CREATED_AT = datetime(2006, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

# Why a timeline ends where it does: the number asked for, Chorus's cap, the network's window, a failure on the way,
# the time a fetch may take, a network that repeats itself, a reader who went away, or the time that is counted. None: the whole of it
# was read.
CutReason = Literal["n", "cap", "network", "rate_limit", "failure", "deadline", "repeats", "stopped", "time"]


@dataclass(frozen=True)
class Timeline:
    """What one read of one account brought.

    `posts` has SCHEMA, newest first, unique ids, at most the number asked for. `cut_by` says why it ends there, None if
    it is whole. `failure` is set when reading stopped early with some posts in hand. `fetched_at` is aware UTC: the newest post
    was the newest then. `bill` is what this read was charged for.
    """

    account: str
    posts: pl.DataFrame
    cut_by: CutReason | None
    fetched_at: datetime
    failure: SourceError | None = None
    bill: Bill = field(default_factory=dict)
    failed_at: datetime | None = None  # when `failure` happened, `fetched_at` if None

    @property
    def posts_read(self) -> int:
        """Return how many posts were read."""
        return self.posts.height


def empty_frame() -> pl.DataFrame:
    """Return a frame of no posts."""
    return pl.DataFrame(schema=SCHEMA)


def build_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame of SCHEMA; keys that are missing become null, keys that are not in it are dropped.

    `created_at` must be an aware datetime or None; times before 2006 or after 2100 become null.
    """
    return pl.DataFrame([_build_row(row) for row in rows], schema=SCHEMA, orient="row")


def _build_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    moment = row.get("created_at")
    believable = moment if moment is not None and _MIN_CREATED_AT <= moment < _MAX_CREATED_AT else None
    return tuple(believable if column == "created_at" else row.get(column) for column in SCHEMA)
