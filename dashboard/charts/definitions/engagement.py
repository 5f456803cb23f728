"""Reactions by sentiment: one dot per post, and the median of each account's negative, neutral and positive posts."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.engagement_notes import SINGULAR_NOUNS, describe_account_medians, format_median_tooltip
from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.chart import PostQuery
from dashboard.charts.spec.scatter import Point, ScatterChart, ScatterSeries
from dashboard.core.account_labels import label_author
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_day
from dashboard.core.formatting.texts import format_labelled
from dashboard.core.messages import gettext
from dashboard.core.methods import METHODS
from dashboard.core.posts import AUTHOR, REACTION_COLUMNS

MAX_POINTS = 400  # per chart, in addition to each account's best post; more would overlap, and each takes about 25 bytes of a page
_LANES_WIDTH = 0.84  # of all lanes together, as a share of the distance between two whole scores
_MAX_POINT_STEP = 0.05  # the largest distance between two dots that would overlap
_OVERLAP_BANDS = 40  # bands of y; dots in the same band would overlap
_MEDIAN_DODGE = 0.025  # distance between the medians of two accounts if scores aren't whole numbers
_MAX_DESCRIBED_ACCOUNTS = 6


def engagement_chart(table: pl.DataFrame, medians: pl.DataFrame, context: ChartContext) -> ScatterChart:
    """Draw reactions by score; `table` and `medians` are analytics.engagement's.

    Points name the author of a post if its account stands for several.
    """
    method = context.query.method
    medians_by_account = medians.rows_by_key("account", named=True, include_key=True)
    counted_accounts = [account for account in context.labels if account in medians_by_account]
    positioned = _add_x_positions(sample_points(table), counted_accounts, integer_scores=METHODS[method].has_whole_scores)
    rows_by_account = positioned.rows_by_key("account", named=True, include_key=True)
    median_rows = [medians_by_account[account] for account in counted_accounts]
    series = tuple(
        ScatterSeries(
            account,
            context.labels[account],
            context.styles[account],
            _build_points(rows_by_account.get(account, [])),
            _build_median_points(rows, lane, len(counted_accounts), method),
        )
        for lane, (account, rows) in enumerate(zip(counted_accounts, median_rows, strict=True))
    )
    return ScatterChart(
        kind="engagement",
        title=gettext("Which posts get reactions?"),
        caption=tuple(context.caption),
        alt=_build_alt_text(series, median_rows),
        hint=gettext("Each dot is a post. Large marks: median of negative, neutral and positive posts, with its margin of error (95%)"),
        series=series,
        x_title=gettext("Score of the post (%(unit)s)", unit=METHODS[method].score_title),
        y_title=gettext("Reactions"),
        log_y=True,
        integer_x=METHODS[method].has_whole_scores,
        empty_message=gettext("These posts come without reaction counts.") if table.height else "",
    )


def sample_points(table: pl.DataFrame) -> pl.DataFrame:
    """Return the posts to draw: all that have counts, or an even sample of each account's and its post with the most reactions."""
    counted = table.drop_nulls("reactions")
    step = -(-counted.height // MAX_POINTS) or 1
    position = pl.int_range(pl.len()).over("account")
    has_most_reactions = pl.col("reactions").rank("ordinal", descending=True).over("account") == 1
    return counted.filter((position % step == 0) | has_most_reactions)


def single_post_query(row: Mapping[str, Any]) -> PostQuery:
    """Return the query for the post behind a row of the table."""
    return (("account", row["account"]), ("id", row["id"]))


def _add_x_positions(table: pl.DataFrame, accounts: Sequence[str], *, integer_scores: bool) -> pl.DataFrame:
    """Add `x`, the position of each post: its score.

    Many posts share an integer score, so each account has its own lane around it, in which posts with about the same reactions are drawn
    side by side.
    """
    if not integer_scores or not accounts:
        return table.with_columns(x="score")
    lane_width = _LANES_WIDTH / len(accounts)
    center_by_account = {account: (index + 0.5) * lane_width - _LANES_WIDTH / 2 for index, account in enumerate(accounts)}
    band = (pl.col("reactions").log1p() / (pl.col("reactions").max().log1p() + 1) * _OVERLAP_BANDS).floor()
    overlap_keys = ["account", "score", band]
    index, overlap_count = pl.int_range(pl.len()).over(overlap_keys), pl.len().over(overlap_keys)
    step = pl.min_horizontal(lane_width / overlap_count, pl.lit(_MAX_POINT_STEP))
    center = pl.col("account").replace_strict(center_by_account, return_dtype=pl.Float64)
    return table.with_columns(x=pl.col("score") + center + (index - (overlap_count - 1) / 2) * step)


def _build_points(rows: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    return tuple(Point(round(row["x"], 2), row["reactions"], _format_tooltip(row), single_post_query(row)) for row in rows)


def _format_tooltip(row: Mapping[str, Any]) -> str:
    counts = [format_count(row[name], SINGULAR_NOUNS[name], name) for name in REACTION_COLUMNS if row[name]]
    total = format_count(row["reactions"], "reaction")
    author = label_author(row.get(AUTHOR))
    breakdown = format_labelled(total, ", ".join(counts)) if counts else total
    return f"{breakdown}\n{format_day(row['start'])}{f' · {author}' if author else ''}"


def _build_median_points(rows: Sequence[Mapping[str, Any]], lane: int, lane_count: int, method: str) -> tuple[Point, ...]:
    """Return the median of each group, at its median score and in its account's lane."""
    spacing = _LANES_WIDTH / lane_count if METHODS[method].has_whole_scores else _MEDIAN_DODGE
    offset = (lane - (lane_count - 1) / 2) * spacing
    return tuple(
        Point(
            round(row["score"] + offset, 3),
            row["median"],
            format_median_tooltip(row),
            low=row["low"],
            high=row["high"],
        )
        for row in rows
    )


def _build_alt_text(series: Sequence[ScatterSeries], medians: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    if not series:
        return gettext("There are no posts with reaction counts to show.")
    descriptions = " ".join(
        describe_account_medians(cloud.label, rows) for cloud, rows in list(zip(series, medians, strict=True))[:_MAX_DESCRIBED_ACCOUNTS]
    )
    names = list_names([cloud.label for cloud in series])
    subject = gettext("Scatter plot of posts by score and reactions, for %(accounts)s.", accounts=names)
    return f"{subject} {descriptions}"
