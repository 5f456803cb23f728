"""Finds the rows of a file that aren't posts: those without a text, and the sums of tables. They are counted in `rows.py`, not here."""

import re
from collections.abc import Sequence

from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.raw_posts import RawPosts

_SUM_PATTERN = re.compile(r"\s*(?:grand )?(?:total|totals|sum|summe|gesamt|gesamtsumme|somme|suma|totale|totaal)\b", re.IGNORECASE)


def find_unreadable(group: RawPosts, texts: Sequence[str | None]) -> list[int]:
    """Return the positions of posts without a text: nothing at all, or an empty one in a row with neither a date nor an ID."""
    if None not in texts and all(map(str.strip, texts)):  # type: ignore[arg-type]
        return []
    return [n for n, text in enumerate(texts) if text is None or (not text.strip() and _is_blank(group.post(n), group.paths(n)))]


def _is_blank(post: RawPost, field_paths: FieldPaths) -> bool:
    """Return whether a row has neither a date nor an ID, or the sums of a table, as those above or below a table do."""
    values = [first_value(post, field_paths.get(field)) for field in ("created_at", "id")]
    return values == [None, None] or any(isinstance(value, str) and _SUM_PATTERN.match(value) for value in values)
