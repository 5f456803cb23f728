"""What posts got beside how they sound: a dot a post, and the middle of the negative, neutral and positive ones of each account."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.definitions.engagement_notes import COUNTS, ONE, group_by_group, middle
from dashboard.charts.definitions.timeline import plural
from dashboard.charts.spec import Cloud, Dot, Scatter, Style, Where, joined

MOST_DOTS = 400  # of a picture, some accounts' best post aside: each weighs about 25 bytes on a page, and more can hardly be told apart
_SCORES = {
    "bing": "positive − negative words",
    "vader": "VADER's score, −1 to 1",
    "afinn": "points",
    "model": "chance of positive − chance of negative",
}
_WHOLE = ("bing", "afinn")  # methods whose scores count
_LANES = 0.84  # of the way from one whole score to the next, in which accounts stand side by side
_STEP = 0.05  # between two dots that would cover one another, at most
_BANDS = 40  # of y, within which dots would
_DODGE = 0.025  # between the medians of two accounts, where scores don't count
_WORDED = 6  # accounts that the alternative text speaks of


def engagement(
    table: pl.DataFrame,
    medians: pl.DataFrame,
    labels: dict[str, str],
    looks: Mapping[str, Style],
    caption: Sequence[str],
    method: str,
) -> Scatter:
    """Draw reactions by score; `table` and `medians` are analytics.engagement's."""
    counted = [account for account in labels if account in set(medians["account"])]
    placed = _placed(drawn(table), counted, whole=method in _WHOLE)
    middles = [medians.filter(account=account).to_dicts() for account in counted]
    clouds = tuple(
        Cloud(account, labels[account], looks[account], _dots(placed.filter(account=account)), _medians(rows, lane, len(counted), method))
        for lane, (account, rows) in enumerate(zip(counted, middles, strict=True))
    )
    return Scatter(
        kind="engagement",
        title="Reactions to posts, by how they sound",
        caption=tuple(caption),
        alt=_in_words(clouds, middles),
        hint=_hint(method),
        clouds=clouds,
        x_title=f"Score of the post ({_SCORES[method]})",
        y_title="Reactions",
        log=True,
        whole=method in _WHOLE,
        nothing="None of these posts comes with counts of likes, reposts, replies or quotes." if table.height else "",
    )


def drawn(table: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with counts that are drawn: all, or every so many-th of each account and the one with most reactions."""
    counted = table.drop_nulls("reactions")
    every = -(-counted.height // MOST_DOTS) or 1
    turn = pl.int_range(pl.len()).over("account")
    most = pl.col("reactions").rank("ordinal", descending=True).over("account") == 1
    return counted.filter((turn % every == 0) | most)


def post(row: Mapping[str, Any]) -> Where:
    """Return which post is behind a row of the table."""
    return (("account", row["account"]), ("id", row["id"]))


def _placed(table: pl.DataFrame, accounts: Sequence[str], *, whole: bool) -> pl.DataFrame:
    """Add `x`, where a post is drawn: at its score; a score that counts is shared by many, so there accounts have a lane each, and
    posts with about the same reactions stand beside one another in it.
    """
    if not whole or not accounts:
        return table.with_columns(x="score")
    lane = _LANES / len(accounts)
    centres = {account: (place + 0.5) * lane - _LANES / 2 for place, account in enumerate(accounts)} or {"": 0.0}
    band = (pl.col("reactions").log1p() / (pl.col("reactions").max().log1p() + 1) * _BANDS).floor()
    alike = ["account", "score", band]
    number, many = pl.int_range(pl.len()).over(alike), pl.len().over(alike)
    step = pl.min_horizontal(lane / many, pl.lit(_STEP))
    centre = pl.col("account").replace_strict(centres, return_dtype=pl.Float64)
    return table.with_columns(x=pl.col("score") + centre + (number - (many - 1) / 2) * step)


def _dots(rows: pl.DataFrame) -> tuple[Dot, ...]:
    return tuple(Dot(round(row["x"], 2), row["reactions"], _detail(row), post(row)) for row in rows.iter_rows(named=True))


def _detail(row: Mapping[str, Any]) -> str:
    some = [f"{row[name]:,} {name if row[name] > 1 else ONE[name]}" for name in COUNTS if row[name]]
    made_of = f": {', '.join(some)}" if some else ""
    return f"{plural(row['reactions'], 'reaction')}{made_of}\n{row['start'].day} {row['start']:%b %Y}"


def _medians(rows: Sequence[Mapping[str, Any]], lane: int, lanes: int, method: str) -> tuple[Dot, ...]:
    """Return the middle of each group: at its middle score, in its account's lane."""
    apart = _LANES / lanes if method in _WHOLE else _DODGE
    aside = (lane - (lanes - 1) / 2) * apart
    return tuple(
        Dot(
            round(row["score"] + aside, 3),
            row["median"],
            f"Median of {plural(row['posts'], row['polarity'] + ' post')}, reposts aside\n{_reach(row)}",
            low=row["low"],
            high=row["high"],
        )
        for row in rows
    )


def _reach(row: Mapping[str, Any]) -> str:
    between = f"95 % interval {row['low']:,} to {row['high']:,}" if row["low"] is not None else "too few posts for an interval"
    return f"{middle(row['median'])} reactions\n{between}"


def _hint(method: str) -> str:
    beside = " Posts of one score stand side by side; their place within it means nothing." if method in _WHOLE else ""
    large = "Large marks: the median of negative, neutral and positive posts, with its 95 % interval"
    return f"A dot a post: reactions are its likes, reposts, replies and quotes, on a logarithmic scale.{beside} {large}"


def _in_words(clouds: Sequence[Cloud], middles: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    if not clouds:
        return "There are no posts with counts of reactions to draw."
    told = " ".join(group_by_group(cloud.label, rows) for cloud, rows in list(zip(clouds, middles, strict=True))[:_WORDED])
    return f"Scatter plot of posts by score and reactions, for {joined([cloud.label for cloud in clouds])}. {told}"
