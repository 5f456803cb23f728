"""Describes what a table covers, with the public contract's keys in order, for JSON documents and other files.

What the columns mean, `core.charts.find_column` says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.reports.csv_export import to_plain_rows


def describe_table(query: Mapping[str, Any], coverage: pl.DataFrame, notes: Sequence[str], fetched_at: datetime | None) -> dict[str, Any]:
    """Return the query, its coverage, the notes and the time of reading as plain values, with times in ISO 8601."""
    return {
        "query": query,
        "coverage": to_plain_rows(coverage),
        "notes": list(notes),
        "fetched_at": fetched_at.isoformat(timespec="seconds") if fetched_at else None,
    }
