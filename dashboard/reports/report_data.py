"""A report as data: its findings and its scorecard, as a JSON document and as a table with one row per finding and number.

The numbers of its charts have files of their own.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import polars as pl
from pydantic import Field
from typing_extensions import TypedDict

from dashboard.core.query import Query
from dashboard.reports.dashboard import Dashboard
from dashboard.reports.exported_table import ExportedTable
from dashboard.reports.findings.finding import Finding
from dashboard.reports.scorecard import ScorecardRow, Tile

_SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "section": pl.String,  # findings or scorecard
    "item": pl.String,  # the kind of a finding, or a number's name
    "text": pl.String,  # the sentence, or the number as pages write it
    "value": pl.Float64,
    "before": pl.Float64,
    "now": pl.Float64,
    "change": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "clear": pl.Boolean,
}


class FindingItem(TypedDict):
    """A sentence about the report. `posts` are the parameters of /posts that select what it's about, null if it isn't about posts.

    `headline` is its beginning, which makes sense alone. `account` is null if it's about all accounts.
    """

    kind: Annotated[str, Field(examples=["unusual"], description="What the finding is about, such as unusual, change or level.")]
    account: Annotated[str | None, Field(examples=["demo:small-clocks"])]
    headline: Annotated[str, Field(examples=["demo:small-clocks was busiest in the week of 11 May"])]
    text: Annotated[str, Field(examples=["demo:small-clocks was busiest in the week of 11 May: 5 posts, against 2 in a usual week."])]
    posts: dict[str, str] | None
    charts: Annotated[list[str], Field(examples=[["frequency"]], description="The charts that show it.")]


class ChangeItem(TypedDict):
    """A change against the period before, with its 95 % interval: relative for posts per day, otherwise a difference."""

    before: float
    now: float
    change: float
    low: float | None
    high: float | None
    clear: Annotated[
        bool, Field(description="Whether it is more than chance among all changes of the report; then the interval excludes no change.")
    ]


class NumberItem(TypedDict):
    """A number of the scorecard; null if it's unknown. `change` is null without a period before."""

    value: float | None
    change: ChangeItem | None


class ScoreItem(TypedDict):
    """The numbers of one account."""

    account: Annotated[str, Field(examples=["demo:small-clocks"])]
    posts: int
    posts_per_day: NumberItem
    positive_share: NumberItem
    balance_per_post: NumberItem
    reactions_per_post: NumberItem


@dataclass(frozen=True)
class ReportData(ExportedTable):
    """The findings and the scorecard of a dashboard."""

    dashboard: Dashboard

    @property
    def query(self) -> Query:
        """The query that the report answers."""
        return self.dashboard.reports[0].query

    def select_exported_rows(self) -> pl.DataFrame:
        """Return _SCHEMA: a row per finding, then a row per account and number of the scorecard."""
        findings = [
            {"account": finding.account or None, "section": "findings", "item": finding.kind, "text": finding.sentence}
            for finding in self.dashboard.findings
        ]
        numbers = [_number_row(row, tile) for row in self.dashboard.scorecard.rows for tile in row.tiles]
        return pl.DataFrame([*findings, *numbers], schema=_SCHEMA)

    def select_coverage(self) -> pl.DataFrame:
        """Return the coverage of the report."""
        return self.dashboard.reports[0].select_coverage()

    def describe(self) -> dict[str, Any]:
        """Return the JSON document of a chart without its data."""
        notes = [*filter(None, [self.dashboard.demo_notice]), *self.dashboard.warnings, *self.dashboard.remarks]
        return self.dashboard.reports[0].describe() | {"notes": notes}

    def to_document(self) -> dict[str, Any]:
        """Return the JSON document: query, coverage, notes, fetched_at, findings, scorecard."""
        return self.describe() | {
            "findings": [_describe_finding(finding) for finding in self.dashboard.findings],
            "scorecard": [_describe_row(row) for row in self.dashboard.scorecard.rows],
        }


def _describe_finding(finding: Finding) -> FindingItem:
    return {
        "kind": finding.kind,
        "account": finding.account or None,
        "headline": finding.headline,
        "text": finding.sentence,
        "posts": dict(finding.target.post_query) or None if finding.target else None,
        "charts": list(finding.charts),
    }


def _describe_row(row: ScorecardRow) -> ScoreItem:
    numbers = {tile.column.name: _describe_number(tile) for tile in row.tiles}
    return {"account": row.account, "posts": row.posts, **numbers}  # type: ignore[typeddict-item]


def _describe_number(tile: Tile) -> NumberItem:
    if tile.change is None:
        return {"value": tile.value, "change": None}
    change = tile.change
    return {
        "value": tile.value,
        "change": {
            "before": change.before,
            "now": change.now,
            "change": change.value,
            "low": change.low,
            "high": change.high,
            "clear": change.is_clear,
        },
    }


def _number_row(row: ScorecardRow, tile: Tile) -> dict[str, Any]:
    number = _describe_number(tile)
    return {"account": row.account, "section": "scorecard", "item": tile.column.name, "text": tile.text, "value": number["value"]} | dict(
        number["change"] or {}
    )
