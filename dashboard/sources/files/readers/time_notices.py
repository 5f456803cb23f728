"""Counts in the tally what people should know about the times of a file, with the first example of each kind. Nothing is read here."""

from typing import Any

from dashboard.core.deferred_texts import defer_quote
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.column_questions import format_sample_cell
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.places import defer_place
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.read_times import Problem, ReadTime
from dashboard.sources.files.times.time_evidence import TimeEvidence

_NOTICE_BY_ORDER = {
    "dmy": translatable("Dates such as %(example)s were read with the day first."),
    "mdy": translatable("Dates such as %(example)s were read with the month first."),
    "ymd": translatable("Dates such as %(example)s were read with the year first."),
}
_NOTICE_BY_PROBLEM = {
    Problem.UNREADABLE: "untimed",
    Problem.UNKNOWN_ORDER: "untimed",
    Problem.IMPOSSIBLE: "impossible",
    Problem.AMBIGUOUS_ZONE: "ambiguous_zone",
    Problem.UNKNOWN_ZONE: "unknown_zone",
}


class TimeNotices:
    """The notices about the times of one file."""

    def __init__(self, tally: ImportTally, choices: TimeChoices) -> None:
        self._tally, self._choices = tally, choices

    def explain(self, evidence: TimeEvidence, *, has_clocks: bool) -> None:
        """Add a notice on what was concluded from the whole column, so that people can object.

        `has_clocks` says whether another column has times of day.
        """
        unclear_date = next(iter(evidence.date_order.examples), "" if evidence.may_have_months else evidence.short_date_example)
        if unclear_date and (order := evidence.date_order.decide()):
            example = defer_quote(format_sample_cell(unclear_date))
            self._tally.add_notice("date_order", example=deferred(_NOTICE_BY_ORDER[order], example=example))
        if evidence.has_only_midnights and not has_clocks:
            self._tally.add_notice("midnights", example=deferred("All times are 00:00, so only their dates count."))

    def explain_clocks(self, column: str, number: str, clock: str) -> None:
        """Say how the numbers in a column of times of day were read, by the first of them."""
        sentence = deferred(
            "Numbers in %(column)s such as %(number)s were read as times of day (%(clock)s).",
            column=defer_quote(format_sample_cell(column)),
            number=defer_quote(number),
            clock=clock,
        )
        self._tally.add_notice("number_clocks", example=sentence)

    def count_time(self, read_time: ReadTime, row_zone: Any) -> None:
        """Count what should be known about a time that was read. `row_zone` is the zone in its row."""
        if read_time.is_date:
            self._tally.add_notice("date_only")
        elif read_time.is_zoneless:
            self._tally.add_notice("chosen_zone" if self._choices.zone else "zoneless", example=self._choices.zone_name)
            if row_zone is not None:
                self._tally.add_notice("unread_zones", example=lambda: defer_quote(format_sample_cell(row_zone)))
            if read_time.is_repeated:
                self._tally.add_notice("repeated_hour")

    def count_problem(self, problem: Problem | None, value: Any, location: str) -> None:
        """Count a value that isn't a time, None if the post has none at all. `location` is like "line 17"."""
        kind = "undated" if value is None else _NOTICE_BY_PROBLEM[problem or Problem.UNREADABLE]
        self._tally.add_notice(kind, example=lambda: _describe_problem(value, location))

    def count_zoneless(self, count: int) -> None:
        """Count posts whose times have no zone, of a file without any zones."""
        self._tally.add_notice("zoneless", count=count, example=self._choices.zone_name)

    def add_other_column(self, name: str, reason: str) -> None:
        """Say that the times are read from a column of another name than usual."""
        self._tally.add_notice("other_column", example=deferred("%(column)s, because %(reason)s", column=defer_quote(name), reason=reason))


def _describe_problem(value: Any, location: str) -> str:
    return deferred("%(value)s in %(place)s", value=defer_quote(format_sample_cell(value)), place=defer_place(location))
