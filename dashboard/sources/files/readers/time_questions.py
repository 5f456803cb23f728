"""Writes what people are asked about the times of a file, and why a file without times is refused. Nothing is read here."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from dashboard.core.deferred_texts import defer_list, defer_quote, defer_sentences
from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.cell_values import RawPost
from dashboard.sources.files.readers.column_questions import build_question, format_sample_cell
from dashboard.sources.files.times.time_evidence import TimeEvidence

ColumnValue = tuple[str, Any]  # the name of a column, and one of its values


def ask_for_column(chosen_column: str, values: Sequence[ColumnValue], posts: Sequence[RawPost]) -> UnknownColumns:
    """Return the question which column holds the times, because the chosen or the usual ones, with these `values`, don't."""
    column = _quote_cell(chosen_column or (values[0][0] if values else "created_at"))
    if values:
        problem = deferred("No date found in %(column)s: %(value)s isn’t one.", column=column, value=_quote_cell(values[0][1]))
    else:
        problem = deferred("No date found in %(column)s.", column=column)
    return _ask(posts, ["created_at"], problem, {"created_at": translatable("Choose a column with dates such as 2026-03-31.")})


def ask_for_order(name: str, evidence: TimeEvidence, posts: Sequence[RawPost]) -> UnknownColumns:
    """Return the question whether the day or the month comes first."""
    if evidence.date_order.is_contradictory:
        problem = deferred(
            "The dates in %(column)s contradict each other: in some the day comes first, in others the month.", column=_quote_cell(name)
        )
    else:
        problem = deferred(
            "Dates in %(column)s such as %(examples)s can be read in two ways, and nothing in the file says which is right.",
            column=_quote_cell(name),
            examples=defer_list([_quote_cell(example) for example in evidence.date_order.examples[:2]]),
        )
    return _ask(posts, [], problem, {"date_order": translatable("Say what comes first.")})


def ask_for_zone(name: str, evidence: TimeEvidence, posts: Sequence[RawPost]) -> UnknownColumns:
    """Return the question which zone an abbreviation stands for that has several meanings, or none that we know."""
    abbreviation, meanings = next(iter(evidence.ambiguous_zones.items()), (next(iter(evidence.unknown_zones), ""), list[str]()))
    problem = deferred(
        "The times in %(column)s are in “%(abbreviation)s”, a time zone that we don’t know.",
        column=_quote_cell(name),
        abbreviation=abbreviation,
    )
    if meanings:
        problem = _list_meanings(name, abbreviation, meanings)
    return _ask(posts, [], problem, {"zone": translatable("Choose the time zone, such as Europe/London.")})


def _list_meanings(name: str, abbreviation: str, meanings: list[str]) -> str:
    return deferred(
        "The times in %(column)s are in “%(abbreviation)s”, which means %(meanings)s.",
        column=_quote_cell(name),
        abbreviation=abbreviation,
        meanings=defer_list(meanings, conjunction="or"),
    )


def swapped_dates_error(name: str, evidence: TimeEvidence) -> InvalidFile:
    """Return the error for dates of which a spreadsheet has read those that it could with the day and the month swapped."""
    detail = deferred(
        "In %(column)s, some dates are text, such as %(example)s, and the rest are on the first 12 days of months. A spreadsheet has "
        "probably swapped their day and month.",
        column=_quote_cell(name),
        example=_quote_cell(evidence.unconverted_example),
    )
    return InvalidFile(detail, translatable("Export the posts again, and upload that file without opening and saving it first."))


def no_times_error(values: Sequence[ColumnValue], names: Sequence[str]) -> InvalidFile:
    """Return the error for a file without a single readable time; `names` are the columns that should hold them."""
    if values:
        what = describe_values(values)
    else:
        what = deferred("%(columns)s is always empty", columns=defer_list([_quote_cell(name) for name in names]))
    advice = translatable("Write the times like 2026-03-31 14:30, or export the file again with the time of each post.")
    return InvalidFile(deferred("We couldn’t read when any of these posts were published: %(what)s.", what=what), advice)


def describe_values(values: Sequence[ColumnValue]) -> str:
    """Return what columns contain: `“Date” contains “Lifetime”`."""
    contents = [deferred("%(column)s contains %(value)s", column=_quote_cell(name), value=_quote_cell(value)) for name, value in values[:2]]
    return defer_list(contents)


def _ask(posts: Sequence[RawPost], missing_fields: list[str], problem: str, advice_by_field: dict[str, str]) -> UnknownColumns:
    columns = list(dict.fromkeys(chain.from_iterable(posts)))
    error = build_question(columns, [list(post.values()) for post in posts], missing_fields, problem)
    error.problems = {field: defer_sentences(problem, advice) for field, advice in advice_by_field.items()}
    return error


def _quote_cell(value: Any) -> str:
    return defer_quote(format_sample_cell(value))
