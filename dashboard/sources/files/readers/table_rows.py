"""Splits the lines of a table into rows of the right width, many at a time. What the cells mean is decided in `post_fields.py`."""

import csv
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice, pairwise

from dashboard.core.messages import deferred
from dashboard.sources.files.readers.csv_dialect import CsvDialect
from dashboard.sources.files.readers.limits import MAX_LINE_BYTES, TOO_MANY_CELLS, line_too_long_error
from dashboard.sources.files.readers.long_cells import COMPARED_ROWS, Quotation, are_rows, is_open, take_to_end
from dashboard.sources.files.readers.raw_posts import MAX_GROUPED_CELLS, MAX_GROUPED_POSTS, RawPosts, TableRows, Unreadable
from dashboard.sources.files.readers.table_lines import RowTooLong, TableLines, split_lines

CsvRow = list[str]

_SEARCHED_BYTES = (
    3 * MAX_LINE_BYTES // 4
)  # for the end of a long cell; less than a row may have, because the next row may be read with them
_OPEN_QUOTATION = deferred("ends inside a quotation")


class RowSplitter:
    """Splits the lines of a table that follow its header. Iterating over it gives groups of rows with the numbers of their first lines.

    What isn't a row of the table is Unreadable, each line of it, because each may have been a row. Blank rows are left out. Raises
    InvalidFile for a row of more than MAX_LINE_BYTES.
    """

    def __init__(self, lines: TableLines, dialect: CsvDialect, columns: Sequence[str]) -> None:
        self._lines, self._columns, self._earlier_lines = lines, columns, lines.end_line
        self._dialect, self._source, self._keeps_blocks = dialect, chain.from_iterable(lines), False
        self._reader = dialect.parse(self._source)
        self._first_rows = list[CsvRow]()  # with which lines are compared that may be rows, too
        self._group_size = min(MAX_GROUPED_POSTS, MAX_GROUPED_CELLS // len(columns))

    def __iter__(self) -> Iterator[RawPosts]:
        start, is_complete = self._earlier_lines + 1, False
        while not is_complete:
            rows, starts, broken = self._split_block(start)
            self._check_sizes(starts)
            for first in range(0, len(rows), self._group_size):
                yield from self._build_groups(rows[first : first + self._group_size], starts[first : first + self._group_size + 1])
            start = self._earlier_lines + self._reader.line_num + 1
            if broken:
                yield broken
            is_complete = self._lines.at_end

    def _split_block(self, start: int) -> tuple[list[CsvRow], list[int], RawPosts | None]:
        """Return the rows that begin in one block of lines, where each begins and the last one ends, and the one after if it's broken."""
        rows, starts, broken = list[CsvRow](), [start], None
        reader, next_line = self._reader, self._earlier_lines + 1
        try:
            if start > self._lines.end_line:
                self._lines.latest_blocks.clear()
                self._lines.load_block()
            if not self._keeps_blocks:
                del self._lines.latest_blocks[:-1]
            self._keeps_blocks = False
            limit = self._lines.end_line - self._earlier_lines
            for row in reader:
                rows.append(row)
                starts.append(next_line + (line := reader.line_num))
                if line >= limit:
                    break
        except csv.Error as error:
            self._first_rows = self._first_rows or rows[:COMPARED_ROWS]
            is_long = self._finish_cell(starts[-1]) if "field limit" in str(error) else False
            starts.append(self._earlier_lines + self._reader.line_num + 1)
            reason = _OPEN_QUOTATION if is_long is None else deferred("has a quotation mark that is never closed or a stray line break")
            broken = _mark_long(starts[-2]) if is_long else _mark_unreadable(starts[-2], starts[-1], reason)
        except RowTooLong:
            raise line_too_long_error(starts[-1]) from None
        self._first_rows = self._first_rows or rows[:COMPARED_ROWS]
        if rows and self._lines.at_end:  # looking for the end of the last row
            is_open_ended = any(map(str.strip, rows.pop()))
            broken = _mark_unreadable(starts[-2], starts[-1], _OPEN_QUOTATION) if is_open_ended else None
        return rows, starts, broken

    def _finish_cell(self, row_start: int) -> bool | None:
        """Take the rest of a row whose cell is too long, and return whether it ends. A quotation that is never closed doesn't.

        Rows that follow such a quotation are left. None: what follows up to the end of the file isn't rows, so all of it was taken.
        """
        first, taken = row_start - self._lines.end_line - 1, self._earlier_lines + self._reader.line_num
        lines = [line for block in self._lines.latest_blocks for line in split_lines(block)]
        if not is_open(lines[first : taken - self._lines.end_line or None], self._dialect):
            return True
        ahead, is_closed = take_to_end(self._look_ahead(), self._dialect)
        if is_closed is None and not are_rows(ahead, self._dialect, len(self._columns), self._first_rows):
            return self._skip_cell(taken + len(ahead)) or None
        rest_of_block = list(islice(self._source, self._lines.end_line - taken - len(ahead)))
        self._earlier_lines = taken + (len(ahead) if is_closed else 0)
        self._source = chain([] if is_closed else ahead, rest_of_block, chain.from_iterable(self._lines))
        self._reader, self._lines.at_end = self._dialect.parse(self._source), False
        self._keeps_blocks = bool(ahead) and not is_closed
        return bool(is_closed)

    def _skip_cell(self, taken: int) -> bool:
        """Take lines up to the end of a cell, however far that is, and return whether there is one.

        `taken` is the number of the last line that was taken before.
        """
        quotation, again, skipped_lines, is_closed = Quotation(self._dialect), list[str](), 0, None
        for line in self._source:
            del self._lines.latest_blocks[:-1]
            skipped_lines += 1
            if (is_closed := quotation.ends_in(line)) is not None:
                again = [] if is_closed else [line]  # a row whose first quotation mark shows that the cell ended before it
                break
        rest_of_block = list(islice(self._source, self._lines.end_line - taken - skipped_lines))
        self._earlier_lines = taken + skipped_lines - len(again)
        self._source = chain(again, rest_of_block, chain.from_iterable(self._lines))
        self._reader, self._lines.at_end, self._keeps_blocks = self._dialect.parse(self._source), False, False
        return is_closed is not None

    def _look_ahead(self) -> Iterator[str]:
        """Yield the next lines, as many as may be searched for the end of a cell."""
        while sum(map(len, self._lines.latest_blocks)) <= _SEARCHED_BYTES and (line := next(self._source, "")):
            yield line

    def _check_sizes(self, starts: list[int]) -> None:
        """Raise InvalidFile if a row has too many bytes, which can't be if all of them together have fewer."""
        if sum(map(len, self._lines.latest_blocks)) <= MAX_LINE_BYTES:
            return
        lines = (line for block in self._lines.latest_blocks for line in split_lines(block))
        offsets = [0, *accumulate(map(len, lines))]
        first_line = self._lines.end_line - len(offsets) + 2
        for start, end in pairwise(starts):
            if offsets[end - first_line] - offsets[start - first_line] > MAX_LINE_BYTES:
                raise line_too_long_error(start)

    def _build_groups(self, rows: list[CsvRow], starts: list[int]) -> Iterator[RawPosts]:
        """Yield rows as groups: all together if each is a row of the table, and none is blank."""
        width, readable = len(self._columns), list[tuple[int, CsvRow]]()
        columns = list(zip(*rows, strict=True)) if set(map(len, rows)) == {width} else []
        if any(all(map(str.strip, column)) for column in columns):
            yield TableRows(self._columns, starts[: len(rows)], columns)
            return
        for row, (start, end) in zip(rows, pairwise(starts), strict=False):
            if len(row) > width and any(map(str.strip, row[width:])):
                if readable:
                    yield TableRows.from_rows(self._columns, readable)
                    readable.clear()
                reason = deferred(TOO_MANY_CELLS, count=len(row), limit=width)
                yield _mark_unreadable(start, end, reason, row)
            elif any(map(str.strip, row)):
                readable.append((start, row[:width] + [""] * (width - len(row))))
        if readable:
            yield TableRows.from_rows(self._columns, readable)


def _mark_long(start: int) -> RawPosts:
    """Return a row that begins at the line `start`, and was read to its end, as unreadable."""
    reason = deferred("has a cell of more than %(limit)s characters", limit=csv.field_size_limit())
    return RawPosts([start], [Unreadable(reason)])


def _mark_unreadable(start: int, end: int, reason: str, row: CsvRow | None = None) -> RawPosts:
    """Return the lines from `start` up to, but not including, `end` as unreadable."""
    return RawPosts(range(start, end), [Unreadable(reason, row)] * (end - start))
