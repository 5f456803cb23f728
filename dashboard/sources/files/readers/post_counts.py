"""Reads the counts of posts: how often each was liked, reposted, answered, quoted and seen. The notation belongs in `count_columns.py`."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from dashboard.core.deferred_texts import defer_quote
from dashboard.sources.files.readers.column_questions import format_sample_cell
from dashboard.sources.files.readers.count_columns import CountColumn
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.raw_posts import RawPosts

COUNT_FIELDS = ("likes", "reposts", "replies", "quotes", "views")


_UNKNOWN_MARKS = ("-", "–", "—", "\N{MINUS SIGN}")


class PostCounts:
    """The counts of one file's posts. `inspect` comes first, and shows how they are written."""

    def __init__(self, tally: ImportTally) -> None:
        self._tally = tally
        self._columns = {field: CountColumn() for field in COUNT_FIELDS}

    def inspect(self, field: str, values: Sequence[Any]) -> None:
        """Detect by the first values how a field's counts are written."""
        self._columns[field] = CountColumn(values)

    def parse_all(self, batch: RawPosts) -> dict[str, Sequence[int | None]]:
        """Return the counts by field. Values that can't be read are counted in the tally, row by row."""
        counts, unknown = dict[str, Sequence[int | None]](), list[tuple[int, str]]()
        fields = batch.fields
        for field in COUNT_FIELDS:
            if field not in fields:
                counts[field] = [None] * len(batch)
                continue
            values = batch.list_values(field)
            counts[field] = self._columns[field].parse_all(values)
            if None in counts[field]:
                unknown += _find_unknown(values, counts[field])
        for _, text in sorted(unknown, key=itemgetter(0)):
            self._tally.add_notice("unknown_counts", example=defer_quote(format_sample_cell(text)))
        return counts


def _find_unknown(values: Sequence[Any], counts: Sequence[int | None]) -> list[tuple[int, str]]:
    """Return the texts that aren't counts with their positions, except dashes and -1, which 4CAT writes for unknown counts."""
    pairs = enumerate(zip(values, counts, strict=True))
    texts = ((position, value.strip()) for position, (value, count) in pairs if count is None and isinstance(value, str))
    return [(position, text) for position, text in texts if not text.startswith(_UNKNOWN_MARKS)]
