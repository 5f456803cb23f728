"""Reports of a query and its timelines, without a network, and the columns that the contract promises for three of them."""

from dashboard.core.activity import Activity
from dashboard.core.query import Query
from dashboard.core.source_errors import SourceError
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report

KINDS = ["frequency", "sentiment", "rhythm"]
COLUMNS = {
    "frequency": ["account", "start", "posts"],
    "sentiment": ["account", "start", "posts", "words", "matched", "positive", "negative", "value"],
    "rhythm": ["account", "weekday", "hour", "posts", "share"],
}
COVERAGE_COLUMNS = ["account", "asked", "fetched", "first", "last", "cut_by", "name"]


def build_report(query: Query, *answers: Activity, kind: str = "frequency", failures: dict[str, SourceError] | None = None) -> Report:
    """Return the report."""
    return builder.build_report(kind, query, Fetched(answers, failures=failures or {}))


def build_notes(query: Query, *answers: Activity, kind: str = "frequency") -> list[str]:
    """Return the notes of a report."""
    return build_report(query, *answers, kind=kind).notes
