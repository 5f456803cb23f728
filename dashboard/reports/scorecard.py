"""Builds the scorecard: four numbers per account, how each developed, and how it changed against the period before.

The numbers come from tables of `analytics` that charts show, too, and are written as `core.measures` says. How a scorecard looks belongs
in the templates.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.analytics import trends
from dashboard.charts.palette import Style
from dashboard.core.account_labels import describe_handle
from dashboard.core.formatting.dates import format_day, format_days
from dashboard.core.formatting.numbers import UNKNOWN_DASH
from dashboard.core.measures import MEASURES, format_value
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.period_notes import describe_periods, describe_previous_period
from dashboard.reports.notes.main_language_notes import explain_main_languages


@dataclass(frozen=True)
class Change:
    """The change of a number against the period before; what is clear is decided in analytics.compare."""

    before: float
    now: float
    value: float
    low: float | None
    high: float | None
    is_clear: bool
    text: str
    ends: str  # both values as pages write them: `18% → 43%`

    @property
    def arrow(self) -> str:
        """The direction of a clear change, "" for any other."""
        return ("▲" if self.value > 0 else "▼") if self.is_clear else ""


@dataclass(frozen=True)
class ScorecardColumn:
    """A column of the scorecard: the name of its measure, where its numbers come from, and whether more of it is more positive.

    `trend` is a column of analytics.trends, `compared` a measure of analytics.compare, empty if there is none.
    """

    name: str
    trend: str
    compared: str = ""
    has_tone: bool = False

    @property
    def title(self) -> str:
        """The title of its measure."""
        return MEASURES[self.name].title


COLUMNS = (
    ScorecardColumn("posts_per_day", "posts", "posts_per_day"),
    ScorecardColumn("positive_share", "share", "positive_share", has_tone=True),
    ScorecardColumn("balance_per_post", "mean", "net_per_post", has_tone=True),
    ScorecardColumn("reactions_per_post", "reactions"),
)


@dataclass(frozen=True)
class Tile:
    """One number of an account: its column, its value, null if unknown, its development and its change."""

    column: ScorecardColumn
    value: float | None
    trend: tuple[float | None, ...]
    change: Change | None

    @property
    def text(self) -> str:
        """The value as pages write it."""
        return UNKNOWN_DASH if self.value is None else format_value(self.value, self.column.name)


@dataclass(frozen=True)
class ScorecardRow:
    """The numbers of one account. `days` is the time that they cover, "" without posts."""

    account: str
    label: str
    handle: str  # with its network, for tooltips
    style: Style
    posts: int
    days: str
    tiles: tuple[Tile, ...]

    def find_tile(self, measure: str) -> Tile:
        """Return the number of a measure."""
        return next(tile for tile in self.tiles if tile.column.name == measure)


@dataclass(frozen=True)
class Scorecard:
    """The rows of all accounts that were read, in the order of the query.

    `notes` say what the numbers don't cover, one sentence each. `compared_periods` says which periods the changes compare, in a line for
    accounts that share them; there is none without changes. `unread_period` is the period that would have to be read to know them, ""
    if none would.
    """

    rows: tuple[ScorecardRow, ...]
    compared_periods: tuple[str, ...] = ()
    unread_period: str = ""
    notes: tuple[str, ...] = ()
    share_definition: str = ""  # what the positive share is a share of

    @property
    def columns(self) -> tuple[ScorecardColumn, ...]:
        """The columns, which all rows have."""
        return COLUMNS

    @property
    def shared_days(self) -> str:
        """The time that the numbers of every account cover, "" if it differs between accounts."""
        days = {row.days for row in self.rows if row.days}
        return days.pop() if len(days) == 1 else ""


def build_scorecard(analysis: Analysis) -> Scorecard:
    """Return the scorecard of an analysis."""
    values, developments, changes = _collect_values(analysis), _collect_trends(analysis), _collect_changes(analysis)
    days = _describe_days(analysis)
    rows = []
    for account, label in analysis.account_labels.items():
        tiles = tuple(
            Tile(
                column,
                values[account][column.name],
                tuple(developments.get(account, {}).get(column.trend, ())),
                changes.get((account, column.compared)),
            )
            for column in COLUMNS
        )
        rows.append(
            ScorecardRow(
                account,
                label,
                describe_handle(account),
                analysis.account_styles[account],
                values[account]["posts"],
                days.get(account, ""),
                tiles,
            )
        )
    card = Scorecard(tuple(rows), notes=tuple(explain_main_languages(analysis)), share_definition=f"{analysis.method.axis_title('share')}.")
    if not analysis.has_previous_period:
        return replace(card, unread_period=_describe_unread_period(analysis))
    periods = describe_periods(analysis.comparison_periods, analysis.account_labels, analysis.query) if changes else []
    return replace(card, compared_periods=tuple(periods))


def _describe_unread_period(analysis: Analysis) -> str:
    """Return the days before the chosen ones; "" if not even all posts of those were read of any account, so older ones wouldn't be."""
    reaches_back = analysis.coverage_table["cut_by"].null_count() > 0
    return describe_previous_period(analysis.query, "compare") if reaches_back else ""


