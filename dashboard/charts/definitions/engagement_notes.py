"""What a reader of reactions must know: what the middle post of each account got, who counts what, and which posts are not there."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.spec import ScatterChart
from dashboard.core.formatting import format_count, format_median, pluralize

SINGULAR_NOUNS = {"likes": "like", "reposts": "repost", "replies": "reply", "quotes": "quote"}
REACTION_COLUMNS = tuple(SINGULAR_NOUNS)
_NETWORK_NAMES = {"x": "X", "bluesky": "Bluesky", "mastodon": "Mastodon", "demo": "the demo", "file": "imported files"}


def describe_medians(medians: pl.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Say of each account what the middle one of its positive, neutral and negative posts got; `medians` is analytics.engagement's."""
    counted = [(label, medians.filter(account=account).to_dicts()) for account, label in labels.items()]
    return [describe_account_medians(label, rows) for label, rows in counted if rows]


def describe_account_medians(label: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say what the middle one of each group of an account's posts got, the positive ones first."""
    first, *others = reversed(rows)
    reactions = f"{format_median(first['median'])} {pluralize(first['median'], 'reaction')}"
    got = f"{first['polarity']} posts got a median of {reactions} {_format_confidence_interval(first)}"
    return (
        ", ".join(
            [
                f"{label}: {got}",
                *(f"{row['polarity']} ones {format_median(row['median'])} {_format_confidence_interval(row)}" for row in others),
            ]
        )
        + "."
    )


def explain_counted_reactions(table: pl.DataFrame, networks: Mapping[str, str]) -> list[str]:
    """Say which reactions each network counts, as far as these posts tell; `networks` is the network of each account."""
    counts = table.group_by(_network_column(networks), maintain_order=True).agg(pl.col(REACTION_COLUMNS).count())
    told = [f"{_NETWORK_NAMES[row['network']]}: {known}" for row in counts.iter_rows(named=True) if (known := _list_counted_reactions(row))]
    explained = "Counts differ between networks and grow with a post's age, so compare accounts of one network."
    return [f"What is counted as reactions – {'; '.join(told)}. {explained}"] if told else []


def explain_missing_points(rows: pl.DataFrame, visible_posts: pl.DataFrame) -> list[str]:
    """Say which of the shown posts have no dot: those that nobody counted, and reposts; `rows` is analytics.engagement's."""
    unknown, reposts = rows["reactions"].null_count(), visible_posts.filter(kind="repost").height
    have, are = pluralize(unknown, "has", "have"), pluralize(reposts, "is", "are")
    uncounted = f"Reactions: {unknown:,} of {format_count(rows.height, 'post')} {have} no counts and no dot; unknown is not none."
    left = f"Reactions: {format_count(reposts, 'repost')} {are} left out, for what is counted is the original post's."
    return [uncounted] * bool(unknown) + [left] * bool(reposts)


def explain_truncation(all_rows: pl.DataFrame, listed_rows: pl.DataFrame, drawn_count: int, networks: Mapping[str, str]) -> list[str]:
    """Say if the table has not all `rows`, and the picture not all posts of the table."""
    by_network = [frame.with_columns(_network_column(networks)).filter(network="x").height for frame in (listed_rows, all_rows)]
    x, all_x = by_network
    terms = f"Reactions: the newest {x:,} of {all_x:,} posts of X are listed, the most that X lets anybody hand on in a file."
    much = f"Reactions: the newest {listed_rows.height:,} of {all_rows.height - all_x + x:,} posts are listed; that is the most."
    counted = listed_rows["reactions"].count()
    spread = (
        f"Reactions: {drawn_count:,} of {counted:,} posts are drawn, evenly spread over each account's; medians are of all that were read."
    )
    return [terms] * (x < all_x) + [much] * (listed_rows.height < all_rows.height - all_x + x) + [spread] * (drawn_count < counted)


def build_notes(
    all_rows: pl.DataFrame,
    listed_rows: pl.DataFrame,
    chart: ScatterChart,
    medians: pl.DataFrame,
    context: ChartContext,
    visible_posts: pl.DataFrame,
) -> list[str]:
    """Return everything that is to be said of reactions; `all_rows` are all posts, `listed_rows` those of the table."""
    networks = {str(user): user.network for user in context.query.users}
    drawn = sum(len(cloud.points) for cloud in chart.series)
    told = [*describe_medians(medians, context.labels), *explain_counted_reactions(all_rows, networks)] or [chart.empty_message] * bool(
        chart.empty_message
    )
    return [*told, *explain_missing_points(all_rows, visible_posts), *explain_truncation(all_rows, listed_rows, drawn, networks)]


def _network_column(networks: Mapping[str, str]) -> pl.Expr:
    return pl.col("account").replace_strict(networks, default=None, return_dtype=pl.String).alias("network")


def _format_confidence_interval(row: Mapping[str, Any]) -> str:
    """Return the interval of a median and how many posts it is of."""
    many = format_count(row["posts"], "post")
    return f"({row['low']:,} to {row['high']:,}; {many})" if row["low"] is not None else f"({many}, too few for an interval)"


def _list_counted_reactions(row: Mapping[str, Any]) -> str:
    return ", ".join(name for name in REACTION_COLUMNS if row[name])
