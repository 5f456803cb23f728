"""What was read of a file and what was not: counts, the first reasons, and what a person should know. No reading is done here."""

from collections import Counter
from dataclasses import dataclass, field

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers.limits import MAX_ROWS

MAX_REASONS = 10  # of rows that can't be read, told in full; the rest are counted

_NOTICE_TEMPLATES = {  # what is said of `count` posts, with `s` for the plural's letter
    "zoneless": "{count:,} time{s} had no zone and {were} taken as UTC.",
    "untimed": "{count:,} post{s} had no time that can be read; {they} {are} kept, but no chart over time shows {them}.",
    "ambiguous": "{count:,} date{s} such as 04/05/2026 can be read two ways and {were} left out; write dates as 2026-05-04.",
    "digits": "{count:,} id{s} had lost digits, as spreadsheets do to long numbers; {they} {were} numbered anew.",
    "repeated": "{count:,} post{s} came more than once; the last of each was kept.",
    "cut": "{count:,} text{s} of more than 25,000 characters {were} cut.",
    "nameless": "{count:,} post{s} named no account and {were} put under the file's name.",
    "alike": "{count:,} account name{s} differed from another only in characters that an address can't hold; their posts are together.",
    "notes": "{count:,} long text{s} of the archive belonged to no post in it.",
    "handleless": "The file does not say whose posts these are, so its own name is used; X's zip, imported whole, has the handle.",
    "deleted": "Deleted posts are in the archive too; they were left out.",
}


@dataclass
class ImportTally:
    """Counts that grow while a file is read: rows met, rows unreadable, the first reasons why, and notices by kind."""

    rows_read: int = 0
    rows_unreadable: int = 0
    reasons: list[str] = field(default_factory=list)
    notices: Counter[str] = field(default_factory=Counter)

    @property
    def rows_kept(self) -> int:
        """How many rows could be read."""
        return self.rows_read - self.rows_unreadable

    def count_rows(self, rows: int = 1) -> None:
        """Count rows that were met. Raises InvalidArchive at one more than is read of a file."""
        self.rows_read += rows
        if self.rows_read > MAX_ROWS:
            raise InvalidFile(f"The file has more than {MAX_ROWS:,} posts.", "Split it, and import the parts.")

    def reject_row(self, location: str, reason: str) -> None:
        """Count one row, already met, that can't be read; `where` is such as “line 17”, `reason` goes on with a verb."""
        self.rows_unreadable += 1
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(f"{location[:1].upper()}{location[1:]} {reason}.")

    def add_notice(self, kind: str, count: int = 1) -> None:
        """Count what a person should know of; `kind` is a key of the sentences above."""
        self.notices[kind] += count

    def format_warnings(self) -> list[str]:
        """Return the notices as sentences."""
        return [_format_notice(kind, self.notices[kind]) for kind in _NOTICE_TEMPLATES if self.notices[kind]]


def _format_notice(kind: str, count: int) -> str:
    one = {"s": "", "were": "was", "are": "is", "they": "it", "them": "it"}
    many = {"s": "s", "were": "were", "are": "are", "they": "they", "them": "them"}
    return _NOTICE_TEMPLATES[kind].format(count=count, **(one if count == 1 else many))
