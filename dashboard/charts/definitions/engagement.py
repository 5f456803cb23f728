"""Reactions by sentiment: one dot per post, and the median of each account's negative, neutral and positive posts."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.engagement_notes import REACTION_COLUMNS, SINGULAR_NOUNS, describe_account_medians
from dashboard.charts.spec import Point, PostQuery, ScatterChart, ScatterSeries, list_names
from dashboard.core.formatting import format_count, format_day, format_median
from dashboard.core.methods import METHODS

MAX_POINTS = 400  # per chart, besides each account's best post: each takes about 25 bytes of a page, and more can hardly be told apart
_LANES_WIDTH = 0.84  # share of the distance between two whole scores that the lanes of the accounts take
_MAX_POINT_STEP = 0.05  # the largest distance between two dots that would overlap
_OVERLAP_BANDS = 40  # bands of y; dots in the same band would overlap
_MEDIAN_DODGE = 0.025  # distance between the medians of two accounts, where scores aren't whole numbers
_MAX_DESCRIBED_ACCOUNTS = 6


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
        title="Which posts get reactions?",
        caption=tuple(context.caption),
        alt=_build_alt_text(clouds, middles),
        hint=_build_hint(method),
        series=clouds,
        x_title=f"Score of the post ({METHODS[method].score_title})",
        y_title="Reactions",
        log_y=True,
        integer_x=METHODS[method].has_whole_scores,
        empty_message="These posts come without reaction counts." if table.height else "",
    )


def sample_points(table: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with counts that are drawn: all, or an even sample of each account and its post with most reactions."""
    counted = table.drop_nulls("reactions")
    step = -(-counted.height // MAX_POINTS) or 1
    position = pl.int_range(pl.len()).over("account")
    has_most_reactions = pl.col("reactions").rank("ordinal", descending=True).over("account") == 1
    return counted.filter((position % step == 0) | has_most_reactions)


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
    counts = [format_count(row[name], SINGULAR_NOUNS[name], name) for name in REACTION_COLUMNS if row[name]]
    breakdown = f": {', '.join(counts)}" if counts else ""
    return f"{format_count(row['reactions'], 'reaction')}{breakdown}\n{format_day(row['start'])}"


def _build_median_points(rows: Sequence[Mapping[str, Any]], lane: int, lane_count: int, method: str) -> tuple[Point, ...]:
    """Return the median of each group, at its median score and in its account's lane."""
    spacing = _LANES_WIDTH / lane_count if METHODS[method].has_whole_scores else _MEDIAN_DODGE
    offset = (lane - (lane_count - 1) / 2) * spacing
    return tuple(
        Point(
            round(row["score"] + offset, 3),
            row["median"],
            f"Median of {format_count(row['posts'], row['polarity'] + ' post')}, without reposts\n{_format_median_interval(row)}",
            low=row["low"],
            high=row["high"],
        )
        for row in rows
    )


def _format_median_interval(row: Mapping[str, Any]) -> str:
    margin = f"margin of error {row['low']:,} to {row['high']:,} (95%)" if row["low"] is not None else "too few posts for a margin of error"
    return f"{format_median(row['median'])} reactions\n{margin}"


def _build_hint(method: str) -> str:
    spread = " Posts with the same score are spread sideways so that they don't overlap." if METHODS[method].has_whole_scores else ""
    medians = "Large marks show the median of negative, neutral and positive posts, with its margin of error (95%)"
    return f"Each dot is a post. Reactions are its likes, reposts, replies and quotes, on a logarithmic scale.{spread} {medians}"


def _build_alt_text(series: Sequence[ScatterSeries], medians: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    if not series:
        return "There are no posts with reaction counts to show."
    descriptions = " ".join(
        describe_account_medians(cloud.label, rows) for cloud, rows in list(zip(series, medians, strict=True))[:_MAX_DESCRIBED_ACCOUNTS]
    )
    return f"Scatter plot of posts by score and reactions, for {list_names([cloud.label for cloud in series])}. {descriptions}"
