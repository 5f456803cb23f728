"""What the tables of charts hold, column by column: told by the chart of an account without posts, so a new chart tells it by itself.

For whoever describes answers to programs. No HTTP.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

from dashboard import posts, report
from dashboard.posts import CutBy, Timeline
from dashboard.query import Query
from dashboard.report import Report

CUT_BY: tuple[str, ...] = get_args(CutBy)


def of_chart(kind: str) -> Mapping[str, type]:
    """Return the names of a chart's columns with the Python type of their values."""
    return _empty(kind).table.schema.to_python()


def of_coverage(kind: str) -> Mapping[str, type]:
    """Return the same of the coverage that rides along."""
    return _empty(kind).coverage.schema.to_python()


def _empty(kind: str) -> Report:
    query = Query.parse({"users": ["demo:nobody"]})
    nothing = Timeline("demo:nobody", posts.empty(), None, datetime.now(UTC))
    return report.build(kind, query, [nothing], {})
