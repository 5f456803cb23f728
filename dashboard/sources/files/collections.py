"""Reads collections: datasets that `chorus analyze` wrote, with what was found out about posts instead of their texts.

Layout: ID/accounts-00000.parquet, …, with a row per post, sorted by account and time, each account in one file; ID/totals.parquet, with
the sums of all accounts together (`*`) and of those that aren't the largest (`*rest`) for each quarter of an hour; ID/samples.parquet, with
some posts of these and of the largest accounts, with their texts; and ID/about.json.
Analyzing and writing belong in `scale`.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path, PurePath

import polars as pl

from dashboard.core import posts
from dashboard.core.deferred_texts import defer_list, defer_quote
from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting.texts import format_list
from dashboard.core.local_day_columns import place_dates
from dashboard.core.messages import deferred, deferred_plural, gettext
from dashboard.core.post_sums import COUNT_SCHEMA, PostSums
from dashboard.sources.files import collection_posts, collection_samples
from dashboard.sources.files.collection_facts import CollectionFacts, Distribution
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.network import ALL_ACCOUNTS, OTHER_ACCOUNTS
from dashboard.sources.files.part_digests import damaged_file_error, verify_parts
from dashboard.sources.files.source_files import SOURCES_FILE
from dashboard.sources.files.storage_limit import SAMPLES_FILE, TOTALS_FILE

_SERIES = (ALL_ACCOUNTS, OTHER_ACCOUNTS)
_ROW_COLUMNS = [name for name in COUNT_SCHEMA if name != "account"]
ACCOUNT_HASHES = 2**32
DISTRIBUTION: Distribution = "ranges"  # of collections that are written now
_ONE_DAY = timedelta(days=1)
_MAX_LISTED_FILES = 3


@dataclass(frozen=True)
class Span:
    """The requested time, half-open and unbounded where None, and the zone in whose days posts without a time of day belong."""

    since: datetime | None
    until: datetime | None
    tz: str


def list_account_parts(account_name: str, facts: CollectionFacts) -> dict[str, str]:
    """Return the names and digests of the files that have the posts of an account: one, or several of different periods."""
    prefix = f"accounts-{find_account_file(account_name, facts.account_file_count, facts.distribution):05}"
    return {name: digest for name, digest in facts.digests.items() if name.startswith(prefix)}


def find_account_file(account_name: str, file_count: int, distribution: Distribution = DISTRIBUTION) -> int:
    """Return the number of the file that has the posts of an account.

    In a collection of "ranges", each file has the accounts of a range of hashes; in one of "modulo", those with the same remainder.
    """
    account_hash = zlib.crc32(account_name.encode())
    return account_hash % file_count if distribution == "modulo" else account_hash * file_count // ACCOUNT_HASHES


def format_account_file(number: int, part: int = 0) -> str:
    """Return the name of a file with the posts of accounts, or of a further part of it."""
    return f"accounts-{number:05}-{part:03}.parquet" if part else f"accounts-{number:05}.parquet"


def load_sums(folder: Path, dataset: Dataset, facts: CollectionFacts, account_name: str, span: Span, fetched_at: datetime) -> PostSums:
    """Return the rows of an account, or of a series of several, in a span; those without a time are always included.

    An unknown account has no rows. Raises InvalidFile if the dataset is damaged or is deleted meanwhile.
    """
    is_exact = account_name not in (*_SERIES, *facts.summed)
    digests = list_account_parts(account_name, facts) if is_exact else {TOTALS_FILE: facts.digests[TOTALS_FILE]}
    paths, digest = [version.path for version in verify_parts(folder, digests)], " ".join(digests.values())
    rows = _RowReader(paths, account_name, f"{dataset.canonical_name}/{account_name}", span, is_exact)
    display_name = dataset.display_name(account_name) if account_name not in _SERIES else ""
    load_scores = partial(_load_scores, rows, facts.methods, facts.score_columns if not is_exact else facts.post_columns)
    warnings, remarks = tuple(describe_missing_files(facts)), (describe_basis(dataset),)
    load_sample = partial(_load_sample, folder, dataset, facts, account_name, span) if account_name in facts.sampled else None
    return PostSums(
        rows.account, rows.load([]), load_scores, f"{digest} {span}", fetched_at, is_exact, display_name, warnings, remarks, load_sample
    )


def load_posts(folder: Path, dataset: Dataset, facts: CollectionFacts, account_name: str, limit: int, span: Span) -> pl.DataFrame:
    """Return the newest posts of an account in a span from the files that the collection was analyzed from, as post_parts.load_posts does.

    Raises InvalidFile if these are gone or have changed, or if too much would have to be read.
    """
    verify_parts(folder, {SOURCES_FILE: facts.digests[SOURCES_FILE]})
    paths = [version.path for version in verify_parts(folder, list_account_parts(account_name, facts))]
    rows = _RowReader(paths, account_name, f"{dataset.canonical_name}/{account_name}", span).load(["id", "order"])
    newest = rows.sort("created_at", "id", descending=True, nulls_last=True).head(limit)
    return collection_posts.read_posts(folder, newest, facts.reading, span.tz)


def _load_sample(folder: Path, dataset: Dataset, facts: CollectionFacts, account_name: str, span: Span) -> pl.DataFrame:
    """Return the sample of a series; authors are accounts in their canonical form. Raises InvalidFile."""
    path = verify_parts(folder, {SAMPLES_FILE: facts.digests[SAMPLES_FILE]})[0].path
    try:
        sample = collection_samples.load_sample(path, account_name, span.since, span.until, span.tz)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise damaged_file_error() from error
    author = (pl.lit(f"{dataset.canonical_name}/") + pl.col(posts.AUTHOR)).alias(posts.AUTHOR)
    return sample.with_columns(author) if account_name in _SERIES else sample


def describe_basis(dataset: Dataset) -> str:
    """Return what a reader of any report on a collection must know: that all posts count."""
    return deferred(
        "The collection %(name)s has %(posts)s of %(accounts)s. All posts of the period count, not only the latest ones.",
        name=defer_quote(dataset.name),
        posts=deferred_plural("%(count)s post", "%(count)s posts", dataset.kept),
        accounts=deferred_plural("%(count)s account", "%(count)s accounts", dataset.accounts_total),
    )


def describe_missing_files(facts: CollectionFacts) -> Iterator[str]:
    """Yield which files are missing from a collection, if some are."""
    if facts.unreadable_total:
        shown = facts.unreadable[: _MAX_LISTED_FILES if facts.unreadable_total <= _MAX_LISTED_FILES else _MAX_LISTED_FILES - 1]
        names = [defer_quote(PurePath(partition.name).name) for partition in shown]
        yield deferred_plural(
            "%(count)s of %(total)s files couldn’t be read and isn’t counted: %(files)s.",
            "%(count)s of %(total)s files couldn’t be read and aren’t counted: %(files)s.",
            facts.unreadable_total,
            total=facts.partitions + facts.unreadable_total,
            files=defer_list(names, total=facts.unreadable_total),
        )


@dataclass(frozen=True)
class _RowReader:
    """The rows of one series in the files that have them; if it `is_exact`, each row is one post, otherwise the sum of several."""

    paths: list[Path]
    name: str
    account: str
    span: Span
    is_exact: bool = True

    def load(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return COUNT_SCHEMA and more columns of the rows in the span, or without a time. Raises InvalidFile."""
        try:
            rows = self._scan().select(*_ROW_COLUMNS, *columns).collect()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise damaged_file_error() from error
        placed = self._place_dates(rows)
        in_span = placed.filter(pl.col("created_at").is_null() | self._is_in_span())
        return in_span.select(pl.lit(self.account).alias("account"), *_ROW_COLUMNS, *columns)

    def load_column_names(self) -> set[str]:
        """Return the columns that are stored. Raises InvalidFile."""
        try:
            return set(pl.read_parquet_schema(self.paths[0]))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise damaged_file_error() from error

    def _scan(self) -> pl.LazyFrame:
        """Scan the rows in the span and those about it, because dates are stored as midnight in UTC."""
        created_at, is_near = pl.col("created_at"), pl.lit(value=True)
        is_near = is_near & (created_at >= self.span.since - _ONE_DAY) if self.span.since else is_near
        is_near = is_near & (created_at < self.span.until + _ONE_DAY) if self.span.until else is_near
        scanned = pl.scan_parquet(self.paths, glob=False).filter(pl.col("account") == self.name, created_at.is_null() | is_near)
        return scanned.with_columns(last_at=created_at, posts=pl.lit(1, pl.Int64)) if self.is_exact else scanned

    def _place_dates(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self.span.tz == "UTC" or not rows["date_only"].any():
            return rows
        return rows.with_columns(
            place_dates(pl.col(name), pl.col("date_only"), self.span.tz).alias(name) for name in ("created_at", "last_at")
        )

    def _is_in_span(self) -> pl.Expr:
        created_at = pl.col("created_at")
        is_inside = created_at >= self.span.since if self.span.since else pl.lit(value=True)
        return is_inside & (created_at < self.span.until) if self.span.until else is_inside


def _load_scores(rows: _RowReader, methods: Sequence[str], columns: Sequence[str], method: str) -> pl.DataFrame:
    """Return COUNT_SCHEMA and the scores of a method. Raises InvalidQuery if the collection wasn't analyzed with it."""
    if method not in methods:
        available = format_list(list(methods), conjunction="or")
        problem = gettext(
            "This collection was analyzed without the method “%(method)s”. Choose %(available)s.", method=method, available=available
        )
        raise InvalidQuery([("method", problem)])
    stored_columns = rows.load_column_names()
    stored = {f"{method}_{column}": column for column in columns if f"{method}_{column}" in stored_columns}
    loaded = rows.load(list(stored))
    return loaded.drop("posts").rename(stored) if "posts" in columns else loaded.rename(stored)
