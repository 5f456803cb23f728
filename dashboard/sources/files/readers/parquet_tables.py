"""Reads posts from Parquet files, by path and in batches. Cells become the values of a table; what they mean is decided in `rows.py`.

Only files of the operator are read: a damaged one can end the process, which a server must not do because of an upload.
"""

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.tables import Record, check_width, iter_records

SIGNATURE = b"PAR1"
_BATCH_ROWS = 10_000
_ADVICE = translatable("Write it again, or download it again.")


def iter_parquet_posts(path: Path, file_name: str, column_by_field: Mapping[str, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield pairs of a row's number and its values by column name. The errors are those of `tables.iter_table_posts`."""
    import polars as pl

    try:
        scanned = pl.scan_parquet(path, glob=False)
        columns = check_width(scanned.collect_schema().names(), file_name)
        yield from iter_records(columns, _iter_rows(scanned), column_by_field)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidFile(deferred("%(file)s is damaged or incomplete.", file=file_name), _ADVICE) from error


def _iter_rows(scanned: Any) -> Iterator[Record]:
    import polars as pl
    import polars.selectors as cs

    texts = scanned.with_columns(cs.temporal().dt.to_string("iso:strict"), cs.categorical().cast(pl.String))
    numbers = count(1)
    for batch in texts.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True):
        yield from zip(numbers, map(list, batch.iter_rows()), strict=False)
