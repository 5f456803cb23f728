"""How panels of several accounts are arranged, and how long their headings may be."""

from dashboard.core.formatting.texts import truncate

_MAX_LABEL_CHARACTERS = 28  # of an account's label above its panel


def count_columns(panel_count: int, max_columns: int) -> int:
    """Return how many panels to put side by side, at most `max_columns`, so that the last row is as full as possible."""
    rows = -(-panel_count // max_columns)
    return -(-panel_count // rows) if rows else 1


def truncate_label(label: str) -> str:
    """Truncate an account's label to fit the heading of its panel."""
    return truncate(label, _MAX_LABEL_CHARACTERS)
