"""Builds the JSON document of a table, with the public contract's keys in order.

What the columns mean is in `core/column_descriptions.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def build_document(
    query: Mapping[str, Any],
    coverage_rows: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    fetched_at: datetime | None,
    rows: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the document as plain values, with times in ISO 8601."""
    return {
        "query": query,
        "coverage": coverage_rows,
        "notes": list(notes),
        "fetched_at": fetched_at.isoformat(timespec="seconds") if fetched_at else None,
        "data": rows,
    }
