"""What is remembered of how a file was understood, so that people can check it before they look at charts. Sentences don't belong here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from dashboard.sources.files.readers.import_tally import ImportTally

NO_COLUMN = " none"  # what a person chooses for a field that no column has; names of columns never begin with a space
_UNKNOWN_TIME_NOTICES = ("undated", "untimed", "impossible", "ambiguous_zone", "unknown_zone")


@dataclass(frozen=True)
class ImportChoices:
    """What a person said about a file: columns by field, the zone of its times, the order of its dates, the account; empty if nothing."""

    column_by_field: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""
    date_order: str = ""
    account: str = ""


@dataclass(frozen=True)
class TimeCounts:
    """How many rows had which kind of time: with its zone, in the chosen zone, in UTC because nothing was known, only a date, or none."""

    with_zone: int = 0
    in_chosen_zone: int = 0
    assumed_utc: int = 0
    date_only: int = 0
    unknown: int = 0
    unknown_zone: int = 0  # of the unknown ones, those whose zone wasn't understood


@dataclass(frozen=True)
class RefusedRow:
    """A row that isn't a post: where it is, such as "Line 17", why, and its beginning, empty if it can't be shown."""

    location: str
    reason: str
    excerpt: str


@dataclass(frozen=True)
class ImportSummary:
    """How a file was understood. `tool` is empty if its shape isn't one of the known ones.

    `used_columns` has the column of each field, `columns` and `sample_rows` are for matching them again, and `languages` are pairs of a
    code, empty for posts without one, and a number of posts. `unnamed_posts` is the number of posts that don't name an account.
    """

    tool: str
    used_columns: Mapping[str, str]
    columns: tuple[str, ...]
    sample_rows: tuple[tuple[str, ...], ...]
    refused_rows: tuple[RefusedRow, ...]
    times: TimeCounts
    has_open_dates: bool  # whether dates such as 04/05/2026 were read by the evidence of their column, or as a person said
    unnamed_posts: int
    languages: tuple[tuple[str, int], ...]
    choices: ImportChoices
    is_archive: bool = False  # whether the file has others in it, which may be private
    kinds: tuple[tuple[str, int], ...] = ()  # pairs of a kind and its number of posts; empty for files imported before these were counted


def build_summary(
    tally: "ImportTally", choices: ImportChoices, languages: Sequence[tuple[str, int]], kinds: Sequence[tuple[str, int]] = ()
) -> ImportSummary:
    """Return the summary of an import that is complete."""
    evidence = tally.evidence
    return ImportSummary(
        tool=evidence.tool,
        used_columns=dict(evidence.column_by_field),
        columns=tuple(evidence.columns),
        sample_rows=tuple(tuple(row) for row in evidence.sample_rows),
        refused_rows=tuple(sorted(evidence.refused_rows, key=_row_number)),
        times=_count_times(tally),
        has_open_dates=bool(tally.notices["date_order"] or choices.date_order),
        unnamed_posts=tally.notices["nameless"] + tally.notices["handleless"],
        languages=tuple(languages),
        choices=choices,
        is_archive=evidence.is_archive,
        kinds=tuple(kinds),
    )


def _row_number(row: RefusedRow) -> int:
    """Return the number in a row's location; the rows of a sample are checked after those that can't be parsed."""
    return int("".join(character for character in row.location if character in "0123456789") or 0)


def _count_times(tally: "ImportTally") -> TimeCounts:
    notices = tally.notices
    unknown = sum(notices[kind] for kind in _UNKNOWN_TIME_NOTICES)
    without_zone = notices["chosen_zone"] + notices["zoneless"] + notices["date_only"]
    return TimeCounts(
        with_zone=max(0, tally.rows_kept - unknown - without_zone),
        in_chosen_zone=notices["chosen_zone"],
        assumed_utc=notices["zoneless"],
        date_only=notices["date_only"],
        unknown=unknown,
        unknown_zone=notices["ambiguous_zone"] + notices["unknown_zone"],
    )


def dump_summary(summary: ImportSummary | None) -> dict[str, Any] | None:
    """Return a summary as values of JSON."""
    return asdict(summary) if summary else None


def parse_summary(value: Any) -> ImportSummary | None:
    """Return the summary that `dump_summary` wrote, or None if there is none or it is damaged: the posts don't depend on it."""
    if value is None:
        return None
    try:
        return _load_adapter().validate_python(value)
    except ValueError:
        return None


@cache
def _load_adapter() -> "TypeAdapter[ImportSummary]":
    from pydantic import TypeAdapter

    return TypeAdapter(ImportSummary)
