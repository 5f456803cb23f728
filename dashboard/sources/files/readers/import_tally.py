"""Counts what an import read and skipped, with the first reasons and the notices that the person should see.

Nothing is parsed here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.core.display_names import clean_display_name
from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, deferred_plural, translatable, translatable_plural
from dashboard.sources.files.readers.import_evidence import ImportEvidence
from dashboard.sources.files.readers.limits import MAX_ROWS
from dashboard.sources.files.readers.places import defer_first_place

MAX_SPELLINGS = 10_000  # of names of accounts
MAX_REASONS = 10  # reasons for unreadable rows that are kept in full; later ones are only counted

_NOTICES: Mapping[str, tuple[str, str] | None] = {  # kind: the sentence for one and for several, None if the example is one itself
    "chosen_columns": None,
    "other_column": (
        translatable("The times are from %(example)s."),
        "",
    ),
    "other_sheets": (
        translatable("The workbook has posts in several sheets. Only %(example)s was read. Save each of the others as a file of its own."),
        "",
    ),
    "repeated_columns": (
        translatable("Several columns are called %(example)s. The first of them was read."),
        "",
    ),
    "chosen_zone": translatable_plural(
        "%(count)s time has no time zone and was read as %(example)s.",
        "%(count)s times have no time zone and were read as %(example)s.",
    ),
    "zoneless": translatable_plural(
        "%(count)s time has no time zone and was read as UTC. If it’s in another one, choose it and read the file again.",
        "%(count)s times have no time zone and were read as UTC. If they’re in another one, choose it and read the file again.",
    ),
    "unread_zones": translatable_plural(
        "%(count)s of these times is in a row with a time zone that we can’t read: %(example)s.",
        "%(count)s of these times are in rows with a time zone that we can’t read, such as %(example)s.",
    ),
    "repeated_hour": translatable_plural(
        "%(count)s time is in an hour that the clocks show twice and was read as the first one.",
        "%(count)s times are in an hour that the clocks show twice and were read as the first one.",
    ),
    "midnights": None,
    "number_clocks": None,
    "date_order": None,
    "date_only": translatable_plural(
        "%(count)s post has a date without a time of day. It counts on that day in every time zone, and charts by hour leave it out.",
        "%(count)s posts have a date without a time of day. They count on that day in every time zone, and charts by hour leave them out.",
    ),
    "undated": translatable_plural(
        "%(count)s post has no date. It’s kept, but every chart, table and list of posts leaves it out.",
        "%(count)s posts have no date. They’re kept, but every chart, table and list of posts leaves them out.",
    ),
    "untimed": translatable_plural(
        "%(count)s post has no readable date: %(example)s. It’s kept, but every chart, table and list of posts leaves it out.",
        "%(count)s posts have no readable date, such as %(example)s. They’re kept, but every chart, table and list of "
        "posts leaves them out.",
    ),
    "impossible": translatable_plural(
        "%(count)s post has an impossible date, before 2006 or in the future: %(example)s. It’s kept, but every chart, "
        "table and list of posts leaves it out.",
        "%(count)s posts have an impossible date, before 2006 or in the future, such as %(example)s. They’re kept, but "
        "every chart, table and list of posts leaves them out.",
    ),
    "ambiguous_zone": translatable_plural(
        "%(count)s time names a time zone that has several meanings: %(example)s. It’s kept, but every chart, table and "
        "list of posts leaves it out. Upload the file again and choose the time zone.",
        "%(count)s times name a time zone that has several meanings, such as %(example)s. They’re kept, but every "
        "chart, table and list of posts leaves them out. Upload the file again and choose the time zone.",
    ),
    "unknown_zone": translatable_plural(
        "%(count)s time names a time zone that we don’t know: %(example)s. It’s kept, but every chart, table and list "
        "of posts leaves it out.",
        "%(count)s times name a time zone that we don’t know, such as %(example)s. They’re kept, but every chart, table "
        "and list of posts leaves them out.",
    ),
    "digits": translatable_plural(
        "A spreadsheet shortened %(count)s post ID; we assigned a new one.",
        "A spreadsheet shortened %(count)s post IDs; we assigned new ones.",
    ),
    "unknown_counts": translatable_plural(
        "%(count)s number can’t be read for certain and is left unknown: %(example)s.",
        "%(count)s numbers can’t be read for certain, such as %(example)s, and are left unknown.",
    ),
    "encoding": (
        translatable("The file isn’t encoded as UTF-8 and was read as %(example)s. Check that letters such as é look right."),
        "",
    ),
    "damaged_letters": translatable_plural(
        "%(count)s line has letters that are damaged in the file.",
        "%(count)s lines have letters that are damaged in the file.",
    ),
    "repaired": translatable_plural(
        "%(count)s text was damaged by a wrong encoding and is repaired: %(example)s.",
        "%(count)s texts were damaged by a wrong encoding and are repaired: %(example)s, for instance.",
    ),
    "repeated": translatable_plural(
        "%(count)s post appeared more than once. We kept its last copy.",
        "%(count)s posts appeared more than once. We kept the last copy of each.",
    ),
    "edited": translatable_plural(
        "%(count)s older version of an edited post was skipped. We kept the newest wording.",
        "%(count)s older versions of edited posts were skipped. We kept the newest wording of each.",
    ),
    "cut": translatable_plural(
        "%(count)s text was longer than 25,000 characters and was shortened.",
        "%(count)s texts were longer than 25,000 characters and were shortened.",
    ),
    "cut_off": translatable_plural(
        "%(count)s text is cut off in the file: %(example)s. What follows isn’t counted.",
        "%(count)s texts are cut off in the file, such as %(example)s. What follows isn’t counted.",
    ),
    "lost_texts": translatable_plural(
        "%(count)s text is lost, because a spreadsheet took it for a formula and wrote %(example)s instead. The post counts without words.",
        "%(count)s texts are lost, because a spreadsheet took them for formulas and wrote %(example)s instead, for "
        "instance. The posts count without words.",
    ),
    "nameless": translatable_plural(
        "%(count)s post doesn’t name an account. It is listed under the file’s name.",
        "%(count)s posts don’t name an account. They are listed under the file’s name.",
    ),
    "alike": translatable_plural(
        "%(count)s account name differs from another one only in characters that links can’t contain. Their posts are counted together.",
        "%(count)s account names differ from others only in characters that links can’t contain. Their posts are counted together.",
    ),
    "notes": translatable_plural(
        "%(count)s long text in the archive doesn’t belong to any of its posts.",
        "%(count)s long texts in the archive don’t belong to any of its posts.",
    ),
    "handleless": (
        translatable(
            "The file doesn’t say whose posts these are, so they are listed under its name. X’s complete zip includes the handle."
        ),
        "",
    ),
    "deleted": (
        translatable("The archive also contains deleted posts. They were skipped."),
        "",
    ),
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
    unidentified_posts: int = 0  # without an ID, so that a copy of one in another file can't be told from another post
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
            detail = deferred("The file has more than %(limit)s posts.", limit=self.max_rows)
            raise InvalidFile(detail, translatable("Split it into smaller files."))

    def reject_row(self, location: str, reason: str, row: Any = None) -> None:
        """Mark one counted row as unreadable; `location` is like "line 17", and `reason` continues the sentence with a verb.

        `row` is what could be parsed of it: an object, or a list of cells.
        """
        self.rows_unreadable += 1
        place = defer_first_place(location)
        self.evidence.add_refused_row(place, reason, row)
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(deferred("%(place)s %(reason)s.", place=place, reason=reason))

    def add_spelling(self, account: str, spelling: str) -> None:
        """Keep how the file writes the name of an account, unless another spelling came first."""
        name = clean_display_name(spelling.strip().removeprefix("@"))
        if name and name != account and len(self.spelling_by_account) < MAX_SPELLINGS:
            self.spelling_by_account.setdefault(account, name)

    def add_notice(self, kind: str, count: int = 1, example: str | Callable[[], str] = "") -> None:
        """Add to the count of a notice; `kind` is a key of _NOTICES. The first example is shown, so only that one is built."""
        self.notices[kind] += count
        if kind not in self.examples:
            self.examples[kind] = example if isinstance(example, str) else example()

    def format_warnings(self) -> list[str]:
        """Return the notices as sentences, in a fixed order."""
        return [_format_notice(kind, self.notices[kind], self.examples[kind]) for kind in _NOTICES if self.notices[kind]]


def add_up_warnings(files: Sequence[tuple[Mapping[str, int], Mapping[str, str]]]) -> list[tuple[str, list[int]]]:
    """Return the notices of several files, given as `notices` and `examples`, as sentences in a fixed order, each with its files' indices.

    Counts are added up. Notices that are sentences themselves are kept apart where they differ.
    """
    sentences = list[tuple[str, list[int]]]()
    for kind, forms in _NOTICES.items():
        indices_by_example = dict[str, list[int]]()
        for index, (notices, examples) in enumerate(files):
            if notices.get(kind):
                indices_by_example.setdefault(examples[kind], []).append(index)
        if forms is None:
            sentences += indices_by_example.items()
        elif indices_by_example:
            indices = sorted(index for indices in indices_by_example.values() for index in indices)
            count = sum(files[index][0][kind] for index in indices)
            sentences.append((_format_notice(kind, count, next(iter(indices_by_example))), indices))
    return sentences


def _format_notice(kind: str, count: int, example: str) -> str:
    forms, values = _NOTICES[kind], {"example": example} if example else {}
    if forms is None:
        return example
    singular, plural = forms
    return deferred_plural(singular, plural, count, **values) if plural else deferred(singular, **values)
