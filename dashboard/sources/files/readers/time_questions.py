"""Writes what people are asked about the times of a file, and why a file without times is refused. Nothing is read here."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.core.formatting.texts import format_list, quote
from dashboard.sources.files.readers.cell_values import RawPost
from dashboard.sources.files.readers.column_questions import build_question, format_sample_cell
from dashboard.sources.files.times.column import TimeColumn

ColumnValue = tuple[str, Any]  # the name of a column, and one of its values


def ask_for_column(chosen_column: str, values: Sequence[ColumnValue], posts: Sequence[RawPost]) -> UnknownColumns:
    """Return the question which column holds the times, because the chosen or the usual ones, with these `values`, don't."""
    isnt = f": {_quote_cell(values[0][1])} isn't one" if values else ""
    problem = f"No date found in {_quote_cell(chosen_column or (values[0][0] if values else 'created_at'))}{isnt}."
    return _ask(posts, ["created_at"], problem, {"created_at": "Choose a column with dates such as 2026-03-31."})


def ask_for_order(name: str, column: TimeColumn, posts: Sequence[RawPost]) -> UnknownColumns:
    """Return the question whether the day or the month comes first."""
    if column.date_order.is_contradictory:
        problem = f"The dates in {_quote_cell(name)} contradict each other: in some the day comes first, in others the month."
    else:
        examples = format_list([_quote_cell(example) for example in column.date_order.examples[:2]])
        problem = f"Dates in {_quote_cell(name)} such as {examples} can be read in two ways, and nothing in the file says which is right."
    return _ask(posts, [], problem, {"date_order": "Say what comes first."})


def ask_for_zone(name: str, column: TimeColumn, posts: Sequence[RawPost]) -> UnknownColumns:
    """Return the question which zone an abbreviation with several meanings stands for."""
    abbreviation, meanings = next(iter(column.ambiguous_zones.items()))
    problem = f"The times in {_quote_cell(name)} are in “{abbreviation}”, which means {format_list(meanings, conjunction='or')}."
    return _ask(posts, [], problem, {"zone": "Choose the time zone, such as Europe/London."})


def swapped_dates_error(name: str, column: TimeColumn) -> InvalidFile:
    """Return the error for dates of which a spreadsheet has read those that it could with the day and the month swapped."""
    example = _quote_cell(column.unconverted_example)
    detail = f"In {_quote_cell(name)}, some dates are text, such as {example}, and the rest are on the first 12 days of months."
    return InvalidFile(f"{detail} A spreadsheet has probably swapped their day and month.", _UNSWAPPED_ADVICE)


_UNSWAPPED_ADVICE = "Export the posts again, and upload that file without opening and saving it first."


def no_times_error(values: Sequence[ColumnValue], names: Sequence[str]) -> InvalidFile:
    """Return the error for a file without a single readable time; `names` are the columns that should hold them."""
    what = describe_values(values) if values else f"{format_list([_quote_cell(name) for name in names])} is always empty"
    advice = "Write the times like 2026-03-31 14:30, or export the file again with the time of each post."
    return InvalidFile(f"We couldn't read when any of these posts were published: {what}.", advice)


def describe_values(values: Sequence[ColumnValue]) -> str:
    """Return what columns contain: `“Date” contains “Lifetime”`."""
    return format_list([f"{_quote_cell(name)} contains {_quote_cell(value)}" for name, value in values[:2]])


def _ask(posts: Sequence[RawPost], missing_fields: list[str], problem: str, advice_by_field: dict[str, str]) -> UnknownColumns:
    columns = list(dict.fromkeys(chain.from_iterable(posts)))
    error = build_question(columns, [list(post.values()) for post in posts], missing_fields, problem)
    error.problems = {field: f"{problem} {advice}" for field, advice in advice_by_field.items()}
    return error


def _quote_cell(value: Any) -> str:
    return quote(format_sample_cell(value))
