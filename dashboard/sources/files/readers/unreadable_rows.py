"""Finds the rows of a file that aren't posts: those without a text, and the sums of tables. They are counted in `rows.py`, not here."""

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.raw_posts import RawPosts, TableRows

_MIN_TIME_DIGITS = 4  # of 5.9.26
_SUM_WORDS = (
    *("total", "totals", "sum", "average", "mean", "summe", "gesamt", "gesamtsumme", "durchschnitt", "mittelwert", "somme", "moyenne"),
    *("suma", "totale", "totaal", "promedio", "media", "média"),
)
_SUM_PATTERN = re.compile(rf"[ \t]*(?:grand )?(?:{'|'.join(_SUM_WORDS)})\b", re.IGNORECASE)
_SUM_LETTERS = frozenset(letter for word in (*_SUM_WORDS, "grand", " ", "\t") for letter in (word[0], word[0].upper()))
_FIRST_LETTER = itemgetter(slice(0, 1))
_SUM_TEXTS = frozenset(
    f"{word}{end}" for name in (*_SUM_WORDS, "grand total") for word in (name, name.capitalize(), name.upper()) for end in ("", ":")
)


def find_unreadable(group: RawPosts, texts: Sequence[str | None]) -> list[int]:
    """Return the positions of posts without a text: nothing at all, or an empty one in a row without a date.

    So are the sums of a table, as those above or below a table have them.
    """
    is_filled = None not in texts and all(map(str.strip, texts))  # type: ignore[arg-type]
    if is_filled and _SUM_TEXTS.isdisjoint(texts) and not _has_sums(group):
        return []
    return [n for n, text in enumerate(texts) if text is None or _is_blank(group.post(n), group.paths(n), text.strip())]


def _has_sums(group: RawPosts) -> bool:
    """Return whether a table may have sums, which have a word instead of a time. Times rarely begin with a letter of such a word."""
    columns = group.list_columns("created_at") if isinstance(group, TableRows) else []
    return any(_SUM_PATTERN.match(str(time)) for column in columns if _may_have_sums(column) for time in column)


def _may_have_sums(column: Sequence[Any]) -> bool:
    try:
        letters = set(map(_FIRST_LETTER, column))
    except TypeError:  # numbers of workbooks
        letters = set(map(_FIRST_LETTER, map(str, column)))
    return not letters.isdisjoint(_SUM_LETTERS)


def _is_blank(post: RawPost, field_paths: FieldPaths, text: str) -> bool:
    """Return whether a row has a sum, or neither a text nor a date."""
    time = first_value(post, field_paths.get("created_at"))
    sum_word = _SUM_PATTERN.match(time) if isinstance(time, str) else None
    if sum_word and not time[sum_word.end() :].strip(" \t:"):
        return True
    has_time = isinstance(time, (int, float)) or (sum_word is None and sum(map(str.isdecimal, time or "")) >= _MIN_TIME_DIGITS)
    return (not text and not has_time) or (time is None and text in _SUM_TEXTS)
