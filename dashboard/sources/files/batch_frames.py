"""Batches of posts that were read as data frames. Reading, and storing frames, doesn't belong here."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from dashboard.core.plausible_times import EARLIEST_POST_AT
from dashboard.core.posts import LATEST_POST_AT, SCHEMA
from dashboard.sources.files.readers.post_batch import PostBatch

_VERSION_SCHEMA = {"original_id": pl.String, "version": pl.Int64}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def build_frame(batch: PostBatch) -> pl.DataFrame:
    """Return posts with the columns of posts.SCHEMA, and `original_id` and `version`. The result is that of `posts.build_frame`.

    Times before 2006, or in 2100 or later, become null.
    """
    schema = SCHEMA | _VERSION_SCHEMA
    columns = batch.columns | {"created_at": _build_times(batch.columns["created_at"])}
    created_at = pl.col("created_at")
    known = pl.DataFrame([pl.Series(name, columns[name], dtype) for name, dtype in schema.items()]).with_columns(
        created_at=pl.when(created_at.is_between(EARLIEST_POST_AT, LATEST_POST_AT, closed="left")).then(created_at)
    )
    return known.with_columns(date_only=pl.col("date_only") & created_at.is_not_null())


def _build_times(moments: Sequence[datetime | None]) -> pl.Series:
    """Return times (aware UTC) as a column; polars takes five times as long to convert them than to convert their distances."""
    distances = pl.Series([None if moment is None else moment - _EPOCH for moment in moments], dtype=pl.Duration("us"))
    return distances.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
