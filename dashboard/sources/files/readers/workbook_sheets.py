"""Opens the sheets of an Excel workbook with openpyxl, and bounds what openpyxl would hold in memory. Loading it takes a while.

What the cells mean doesn't belong here.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO, Self

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.limits import MAX_LINE_BYTES

MAX_SHARED_BYTES = 64 * 2**20  # of the texts that cells share
MAX_PART_BYTES = 2**20  # of styles, lists of sheets and the like, which take a hundred times as much in memory
ADVICE = translatable("Save it as “CSV UTF-8” and upload that.")
_BYTES_PER_TAG = 16  # that a tag of a sheet counts beyond its length, because it becomes an object
_BYTES_PER_ELEMENT = 40  # that an element of the shared texts counts beyond its length; each takes some 5 µs
_END_OF_ROWS, _MAX_TAG_BYTES = re.compile(rb"</(?:\w{1,20}:)?sheetData"), 40


class Sheet(ReadOnlyWorksheet):  # type: ignore[misc]
    """A sheet, which is read row by row. Its stated size is ignored, because it may be wrong."""

    def _get_size(self) -> None:
        """Look for no size: without one, openpyxl would read the whole sheet."""

    def iter_cells(self, column_count: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows. Raises InvalidFile if one is too long."""
        archive: _BoundedArchive = self.parent._archive
        archive.row_bytes = 0
        with suppress(_RowsEnd):
            for row in self.iter_rows(max_col=column_count):
                archive.row_bytes = 0
                yield row


def load_sheets(file: BinaryIO) -> list[Sheet]:
    """Return the sheets of a workbook without the rows. Raises InvalidFile if any other part is too long, and openpyxl's errors."""
    reader, archive = ExcelReader(file, read_only=True, data_only=True, keep_links=False), _BoundedArchive(file)
    reader.archive = archive
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(archive, reader.wb)
    sheets = [(sheet, relation) for sheet, relation in reader.parser.find_sheets() if "chartsheet" not in relation.Type]
    archive.are_sheets_next = True
    return [Sheet(reader.wb, sheet.name, relation.target, reader.shared_strings) for sheet, relation in sheets]


class _BoundedArchive(zipfile.ZipFile):
    """A workbook's zip. What would be held in memory is bounded, wherever the workbook says that it is."""

    are_sheets_next = False  # whether everything but the sheets has been read
    row_bytes = 0  # of a sheet that were read since its latest row

    def open(self, name: Any, *args: Any, **options: Any) -> Any:
        """Open a sheet, or the texts that cells share. Raises InvalidFile if those are too long."""
        if not self.are_sheets_next and self.getinfo(name).file_size > MAX_SHARED_BYTES:
            raise _too_much_text()
        part = super().open(name, *args, **options)
        return _SheetPart(part, self) if self.are_sheets_next else _TextsPart(part)

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        """Return any other part. Raises InvalidFile if it's too long."""
        if self.getinfo(name).file_size > MAX_PART_BYTES:
            raise InvalidFile(
                deferred("%(name)s in the workbook is longer than %(limit)s MB.", name=name, limit=MAX_PART_BYTES // 2**20), ADVICE
            )
        return super().read(name, pwd)


class _TextsPart:
    """A part that openpyxl holds in memory, such as the texts that cells share. Short texts take longer than their length suggests."""

    def __init__(self, part: Any) -> None:
        self._part, self._weight = part, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._part.close()

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, or all. Raises InvalidFile if there are too many texts."""
        block = bytes(self._part.read(size))
        self._weight += len(block) + _BYTES_PER_ELEMENT * (block.count(b"<") - block.count(b"</"))
        if self._weight > MAX_SHARED_BYTES:
            raise _too_much_text()
        return block


class _SheetPart:
    """The XML of a sheet. openpyxl holds each row in memory, and all that follows the rows, of which only the beginning is read."""

    def __init__(self, part: Any, archive: _BoundedArchive) -> None:
        self._part, self._archive, self._tail, self._has_all_rows = part, archive, b"", False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._part.close()

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Raises InvalidFile if a row is too long, and _RowsEnd if what follows the rows is."""
        block = bytes(self._part.read(size))
        self._has_all_rows = self._has_all_rows or _END_OF_ROWS.search(self._tail + block) is not None
        self._tail = block[-_MAX_TAG_BYTES:]
        self._archive.row_bytes += len(block) + _BYTES_PER_TAG * block.count(b"<")
        if self._archive.row_bytes > MAX_LINE_BYTES:
            raise _RowsEnd if self._has_all_rows else InvalidFile(translatable("A row of a sheet is longer than 1 MB."), ADVICE)
        return block


def _too_much_text() -> InvalidFile:
    return InvalidFile(
        deferred("The workbook has more than %(limit)s MB of text, or too many short texts.", limit=MAX_SHARED_BYTES // 2**20), ADVICE
    )


class _RowsEnd(Exception):
    """A sheet has no further rows."""
