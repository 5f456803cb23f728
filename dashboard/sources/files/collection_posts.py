"""Reads posts of a collection from the files that it was analyzed from, by account and time, as long as these exist.

The rows of the account say which rows of which files are needed; a file is read up to the last of them. Sums belong in `collections`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import polars as pl

from dashboard.core import posts
from dashboard.core.errors import InvalidFile, TooManyRows
from dashboard.core.formatting.texts import quote
from dashboard.core.local_day_columns import place_dates
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.reader import FileReader, open_reader
from dashboard.sources.files.source_files import ROWS_PER_PARTITION, SOURCES_FILE, ReadingChoices, SourceFile
from dashboard.sources.files.times.choices import parse_time_choices

MAX_PARSED_ROWS = 100_000  # of all files for one account, which takes about five seconds
_UNLIMITED = 2**62


def open_source(file: BinaryIO, path: Path, number: int, reading: ReadingChoices) -> FileReader:
    """Return the reader of a file of a collection, by its number among them, without the limits of uploads."""
    return open_reader(
        file,
        path.name,
        reading.column_by_field,
        max_unpacked_bytes=_UNLIMITED,
        time_choices=parse_time_choices(reading.started_at, reading.zone, reading.date_order),
        account_name=reading.account,
        max_rows=_UNLIMITED,
        parquet_path=path,
        file_number=number,
    )


def read_posts(folder: Path, rows: pl.DataFrame, reading: ReadingChoices, tz: str) -> pl.DataFrame:
    """Return the posts of an account, newest first: posts.SCHEMA without `account`.

    `rows` has `order` of each. Raises InvalidFile if a file is gone or has changed, TooManyRows if too much would have to be read.
    """
    places = rows.select(partition=pl.col("order") // ROWS_PER_PARTITION, row=pl.col("order") % ROWS_PER_PARTITION)
    ends = places.group_by("partition").agg(pl.col("row").max()).sort("partition")
    if int((ends["row"] + 1).sum()) > MAX_PARSED_ROWS:
        raise TooManyRows(
            deferred("To show these posts, more than %(limit)s rows of files would have to be read.", limit=MAX_PARSED_ROWS),
            translatable("Choose a shorter period."),
        )
    sources = dict(pl.read_parquet(folder / SOURCES_FILE).select("number", pl.struct("path", "member", "fingerprint")).iter_rows())
    rows_by_partition = places.rows_by_key("partition")
    parts = [_read_rows(sources[number], number, {row for (row,) in rows_by_partition[number]}, reading) for number in ends["partition"]]
    frame = pl.concat([posts.empty_frame(), *parts]).drop("account")
    placed = frame.with_columns(created_at=place_dates(pl.col("created_at"), pl.col("date_only"), tz))
    return placed.sort("created_at", "id", descending=True, nulls_last=True)


def _read_rows(source: Mapping[str, str], number: int, row_numbers: set[int], reading: ReadingChoices) -> pl.DataFrame:
    location = SourceFile(source["path"], source["member"])
    name = quote(PurePosixPath(location.name).name)
    try:
        if location.describe()[1] != source["fingerprint"]:
            raise InvalidFile(
                deferred("The file %(name)s has changed since it was analyzed.", name=name), translatable("Analyze the collection again.")
            )
        with location.open_local() as path, path.open("rb") as file:
            return posts.build_frame(_select_rows(open_source(file, path, number, reading), row_numbers))
    except OSError as error:
        raise InvalidFile(
            deferred("The file %(name)s isn’t here any more, so its posts can’t be shown.", name=name),
            translatable("Their numbers still can."),
        ) from error


def _select_rows(reader: FileReader, row_numbers: set[int]) -> Iterator[Mapping[str, object]]:
    number, last = 0, max(row_numbers)
    for batch in reader:
        yield from (row for index, row in enumerate(batch, number) if index in row_numbers)
        number += len(batch)
        if number > last:
            return
