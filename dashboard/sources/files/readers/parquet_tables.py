"""Reads posts from Parquet files, by path and in batches, as the values of a table. What they mean is decided in `post_fields.py`.

Only files of the operator are read: a damaged one can end the process, which a server must not do because of an upload.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.raw_posts import MAX_GROUPED_POSTS, RawPosts
from dashboard.sources.files.readers.tables import check_groups, check_width

SIGNATURE = b"PAR1"
_ADVICE = translatable("Write it again, or download it again.")


def iter_parquet_posts(path: Path, file_name: str, column_by_field: Mapping[str, str]) -> Iterator[RawPosts]:
    """Yield the rows in groups. The errors are those of `tables.iter_table_posts`."""
    import polars as pl

    try:
        scanned = pl.scan_parquet(path, glob=False)
        columns = check_width(scanned.collect_schema().names(), file_name)
        yield from check_groups(columns, _iter_groups(scanned), column_by_field)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidFile(deferred("%(file)s is damaged or incomplete.", file=file_name), _ADVICE) from error


def _iter_groups(scanned: Any) -> Iterator[RawPosts]:
    import polars as pl
    import polars.selectors as cs

    texts, first_number = scanned.with_columns(cs.temporal().dt.to_string("iso:strict"), cs.categorical().cast(pl.String)), 1
    for batch in texts.collect_batches(chunk_size=MAX_GROUPED_POSTS, maintain_order=True):
        yield RawPosts(range(first_number, first_number + batch.height), batch.to_dicts())
        first_number += batch.height
