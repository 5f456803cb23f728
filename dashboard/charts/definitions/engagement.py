"""What posts got beside how they sound: a dot a post, and the middle of the negative, neutral and positive ones of each account."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.engagement_notes import REACTION_COLUMNS, SINGULAR_NOUNS, describe_account_medians
from dashboard.charts.spec import Point, PostQuery, ScatterChart, ScatterSeries, list_names
from dashboard.core.formatting import format_count, format_day, format_median
from dashboard.core.methods import METHODS

MAX_POINTS = 400  # of a picture, some accounts' best post aside: each weighs about 25 bytes on a page, and more can hardly be told apart
_LANES_WIDTH = 0.84  # of the way from one whole score to the next, in which accounts stand side by side
_MAX_POINT_STEP = 0.05  # between two dots that would cover one another, at most
_OVERLAP_BANDS = 40  # of y, within which dots would
_MEDIAN_DODGE = 0.025  # between the medians of two accounts, where scores don't count
_MAX_DESCRIBED_ACCOUNTS = 6  # accounts that the alternative text speaks of


def engagement_chart(table: pl.DataFrame, medians: pl.DataFrame, context: ChartContext) -> ScatterChart:
    """Draw reactions by score; `table` and `medians` are analytics.engagement's."""
    method = context.query.method
    counted = [account for account in context.labels if account in set(medians["account"])]
    placed = _add_x_positions(sample_points(table), counted, integer_scores=METHODS[method].has_whole_scores)
    middles = [medians.filter(account=account).to_dicts() for account in counted]
    clouds = tuple(
        ScatterSeries(
            account,
            context.labels[account],
            context.styles[account],
            _build_points(placed.filter(account=account)),
            _build_median_points(rows, lane, len(counted), method),
        )
        for lane, (account, rows) in enumerate(zip(counted, middles, strict=True))
    )
    return ScatterChart(
        kind="engagement",
        title="Reactions to posts, by how they sound",
        caption=tuple(context.caption),
        alt=_build_alt_text(clouds, middles),
        hint=_build_hint(method),
        series=clouds,
        x_title=f"Score of the post ({METHODS[method].score_title})",
        y_title="Reactions",
        log_y=True,
        integer_x=METHODS[method].has_whole_scores,
        empty_message="None of these posts comes with counts of likes, reposts, replies or quotes." if table.height else "",
    )


def sample_points(table: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with counts that are drawn: all, or every so many-th of each account and the one with most reactions."""
    counted = table.drop_nulls("reactions")
    every = -(-counted.height // MAX_POINTS) or 1
    turn = pl.int_range(pl.len()).over("account")
    most = pl.col("reactions").rank("ordinal", descending=True).over("account") == 1
    return counted.filter((turn % every == 0) | most)


def single_post_query(row: Mapping[str, Any]) -> PostQuery:
    """Return which post is behind a row of the table."""
    return (("account", row["account"]), ("id", row["id"]))


def _add_x_positions(table: pl.DataFrame, accounts: Sequence[str], *, integer_scores: bool) -> pl.DataFrame:
    """Add `x`, where a post is drawn: at its score; a score that counts is shared by many, so there accounts have a lane each, and
    posts with about the same reactions stand beside one another in it.
    """
    if not integer_scores or not accounts:
        return table.with_columns(x="score")
    lane = _LANES_WIDTH / len(accounts)
    centres = {account: (place + 0.5) * lane - _LANES_WIDTH / 2 for place, account in enumerate(accounts)} or {"": 0.0}
    band = (pl.col("reactions").log1p() / (pl.col("reactions").max().log1p() + 1) * _OVERLAP_BANDS).floor()
    alike = ["account", "score", band]
    number, many = pl.int_range(pl.len()).over(alike), pl.len().over(alike)
    step = pl.min_horizontal(lane / many, pl.lit(_MAX_POINT_STEP))
    centre = pl.col("account").replace_strict(centres, return_dtype=pl.Float64)
    return table.with_columns(x=pl.col("score") + centre + (number - (many - 1) / 2) * step)


def _build_points(rows: pl.DataFrame) -> tuple[Point, ...]:
    return tuple(
        Point(round(row["x"], 2), row["reactions"], _format_tooltip(row), single_post_query(row)) for row in rows.iter_rows(named=True)
    )


def _format_tooltip(row: Mapping[str, Any]) -> str:
    some = [format_count(row[name], SINGULAR_NOUNS[name], name) for name in REACTION_COLUMNS if row[name]]
    made_of = f": {', '.join(some)}" if some else ""
    return f"{format_count(row['reactions'], 'reaction')}{made_of}\n{format_day(row['start'])}"


def _build_median_points(rows: Sequence[Mapping[str, Any]], lane: int, lane_count: int, method: str) -> tuple[Point, ...]:
    """Return the middle of each group: at its middle score, in its account's lane."""
    apart = _LANES_WIDTH / lane_count if METHODS[method].has_whole_scores else _MEDIAN_DODGE
    aside = (lane - (lane_count - 1) / 2) * apart
    return tuple(
        Point(
            round(row["score"] + aside, 3),
            row["median"],
            f"Median of {format_count(row['posts'], row['polarity'] + ' post')}, reposts aside\n{_format_median_interval(row)}",
            low=row["low"],
            high=row["high"],
        )
        for row in rows
    )


def _format_median_interval(row: Mapping[str, Any]) -> str:
    between = f"95 % interval {row['low']:,} to {row['high']:,}" if row["low"] is not None else "too few posts for an interval"
    return f"{format_median(row['median'])} reactions\n{between}"


def _build_hint(method: str) -> str:
    beside = " Posts of one score stand side by side; their place within it means nothing." if METHODS[method].has_whole_scores else ""
    large = "Large marks: the median of negative, neutral and positive posts, with its 95 % interval"
    return f"A dot a post: reactions are its likes, reposts, replies and quotes, on a logarithmic scale.{beside} {large}"


def _build_alt_text(series: Sequence[ScatterSeries], medians: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    if not series:
        return "There are no posts with counts of reactions to draw."
    told = " ".join(
        describe_account_medians(cloud.label, rows) for cloud, rows in list(zip(series, medians, strict=True))[:_MAX_DESCRIBED_ACCOUNTS]
    )
    return f"Scatter plot of posts by score and reactions, for {list_names([cloud.label for cloud in series])}. {told}"
