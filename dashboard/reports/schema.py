"""What the tables of charts hold, column by column: told by the chart of an account without posts, so a new chart tells it by itself.

For whoever describes answers to programs. No HTTP.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

from dashboard.core import post_selection, posts
from dashboard.core.posts import CutBy, Timeline
from dashboard.core.query import Query
from dashboard.reports import builder, posts_page
from dashboard.reports.builder import Report

CUT_BY: tuple[str, ...] = get_args(CutBy)


def of_chart(kind: str, measure: str = "net") -> Mapping[str, type]:
    """Return the names of a chart's columns with the Python type of their values."""
    return _empty(kind, measure).table.schema.to_python()


def of_posts() -> Mapping[str, type]:
    """Return the same of the posts behind a chart."""
    query, chosen = post_selection.parse({"users": ["demo:nobody"]})
    return posts_page.build(query, chosen, [_nothing()], {}).exported().schema.to_python()


def of_coverage(kind: str) -> Mapping[str, type]:
    """Return the same of the coverage that rides along."""
    return _empty(kind).coverage.schema.to_python()


def _empty(kind: str, measure: str = "net") -> Report:
    query = Query.parse({"users": ["demo:nobody"], "measure": [measure]})
    return builder.build(kind, query, [_nothing()], {})


def _nothing() -> Timeline:
    return Timeline("demo:nobody", posts.empty(), None, datetime.now(UTC))
