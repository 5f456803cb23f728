"""People's own files, read into rows: X's archive, JSON of X's API, JSON lines, and tables. The one door is `read`.

What a file is, its first bytes say; its name only decides what they leave open. Memory is bounded whatever the file holds, nothing is
written anywhere, and what can't be read is counted or told as InvalidArchive. No frames, datasets or HTTP in this room.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO

from dashboard.core import post_text, posts
from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import limits, tables, x_json
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import ByteBudget, GzipReader, Readable
from dashboard.sources.files.readers.rows import Row, RowParser
from dashboard.sources.files.readers.x_zip import XArchive

__all__ = ["MAPPABLE_FIELDS", "FileReader", "display_filename", "open_reader"]

MAPPABLE_FIELDS = tuple(posts.SCHEMA)  # what a column can be said to hold

_HEAD_BYTES = 64 * 1024
_SCRIPT_PATTERN = re.compile(rb"[\w.$\[\]\"' ]{1,200}=\s*[\[{]|window\.", re.ASCII)
_HTML_PATTERN = re.compile(rb"<(!doctype|html|head|body|\?xml|!--|\w+[\s>])", re.IGNORECASE)
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP_SIGNATURE = b"\x1f\x8b"
_BINARY_BYTE = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")  # bytes that texts hardly have and everything else is full of


class FileReader:
    """A file on its way into rows: iterate once for batches of rows with the keys of posts.SCHEMA; `tally` grows along.

    Iterating raises InvalidArchive, at any batch, for a file that can't be read, and for one without any post that can.
    """

    def __init__(self, file: BinaryIO, name: str, column_by_field: Mapping[str, str] | None = None) -> None:
        self.tally = ImportTally()
        self._file, self._path = file, PurePosixPath(display_filename(name))
        self._column_by_field = {field: column for field, column in (column_by_field or {}).items() if column}
        self._byte_budget = ByteBudget()

    def __iter__(self) -> Iterator[list[Row]]:
        unknown = [field for field in self._column_by_field if field not in MAPPABLE_FIELDS]
        if unknown:
            raise InvalidFile(f"“{unknown[0][:40]}” is nothing that a column can hold.", f"It can hold {', '.join(MAPPABLE_FIELDS)}.")
        yield from self._iter_batches()
        if not self.tally.rows_kept:
            why = " ".join(self.tally.reasons[:3]) or "It is a list of posts, and empty."
            raise InvalidFile(f"No post could be read from {self._file_name}. {why}", "Check that it is the file you meant.")

    @property
    def _file_name(self) -> str:
        return self._path.name

    def _iter_batches(self) -> Iterator[list[Row]]:
        head = limits.open_limited_reader(_IndependentReader(self._file), self._file_name, ByteBudget()).read(_HEAD_BYTES)
        if head.startswith(_ZIP_SIGNATURES):
            return self._iter_zip_batches()
        if head.startswith(_GZIP_SIGNATURE):
            self._path = PurePosixPath(re.sub(r"\.gz\Z", "", self._path.name, flags=re.IGNORECASE) or "file")
            return self._iter_text_batches(partial(GzipReader, self._file))
        return self._iter_text_batches(partial(_IndependentReader, self._file))

    def _iter_zip_batches(self) -> Iterator[list[Row]]:
        archive = XArchive(self._file, self._byte_budget)
        handle = archive.find_owner_handle()
        if archive.has_deleted_posts():
            self.tally.add_notice("deleted")
        yield from self._build_archive_parser(handle).iter_batches(archive.iter_posts())
        if archive.unmatched_notes:
            self.tally.add_notice("notes", archive.unmatched_notes)

    def _build_archive_parser(self, owner_handle: str | None) -> RowParser:
        """Return the reader of an archive's scripts, all of whose posts are its owner's."""
        return RowParser(self.tally, self._fallback_account, "post", owner_handle=owner_handle, is_script=True)

    def _iter_text_batches(self, open_source: Callable[[], Readable]) -> Iterator[list[Row]]:
        """Yield the rows of a text by its kind; `source` begins it anew."""
        first = limits.open_limited_reader(open_source(), self._file_name, ByteBudget()).read(_HEAD_BYTES)
        head = first.removeprefix(b"\xef\xbb\xbf").lstrip()
        self._check_is_text(first, head)
        again = self._build_opener(open_source)
        if _SCRIPT_PATTERN.match(head):
            return self._build_archive_parser(None).iter_batches(x_json.iter_script_posts(again(), self._file_name))
        extension = self._path.suffix.lower().removeprefix(".")
        if head.startswith((b"[", b"{")) or extension in ("jsonl", "ndjson"):
            by_line = x_json.is_json_lines(head, len(first) < _HEAD_BYTES, extension)
            return self._build_row_parser("line" if by_line else "post").iter_batches(
                x_json.iter_document_posts(again, self._file_name, by_line, self.tally)
            )
        return self._build_row_parser("line").iter_batches(
            tables.iter_table_posts(again(), self._file_name, self._column_by_field, self.tally)
        )

    def _build_opener(self, open_source: Callable[[], Readable]) -> Callable[[], io.BufferedReader]:
        return lambda: limits.open_limited_reader(open_source(), self._file_name, ByteBudget())

    def _build_row_parser(self, unit: str) -> RowParser:
        return RowParser(self.tally, self._fallback_account, unit, column_by_field=self._column_by_field)

    @property
    def _fallback_account(self) -> str:
        """The file's name without its endings, as an account's name."""
        return re.sub(r"[\W_]+", "_", self._path.name.split(".")[0]).strip("_") or "file"

    def _check_is_text(self, raw_head: bytes, head: bytes) -> None:
        """Raise InvalidArchive for what is certainly no text of posts."""
        if not head:
            raise InvalidFile(f"{self._file_name} is empty.", "Check that it was saved or downloaded whole.")
        if raw_head.startswith(_UTF16_BOMS) or raw_head.count(b"\0") > len(raw_head) // 4:
            detail = f"{self._file_name} is not in UTF-8, but perhaps in UTF-16."
            raise InvalidFile(detail, "Save it in UTF-8 (Excel: “CSV UTF-8”), and import it again.")
        if _HTML_PATTERN.match(head):
            detail = f"{self._file_name} is a web page, not a list of posts."
            raise InvalidFile(detail, "A sign-in page is sometimes saved in a file's place: sign in, and download the file again.")
        if raw_head.startswith((*_ZIP_SIGNATURES, _GZIP_SIGNATURE)) or len(_BINARY_BYTE.findall(raw_head)) > len(raw_head) // 50:
            raise InvalidFile(f"{self._file_name} is no text.", "Import X's zip, a JSON file or a CSV file; unpack others first.")


def open_reader(file: BinaryIO, name: str, column_by_field: Mapping[str, str] | None = None) -> FileReader:
    """Return the reading of a seekable binary file; nothing is read before it is iterated. The file stays open, and the caller's.

    `name` is the file's own, `columns` maps FIELDS to columns of it where a person said which is which.
    """
    return FileReader(file, name, column_by_field)


def display_filename(filename: str) -> str:
    """Return a file's name without folders and control characters, as it can be shown."""
    return post_text.clean_text(re.split(r"[\\/]", filename)[-1][:200]).replace("\n", " ").replace("\t", " ").strip(" .") or "file"


class _IndependentReader:
    """A file read from its start, whoever else reads it in between."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._position = file, 0

    def read(self, size: int, /) -> bytes:
        self._file.seek(self._position)
        block = self._file.read(size)
        self._position += len(block)
        return block
