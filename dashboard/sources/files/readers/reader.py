"""The entry point for reading a file: recognizes its format and returns its posts in batches. Start with `open_reader`.

The first bytes decide what the format is; the name is used only if they leave it open. Memory is bounded whatever the file contains,
nothing is written, and anything unreadable is counted or raised as InvalidFile. Data frames, datasets and HTTP don't belong here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from dashboard.core.clock import system_clock
from dashboard.core.deferred_texts import defer_sentences
from dashboard.core.errors import InvalidFile, NoPosts
from dashboard.core.formatting.directions import isolate
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.import_summary import NO_COLUMN
from dashboard.sources.files.readers import (
    bluesky_repository,
    file_signatures,
    json_documents,
    limits,
    member_files,
    parquet_tables,
    tables,
    workbooks,
    x_scripts,
)
from dashboard.sources.files.readers.chosen_columns import check_fields, describe_choices
from dashboard.sources.files.readers.encodings import Utf16Reader, detect_utf16
from dashboard.sources.files.readers.file_names import display_filename
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import ByteBudget, GzipReader, Readable
from dashboard.sources.files.readers.post_batch import PostBatch
from dashboard.sources.files.readers.raw_posts import RawPosts, group_posts
from dashboard.sources.files.readers.rows import RowParser
from dashboard.sources.files.readers.x_zip import XArchive
from dashboard.sources.files.times.choices import TimeChoices

ARCHIVE_TITLE = "X’s archive"
_HEAD_BYTES = 64 * 1024


class FileReader:
    """Reads one file: iterate over it once to get batches of posts with the columns of posts.SCHEMA. `tally` is updated meanwhile.

    Iterating raises InvalidFile, at any batch, if the file or all of its posts are unreadable.
    """

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        column_by_field: Mapping[str, str] | None = None,
        max_unpacked_bytes: int = limits.MAX_UNPACKED_BYTES,
        time_choices: TimeChoices | None = None,
        account_name: str = "",
        max_rows: int = limits.MAX_ROWS,
        parquet_path: Path | None = None,
        are_columns_remembered: bool = False,
        file_number: int = 0,
    ) -> None:
        self._are_columns_remembered = are_columns_remembered
        self.tally, self._account_name = ImportTally(max_rows=max_rows), account_name
        self._parquet_path, self._file_number = parquet_path, file_number
        self._owner: str | None = None  # of an archive all of whose posts belong to one account
        self._file, self._path = file, PurePosixPath(display_filename(name))
        self._column_by_field = {field: column for field, column in (column_by_field or {}).items() if column}
        self._max_unpacked_bytes, self._time_choices = max_unpacked_bytes, time_choices or TimeChoices(system_clock())

    def __iter__(self) -> Iterator[PostBatch]:
        check_fields(self._column_by_field)
        if choices := {field: column for field, column in self._column_by_field.items() if column != NO_COLUMN}:
            self.tally.add_notice("chosen_columns", example=describe_choices(choices, are_remembered=self._are_columns_remembered))
        yield from self._iter_batches()
        if not self.tally.rows_kept:
            detail = deferred("We couldn’t read any posts from %(file)s.", file=self._file_name)
            reasons = self.tally.reasons[:3] or [deferred("The list of posts is empty.")]
            error_class = InvalidFile if self.tally.rows_read else NoPosts
            raise error_class(defer_sentences(detail, *reasons), translatable("Check that you chose the right file."))

    @property
    def _file_name(self) -> str:
        """The file's name in messages."""
        return isolate(self._path.name)

    def _iter_batches(self) -> Iterator[PostBatch]:
        head = limits.open_limited_reader(_IndependentReader(self._file), self._file_name, ByteBudget()).read(_HEAD_BYTES)
        if head.startswith(file_signatures.ZIP_SIGNATURES):
            return self._iter_zip_batches()
        if head.startswith(parquet_tables.SIGNATURE):
            return self._iter_parquet_batches()
        if head.startswith(file_signatures.GZIP_SIGNATURE):
            self._path = PurePosixPath(re.sub(r"\.gz\Z", "", self._path.name, flags=re.IGNORECASE) or "file")
            return self._iter_text_batches(partial(GzipReader, self._file))
        return self._iter_text_batches(partial(_IndependentReader, self._file))

    def _iter_parquet_batches(self) -> Iterator[PostBatch]:
        path = self._parquet_path
        if path is None:
            advice = translatable("Save it as CSV or JSON and upload that, or ask your administrator to read it with “chorus analyze”.")
            raise InvalidFile(deferred("%(file)s is a Parquet file, which can’t be uploaded.", file=self._file_name), advice)
        return self._iter_parsed("row", lambda _: parquet_tables.iter_parquet_posts(path, self._file_name, self._column_by_field))

    def _iter_zip_batches(self) -> Iterator[PostBatch]:
        budget = ByteBudget(self._max_unpacked_bytes)
        archive = XArchive(self._file, budget)
        if archive.is_workbook():
            yield from self._iter_parsed(
                "row", lambda tally: workbooks.iter_workbook_posts(self._file, self._file_name, self._column_by_field, tally)
            )
            return
        self.tally.evidence.is_archive = True
        if not archive.has_posts_of_x():
            yield from self._iter_member_batches(archive)
            return
        handle = archive.find_owner_handle()
        self.tally.evidence.tool = ARCHIVE_TITLE
        if archive.has_deleted_posts():
            self.tally.add_notice("deleted")
        groups = group_posts(archive.iter_posts(), lambda: budget.spent_bytes)
        yield from self._build_archive_parser(handle).iter_batches(groups)
        if archive.unmatched_notes:
            self.tally.add_notice("notes", archive.unmatched_notes)

    def _iter_member_batches(self, archive: XArchive) -> Iterator[PostBatch]:
        """Return batches of posts of the members of a zip that have posts: those of a known archive, or the only file in it."""
        members, self._owner = member_files.list_post_members(archive, self._path.name)
        for path in members:
            self._path = PurePosixPath(display_filename(path))
            yield from self._iter_text_batches(partial(archive.open_path, path))

    def _build_archive_parser(self, owner_handle: str | None) -> RowParser:
        """Return the parser for an archive's scripts, whose posts all belong to its owner."""
        return RowParser(
            self.tally,
            self._fallback_account,
            "post",
            self._time_choices,
            owner_handle=owner_handle,
            is_script=True,
            file_number=self._file_number,
        )

    def _iter_text_batches(self, open_source: Callable[[], Readable]) -> Iterator[PostBatch]:
        """Return batches of posts from a text file of any format. Each call of `open_source` starts at the beginning."""
        raw_head = limits.open_limited_reader(open_source(), self._file_name, ByteBudget()).read(_HEAD_BYTES)
        if codec := detect_utf16(raw_head):
            open_utf16, raw_head = open_source, raw_head.decode(codec, "ignore").encode("utf-8", "replace")
            open_source = lambda: Utf16Reader(open_utf16(), codec)  # noqa: E731
        head = raw_head.removeprefix(b"\xef\xbb\xbf").lstrip()
        open_file = limits.LimitedFile(open_source, self._file_name, self._max_unpacked_bytes)
        if bluesky_repository.REPOSITORY_PATTERN.match(raw_head):
            return self._iter_grouped("record", lambda: bluesky_repository.iter_repository_posts(open_file, self._file_name), open_file)
        file_signatures.check_is_text(raw_head, head, self._file_name)
        if file_signatures.SCRIPT_PATTERN.match(head):
            self.tally.evidence.tool = ARCHIVE_TITLE
            script_posts = x_scripts.iter_script_posts(open_file(), self._file_name)
            return self._build_archive_parser(None).iter_batches(group_posts(script_posts, open_file.count_read_bytes))
        extension = self._path.suffix.lower().removeprefix(".")
        if head.startswith((b"[", b"{")) or extension in ("jsonl", "ndjson"):
            json_lines = json_documents.is_json_lines(head, len(raw_head) < _HEAD_BYTES, extension)
            unit = "line" if json_lines else "post"
            return self._iter_grouped(unit, lambda: json_documents.iter_document_posts(open_file, self._file_name, json_lines), open_file)
        if extension in ("json", "js") and file_signatures.BROKEN_JSON_PATTERN.match(head):
            raise InvalidFile(
                deferred("%(file)s isn’t valid JSON.", file=self._file_name),
                translatable("Save the list of posts alone: a file that begins with [ or {."),
            )
        return self._iter_parsed("line", lambda tally: tables.iter_table_posts(open_file(), self._file_name, self._column_by_field, tally))

    def _iter_grouped(
        self, unit: str, open_posts: Callable[[], Iterator[tuple[int, Any]]], file: limits.LimitedFile
    ) -> Iterator[PostBatch]:
        """Return batches of the single posts that a function reads from a file."""
        return self._iter_parsed(unit, lambda _: group_posts(open_posts(), file.count_read_bytes))

    def _iter_parsed(self, unit: str, open_groups: Callable[[ImportTally], Iterator[RawPosts]]) -> Iterator[PostBatch]:
        """Return batches of the posts that a function opens; a second look at them counts nothing."""
        row_parser = RowParser(
            self.tally,
            self._fallback_account,
            unit,
            self._time_choices,
            owner_handle=self._owner,
            column_by_field=self._column_by_field,
            file_number=self._file_number,
        )
        return row_parser.iter_batches(open_groups(self.tally), lambda: open_groups(ImportTally()))

    @property
    def _fallback_account(self) -> str:
        """The account for posts that don't name one: the chosen one, else the file's name without its suffixes."""
        return self._account_name.strip() or re.sub(r"[\W_]+", "_", self._path.name.split(".")[0]).strip("_") or "file"


