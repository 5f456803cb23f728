"""The comparison of methods: how positive each method finds the same posts, one panel per account, and how far they agree."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.digits import add_percent_sign
from dashboard.core.formatting.numbers import format_decimal, format_number, format_ordinal, format_share, format_small_number
from dashboard.core.formatting.texts import format_labelled, format_list
from dashboard.core.messages import gettext, ngettext
from dashboard.core.methods import METHODS

_MAX_DESCRIBED_ACCOUNTS = 4


def method_comparison_chart(table: pl.DataFrame, context: ChartContext, post_queries: Sequence[PostQuery]) -> BarChart:
    """Draw each method's positive share with its interval; `table` is analytics.agreement's, `post_queries` the posts of each row."""
    bars: dict[str, list[Bar]] = {}
    for row, post_query in zip(table.iter_rows(named=True), post_queries, strict=True):
        bars.setdefault(row["account"], []).append(_build_bar(row, post_query))
    panels = context.build_panels(bars)
    return BarChart(
        kind="methods",
        title=gettext("Do the methods agree?"),
        caption=tuple(context.caption),
        alt=_build_alt_text(panels),
        hint=gettext(
            "Positive share of the same posts by each method, with the margin of error (95%). "
            "If the lines don’t overlap, the methods disagree"
        ),
        panels=panels,
        x_title=gettext("Positive share of posts"),
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
    sentences = [_describe_pairs(pairs.to_dicts()), _describe_dispute(disputed_count, rated_posts.height)]
    if alpha is None:
        return sentences
    reach = gettext("All methods together reach %(alpha)s, where 1 is full agreement and 0 is chance.", alpha=format_decimal(alpha, 2))
    return [*sentences, reach]


def _describe_dispute(disputed_count: int, count: int) -> str:
    if not disputed_count:
        return gettext("No post is positive by one method and negative by another.")
    return ngettext(
        "%(count)s of %(posts)s is positive by one method and negative by another.",
        "%(count)s of %(posts)s are positive by one method and negative by another.",
        disputed_count,
        count=format_number(disputed_count),
        posts=format_count(count, "post"),
    )


def claim_agreement(pairs: pl.DataFrame) -> str:
    """Return on how many posts two methods agree, as a headline; `pairs` as above, "" without posts."""
    lowest, highest = pairs["agreement"].min(), pairs["agreement"].max()
    if not isinstance(lowest, float) or not isinstance(highest, float):
        return ""
    return gettext("Methods agree on %(shares)s of posts", shares=_format_range(lowest, highest))


def describe_sampling(sampling_step: int, sample_count: int, post_count: int) -> list[str]:
    """Return a remark if only a sample of the posts is compared."""
    values = {"ordinal": format_ordinal(sampling_step), "sample": format_number(sample_count), "count": format_number(post_count)}
    return [gettext("Based on every %(ordinal)s post (%(sample)s of %(count)s).", **values)] if sampling_step > 1 else []


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
        gettext(
            "%(positive)s positive, %(neutral)s neutral, %(negative)s negative posts",
            **{name: format_number(row[name]) for name in ("positive", "neutral", "negative")},
        ),
    ]
    if row["share"] is not None:
        shares = {name: format_share(row[name]) for name in ("share", "low", "high")}
        lines.append(gettext("%(share)s positive share (%(low)s to %(high)s)", **shares))
    if row["agreement"] is not None:
        lines.append(gettext("agrees with the other methods on %(share)s of posts", share=format_share(row["agreement"])))
    return "\n".join(lines)


def _build_alt_text(panels: Sequence[BarPanel]) -> str:
    if not any(bar.value is not None for panel in panels for bar in panel.bars):
        return gettext("There are no posts to compare methods by.")
    summary = gettext(
        "Dots with margins of error: positive share of the same posts by %(count)s methods, for %(accounts)s.",
        count=format_small_number(len(panels[0].bars)),
        accounts=list_names([panel.label for panel in panels]),
    )
    return " ".join([summary, *map(_describe_panel, panels[:_MAX_DESCRIBED_ACCOUNTS])])


def _describe_panel(panel: BarPanel) -> str:
    shares = [f"{bar.label} {format_share(bar.value)}" for bar in panel.bars if bar.value is not None]
    if not shares:
        return gettext("%(account)s: no method finds positive or negative posts.", account=panel.label)
    return format_labelled(panel.label, f"{list_names(shares)}.")


def _rated_methods(rated_posts: pl.DataFrame) -> list[str]:
    return [method for method in METHODS.names() if method in rated_posts.columns]


def _describe_pairs(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Return between which shares of posts two methods agree, and which two agree most; `pairs` begins with those."""
    highest, lowest = pairs[0]["agreement"], pairs[-1]["agreement"]
    if format_share(highest) == format_share(lowest):
        return gettext("Any two methods agree on %(share)s of posts.", share=format_share(highest))
    closest = format_list([METHODS[pairs[0][name]].short_title for name in ("first", "second")])
    shares = _format_range(lowest, highest)
    return gettext("Methods agree on %(shares)s of posts (closest: %(methods)s).", shares=shares, methods=closest)


def _format_range(lowest: float, highest: float) -> str:
    """Return two shares as a range, or as one if they are written the same: `64–71%`, `64%`."""
    digits = dict.fromkeys(format_decimal(100 * share, 0) for share in (lowest, highest))
    return add_percent_sign("–".join(digits))
