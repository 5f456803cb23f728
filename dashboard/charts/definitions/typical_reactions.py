"""Typical reactions: the median of each account's positive, neutral and negative posts. The posts themselves are in `engagement.py`."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.engagement_notes import describe_account_medians, format_median_tooltip
from dashboard.charts.spec.bars import Bar, BarChart
from dashboard.charts.spec.chart import PostQuery, SemanticColor
from dashboard.core.formatting.numbers import format_median
from dashboard.core.formatting.texts import format_labelled
from dashboard.core.messages import gettext
from dashboard.core.polarities import name_polarity

_COLOR_BY_POLARITY: dict[str, SemanticColor] = {"positive": "up", "neutral": "faint", "negative": "down"}
_MAX_DESCRIBED_ACCOUNTS = 6


def typical_reactions_chart(medians: pl.DataFrame, context: ChartContext, base_query: PostQuery, empty_message: str = "") -> BarChart:
    """Draw the median reactions of each group of posts with its margin of error; `base_query` selects the scored posts.

    The scale is logarithmic, because one account may get a hundred times the reactions of another.
    `medians` is analytics.engagement's.
    """
    rows = medians.rows_by_key("account", named=True, include_key=True)
    rows_by_account = {account: rows.get(account, [])[::-1] for account in context.labels}
    bars = {account: [_build_bar(row, base_query) for row in rows] for account, rows in rows_by_account.items() if rows}
    return BarChart(
        kind="engagement",
        title=gettext("Typical reactions per post"),
        caption=tuple(context.caption),
        alt=_build_alt_text(rows_by_account, context.labels),
        hint=gettext("Median of likes, reposts, replies and quotes, with its margin of error (95%)"),
        panels=context.build_panels(bars),
        x_title=gettext("Reactions per post (median)"),
        draw_as_points=True,
        log_x=True,
        empty_message=empty_message,
    )


def _build_bar(row: Mapping[str, Any], base_query: PostQuery) -> Bar:
    return Bar(
        format_labelled(name_polarity(row["polarity"]), format_median(row["median"])),
        row["median"],
        format_median_tooltip(row),
        (("account", row["account"]), ("polarity", row["polarity"]), *base_query),
        low=row["low"],
        high=row["high"],
        semantic_color=_COLOR_BY_POLARITY[row["polarity"]],
    )


def _build_alt_text(rows_by_account: Mapping[str, list[dict[str, Any]]], labels: Mapping[str, str]) -> str:
    sentences = [describe_account_medians(labels[account], rows[::-1]) for account, rows in rows_by_account.items() if rows]
    if not sentences:
        return gettext("There are no posts with reaction counts to show.")
    return " ".join([gettext("Chart of median reactions to positive, neutral and negative posts."), *sentences[:_MAX_DESCRIBED_ACCOUNTS]])
