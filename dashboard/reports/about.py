"""Collects what a reader may look up about a report's numbers: coverage, notes by chart, the agreement of methods, and credits.

Definitions of terms are in `core.definitions`. What must be read before a chart belongs on the chart itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.charts.spec.chart import PostQuery
from dashboard.core.accounts import network_title, parse_account
from dashboard.core.charts import CHARTS
from dashboard.core.methods import METHODS
from dashboard.reports.analysis import Analysis
from dashboard.reports.notes import coverage_notes
from dashboard.reports.report import Report


@dataclass(frozen=True)
class CoverageRow:
    """How much of an account was read: posts read of those requested (None if its network counted them), their time, why reading ended."""

    account: str
    label: str
    handle: str
    network: str
    fetched: int
    asked: int | None
    first: datetime | None
    last: datetime | None
    ending: str
    fetched_at: datetime


@dataclass(frozen=True)
class ChartNotes:
    """How to read a chart, and what isn't in it; one sentence each. `title` is empty for notes on all charts."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class About:
    """Everything of a report's last section that is computed.

    `agreement` says in sentences how far the methods agree, `comparison` is the report that compares them, and `disputed_posts` the query
    for the posts on which they disagree most; it's empty if no page has them.
    """

    coverage: tuple[CoverageRow, ...]
    notes: tuple[ChartNotes, ...]
    comparison: Report | None
    agreement: tuple[str, ...]
    disputed_posts: PostQuery
    credits: tuple[str, ...]


def build_about(analysis: Analysis, reports: Sequence[Report], shared_remarks: Sequence[str]) -> About:
    """Return the section for a dashboard's reports; `shared_remarks` are those of more than one of them."""
    comparison = next((report for report in reports if report.kind == "methods"), None)
    agreement = tuple(_own_remarks(comparison, shared_remarks)) if comparison else ()
    charts = [report for report in reports if report is not comparison]
    return About(
        coverage=tuple(_list_coverage(analysis)),
        notes=tuple(_collect_notes(charts, shared_remarks)),
        comparison=comparison,
        agreement=agreement,
        disputed_posts=_find_disputed_posts(comparison),
        credits=tuple(filter(None, (method.credit_line(analysis.model_title) for method in METHODS))),
    )


def _find_disputed_posts(comparison: Report | None) -> PostQuery:
    """Return the query for the posts of all accounts with the most disputed ones first."""
    post_query = next(filter(None, comparison.post_queries), ()) if comparison else ()
    return tuple((name, value) for name, value in post_query if name != "account")


def _list_coverage(analysis: Analysis) -> Iterable[CoverageRow]:
    for row, activity in zip(analysis.coverage_table.iter_rows(named=True), analysis.fetched.activities, strict=True):
        yield CoverageRow(
            account=row["account"],
            label=analysis.account_labels[row["account"]],
            handle=parse_account(row["account"]).handle,
            network=network_title(row["account"]),
            fetched=row["fetched"],
            asked=row["asked"],
            first=row["first"],
            last=row["last"],
            ending=coverage_notes.describe_cut(row, analysis.query),
            fetched_at=activity.fetched_at,
        )


def _collect_notes(reports: Sequence[Report], shared_remarks: Sequence[str]) -> Iterable[ChartNotes]:
    """Yield the notes on all charts, then those of each chart that has any."""
    if shared_remarks:
        yield ChartNotes("", tuple(shared_remarks))
    for report in reports:
        how_to_read = [f"{report.chart.hint}."] if report.chart.hint and CHARTS[report.kind].section else []
        if sentences := (*how_to_read, *_own_remarks(report, shared_remarks)):
            yield ChartNotes(report.chart.title, sentences)


def _own_remarks(report: Report, shared_remarks: Sequence[str]) -> list[str]:
    return [remark for remark in report.page_remarks if remark not in shared_remarks]
