"""Merges slices into the account files of a collection: each account's posts in one file, sorted, and each post once.

The files can be merged one by one, in any order and in several processes. A file with more rows than fit in memory is written in parts,
each of a period, or with some posts of a day. Totals of all of them belong in `finishing`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from dashboard.scale.repetitions import find_repetitions
from dashboard.scale.sampling import draw_candidates, limit_candidates
from dashboard.scale.slices import AccountRows, write_parquet
from dashboard.scale.totals import find_habits, sum_files
from dashboard.sources.files.collections import format_account_file
from dashboard.sources.files.part_digests import compute_digest
from dashboard.sources.files.source import MAX_SERIES

ROWS_IN_MEMORY = 400_000  # of an account file, in each process
PART_ROWS = 250_000  # of a part of a larger one, about
_ROW_GROUP_ROWS = 10_000
_VERSION_COLUMNS = ("original_id", "version", "key")
_WRITTEN_ORDER = ("account", "created_at", "id")
_CREATED_AT = pl.col("created_at")
_CREATED_AT_TYPE = pl.Datetime("us", "UTC")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class AccountFileResult:
    """An account file that was written: the digests of its parts, its accounts (account, posts, first, last), and the dropped posts.

    `totals` and `candidates` are files in the work folder, with its totals and with the posts from which samples are drawn.
    """

    number: int
    digests: dict[str, str]
    totals: Path
    candidates: Path
    accounts: pl.DataFrame
    repeated_posts: int
    older_versions: int


def merge_account_file(rows: AccountRows, methods: Sequence[str], folder: Path, work_folder: Path) -> AccountFileResult:
    """Write one account file of a collection from all slices, and in the work folder its totals and the posts from which samples are drawn.

    Raises OSError if a folder is full.
    """
    candidates, totals = (work_folder / f"{name}-{rows.number:05}.parquet" for name in ("candidates", "totals"))
    result = _write_parts(rows, folder, candidates, totals)
    paths = [folder / name for name in result.digests]
    write_parquet(sum_files(paths, methods, find_habits(paths)), totals, _ROW_GROUP_ROWS)
    return result


def _write_parts(rows: AccountRows, folder: Path, candidates: Path, totals: Path) -> AccountFileResult:
    """Write the parts of an account file and its candidates, and return the result whose totals are to be written yet."""
    rows = rows.hold_in_memory(ROWS_IN_MEMORY)
    dropped, repeated, older = find_repetitions(rows)
    accounts, days = _summarize(rows, dropped)
    largest = [name for name, *_ in rank_accounts(accounts)[:MAX_SERIES]]
    digests, drawn = dict[str, str](), list[pl.DataFrame]()
    for part, period in enumerate([None] if rows.frame is not None else _split_days(days)):
        ordered, rows = _order_posts(rows, period, dropped), rows.release()
        name = format_account_file(rows.number, part)
        digests[name] = compute_digest(write_parquet(ordered.drop(_VERSION_COLUMNS), folder / name, _ROW_GROUP_ROWS))
        drawn.append(draw_candidates(ordered, largest, rows))
    write_parquet(limit_candidates(pl.concat(drawn), largest), candidates, _ROW_GROUP_ROWS)
    return AccountFileResult(rows.number, digests, totals, candidates, accounts, repeated, older)


def _order_posts(rows: AccountRows, condition: pl.Expr | None, dropped: pl.DataFrame) -> pl.DataFrame:
    """Return the posts that meet a condition, without dropped ones, as they are written. Places are sorted, so rows are copied once."""
    frame = pl.concat(rows.iter_frames(condition=condition))
    places = frame.select(*_WRITTEN_ORDER, "order").with_row_index("place").join(dropped, on="order", how="anti")
    return frame[places.sort(_WRITTEN_ORDER, descending=[False, True, True], nulls_last=True)["place"]]


def _summarize(rows: AccountRows, dropped: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return account, posts, first and last of each account, and day and posts of each day, without dropped posts."""
    accounts, days = list[pl.DataFrame](), list[pl.DataFrame]()
    for frame in rows.iter_frames(["account", "created_at", "order"]):
        kept = frame.join(dropped, on="order", how="anti")
        accounts.append(kept.group_by("account").agg(posts=pl.len().cast(pl.Int64), first=_CREATED_AT.min(), last=_CREATED_AT.max()))
        days.append(kept.group_by(day=_CREATED_AT.dt.date()).agg(posts=pl.len().cast(pl.Int64)))
    totals = pl.concat(accounts).group_by("account").agg(pl.col("posts").sum(), pl.col("first").min(), pl.col("last").max())
    return totals, pl.concat(days).group_by("day").agg(pl.col("posts").sum()).sort("day", nulls_last=False)


def _split_days(days: pl.DataFrame) -> Iterator[pl.Expr]:
    """Yield conditions that divide rows into parts of about PART_ROWS: periods, and rows without a time. Larger ones are divided by key."""
    dated = days.drop_nulls("day").with_columns(pl.col("day").cast(_CREATED_AT_TYPE), part=(pl.col("posts").cum_sum() - 1) // PART_ROWS)
    periods = dated.group_by("part").agg(first=pl.col("day").min(), last=pl.col("day").max(), posts=pl.col("posts").sum()).sort("part")
    for _, first, last, posts in periods.rows():
        yield from _split_keys((first <= _CREATED_AT) & (last + _ONE_DAY > _CREATED_AT), posts)  # so that few row groups are read
    if undated := int(days.filter(pl.col("day").is_null())["posts"].sum()):
        yield from _split_keys(_CREATED_AT.is_null(), undated)


def _split_keys(condition: pl.Expr, posts: int) -> Iterator[pl.Expr]:
    """Yield conditions that divide the rows that meet a condition into parts of about PART_ROWS, by their keys."""
    part_count = max(1, round(posts / PART_ROWS))
    yield from (condition & (pl.col("key") % part_count == part) for part in range(part_count))


def rank_accounts(accounts: pl.DataFrame) -> list[tuple[str, int, datetime | None, datetime | None]]:
    """Return account, posts, first and last, most posts first, as for an uploaded file."""
    return accounts.sort(["posts", "account"], descending=[True, False]).rows()
