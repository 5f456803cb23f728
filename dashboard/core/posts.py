"""Define the shape of posts from every network: a polars frame, and the timeline that contains it.

The comments in the schema are the glossary. A value that a network doesn't provide is null, never 0. Nothing specific to one network
belongs here.
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
    "id": pl.String,  # the network's own id; can exceed 2^53 on X, so never a number
    "created_at": pl.Datetime("us", "UTC"),  # null if missing or implausible
    "text": pl.String,  # plain, unescaped and complete, without NUL, control characters and surrogates
    "kind": pl.String,  # one of POST_KINDS
    "lang": pl.String,  # BCP 47, as reported by the network; null if unknown
    "url": pl.String,  # address of the original; null if there is none
    "likes": pl.Int64,
    "reposts": pl.Int64,
    "replies": pl.Int64,
    "quotes": pl.Int64,
    "views": pl.Int64,
}

_MIN_CREATED_AT, _MAX_CREATED_AT = datetime(2006, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

# Why a timeline ends where it does: the requested number of posts ("n"), Chorus's cap, the network's limit on old posts, its rate limit,
# a failure halfway, the time limit of a fetch, a network that repeats itself, a user who went away, or the time that is counted.
# None: the whole timeline was read.
CutReason = Literal["n", "cap", "network", "rate_limit", "failure", "deadline", "repeats", "stopped", "time"]


@dataclass(frozen=True)
class Timeline:
    """The result of reading one account once.

    `posts` has SCHEMA, newest first, with unique ids, and at most the requested number of rows. `cut_by` is why the timeline ends where it
    does, None if it is complete. `failure` is set if reading stopped early after some posts. `fetched_at` (aware UTC) is the time up to
    which the timeline is known. `bill` is what the network charged for this read.
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
    """Return a frame without posts."""
    return pl.DataFrame(schema=SCHEMA)


def build_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame of SCHEMA. Missing keys become null, and keys that aren't in the schema are dropped.

    `created_at` must be an aware datetime or None. Times before 2006, or in 2100 or later, become null.
    """
    return pl.DataFrame([_build_row(row) for row in rows], schema=SCHEMA, orient="row")


def _build_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    moment = row.get("created_at")
    created_at = moment if moment is not None and _MIN_CREATED_AT <= moment < _MAX_CREATED_AT else None
    return tuple(created_at if column == "created_at" else row.get(column) for column in SCHEMA)
