"""Searches for times in columns of other names, if those that usually have them don't. Which one is used is decided in `post_times.py`."""

import re
from collections.abc import Collection, Sequence
from itertools import chain

from dashboard.sources.files.readers.column_candidates import list_candidates
from dashboard.sources.files.readers.column_questions import INSPECTED_ROWS
from dashboard.sources.files.readers.field_paths import KeyPath
from dashboard.sources.files.readers.time_columns import SampleRow, values_at
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import Problem, ReadTime
from dashboard.sources.files.times.zone_columns import split_column_name

_MIN_READABLE_SHARE = 0.9  # of the values of a column that is used although its name isn't known
_TIME_NAME = re.compile(r"date|time|publi|posted|created|sent", re.IGNORECASE)
_OTHER_TIME_NAME = re.compile(
    r"updat|edit|modif|collect|scrap|crawl|fetch|import|export|delet|birth|join|start|end|last|zone|account", re.I
)


def has_times_elsewhere(known_paths: Collection[KeyPath], rows: Sequence[SampleRow]) -> bool:
    """Return whether columns of any other name may have the times."""
    posts = [row.post for row in rows[:INSPECTED_ROWS]]
    columns = list(dict.fromkeys(chain.from_iterable(posts)))
    candidates = list_candidates("created_at", columns, [[post.get(column) for column in columns] for post in posts])
    return not {path[0] for path in known_paths}.issuperset(candidates)


def find_other_columns(known_paths: Collection[KeyPath], rows: Sequence[SampleRow], choices: TimeChoices) -> list[KeyPath]:
    """Return the paths of other columns whose names suggest times, and which hold almost nothing else."""
    keys = [key for key in dict.fromkeys(chain.from_iterable(row.post for row in rows)) if isinstance(key, str)]
    named = [key for key in keys if (key,) not in known_paths and _TIME_NAME.search(key) and not _OTHER_TIME_NAME.search(key)]
    return [(key,) for key in named if _is_mostly_readable((key,), rows, choices)]


def _is_mostly_readable(path: KeyPath, rows: Sequence[SampleRow], choices: TimeChoices) -> bool:
    column, values = TimeColumn(choices, split_column_name(path[-1])[1]), list(values_at(path, rows))
    column.survey((value, None) for value in values)
    read_count = sum(isinstance(result, ReadTime) or result is Problem.UNKNOWN_ORDER for result in map(column.parse, values))
    return read_count > 0 and read_count >= _MIN_READABLE_SHARE * len(values)
