"""The JSON document of a table: the public contract's keys, in their order. What the rows mean is in core.columns."""

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
    """Return the document of a question, of plain values; times are ISO 8601 texts."""
    return {
        "query": query,
        "coverage": coverage_rows,
        "notes": list(notes),
        "fetched_at": fetched_at.isoformat(timespec="seconds") if fetched_at else None,
        "data": rows,
    }
