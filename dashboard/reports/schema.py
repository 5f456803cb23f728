"""Lists the columns of each table in order, taken from a report on an account without posts, so that a new chart needs no list.

What the columns mean, `core.charts.find_column` says.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

from dashboard.core import post_selection, posts
from dashboard.core.charts import CHARTS
from dashboard.core.posts import CutReason, Timeline
from dashboard.core.query import Query
from dashboard.reports import builder, posts_page
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report

CUT_REASONS: tuple[str, ...] = get_args(CutReason)


def chart_columns(kind: str, measure: str = "net") -> Mapping[str, type]:
    """Return the names of a chart's columns with the Python type of their values."""
    return _build_empty_report(kind, measure).table.schema.to_python()


def possible_columns(kind: str, measure: str = "share") -> Mapping[str, type]:
    """Return the same with the column of languages, which a table has only if an account has a row per language."""
    columns = dict(chart_columns(kind, measure))
    first = {"account": columns.pop("account"), "language": str} if CHARTS[kind].has_language_rows else {}
    return first | columns


def post_columns() -> Mapping[str, type]:
    """Return the names and types of the columns of the posts behind a chart."""
    query, selection = post_selection.parse_query_and_selection({"users": ["demo:nobody"]})
    return posts_page.build_posts_page(query, selection, Fetched([_build_empty_timeline()])).select_exported_rows().schema.to_python()


def possible_post_columns() -> Mapping[str, type]:
    """Return the same with the column of authors, which a table has only if an account is a series of several."""
    columns = dict(post_columns())
    return {"account": columns.pop("account"), posts.AUTHOR: str} | columns


def coverage_columns(kind: str) -> Mapping[str, type]:
    """Return the names and types of the columns of a chart's coverage."""
    return _build_empty_report(kind).select_coverage().schema.to_python()


def _build_empty_report(kind: str, measure: str = "net") -> Report:
    query = Query.parse({"users": ["demo:nobody"], "measure": [measure]})
    return builder.build_report(kind, query, Fetched([_build_empty_timeline()]))


def _build_empty_timeline() -> Timeline:
    return Timeline("demo:nobody", posts.empty_frame(), None, datetime(1970, 1, 1, tzinfo=UTC))
