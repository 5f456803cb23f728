"""What changed: a dot an account and measure, with the interval of its change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.spec import Bar, BarChart, PostQuery
from dashboard.core.formatting import format_count, format_decimal, format_list, format_share, format_signed, format_signed_share, pluralize
from dashboard.core.methods import METHODS

_MEASURE_NAMES = {"posts_per_day": "Posts", "net_per_post": "Net sentiment", "positive_share": "Positive share"}
_SHORT_MEASURE_NAMES = {"posts_per_day": "Posts", "net_per_post": "Net", "positive_share": "Share"}
_HUNDREDTHS = 100  # all changes are drawn as hundredths
_CERTAINTY_NOTES = {
    "clear": "",
    "unclear": "\nno clear change",
    "unknown": "\nhow sure this is can't be said: too few posts, or posts too much alike",
}


def comparison_chart(table: pl.DataFrame, context: ChartContext, post_queries: Sequence[PostQuery]) -> BarChart:
    """Draw each change against no change; `table` is analytics.compare's, `post_queries` the posts of this time for each of its rows."""
    method = context.query.method
    bars: dict[str, list[Bar]] = {}
    for row, behind in zip(table.iter_rows(named=True), post_queries, strict=True):
        bars.setdefault(row["account"], []).append(_build_bar(row, behind, method))
    panels = context.build_panels(bars)
    unit = f"net {METHODS[method].unit} per 100 posts" if METHODS[method].has_whole_scores else "hundredths of the mean score"
    return BarChart(
        kind="compare",
        title="What changed",
        caption=tuple(context.caption),
        alt=_build_alt_text(table, context.labels),
        hint="Dots: the change; lines: 95\u00a0% confidence. Faint: the line reaches zero, so there may be no change at all, "
        f"or there is no line, for nobody can say how sure the change is. Drawn side by side: posts in %, {unit}, share in points",
        panels=panels,
        x_title="Left of the line: less than before; right of it: more",
        draw_as_points=True,
        empty_message="Nothing to compare: this time and the one before it need posts, both of them.",
        values_in_labels=True,
    )


def _build_bar(row: Mapping[str, Any], post_query: PostQuery, method: str) -> Bar:
    ends = [None if row[end] is None else row[end] * _HUNDREDTHS for end in ("change", "low", "high")]
    label = f"{_SHORT_MEASURE_NAMES[row['measure']]}: {_format_change(row, row['change'])}"
    return Bar(label, ends[0], _format_tooltip(row), post_query, ends[1], ends[2], "" if _classify_certainty(row) == "clear" else "faint")


def _classify_certainty(row: Mapping[str, Any]) -> str:
    """Say whether a change is `clear`, for its interval does not reach zero; `unclear`; or `unknown`, for it has no interval."""
    low, high = row["low"], row["high"]
    if low is None and high is None:
        return "unknown"
    return "clear" if (low is not None and low > 0) or (high is not None and high < 0) else "unclear"


def _format_tooltip(row: Mapping[str, Any]) -> str:
    if row["before"] is None or row["now"] is None:
        sides = "nothing to measure before" if row["before"] is None else "nothing to measure now"
    else:
        sides = f"{_format_value(row, row['before'])} before, {_format_value(row, row['now'])} now"
    doubt = _CERTAINTY_NOTES[_classify_certainty(row)] if row["change"] is not None else ""
    posts = f"{format_count(row['posts_before'], 'post')} before, {format_count(row['posts_now'], 'post')} now"
    return (
        f"{_MEASURE_NAMES[row['measure']]}: {_format_change(row, row['change'])}{_format_confidence_interval(row)}{doubt}\n{sides}\n{posts}"
    )


def _format_confidence_interval(row: Mapping[str, Any]) -> str:
    if row["low"] is None and row["high"] is None:
        return ""
    low, high = (_format_change(row, row[end]) if row[end] is not None else "any" for end in ("low", "high"))
    return f" ({low} to {high} with 95 % confidence)"


def _format_change(row: Mapping[str, Any], change: float | None) -> str:
    """Return a change as people write it: `−12 %`, `+0.31`, `+5 points`."""
    if change is None:
        return "unknown"
    if row["measure"] == "net_per_post":
        return format_signed(change, 2)
    if row["measure"] == "posts_per_day":
        return format_signed_share(change)
    return f"{format_signed(change * _HUNDREDTHS)} {pluralize(abs(round(change * _HUNDREDTHS)), 'point')}"


def _format_value(row: Mapping[str, Any], value: float) -> str:
    if row["measure"] == "posts_per_day":
        return f"{format_decimal(value, 1)} a day"
    return format_signed(value, 2) if row["measure"] == "net_per_post" else format_share(value)


def _build_alt_text(table: pl.DataFrame, labels: Mapping[str, str]) -> str:
    told = [_describe_account(labels[account], table.filter(account=account)) for account in labels if account in set(table["account"])]
    return " ".join(["This time against the one before.", *told[:6]]) if told else "There is no time to compare."


def _describe_account(label: str, rows: pl.DataFrame) -> str:
    every = rows.to_dicts()
    known = {
        surety: [row for row in every if row["change"] is not None and _classify_certainty(row) == surety] for surety in _CERTAINTY_NOTES
    }
    unclear = [_MEASURE_NAMES[row["measure"]].lower() for row in known["unclear"]]
    missing = [_MEASURE_NAMES[row["measure"]].lower() for row in every if row["change"] is None]
    said = [*_describe_changes(known["clear"]), *([f"shows no clear change in {format_list(unclear)}"] * bool(unclear))]
    said += [f"{phrase} (how sure that is can't be said)" for phrase in _describe_changes(known["unknown"])]
    return f"{label} {format_list([*said, *([f'has nothing to compare in {format_list(missing)}'] * bool(missing))])}."


def _describe_changes(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        name, change = _MEASURE_NAMES[row["measure"]].lower(), row["change"]
        if row["measure"] == "posts_per_day":
            amount = f"{format_share(abs(change))} {'more' if change > 0 else 'less'}"
            yield f"posted {amount}{_format_confidence_interval(row).replace(' with 95 % confidence', '')}"
        else:
            yield f"{'rose' if change > 0 else 'fell'} in {name} by {_format_change(row, abs(change)).lstrip('+')}"
