"""Puts the parts of a collection together: its totals, its accounts and its metadata, which makes it exist.

Merging account files belongs in `account_files`, storing metadata in `sources.files.store`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from dashboard.analytics.analyzed_languages import VARIANT_PREFIX
from dashboard.analytics.partial_sums import SUM_COLUMNS
from dashboard.core.formatting.counts import format_count
from dashboard.scale.account_files import AccountFileResult, rank_accounts
from dashboard.scale.merging import Folders, draw_sample, merge_in_tree, sum_large_accounts, sum_others
from dashboard.scale.options import Options
from dashboard.scale.partitions import Partition
from dashboard.scale.pool import Pool
from dashboard.scale.post_facts import POST_COLUMNS
from dashboard.scale.reading import PartitionResult
from dashboard.scale.slices import write_parquet
from dashboard.sources.files.collection_facts import CollectionFacts, UnreadablePartition
from dashboard.sources.files.collections import DISTRIBUTION
from dashboard.sources.files.dataset import Dataset, FileAccount
from dashboard.sources.files.network import ALL_ACCOUNTS, OTHER_ACCOUNTS
from dashboard.sources.files.part_digests import compute_digest
from dashboard.sources.files.post_parts import MAX_LISTED_ACCOUNTS
from dashboard.sources.files.readers.import_tally import add_up_warnings
from dashboard.sources.files.source import MAX_SERIES
from dashboard.sources.files.source_files import SOURCES_FILE, SourceFile
from dashboard.sources.files.storage_limit import SAMPLES_FILE, TOTALS_FILE

KEPT_DAYS = 366
MAX_EXACT_POSTS = 1_000_000  # of an account whose charts are drawn from a row per post, which takes about a second
_ROW_GROUP_ROWS = 50_000
_SAMPLE_GROUP_ROWS = 2_000
_MAX_LISTED_PROBLEMS = 20  # warnings, reasons and unreadable files in the metadata


@dataclass(frozen=True)
class Parts:
    """What a collection is put together from: partitions and account files that are written, and what tells its scores from others."""

    options: Options
    versions: Mapping[str, str]
    results: Sequence[PartitionResult]
    unreadable: Sequence[UnreadablePartition]
    files: Sequence[AccountFileResult]
    digests: Mapping[str, str]  # of the files that aren't account files


def write_sources(partitions: Sequence[Partition], folder: Path) -> str:
    """Write where the files are that the collection is made of; return the digest of that list."""
    rows = [(partition.number, _locate(partition.source), partition.source.member, partition.fingerprint) for partition in partitions]
    schema = {"number": pl.Int64, "path": pl.String, "member": pl.String, "fingerprint": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return compute_digest(write_parquet(frame, folder / SOURCES_FILE, _ROW_GROUP_ROWS))


def _locate(source: SourceFile) -> str:
    return source.path if source.is_remote else str(Path(source.path).absolute())


def write_totals(files: Sequence[AccountFileResult], options: Options, folders: Folders, pool: Pool) -> str:
    """Write the totals of all accounts, and of those that aren't the largest if there are many; return the file's digest."""
    merged = merge_in_tree([file.totals for file in files], "all", options, folders, pool)
    series = [merged.with_columns(account=pl.lit(ALL_ACCOUNTS))]
    largest = list_largest(files)
    if sum(file.accounts.height for file in files) > len(largest):
        others = merge_in_tree(sum_others(files, largest, options, folders, pool), "rest", options, folders, pool)
        series.append(others.with_columns(account=pl.lit(OTHER_ACCOUNTS)))
    series += sum_large_accounts(files, list_summed(files), options, folders, pool)
    rows = pl.concat(series).drop("quarter").sort("account", "created_at", nulls_last=True)
    rows = rows.with_columns(is_sure=pl.lit(value=True), variant=pl.lit(None, pl.String))
    return compute_digest(write_parquet(rows, folders.collection / TOTALS_FILE, _ROW_GROUP_ROWS))


def write_samples(files: Sequence[AccountFileResult], folders: Folders, pool: Pool) -> str:
    """Write samples of the posts of all series; return the file's digest."""
    sample = draw_sample(files, list_largest(files), folders, pool)
    return compute_digest(write_parquet(sample, folders.collection / SAMPLES_FILE, _SAMPLE_GROUP_ROWS))


def list_summed(files: Sequence[AccountFileResult]) -> tuple[str, ...]:
    """Return the accounts that have so many posts that charts are drawn from their totals, too."""
    return tuple(name for name, posts, *_ in rank_accounts(pl.concat(file.accounts for file in files)) if posts > MAX_EXACT_POSTS)


