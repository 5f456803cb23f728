"""What a reader of reactions must know: what the middle post of each account got, who counts what, and which posts are not there."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import plural
from dashboard.charts.spec import Scatter

ONE = {"likes": "like", "reposts": "repost", "replies": "reply", "quotes": "quote"}
COUNTS = tuple(ONE)
_NETWORKS = {"x": "X", "bluesky": "Bluesky", "mastodon": "Mastodon", "demo": "the demo", "file": "imported files"}


def compared(medians: pl.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Say of each account what the middle one of its positive, neutral and negative posts got; `medians` is analytics.engagement's."""
    counted = [(label, medians.filter(account=account).to_dicts()) for account, label in labels.items()]
    return [group_by_group(label, rows) for label, rows in counted if rows]


def group_by_group(label: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say what the middle one of each group of an account's posts got, the positive ones first."""
    first, *others = reversed(rows)
    got = f"{first['polarity']} posts got a median of {middle(first['median'])} reaction{'s' * (first['median'] != 1)} {_between(first)}"
    return ", ".join([f"{label}: {got}", *(f"{row['polarity']} ones {middle(row['median'])} {_between(row)}" for row in others)]) + "."


def middle(value: float) -> str:
    """Return a median as people write it: `12`, `12.5`."""
    return f"{value:,.1f}".removesuffix(".0")


def counted_by(table: pl.DataFrame, networks: Mapping[str, str]) -> list[str]:
    """Say which reactions each network counts, as far as these posts tell; `networks` is the network of each account."""
    counts = table.group_by(_network(networks), maintain_order=True).agg(pl.col(COUNTS).count())
    told = [f"{_NETWORKS[row['network']]}: {known}" for row in counts.iter_rows(named=True) if (known := _known(row))]
    explained = "Counts differ between networks and grow with a post's age, so compare accounts of one network."
    return [f"What is counted as reactions – {'; '.join(told)}. {explained}"] if told else []


def missing(rows: pl.DataFrame, shown: pl.DataFrame) -> list[str]:
    """Say which of the shown posts have no dot: those that nobody counted, and reposts; `rows` is analytics.engagement's."""
    unknown, reposts = rows["reactions"].null_count(), shown.filter(kind="repost").height
    have, are = "has" if unknown == 1 else "have", "is" if reposts == 1 else "are"
    uncounted = f"Reactions: {unknown:,} of {plural(rows.height, 'post')} {have} no counts and no dot; unknown is not none."
    left = f"Reactions: {plural(reposts, 'repost')} {are} left out, for what is counted is the original post's."
    return [uncounted] * bool(unknown) + [left] * bool(reposts)


def cut(rows: pl.DataFrame, table: pl.DataFrame, drawn: int, networks: Mapping[str, str]) -> list[str]:
    """Say if the table has not all `rows`, and the picture not all posts of the table."""
    by_network = [frame.with_columns(_network(networks)).filter(network="x").height for frame in (table, rows)]
    x, all_x = by_network
    terms = f"Reactions: the newest {x:,} of {all_x:,} posts of X are listed, the most that X lets anybody hand on in a file."
    much = f"Reactions: the newest {table.height:,} of {rows.height - all_x + x:,} posts are listed; that is the most."
    counted = table["reactions"].count()
    spread = f"Reactions: {drawn:,} of {counted:,} posts are drawn, evenly spread over each account's; medians are of all that were read."
    return [terms] * (x < all_x) + [much] * (table.height < rows.height - all_x + x) + [spread] * (drawn < counted)


def remarks(
    rows: pl.DataFrame,
    table: pl.DataFrame,
    chart: Scatter,
    medians: pl.DataFrame,
    labels: Mapping[str, str],
    networks: Mapping[str, str],
    shown: pl.DataFrame,
) -> list[str]:
    """Return everything that is to be said of reactions; `rows` are all posts, `table` those that are listed."""
    drawn = sum(len(cloud.dots) for cloud in chart.clouds)
    told = [*compared(medians, labels), *counted_by(rows, networks)] or [chart.nothing] * bool(chart.nothing)
    return [*told, *missing(rows, shown), *cut(rows, table, drawn, networks)]


def _network(networks: Mapping[str, str]) -> pl.Expr:
    return pl.col("account").replace_strict(networks, default=None, return_dtype=pl.String).alias("network")


def _between(row: Mapping[str, Any]) -> str:
    """Return the interval of a median and how many posts it is of."""
    many = plural(row["posts"], "post")
    return f"({row['low']:,} to {row['high']:,}; {many})" if row["low"] is not None else f"({many}, too few for an interval)"


def _known(row: Mapping[str, Any]) -> str:
    return ", ".join(name for name in COUNTS if row[name])
