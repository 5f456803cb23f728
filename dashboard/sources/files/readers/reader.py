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

from dashboard.core import posts
from dashboard.core.errors import InvalidArchive
from dashboard.sources.files.readers import limits, tables, x_json
from dashboard.sources.files.readers.import_tally import Tally
from dashboard.sources.files.readers.limits import Budget, Gunzip, Readable
from dashboard.sources.files.readers.rows import Reader, Row
from dashboard.sources.files.readers.x_zip import Zip

__all__ = ["FIELDS", "Reading", "read", "shown_name"]

FIELDS = tuple(posts.SCHEMA)  # what a column can be said to hold

_HEAD = 64 * 1024
_SCRIPT = re.compile(rb"[\w.$\[\]\"' ]{1,200}=\s*[\[{]|window\.", re.ASCII)
_WEB_PAGE = re.compile(rb"<(!doctype|html|head|body|\?xml|!--|\w+[\s>])", re.IGNORECASE)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP = b"\x1f\x8b"
_NO_TEXT = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")  # bytes that texts hardly have and everything else is full of


class Reading:
    """A file on its way into rows: iterate once for batches of rows with the keys of posts.SCHEMA; `tally` grows along.

    Iterating raises InvalidArchive, at any batch, for a file that can't be read, and for one without any post that can.
    """

    def __init__(self, file: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> None:
        self.tally = Tally()
        self._file, self._name = file, PurePosixPath(shown_name(name))
        self._chosen = {field: column for field, column in (columns or {}).items() if column}
        self._budget = Budget()

    def __iter__(self) -> Iterator[list[Row]]:
        unknown = [field for field in self._chosen if field not in FIELDS]
        if unknown:
            raise InvalidArchive(f"“{unknown[0][:40]}” is nothing that a column can hold.", f"It can hold {', '.join(FIELDS)}.")
        yield from self._file_of_any_kind()
        if not self.tally.kept:
            why = " ".join(self.tally.reasons[:3]) or "It is a list of posts, and empty."
            raise InvalidArchive(f"No post could be read from {self._what}. {why}", "Check that it is the file you meant.")

    @property
    def _what(self) -> str:
        return self._name.name

    def _file_of_any_kind(self) -> Iterator[list[Row]]:
        head = limits.reader(_Positioned(self._file), self._what, Budget()).read(_HEAD)
        if head.startswith(_ZIP):
            return self._zip()
        if head.startswith(_GZIP):
            self._name = PurePosixPath(re.sub(r"\.gz\Z", "", self._name.name, flags=re.IGNORECASE) or "file")
            return self._text(partial(Gunzip, self._file))
        return self._text(partial(_Positioned, self._file))

    def _zip(self) -> Iterator[list[Row]]:
        archive = Zip(self._file, self._budget)
        handle = archive.handle()
        if archive.has_deleted():
            self.tally.notice("deleted")
        yield from self._owner(handle).batches(archive.posts())
        if archive.unmatched:
            self.tally.notice("notes", archive.unmatched)

    def _owner(self, handle: str | None) -> Reader:
        """Return the reader of an archive's scripts, all of whose posts are its owner's."""
        return Reader(self.tally, self._stem, "post", owner=handle, script=True)

    def _text(self, source: Callable[[], Readable]) -> Iterator[list[Row]]:
        """Yield the rows of a text by its kind; `source` begins it anew."""
        first = limits.reader(source(), self._what, Budget()).read(_HEAD)
        head = first.removeprefix(b"\xef\xbb\xbf").lstrip()
        self._refuse_other_kinds(first, head)
        again = self._opener(source)
        if _SCRIPT.match(head):
            return self._owner(None).batches(x_json.script(again(), self._what))
        extension = self._name.suffix.lower().removeprefix(".")
        if head.startswith((b"[", b"{")) or extension in ("jsonl", "ndjson"):
            by_line = x_json.is_by_line(head, len(first) < _HEAD, extension)
            return self._reader("line" if by_line else "post").batches(x_json.document(again, self._what, by_line, self.tally))
        return self._reader("line").batches(tables.table(again(), self._what, self._chosen, self.tally))

    def _opener(self, source: Callable[[], Readable]) -> Callable[[], io.BufferedReader]:
        return lambda: limits.reader(source(), self._what, Budget())

    def _reader(self, unit: str) -> Reader:
        return Reader(self.tally, self._stem, unit, chosen=self._chosen)

    @property
    def _stem(self) -> str:
        """The file's name without its endings, as an account's name."""
        return re.sub(r"[\W_]+", "_", self._name.name.split(".")[0]).strip("_") or "file"

    def _refuse_other_kinds(self, first: bytes, head: bytes) -> None:
        """Raise InvalidArchive for what is certainly no text of posts."""
        if not head:
            raise InvalidArchive(f"{self._what} is empty.", "Check that it was saved or downloaded whole.")
        if first.startswith(_UTF_16) or first.count(b"\0") > len(first) // 4:
            detail = f"{self._what} is not in UTF-8, but perhaps in UTF-16."
            raise InvalidArchive(detail, "Save it in UTF-8 (Excel: “CSV UTF-8”), and import it again.")
        if _WEB_PAGE.match(head):
            detail = f"{self._what} is a web page, not a list of posts."
            raise InvalidArchive(detail, "A sign-in page is sometimes saved in a file's place: sign in, and download the file again.")
        if first.startswith((*_ZIP, _GZIP)) or len(_NO_TEXT.findall(first)) > len(first) // 50:
            raise InvalidArchive(f"{self._what} is no text.", "Import X's zip, a JSON file or a CSV file; unpack others first.")


def read(file: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> Reading:
    """Return the reading of a seekable binary file; nothing is read before it is iterated. The file stays open, and the caller's.

    `name` is the file's own, `columns` maps FIELDS to columns of it where a person said which is which.
    """
    return Reading(file, name, columns)


def shown_name(name: str) -> str:
    """Return a file's name without folders and control characters, as it can be shown."""
    return posts.clean(re.split(r"[\\/]", name)[-1][:200]).replace("\n", " ").replace("\t", " ").strip(" .") or "file"


class _Positioned:
    """A file read from its start, whoever else reads it in between."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._at = file, 0

    def read(self, size: int, /) -> bytes:
        self._file.seek(self._at)
        block = self._file.read(size)
        self._at += len(block)
        return block