def _describe_days(analysis: Analysis) -> dict[str, str]:
    """Return from which day to which day the posts of each account are that the numbers count."""
    zone = analysis.query.zone
    spans = analysis.account_spans[["account", "first", "last"]].iter_rows()
    local = {account: (first.astimezone(zone), last.astimezone(zone)) for account, first, last in spans}
    return {account: _write_days(*days, year=not analysis.is_within_a_year) for account, days in local.items()}


def _write_days(first: datetime, last: datetime, *, year: bool) -> str:
    if year:
        return format_days(first, last)
    return " – ".join(dict.fromkeys(format_day(day, year=False) for day in (first, last)))


def _collect_values(analysis: Analysis) -> dict[str, dict[str, Any]]:
    """Return the values of each account by the names of their measures, and its number of posts."""
    summaries = {row["account"]: row for row in analysis.main_summaries.iter_rows(named=True)}
    reactions = dict(analysis.sampled.counted_reactions.group_by("account").agg(pl.col("reactions").median()).iter_rows())
    unknown: dict[str, Any] = {"posts": 0, "per_day": None, "share": None, "mean": None}
    rows = {account: summaries.get(account, unknown) for account in analysis.account_labels}
    return {
        account: {
            "posts": row["posts"],
            "posts_per_day": row["per_day"],
            "positive_share": row["share"],
            "balance_per_post": row["mean"],
            "reactions_per_post": reactions.get(account),
        }
        for account, row in rows.items()
    }


def _collect_trends(analysis: Analysis) -> dict[str, dict[str, list[float | None]]]:
    """Return how each column of analytics.trends developed, by account, without the values that charts over time don't show either."""
    table = trends.summarize_trends(
        analysis.posts_per_interval,
        analysis.sentiment_per_interval,
        analysis.sampled.counted_reactions,
        analysis.interval,
        analysis.query.tz,
    )
    shown = analysis.hide_unsure_values(table, analysis.provisional_accounts, posts="scored")
    grouped = shown.group_by("account").agg(trends.TREND_COLUMNS)
    return {row.pop("account"): row for row in grouped.iter_rows(named=True)}


def _collect_changes(analysis: Analysis) -> dict[tuple[str, str], Change]:
    """Return the known changes by account and measure of analytics.compare; none if the period before wasn't read."""
    if not analysis.has_previous_period:
        return {}
    return {
        (row["account"], row["measure"]): Change(
            row["before"],
            row["now"],
            row["change"],
            row["low"],
            row["high"],
            bool(row["clear"]),
            MEASURES[row["measure"]].format_change(row["change"]),
            f"{format_value(row['before'], row['measure'])} → {format_value(row['now'], row['measure'])}",
        )
        for row in analysis.period_changes.drop_nulls("change").iter_rows(named=True)
    }
