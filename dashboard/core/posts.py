"""Define the shape of posts from every network: a polars frame, and the timeline that contains it.

The comments in the schema are the glossary. A value that a network doesn't provide is null, never 0. Nothing specific to one network
belongs here.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

import polars as pl

from dashboard.core.plausible_times import EARLIEST_POST_AT
from dashboard.core.pricing import Bill
from dashboard.core.source_errors import SourceError

POST_KINDS = ("post", "reply", "repost", "quote")
REACTION_COLUMNS = ("likes", "reposts", "replies", "quotes")  # views aren't reactions

SCHEMA: dict[str, Any] = {
    "account": pl.String,  # canonical form, see accounts.py
    "id": pl.String,  # the network's own id; can exceed 2^53 on X, so never a number
    "created_at": pl.Datetime("us", "UTC"),  # null if missing or implausible
    "text": pl.String,  # plain, unescaped, and complete unless it ends in SHORTENED_MARK, without NUL, control characters and surrogates
    "kind": pl.String,  # one of POST_KINDS
    "lang": pl.String,  # BCP 47, as reported by the network; null if unknown
    "url": pl.String,  # address of the original; null if there is none
    "likes": pl.Int64,
    "reposts": pl.Int64,
    "replies": pl.Int64,
    "quotes": pl.Int64,
    "views": pl.Int64,
    "date_only": pl.Boolean,  # whether only the day is known; then created_at is the midnight in UTC that begins it
}

AUTHOR = "author"  # a further column where `account` stands for several accounts: who posted it, in canonical form
SHORTENED_MARK = " […]"
MAX_TIMELINE_CHARACTERS = 2_000_000  # of the texts of one account: 625 for each of 3,200 posts
SLICE_CHARACTERS = 500_000  # of texts that are split into words at once, which takes up to 100 bytes per character
_MAX_CUT_WORD_CHARACTERS = 50  # a cut goes back to the last white space, if it is this near

LATEST_POST_AT = datetime(2100, 1, 1, tzinfo=UTC)

# Why a timeline ends where it does: the requested number of posts ("n"), Chorus's cap, the network's limit on old posts, its rate limit,
# a failure halfway, the time limit of a fetch, a network that repeats itself, a user who went away, or the time that is counted.
# None: the whole timeline was read.
CutReason = Literal["n", "cap", "network", "rate_limit", "failure", "deadline", "repeats", "stopped", "time"]


@dataclass(frozen=True)
class Timeline:
    """The result of reading one account once.

    `posts` has SCHEMA, newest first, with unique ids, and at most the requested number of rows; those of a series of several accounts have
    AUTHOR, too, and ids that are unique per author. `cut_by` is why the timeline ends where it
    does, None if it is complete. `failure` is set if reading stopped early after some posts. `fetched_at` (aware UTC) is the time up to
    which the timeline is known. `bill` is what the network charged for this read. `name` is the account's display name, clean; empty if
    it isn't known. `version` stands for all of this, so that posts needn't be hashed; empty if nobody knows it. `replace` doesn't copy it.
    """

    account: str
    posts: pl.DataFrame
    cut_by: CutReason | None
    fetched_at: datetime
    failure: SourceError | None = None
    bill: Bill = field(default_factory=dict)
    failed_at: datetime | None = None  # when `failure` happened, `fetched_at` if None
    name: str = ""
    sampled_from: int | None = None  # how many posts there are if `posts` is a random sample of them, which `cut_by` doesn't say
    version: str = field(default="", init=False, compare=False)

    def with_version(self, version: str) -> "Timeline":
        """Return the same timeline with its version."""
        timeline = copy(self)
        object.__setattr__(timeline, "version", version)
        return timeline

    @property
    def posts_read(self) -> int:
        """Return how many posts were read."""
        return self.posts.height


def empty_frame() -> pl.DataFrame:
    """Return a frame without posts."""
    return _empty_frame().clone()


@cache
def _empty_frame() -> pl.DataFrame:
    return pl.DataFrame(schema=SCHEMA)


def build_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame of SCHEMA. Missing keys become null, and keys that aren't in the schema are dropped.

    `created_at` must be an aware datetime or None. Times before 2006, or in 2100 or later, become null.
    """
    return pl.DataFrame([_build_row(row) for row in rows], schema=SCHEMA, orient="row")


