"""Counts what an import read and skipped, with the first reasons and the notices that the person should see.

Nothing is parsed here.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dashboard.core.display_names import clean_display_name
from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers.import_evidence import ImportEvidence
from dashboard.sources.files.readers.limits import MAX_ROWS

MAX_SPELLINGS = 10_000  # of names of accounts
MAX_REASONS = 10  # reasons for unreadable rows that are kept in full; later ones are only counted

_NO_HANDLE = "The file doesn't say whose posts these are, so they are listed under its name. X's complete zip includes the handle."
_DELETED_POSTS = "The archive also contains deleted posts. They were skipped."
_LEFT_OUT = (  # what happens to one post without a time, and to several
    "It’s kept, but every chart, table and list of posts leaves it out.",
    "They’re kept, but every chart, table and list of posts leaves them out.",
)
_NOTICES = {  # kind: (the sentence for one, the sentence for several)
    "chosen_columns": ("{example}", "{example}"),
    "other_column": ("The times are from {example}.", "The times are from {example}."),
    "chosen_zone": ("1 time has no time zone and was read as {example}.", "{count:,} times have no time zone and were read as {example}."),
    "zoneless": (
        "1 time has no time zone and was read as UTC. If it’s in another one, choose it and read the file again.",
        "{count:,} times have no time zone and were read as UTC. If they’re in another one, choose it and read the file again.",
    ),
    "repeated_hour": (
        "1 time is in an hour that the clocks show twice and was read as the first one.",
        "{count:,} times are in an hour that the clocks show twice and were read as the first one.",
    ),
    "midnights": ("{example}", "{example}"),
    "date_order": ("{example}", "{example}"),
    "date_only": (
        "1 post has a date without a time of day. It counts on that day in every time zone, and charts by hour leave it out.",
        "{count:,} posts have a date without a time of day. They count on that day in every time zone, and charts by hour leave them out.",
    ),
    "undated": (f"1 post has no date. {_LEFT_OUT[0]}", f"{{count:,}} posts have no date. {_LEFT_OUT[1]}"),
    "untimed": (
        f"1 post has no readable date: {{example}}. {_LEFT_OUT[0]}",
        f"{{count:,}} posts have no readable date, such as {{example}}. {_LEFT_OUT[1]}",
    ),
    "impossible": (
        f"1 post has an impossible date, before 2006 or in the future: {{example}}. {_LEFT_OUT[0]}",
        f"{{count:,}} posts have an impossible date, before 2006 or in the future, such as {{example}}. {_LEFT_OUT[1]}",
    ),
    "ambiguous_zone": (
        f"1 time names a time zone that has several meanings: {{example}}. {_LEFT_OUT[0]} Upload the file again and choose the time zone.",
        f"{{count:,}} times name a time zone that has several meanings, such as {{example}}. {_LEFT_OUT[1]} "
        "Upload the file again and choose the time zone.",
    ),
    "unknown_zone": (
        f"1 time names a time zone that we don’t know: {{example}}. {_LEFT_OUT[0]}",
        f"{{count:,}} times name a time zone that we don’t know, such as {{example}}. {_LEFT_OUT[1]}",
    ),
    "digits": (
        "A spreadsheet shortened 1 post ID; we assigned a new one.",
        "A spreadsheet shortened {count:,} post IDs; we assigned new ones.",
    ),
    "unknown_counts": (
        "1 number can’t be read for certain and is left unknown: {example}.",
        "{count:,} numbers can’t be read for certain, such as {example}, and are left unknown.",
    ),
    "encoding": (
        "The file isn’t encoded as UTF-8 and was read as {example}. Check that letters such as é look right.",
        "The file isn’t encoded as UTF-8 and was read as {example}. Check that letters such as é look right.",
    ),
    "damaged_letters": (
        "1 line has letters that are damaged in the file.",
        "{count:,} lines have letters that are damaged in the file.",
    ),
    "repaired": (
        "1 text was damaged by a wrong encoding and is repaired: {example}.",
        "{count:,} texts were damaged by a wrong encoding and are repaired: {example}, for instance.",
    ),
    "repeated": (
        "1 post appeared more than once. We kept its last copy.",
        "{count:,} posts appeared more than once. We kept the last copy of each.",
    ),
    "edited": (
        "1 older version of an edited post was skipped. We kept the newest wording.",
        "{count:,} older versions of edited posts were skipped. We kept the newest wording of each.",
    ),
    "cut": (
        "1 text was longer than 25,000 characters and was shortened.",
        "{count:,} texts were longer than 25,000 characters and were shortened.",
    ),
    "cut_off": (
        "1 text is cut off in the file: {example}. What follows isn’t counted.",
        "{count:,} texts are cut off in the file, such as {example}. What follows isn’t counted.",
    ),
    "lost_texts": (
        "1 text is lost, because a spreadsheet took it for a formula and wrote {example} instead. The post counts without words.",
        "{count:,} texts are lost, because a spreadsheet took them for formulas and wrote {example} instead, for instance. "
        "The posts count without words.",
    ),
    "nameless": (
        "1 post doesn't name an account. It is listed under the file's name.",
        "{count:,} posts don't name an account. They are listed under the file's name.",
    ),
    "alike": (
        "1 account name differs from another one only in characters that links can't contain. Their posts are counted together.",
        "{count:,} account names differ from others only in characters that links can't contain. Their posts are counted together.",
    ),
    "notes": (
        "1 long text in the archive doesn't belong to any of its posts.",
        "{count:,} long texts in the archive don't belong to any of its posts.",
    ),
    "handleless": (_NO_HANDLE, _NO_HANDLE),
    "deleted": (_DELETED_POSTS, _DELETED_POSTS),
}


@dataclass
class ImportTally:
    """The counts of one import, updated while the file is read: rows, unreadable rows, the first reasons why, and notices by kind.

    `evidence` is what was understood of the file. `spelling_by_account` has the names of accounts as the file writes them, cleaned, by
    their normalized form; only where they differ, and only the first spelling of the first MAX_SPELLINGS accounts.
    """

    rows_read: int = 0
    max_rows: int = MAX_ROWS
    rows_unreadable: int = 0
    reasons: list[str] = field(default_factory=list)
    notices: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # the first of each kind of notice
    evidence: ImportEvidence = field(default_factory=ImportEvidence)
    spelling_by_account: dict[str, str] = field(default_factory=dict)

    @property
    def rows_kept(self) -> int:
        """The number of rows that could be read."""
        return self.rows_read - self.rows_unreadable

    def count_rows(self, rows: int = 1) -> None:
        """Add to the number of rows. Raises InvalidFile if the file has more than `max_rows`."""
        self.rows_read += rows
        if self.rows_read > self.max_rows:
            raise InvalidFile(f"The file has more than {self.max_rows:,} posts.", "Split it into smaller files.")

    def reject_row(self, location: str, reason: str, row: Any = None) -> None:
        """Mark one counted row as unreadable; `location` is like "line 17", and `reason` continues the sentence with a verb.

        `row` is what could be parsed of it: an object, or a list of cells.
        """
        self.rows_unreadable += 1
        self.evidence.add_refused_row(location, reason, row)
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(f"{location[:1].upper()}{location[1:]} {reason}.")

    def add_spelling(self, account: str, spelling: str) -> None:
        """Keep how the file writes the name of an account, unless another spelling came first."""
        name = clean_display_name(spelling.strip().removeprefix("@"))
        if name and name != account and len(self.spelling_by_account) < MAX_SPELLINGS:
            self.spelling_by_account.setdefault(account, name)

    def add_notice(self, kind: str, count: int = 1, example: str = "") -> None:
        """Add to the count of a notice; `kind` is a key of _NOTICES. The first example is shown."""
        self.notices[kind] += count
        self.examples.setdefault(kind, example)

    def format_warnings(self) -> list[str]:
        """Return the notices as sentences, in a fixed order."""
        return [_format_notice(kind, self.notices[kind], self.examples[kind]) for kind in _NOTICES if self.notices[kind]]


def _format_notice(kind: str, count: int, example: str) -> str:
    singular, plural = _NOTICES[kind]
    return (singular if count == 1 else plural).format(count=count, example=example)