def open_reader(
    file: BinaryIO,
    name: str,
    column_by_field: Mapping[str, str] | None = None,
    *,
    max_unpacked_bytes: int = limits.MAX_UNPACKED_BYTES,
    time_choices: TimeChoices | None = None,
    account_name: str = "",
    max_rows: int = limits.MAX_ROWS,
    parquet_path: Path | None = None,
    are_columns_remembered: bool = False,
    file_number: int = 0,
) -> FileReader:
    """Return a reader of a seekable binary file. Nothing is read until it is iterated over, and closing the file is up to the caller.

    `name` is the file's name; `column_by_field` maps fields of `chosen_columns.MAPPABLE_FIELDS` to the columns that a person chose, and
    `time_choices` is what the person says about times. `account_name` is the account of posts that don't name one.
    `parquet_path` is the path of the file if it may be a Parquet file, which is read by path. `are_columns_remembered`: the columns were
    chosen for an earlier file with the same ones, which a note says. `file_number` is that of the file among several that are read
    together, from 0.
    """
    return FileReader(
        file,
        name,
        column_by_field,
        max_unpacked_bytes,
        time_choices,
        account_name,
        max_rows,
        parquet_path,
        are_columns_remembered,
        file_number,
    )


class _IndependentReader:
    """A reader with a position of its own, so that several can read the same file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._position = file, 0

    def read(self, size: int, /) -> bytes:
        self._file.seek(self._position)
        block = self._file.read(size)
        self._position += len(block)
        return block