def list_largest(files: Sequence[AccountFileResult]) -> list[str]:
    """Return the accounts that are series of their own when a report asks for all of a collection."""
    names = [name for name, *_ in rank_accounts(pl.concat(file.accounts for file in files))]
    return names if len(names) <= MAX_SERIES else names[: MAX_SERIES - 1]


def _list_series(files: Sequence[AccountFileResult]) -> tuple[str, ...]:
    """Return the series that a report may show of all accounts: all together, the largest, and the others if there are any."""
    largest = list_largest(files)
    has_others = sum(file.accounts.height for file in files) > len(largest)
    return (ALL_ACCOUNTS, *largest, *([OTHER_ACCOUNTS] if has_others else []))


def build_dataset(dataset_id: str, name: str, now: datetime, parts: Parts) -> Dataset:
    """Return the metadata of a collection whose files are written."""
    accounts, results = rank_accounts(pl.concat(file.accounts for file in parts.files)), parts.results
    listed = [FileAccount(account, posts, _to_utc(first), _to_utc(last)) for account, posts, first, last in accounts[:MAX_LISTED_ACCOUNTS]]
    spellings = {account: spelling for result in reversed(results) for account, spelling in result.spellings.items()}
    return Dataset(
        id=dataset_id,
        name=name,
        created=now,
        expires=now + timedelta(days=KEPT_DAYS),
        read=sum(result.rows_read for result in results),
        kept=sum(posts for _, posts, *_ in accounts),
        unreadable=sum(result.rows_unreadable for result in results),
        reasons=_limit([f"{result.name}: {reason}" for result in results for reason in result.reasons]),
        warnings=tuple(describe_problems(results, parts.unreadable, parts.files)),
        accounts=tuple(listed),
        accounts_total=len(accounts),
        key_digest="",
        spellings={account.name: spellings[account.name] for account in listed if account.name in spellings},
        collection=_describe_collection(parts),
    )


def _describe_collection(parts: Parts) -> CollectionFacts:
    return CollectionFacts(
        methods=parts.options.methods,
        versions=parts.versions,
        post_columns=(*POST_COLUMNS, *(f"{VARIANT_PREFIX}{name}" for name in POST_COLUMNS)),
        score_columns=SUM_COLUMNS,
        account_file_count=parts.options.account_file_count,
        reading=parts.options.reading,
        digests={name: digest for file in parts.files for name, digest in file.digests.items()} | dict(parts.digests),
        partitions=len(parts.results),
        unreadable=tuple(parts.unreadable[:_MAX_LISTED_PROBLEMS]),
        unreadable_total=len(parts.unreadable),
        sampled=_list_series(parts.files),
        summed=list_summed(parts.files),
        distribution=DISTRIBUTION,
    )


def describe_problems(
    results: Sequence[PartitionResult], unreadable: Sequence[UnreadablePartition], files: Sequence[AccountFileResult]
) -> list[str]:
    """Return what is missing or was skipped, and what readers noticed, the most important first."""
    repeated, older = sum(file.repeated_posts for file in files), sum(file.older_versions for file in files)
    notices = add_up_warnings([(result.notices, result.examples) for result in results])
    return [
        *_limit([f"{partition.name} couldn’t be read and isn’t counted: {partition.reason}" for partition in unreadable]),
        *_limit([f"{result.name} has no posts." for result in results if not result.slices]),
        *([f"{format_count(repeated, 'post')} appeared more than once. The last copy of each was kept."] if repeated else []),
        *([f"{format_count(older, 'older version')} of edited posts skipped. The newest wording was kept."] if older else []),
        *_describe_unidentified([result.unidentified_posts for result in results if result.unidentified_posts]),
        *_limit([_name_files(warning, [results[index].name for index in indices], len(results)) for warning, indices in notices]),
    ]


def _name_files(warning: str, names: Sequence[str], file_count: int) -> str:
    """Return a sentence with the name of the file that it's about, or how many they are, unless there is only one at all."""
    if len(names) > 1:
        return f"{warning} ({len(names):,} files)"
    return f"{names[0]}: {warning}" if file_count > 1 else f"{warning}"


def _describe_unidentified(counts: Sequence[int]) -> list[str]:
    """Return the sentence on posts without an ID, if several files have any. `counts` has how many, of each such file."""
    if len(counts) < 2:
        return []
    return [
        f"{format_count(sum(counts), 'post')} have no ID, so a post that is in several files counts once for each ({len(counts):,} files)."
    ]


def _limit(sentences: Sequence[str]) -> tuple[str, ...]:
    """Return the first sentences, and how many more there are."""
    omitted = len(sentences) - _MAX_LISTED_PROBLEMS
    return (*sentences[:_MAX_LISTED_PROBLEMS], *([f"And {omitted:,} more."] if omitted > 0 else []))


def _to_utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
