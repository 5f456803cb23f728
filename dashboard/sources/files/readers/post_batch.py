"""Posts that were read, column by column. How they are read, and data frames, don't belong here."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

Row = dict[str, Any]

VERSION_COLUMNS = ("original_id", "version")  # what distinguishes the versions of an edited post; None for all others


class PostBatch:
    """Posts by column: those of posts.SCHEMA in any order, and VERSION_COLUMNS. Iterating over it gives rows, for whoever needs only a few.

    A row has no version if its post has none.
    """

    def __init__(self, columns: dict[str, Sequence[Any]]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns["text"])

    def __iter__(self) -> Iterator[Row]:
        for cells in zip(*self.columns.values(), strict=True):
            row = dict(zip(self.columns, cells, strict=True))
            for name in VERSION_COLUMNS:
                if row[name] is None:
                    del row[name]
            yield row


def join_batches(batches: Sequence[PostBatch]) -> PostBatch:
    """Return the posts of several batches as one."""
    if len(batches) == 1:
        return batches[0]
    return PostBatch({name: list(chain.from_iterable(batch.columns[name] for batch in batches)) for name in batches[0].columns})
