"""The comparison of methods: how positive each method finds the same posts, one panel per account, and how far they agree."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.counts import format_count, pluralize
from dashboard.core.formatting.numbers import format_decimal, format_ordinal, format_share
from dashboard.core.methods import METHODS

_MAX_DESCRIBED_ACCOUNTS = 4
_NUMBER_WORDS = {3: "three", 4: "four"}


def method_comparison_chart(table: pl.DataFrame, context: ChartContext, post_queries: Sequence[PostQuery]) -> BarChart:
    """Draw each method's positive share with its interval; `table` is analytics.agreement's, `post_queries` the posts of each row."""
    bars: dict[str, list[Bar]] = {}
    for row, post_query in zip(table.iter_rows(named=True), post_queries, strict=True):
        bars.setdefault(row["account"], []).append(_build_bar(row, post_query))
    panels = context.build_panels(bars)
    return BarChart(
        kind="methods",
        title="Do the methods agree?",
        caption=tuple(context.caption),
        alt=_build_alt_text(panels),
        hint="Positive share of the same posts by each method, with the margin of error (95%). "
        "If the lines don't overlap, the methods disagree",
        panels=panels,
        x_title="Positive share of posts",
        percent=True,
        draw_as_points=True,
    )


def describe_agreement(pairs: pl.DataFrame, alpha: float | None, rated_posts: pl.DataFrame) -> list[str]:
    """Return sentences on how far the methods agree; `pairs` and `alpha` are analytics.agreement's for `rated_posts`."""
    rated_posts = rated_posts.drop_nulls(_rated_methods(rated_posts))  # the others are in a language that some methods don't read
    if rated_posts.is_empty():
        return []
    disputed_count = rated_posts.filter(
        pl.max_horizontal(*_rated_methods(rated_posts)) - pl.min_horizontal(*_rated_methods(rated_posts)) == 2
    ).height
    dispute = f"{pluralize(disputed_count or 1, 'is', 'are')} positive by one method and negative by another"
    disputed_posts = (
        f"{disputed_count:,} of {format_count(rated_posts.height, 'post')} {dispute}" if disputed_count else f"No post {dispute}"
    )
    return [
        _describe_pairs(pairs.to_dicts()),
        f"{disputed_posts}.",
        *(
            [f"All methods together reach {format_decimal(alpha, 2)}, where 1 is full agreement and 0 is chance."]
            if alpha is not None
            else []
        ),
    ]


def claim_agreement(pairs: pl.DataFrame) -> str:
    """Return on how many posts two methods agree, as a headline; `pairs` as above, "" without posts."""
    lowest, highest = pairs["agreement"].min(), pairs["agreement"].max()
    if not isinstance(lowest, float) or not isinstance(highest, float):
        return ""
    shares = dict.fromkeys(f"{100 * share:.0f}" for share in (lowest, highest))
    return f"Methods agree on {'–'.join(shares)}% of posts"


def describe_sampling(sampling_step: int, post_count: int) -> list[str]:
    """Return a remark if only a sample of the posts is compared."""
    return [f"Based on every {format_ordinal(sampling_step)} of {post_count:,} posts."] if sampling_step > 1 else []


def disputed_post_query(row: Mapping[str, Any], sampling_step: int, base_query: PostQuery) -> PostQuery:
    """Return the query for the posts behind a row of the table: the account's, with the most disputed posts first.

    It's empty if only a sample is compared, because no page shows just those posts.
    """
    return (("account", row["account"]), *base_query, ("sort", "disagreement")) if sampling_step == 1 and row["posts"] else ()


def _build_bar(row: Mapping[str, Any], post_query: PostQuery) -> Bar:
    return Bar(METHODS[row["method"]].short_title, row["share"], _format_tooltip(row), post_query, row["low"], row["high"])


def _format_tooltip(row: Mapping[str, Any]) -> str:
    lines = [
        METHODS[row["method"]].short_title,
        f"{row['positive']:,} positive, {row['neutral']:,} neutral, {row['negative']:,} negative posts",
    ]
    if row["share"] is not None:
        lines.append(f"{format_share(row['share'])} positive share ({format_share(row['low'])} to {format_share(row['high'])})")
    if row["agreement"] is not None:
        lines.append(f"agrees with the other methods on {format_share(row['agreement'])} of posts")
    return "\n".join(lines)


def _build_alt_text(panels: Sequence[BarPanel]) -> str:
    if not any(bar.value is not None for panel in panels for bar in panel.bars):
        return "There are no posts to compare methods by."
    count = _NUMBER_WORDS.get(len(panels[0].bars), str(len(panels[0].bars)))
    summary = f"Dots with margins of error: positive share of the same posts by {count} methods, for"
    return " ".join(
        [f"{summary} {list_names([panel.label for panel in panels])}.", *map(_describe_panel, panels[:_MAX_DESCRIBED_ACCOUNTS])]
    )


def _describe_panel(panel: BarPanel) -> str:
    shares = [f"{bar.label} {format_share(bar.value)}" for bar in panel.bars if bar.value is not None]
    return f"{panel.label}: {list_names(shares)}." if shares else f"{panel.label}: no method finds positive or negative posts."


def _rated_methods(rated_posts: pl.DataFrame) -> list[str]:
    return [method for method in METHODS.names() if method in rated_posts.columns]


def _describe_pairs(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Return between which shares of posts two methods agree, and which two agree most; `pairs` begins with those."""
    highest, lowest = (format_share(row["agreement"]) for row in (pairs[0], pairs[-1]))
    if highest == lowest:
        return f"Any two methods agree on {highest} of posts."
    closest = f"{METHODS[pairs[0]['first']].short_title} and {METHODS[pairs[0]['second']].short_title}"
    return f"Methods agree on {lowest.removesuffix('%')}–{highest} of posts (closest: {closest})."
