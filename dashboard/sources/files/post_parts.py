"""The posts of datasets as Parquet parts: written sorted, without duplicates, and read by account and time. No metadata and no IDs.

Reading functions take parts that `part_digests` has verified, because polars doesn't survive some damaged files.

Separate from `store.py` because this loads polars.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from dashboard.core import posts
from dashboard.core.local_day_columns import place_dates
from dashboard.sources.files import batch_frames
from dashboard.sources.files.durable_files import write_file
from dashboard.sources.files.kept_posts import ReadPosts
from dashboard.sources.files.part_digests import compute_digest
from dashboard.sources.files.readers import reader
from dashboard.sources.files.storage_limit import storage_full_error

STORAGE_ERRORS = (OSError, pl.exceptions.PolarsError)  # what reading and writing parts can raise
MAX_LISTED_ACCOUNTS = 2_000  # accounts in a dataset's metadata; the posts of the others are stored too
MAX_LISTED_LANGUAGES = 50  # in a dataset's metadata
MAX_PART_ROWS = 50_000  # a part ends with the batch that reaches it
_PART_BYTES, _ROW_GROUP_ROWS = 2**25, 10_000
_SHORT_NUMBER = r"^[0-9]{1,7}$"  # no network's posts have had such IDs for long
_ONE_DAY = timedelta(days=1)
_POST_COLUMNS = [column for column in posts.SCHEMA if column != "account"]


def load_posts(
    parts: list[Path], account: str, limit: int, since: datetime | None, until: datetime | None, tz: str = "UTC"
) -> pl.DataFrame:
    """Return the newest posts of an account, by its canonical name, those without a time last; an unknown account has none.

    Columns: those of posts.SCHEMA except `account`. The time of a post with only a date is the start of that day in `tz`. Of posts that
    aren't returned only the times are read. Long texts are shortened if all together exceed posts.MAX_TIMELINE_CHARACTERS.
    """
    created_at, time_filter = pl.col("created_at"), _build_time_filter(since, until)
    dated_posts = [_scan_account(part, account, tz, since, until).filter(time_filter).select(created_at) for part in parts]
    oldest = pl.concat(dated_posts).select(created_at.top_k(limit).min()).collect().item() if parts else None
    is_selected = created_at.is_null() if oldest is None else created_at.is_null() | (time_filter & (created_at >= oldest))
    selected = posts.empty_frame().select(_POST_COLUMNS)
    for part in parts:
        selected = _take_newest(selected, _scan_account(part, account, tz, oldest or since, until).filter(is_selected), limit)
    return selected


def read_posts(parts: list[Path], account: str, limit: int, since: datetime | None, until: datetime | None, tz: str) -> ReadPosts:
    """Return what `load_posts` returns, and whether any text was shortened."""
    frame = load_posts(parts, account, limit, since, until, tz)
    return ReadPosts(frame, bool(frame.select(posts.is_shortened().any()).item()))


def _scan_account(part: Path, account: str, tz: str, since: datetime | None, until: datetime | None) -> pl.LazyFrame:
    """Scan the posts of an account whose time is unknown or about in a span, with dates placed in `tz`.

    The span is a day wider, because dates are stored as midnight in UTC.
    """
    created_at, is_near = pl.col("created_at"), pl.lit(value=True)
    is_near = is_near & (created_at >= since - _ONE_DAY) if since else is_near
    is_near = is_near & (created_at < until + _ONE_DAY) if until else is_near
    scanned = pl.scan_parquet(part, glob=False).filter(pl.col("account") == account, created_at.is_null() | is_near)
    complete, date_only = posts.complete_columns(scanned), pl.col("date_only")
    if tz == "UTC" or not complete.select(date_only.any()).collect().item():
        return complete
    return complete.with_columns(created_at=place_dates(created_at, date_only, tz))


def _take_newest(selected: pl.DataFrame, part: pl.LazyFrame, limit: int) -> pl.DataFrame:
    """Return the newest posts of those selected so far and of one more part, in MAX_TIMELINE_CHARACTERS."""
    frame = pl.concat([selected, part.select(_POST_COLUMNS).collect()])
    newest = frame.sort("created_at", "id", descending=True, nulls_last=True).head(limit)
    return posts.limit_characters(newest, posts.MAX_TIMELINE_CHARACTERS)


def write_parts(folder: Path, file_reader: reader.FileReader, free_bytes: int, max_part_rows: int = MAX_PART_ROWS) -> dict[str, str]:
    """Write the rows of a file in parts, with one part in memory at a time, and return the digest of each by its name.

    Raises InvalidFile if the storage is full.
    """
    digests = dict[str, str]()
    for number, part in enumerate(_iter_parts(file_reader, folder.name, max_part_rows)):
        path = folder / f"part-{number:05}.parquet"
        digests[path.name] = _write_part(part, path)
        free_bytes -= path.stat().st_size
        if free_bytes < 0:
            raise storage_full_error()
    return digests


def _iter_parts(file_reader: reader.FileReader, dataset_id: str, max_part_rows: int) -> Iterator[pl.DataFrame]:
    """Yield frames with canonical account names and what tells which of several versions is the newest.

    These are `original_id`, if versions have different IDs, `version`, and `order`, the number of the row. All but the last may be null.
    """
    frames, row_count = list[pl.DataFrame](), 0
    for batch in file_reader:
        account = pl.format("file:{}/{}", pl.lit(dataset_id), "account")
        frames.append(batch_frames.build_frame(batch).with_columns(account=account).with_row_index("order", row_count))
        row_count += len(batch)
        if sum(frame.height for frame in frames) >= max_part_rows or sum(frame.estimated_size() for frame in frames) >= _PART_BYTES:
            yield pl.concat(frames)
            frames.clear()
    if frames:
        yield pl.concat(frames)


def _write_part(part: pl.DataFrame, path: Path) -> str:
    """Write a part sorted by account and time, so that reading one account or time span skips most of it, and return its digest."""
    sorted_part, content = part.sort("account", "created_at", descending=[False, True], nulls_last=True), io.BytesIO()
    sorted_part.write_parquet(content, compression="zstd", row_group_size=_ROW_GROUP_ROWS, statistics=True)
    write_file(path, [content.getbuffer()])
    return compute_digest(content.getbuffer())


def drop_duplicates(parts: list[Path]) -> tuple[int, int, dict[str, str]]:
    """Rewrite the parts without posts that are repeated later, or edited.

    Returns how many repeated posts and how many older versions were dropped, and the rewritten parts' digests.
    """
    keys = pl.concat([_load_post_keys(part) for part in parts]).sort("key", "version", "order")
    duplicates, digests = keys.filter(pl.col("key") == pl.col("key").shift(-1)), dict[str, str]()
    is_older_version = keys["version"] < keys["version"].shift(-1)
    version_count = keys.filter((pl.col("key") == pl.col("key").shift(-1)) & is_older_version).height
    for part in parts if duplicates.height else []:
        frame = pl.read_parquet(part)
        remaining = frame.join(duplicates, on="order", how="anti", maintain_order="left")
        if remaining.height < frame.height:
            digests[part.name] = _write_part(remaining, part)
    return duplicates.height - version_count, version_count, digests


def _load_post_keys(path: Path) -> pl.DataFrame:
    """Return columns `key`, `version` and `order`; `key` is a hash of a post's account and first ID, compact enough for millions.

    A short number may be that of a row, and begin again in files that were joined, so the time belongs to the key, too.
    """
    return hash_post_keys(pl.read_parquet(path, columns=["account", "id", "original_id", "version", "order", "created_at"]))


def hash_post_keys(posts: pl.DataFrame) -> pl.DataFrame:
    """Return key, version and order of posts, as `drop_duplicates` compares them: of those with the same key, the last one counts.

    `posts` has account, id, original_id, version, order and created_at.
    """
    first_id = pl.coalesce("original_id", "id").alias("id")
    time_of_short = pl.when(first_id.str.contains(_SHORT_NUMBER)).then(pl.col("created_at")).alias("created_at")
    return posts.select(pl.struct("account", first_id, time_of_short).hash().alias("key"), pl.col("version").fill_null(0), "order")


def summarize_accounts(parts: list[Path]) -> tuple[int, list[tuple[str, int, datetime | None, datetime | None]]]:
    """Return the number of accounts, and the name, number of posts, first and last time of those with the most posts."""
    created_at = pl.col("created_at")
    posts_by_account = pl.scan_parquet(parts, glob=False).group_by("account")
    summary = posts_by_account.agg(
        pl.len().cast(pl.Int64).alias("posts"), created_at.min().alias("first"), created_at.max().alias("last")
    ).collect()
    listed = summary.sort(["posts", "account"], descending=[True, False]).head(MAX_LISTED_ACCOUNTS)
    names = listed["account"].str.split_exact("/", 1).struct[1]
    return summary.height, listed.with_columns(names.alias("account")).rows()


def count_languages(parts: list[Path]) -> list[tuple[str, int]]:
    """Return the languages that posts are tagged with, without regions, with their numbers of posts, highest first; "" means untagged."""
    code = pl.col("lang").fill_null("").str.to_lowercase().str.replace(r"[-_].*", "")
    counts = pl.scan_parquet(parts, glob=False).group_by(code.alias("language")).agg(pl.len().cast(pl.Int64).alias("posts")).collect()
    return counts.sort(["posts", "language"], descending=[True, False]).head(MAX_LISTED_LANGUAGES).rows()


def count_kinds(parts: list[Path]) -> list[tuple[str, int]]:
    """Return the kinds of posts that occur, in the order of posts.POST_KINDS, with their numbers of posts."""
    counts = pl.scan_parquet(parts, glob=False).group_by("kind").agg(pl.len().cast(pl.Int64).alias("posts")).collect()
    count_by_kind = dict(counts.rows())
    return [(kind, count_by_kind[kind]) for kind in posts.POST_KINDS if kind in count_by_kind]


def _build_time_filter(since: datetime | None, until: datetime | None) -> pl.Expr:
    created_at = pl.col("created_at")
    in_span = created_at.is_not_null()
    in_span = in_span & (created_at >= since) if since else in_span
    return in_span & (created_at < until) if until else in_span
