"""The comparison of two periods: one dot per account and measure, with the confidence interval of the change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.spec.bars import Bar, BarChart
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_decimal, format_share
from dashboard.core.formatting.texts import format_list
from dashboard.core.measures import MEASURES, format_value
from dashboard.core.methods import METHODS

_MEASURE_NAMES = {"posts_per_day": "Posts", "net_per_post": "Balance per post", "positive_share": "Positive share"}
_SHORT_MEASURE_NAMES = {"posts_per_day": "Posts", "net_per_post": "Balance", "positive_share": "Share"}
_HUNDREDTHS = 100  # all changes are drawn as hundredths
_MAX_DRAWN_END = 300.0  # hundredths, where lines end, because one account with few posts would flatten the others
_CERTAINTY_NOTES = {
    "clear": "",
    "unclear": "\nno clear change",
    "unknown": "\ntoo few posts to be sure",
}


def comparison_chart(table: pl.DataFrame, context: ChartContext, post_queries: Sequence[PostQuery]) -> BarChart:
    """Draw each change against no change.

    `table` is analytics.compare's, `post_queries` has the posts of the current period for each of its rows.
    """
    method = context.query.method
    bars: dict[str, list[Bar]] = {}
    for row, post_query in zip(table.iter_rows(named=True), post_queries, strict=True):
        bars.setdefault(row["account"], []).append(_build_bar(row, post_query, method))
    panels = context.build_panels(bars)
    unit = f"{METHODS[method].unit} per post" if METHODS[method].has_whole_scores else "mean score per post"
    return BarChart(
        kind="compare",
        title="Change against the previous period",
        caption=tuple(context.caption),
        alt=_build_alt_text(table, context.labels),
        hint="Dots show the change, lines the margin of error (95%). Faint dots: no clear change. "
        f"Posts are in percent, balance in {unit}, positive share in points",
        panels=panels,
        x_title="← less · more →",
        draw_as_points=True,
        empty_message="There's nothing to compare: one of the two periods has no posts.",
        values_in_labels=True,
    )


def _build_bar(row: Mapping[str, Any], post_query: PostQuery, method: str) -> Bar:
    change, low, high = (None if row[name] is None else row[name] * _HUNDREDTHS for name in ("change", "low", "high"))
    high = None if high is None or change is None else min(high, max(_MAX_DRAWN_END, change))
    label = f"{_SHORT_MEASURE_NAMES[row['measure']]}: {_format_change_or_start(row)}"
    return Bar(label, change, _format_tooltip(row), post_query, low, high, "" if _classify_certainty(row) == "clear" else "faint")


def _classify_certainty(row: Mapping[str, Any]) -> str:
    """Return `clear` if the interval of a change doesn't include zero, `unclear` if it does, `unknown` if there is no interval."""
    return {None: "unknown", True: "clear", False: "unclear"}[row["clear"]]


def _has_change(row: Mapping[str, Any]) -> bool:
    """Return whether there is something to say about a change: its size, or at least its interval, if there were no posts before."""
    return row["change"] is not None or row["clear"] is not None


def _format_tooltip(row: Mapping[str, Any]) -> str:
    if row["before"] is None or row["now"] is None:
        sides = "no sentiment before" if row["before"] is None else "no sentiment now"
    else:
        sides = f"{_format_value(row, row['before'])} before, {_format_value(row, row['now'])} now"
    certainty = _CERTAINTY_NOTES[_classify_certainty(row)] if _has_change(row) else ""
    posts = f"{format_count(row['posts_before'], 'post')} before, {format_count(row['posts_now'], 'post')} now"
    change = f"{_format_change_or_start(row)}{_format_confidence_interval(row)}{certainty}"
    return f"{_MEASURE_NAMES[row['measure']]}: {change}\n{sides}\n{posts}"


def _format_confidence_interval(row: Mapping[str, Any]) -> str:
    if row["low"] is None and row["high"] is None:
        return ""
    low, high = (_format_change(row, row[end]) for end in ("low", "high"))
    return f" ({low} or more with 95% confidence)" if row["high"] is None else f" ({low} to {high} with 95% confidence)"


def _format_change_or_start(row: Mapping[str, Any]) -> str:
    """Return a change as text, or that there were no posts before, which has no relative change."""
    return "none before" if row["change"] is None and row["clear"] is not None else _format_change(row, row["change"])


def _format_change(row: Mapping[str, Any], change: float | None) -> str:
    """Return a change as text: `−12%`, `+0.31`, `+5 points`."""
    return "unknown" if change is None else MEASURES[row["measure"]].format_change(change)


def _format_value(row: Mapping[str, Any], value: float) -> str:
    return f"{format_decimal(value, 1)} per day" if row["measure"] == "posts_per_day" else format_value(value, row["measure"])


def _build_alt_text(table: pl.DataFrame, labels: Mapping[str, str]) -> str:
    known = set(table["account"])
    sentences = [_describe_account(label, table.filter(account=account)) for account, label in labels.items() if account in known]
    return " ".join(["Change against the previous period.", *sentences[:6]]) if sentences else "There are no periods to compare."


def _describe_account(label: str, rows: pl.DataFrame) -> str:
    changes = rows.to_dicts()
    by_certainty = {
        certainty: [row for row in changes if _has_change(row) and _classify_certainty(row) == certainty] for certainty in _CERTAINTY_NOTES
    }
    unclear = [_MEASURE_NAMES[row["measure"]].lower() for row in by_certainty["unclear"]]
    missing = [_MEASURE_NAMES[row["measure"]].lower() for row in changes if not _has_change(row)]
    phrases = [*_describe_changes(by_certainty["clear"]), *([f"shows no clear change in {format_list(unclear)}"] * bool(unclear))]
    phrases += [f"{phrase} (too few posts to be sure)" for phrase in _describe_changes(by_certainty["unknown"])]
    phrases += [f"has not enough posts to compare {format_list(missing)}"] * bool(missing)
    return f"{label} {format_list(phrases)}."


def _describe_changes(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        name, change = _MEASURE_NAMES[row["measure"]].lower(), row["change"]
        if change is None:
            posts = format_count(row["posts_now"], "post")
            yield f"posted {posts} after none{_format_confidence_interval(row).replace(' with 95% confidence', '')}"
        elif row["measure"] == "posts_per_day":
            amount = f"{format_share(abs(change))} {'more' if change > 0 else 'less'}"
            yield f"posted {amount}{_format_confidence_interval(row).replace(' with 95% confidence', '')}"
        else:
            yield f"{'rose' if change > 0 else 'fell'} in {name} by {_format_change(row, abs(change)).lstrip('+')}"
