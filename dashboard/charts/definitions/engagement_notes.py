"""Notes on reactions: the median of each account's posts, what each network counts, and which posts are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.spec.scatter import ScatterChart
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_median, format_number
from dashboard.core.formatting.texts import format_labelled
from dashboard.core.messages import gettext, ngettext, translatable
from dashboard.core.networks import NETWORKS
from dashboard.core.posts import REACTION_COLUMNS

SINGULAR_NOUNS = {"likes": "like", "reposts": "repost", "replies": "reply", "quotes": "quote"}

_REACTION_NAMES = {
    "likes": translatable("likes"),
    "reposts": translatable("reposts"),
    "replies": translatable("replies"),
    "quotes": translatable("quotes"),
}
_MEDIANS = {
    "positive": translatable("%(count)s per positive post"),
    "neutral": translatable("%(count)s per neutral post"),
    "negative": translatable("%(count)s per negative post"),
}


@dataclass(frozen=True)
class ReactionTables:
    """What notes on reactions are about.

    `all_rows` is analytics.engagement's table of every scored post, `listed_rows` the ones of the chart's table, and `medians` has those of
    analytics.engagement. `visible_posts` are all posts in view, the unscored ones included.
    """

    all_rows: pl.DataFrame
    listed_rows: pl.DataFrame
    medians: pl.DataFrame
    visible_posts: pl.DataFrame


def describe_medians(medians: pl.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Return the median reactions of each account's positive, neutral and negative posts; `medians` is analytics.engagement's."""
    rows_by_account = medians.rows_by_key("account", named=True, include_key=True)
    return [describe_account_medians(label, rows_by_account[account]) for account, label in labels.items() if account in rows_by_account]


def format_median_tooltip(row: Mapping[str, Any]) -> str:
    """Return what a median is of, its value and its margin of error, one line each."""
    if row["low"] is None:
        margin = gettext("too few posts for a margin of error")
    else:
        margin = gettext("margin of error %(low)s to %(high)s (95%%)", low=format_number(row["low"]), high=format_number(row["high"]))
    posts = gettext("Median of %(posts)s, without reposts", posts=format_count(row["posts"], f"{row['polarity']} post"))
    reactions = gettext("%(count)s reactions", count=format_median(row["median"]))
    return f"{posts}\n{reactions}\n{margin}"