def with_account(frame: pl.DataFrame, account: str) -> pl.DataFrame:
    """Return posts without the column `account` as a frame of SCHEMA, all of this account; AUTHOR is kept."""
    accounts = pl.Series("account", [account], dtype=pl.String).new_from_index(0, frame.height)
    return frame.hstack([accounts])[[*SCHEMA, *list_author_column(frame)]]


def list_author_column(frame: pl.DataFrame) -> list[str]:
    """Return AUTHOR in a list if posts have this column, otherwise an empty list."""
    return [AUTHOR] if AUTHOR in frame.columns else []


def forget_times_after(latest: datetime, frame: pl.DataFrame) -> pl.DataFrame:
    """Return posts with null for times after `latest` (aware), which nobody can have posted at."""
    if not (frame["created_at"] > latest).any():
        return frame
    is_known = pl.col("created_at") <= latest
    return frame.with_columns(
        created_at=pl.when(is_known).then("created_at"), date_only=pl.col("date_only") & is_known.fill_null(value=False)
    )


def complete_columns(stored_posts: pl.LazyFrame) -> pl.LazyFrame:
    """Return posts that were stored before all columns existed with those that are missing: all of those posts have a time of day."""
    if "date_only" in stored_posts.collect_schema():
        return stored_posts
    return stored_posts.with_columns(date_only=pl.lit(value=False))


def limit_characters(frame: pl.DataFrame, max_characters: int) -> pl.DataFrame:
    """Return posts whose texts have about `max_characters` together at most: the longest ones are cut to one length, and marked.

    Shorter texts stay as they are, so that ordinary posts are never affected by a few very long ones, nor older posts more than newer ones.
    """
    if frame.estimated_size() <= max_characters:  # bytes, and a character has at least one
        return frame
    lengths = frame["text"].str.len_chars().fill_null(0).cast(pl.Int64)
    if lengths.sum() <= max_characters:
        return frame
    max_length = _find_common_limit(lengths, max_characters)
    text = pl.col("text")
    cut_text = text.str.slice(0, max_length).str.replace(rf"\s\S{{0,{_MAX_CUT_WORD_CHARACTERS}}}$", "") + SHORTENED_MARK
    return frame.with_columns(pl.when(text.str.len_chars() > max_length + len(SHORTENED_MARK)).then(cut_text).otherwise(text).alias("text"))


def iter_slices(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the posts in slices of about SLICE_CHARACTERS, in order, so that splitting texts into words takes little memory.

    A frame without posts is yielded as it is.
    """
    lengths = frame["text"].str.len_chars().fill_null(0).cast(pl.Int64)
    yield from frame.with_columns(_slice=lengths.cum_sum() // SLICE_CHARACTERS).partition_by(
        "_slice", maintain_order=True, include_key=False
    ) or [frame]


def is_shortened() -> pl.Expr:
    """Return an expression for whether a post's text was cut."""
    return pl.col("text").str.ends_with(SHORTENED_MARK).fill_null(value=False)


def _find_common_limit(lengths: pl.Series, total: int) -> int:
    """Return the largest length to which everything longer can be cut so that the sum is at most `total`."""
    ascending = lengths.sort()
    shorter = ascending.cum_sum() - ascending  # the sum of all before each one
    remaining = ascending.len() - pl.int_range(ascending.len(), eager=True)
    first_cut = int((shorter + ascending * remaining > total).arg_max() or 0)
    return max(0, (total - int(shorter[first_cut])) // int(remaining[first_cut]))


def _build_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    moment = row.get("created_at")
    created_at = moment if moment is not None and EARLIEST_POST_AT <= moment < LATEST_POST_AT else None
    values = {**row, "created_at": created_at, "date_only": bool(row.get("date_only")) and created_at is not None}
    return tuple(values.get(column) for column in SCHEMA)