def describe_account_medians(label: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the median reactions of each group of an account's posts, the positive ones first."""
    medians = [f"{_describe_median(row)} {_format_confidence_interval(row)}" for row in reversed(rows)]
    return gettext("%(account)s, median reactions: %(medians)s.", account=label, medians=", ".join(medians))


def _describe_median(row: Mapping[str, Any]) -> str:
    return gettext(_MEDIANS[row["polarity"]], count=format_median(row["median"]))


def explain_counted_reactions(table: pl.DataFrame, networks: Mapping[str, str]) -> list[str]:
    """Return a sentence on the reactions that each network counts, judging by these posts; `networks` has the network of each account."""
    counts = table.group_by(_network_column(networks), maintain_order=True).agg(pl.col(REACTION_COLUMNS).count())
    counted = [
        format_labelled(_title_in_notes(row["network"]), names)
        for row in counts.iter_rows(named=True)
        if (names := _list_counted_reactions(row))
    ]
    advice = gettext("Networks count reactions differently and older posts have had more time, so compare within one network.")
    reactions = gettext("Counted here – %(counts)s.", counts="; ".join(counted))
    return [f"{advice} {reactions}"] if counted else []


def explain_missing_points(rows: pl.DataFrame, visible_posts: pl.DataFrame) -> list[str]:
    """Return sentences on the posts without a dot: those without counts, and reposts. `rows` is analytics.engagement's."""
    unknown, reposts = rows["reactions"].null_count(), visible_posts.filter(kind="repost").height
    uncounted = ngettext(
        "%(count)s of %(posts)s has no reaction counts and is not shown.",
        "%(count)s of %(posts)s have no reaction counts and are not shown.",
        unknown,
        count=format_number(unknown),
        posts=format_count(rows.height, "post"),
    )
    reposted = ngettext(
        "%(reposts)s is not counted: the reactions belong to the original post.",
        "%(reposts)s are not counted: the reactions belong to the original post.",
        reposts,
        reposts=format_count(reposts, "repost"),
    )
    return [uncounted] * bool(unknown) + [reposted] * bool(reposts)


def explain_truncation(all_rows: pl.DataFrame, listed_rows: pl.DataFrame, drawn_count: int, networks: Mapping[str, str]) -> list[str]:
    """Return sentences that say how many posts the table leaves out, and how many the chart leaves out."""
    restricted = [
        (NETWORKS[name].title, _count_rows(listed_rows, networks, name), _count_rows(all_rows, networks, name))
        for name in dict.fromkeys(networks.values())
        if NETWORKS[name].max_shared_posts is not None
    ]
    terms = [
        gettext(
            "The table lists the newest %(listed)s of %(total)s posts from %(network)s, the most that %(network)s allows in a file.",
            listed=format_number(listed),
            total=format_number(total),
            network=title,
        )
        for title, listed, total in restricted
        if listed < total
    ]
    listable = all_rows.height - sum(total - listed for _, listed, total in restricted)
    values = {"listed": format_number(listed_rows.height), "total": format_number(listable)}
    too_many = gettext("The table lists the newest %(listed)s of %(total)s posts, the most it can.", **values)
    return terms + [too_many] * (listed_rows.height < listable) + _explain_sample(drawn_count, listed_rows)


def explain_sample(chart: ScatterChart, listed_rows: pl.DataFrame) -> list[str]:
    """Return a sentence if the chart draws only a sample of the posts that the table lists."""
    return _explain_sample(sum(len(cloud.points) for cloud in chart.series), listed_rows)


def _explain_sample(drawn_count: int, listed_rows: pl.DataFrame) -> list[str]:
    counted = listed_rows["reactions"].count()
    values = {"posts": format_count(drawn_count, "post"), "total": format_number(counted)}
    sentence = gettext("The chart shows a sample of %(posts)s; the medians use all %(total)s.", **values)
    return [sentence] * (drawn_count < counted)


def build_notes(tables: ReactionTables, chart: ScatterChart, context: ChartContext) -> list[str]:
    """Return all notes on reactions."""
    networks = {str(user): user.network for user in context.query.users}
    drawn = sum(len(cloud.points) for cloud in chart.series)
    explanations = [*describe_medians(tables.medians, context.labels), *explain_counted_reactions(tables.all_rows, networks)]
    return [
        *(explanations or [chart.empty_message] * bool(chart.empty_message)),
        *explain_missing_points(tables.all_rows, tables.visible_posts),
        *explain_truncation(tables.all_rows, tables.listed_rows, drawn, networks),
    ]


def _title_in_notes(network_name: str) -> str:
    network = NETWORKS[network_name]
    return gettext(network.title_in_notes or network.title)


def _count_rows(table: pl.DataFrame, networks: Mapping[str, str], network_name: str) -> int:
    return table.with_columns(_network_column(networks)).filter(network=network_name).height


def _network_column(networks: Mapping[str, str]) -> pl.Expr:
    return pl.col("account").replace_strict(networks, default=None, return_dtype=pl.String).alias("network")


def _format_confidence_interval(row: Mapping[str, Any]) -> str:
    """Return the interval of a median and its number of posts."""
    posts = format_count(row["posts"], "post")
    if row["low"] is None:
        return gettext("(%(posts)s, too few for a margin of error)", posts=posts)
    return gettext("(%(low)s to %(high)s; %(posts)s)", low=format_number(row["low"]), high=format_number(row["high"]), posts=posts)


def _list_counted_reactions(row: Mapping[str, Any]) -> str:
    return ", ".join(gettext(_REACTION_NAMES[name]) for name in REACTION_COLUMNS if row[name])
