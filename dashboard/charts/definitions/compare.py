"""The comparison of two periods: one dot per account and measure, with the confidence interval of the change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.time_series import capitalize
from dashboard.charts.spec.bars import Bar, BarChart
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_decimal, format_share
from dashboard.core.formatting.texts import format_labelled, format_list, start_within_sentence
from dashboard.core.measures import MEASURES, format_value
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import METHODS

_MEASURE_NAMES = {
    "posts_per_day": translatable("Posts"),
    "net_per_post": translatable("Balance per post"),
    "positive_share": translatable("Positive share"),
}
_SHORT_MEASURE_NAMES = {
    "posts_per_day": translatable("Posts"),
    "net_per_post": translatable("Balance"),
    "positive_share": translatable("Share"),
}
_MAX_DRAWN_END = 3.0  # where lines end, because one account with few posts would flatten the others
_UNIT_HINTS = {
    "words": translatable("Posts are in percent, balance in words per post, positive share in points"),
    "points": translatable("Posts are in percent, balance in points per post, positive share in points"),
    "posts": translatable("Posts are in percent, balance in posts per post, positive share in points"),
    "score": translatable("Posts are in percent, balance in mean score per post, positive share in points"),
}
_CERTAINTY_NOTES = {
    "clear": "",
    "unclear": translatable("no clear change"),
    "unknown": translatable("too few posts to be sure"),
}


def comparison_chart(table: pl.DataFrame, context: ChartContext, post_queries: Sequence[PostQuery]) -> BarChart:
    """Draw each change against no change.

    `table` is analytics.compare's, `post_queries` has the posts of the current period for each of its rows.
    """
    method = context.query.method
    bars, scales = dict[str, list[Bar]](), _find_scales(table)
    for row, post_query in zip(table.iter_rows(named=True), post_queries, strict=True):
        bars.setdefault(row["account"], []).append(_build_bar(row, post_query, scales[row["measure"]]))
    panels = context.build_panels(bars)
    hint = gettext("Dots show the change, lines the margin of error (95%). Faint dots: no clear change")
    doubt = gettext("Of many changes, some lines miss zero by chance, so such a dot may be faint, too")
    key = gettext("each measure on its own scale")
    return BarChart(
        kind="compare",
        title=gettext("Change against the previous period"),
        caption=tuple(context.caption),
        alt=_build_alt_text(table, context.labels),
        hint=". ".join([hint, doubt, gettext(_name_units(method)), capitalize(key)]),
        key=key,
        panels=panels,
        x_title=gettext("← less · more →"),
        draw_as_points=True,
        empty_message=gettext("There’s nothing to compare: one of the two periods has no posts."),
        values_in_labels=True,
    )


def _name_units(method: str) -> str:
    """Return the units of the three changes, in English. A method that is registered from outside may count anything."""
    unit = METHODS[method].unit if METHODS[method].has_whole_scores else "score"
    return _UNIT_HINTS.get(unit, f"Posts are in percent, balance in {unit} per post, positive share in points")


def _find_scales(table: pl.DataFrame) -> dict[str, float]:
    """Return the largest change of each measure, with its interval as far as it is drawn, in either direction: what is drawn as 1."""
    ends = table.select("measure", pl.col("change", "low").abs(), high=_drawn_high().abs()).group_by("measure").max()
    return {measure: max(filter(None, values), default=1.0) for measure, *values in ends.iter_rows()}


def _drawn_high() -> pl.Expr:
    return pl.when(pl.col("change").is_not_null()).then(pl.min_horizontal("high", pl.max_horizontal("change", _MAX_DRAWN_END)))


def _build_bar(row: Mapping[str, Any], post_query: PostQuery, scale: float) -> Bar:
    """Return a dot; `scale` is the change that is drawn as 1."""
    change, low, high = (None if row[name] is None else row[name] / scale for name in ("change", "low", "high"))
    high = None if high is None or change is None else min(high, max(_MAX_DRAWN_END / scale, change))
    label = format_labelled(gettext(_SHORT_MEASURE_NAMES[row["measure"]]), _format_change_or_start(row))
    return Bar(label, change, _format_tooltip(row), post_query, low, high, "" if _classify_certainty(row) == "clear" else "faint")


def _classify_certainty(row: Mapping[str, Any]) -> str:
    """Return `clear` if the interval of a change doesn't include zero, `unclear` if it does, `unknown` if there is no interval."""
    return {None: "unknown", True: "clear", False: "unclear"}[row["clear"]]


def _has_change(row: Mapping[str, Any]) -> bool:
    """Return whether there is something to say about a change: its size, or at least its interval, if there were no posts before."""
    return row["change"] is not None or row["clear"] is not None


def _format_tooltip(row: Mapping[str, Any]) -> str:
    if row["before"] is None or row["now"] is None:
        sides = gettext("no sentiment before") if row["before"] is None else gettext("no sentiment now")
    else:
        sides = _describe_sides(_format_value(row, row["before"]), _format_value(row, row["now"]))
    certainty = _CERTAINTY_NOTES[_classify_certainty(row)] if _has_change(row) else ""
    posts = _describe_sides(format_count(row["posts_before"], "post"), format_count(row["posts_now"], "post"))
    change = f"{_format_change_or_start(row)}{_format_confidence_interval(row)}" + (f"\n{gettext(certainty)}" if certainty else "")
    return f"{format_labelled(gettext(_MEASURE_NAMES[row['measure']]), change)}\n{sides}\n{posts}"


def _describe_sides(before: str, now: str) -> str:
    return gettext("%(before)s before, %(now)s now", before=before, now=now)


def _format_confidence_interval(row: Mapping[str, Any]) -> str:
    if row["low"] is None and row["high"] is None:
        return ""
    low, high = (_format_change(row, row[end]) for end in ("low", "high"))
    if row["high"] is None:
        return " " + gettext("(%(low)s or more with 95%% confidence)", low=low)
    return " " + gettext("(%(low)s to %(high)s with 95%% confidence)", low=low, high=high)


def _format_range(row: Mapping[str, Any]) -> str:
    """Return the confidence interval of a change without saying what it is, with a blank in front; "" if it isn't known."""
    if row["low"] is None and row["high"] is None:
        return ""
    low, high = (_format_change(row, row[end]) for end in ("low", "high"))
    return " " + (gettext("(%(low)s or more)", low=low) if row["high"] is None else gettext("(%(low)s to %(high)s)", low=low, high=high))


def _format_change_or_start(row: Mapping[str, Any]) -> str:
    """Return a change as text, or that there were no posts before, which has no relative change."""
    is_start = row["change"] is None and row["clear"] is not None
    return gettext("none before") if is_start else _format_change(row, row["change"])


def _format_change(row: Mapping[str, Any], change: float | None) -> str:
    """Return a change as text: `−12%`, `+0.31`, `+5 points`."""
    return gettext("unknown") if change is None else MEASURES[row["measure"]].format_change(change)


def _format_value(row: Mapping[str, Any], value: float) -> str:
    if row["measure"] == "posts_per_day":
        return gettext("%(count)s per day", count=format_decimal(value, 1))
    return format_value(value, row["measure"])


def _build_alt_text(table: pl.DataFrame, labels: Mapping[str, str]) -> str:
    rows_by_account = table.rows_by_key("account", named=True)
    sentences = [_describe_account(label, rows_by_account[account]) for account, label in labels.items() if account in rows_by_account]
    if not sentences:
        return gettext("There are no periods to compare.")
    return " ".join([gettext("Change against the previous period") + ".", *sentences[:6]])


def _describe_account(label: str, changes: Sequence[Mapping[str, Any]]) -> str:
    by_certainty = {
        certainty: [row for row in changes if _has_change(row) and _classify_certainty(row) == certainty] for certainty in _CERTAINTY_NOTES
    }
    unclear = [_name_measure(row) for row in by_certainty["unclear"]]
    missing = [_name_measure(row) for row in changes if not _has_change(row)]
    phrases = list(_describe_changes(by_certainty["clear"]))
    phrases += [gettext("shows no clear change in %(measures)s", measures=format_list(unclear))] * bool(unclear)
    phrases += [gettext("%(change)s (too few posts to be sure)", change=phrase) for phrase in _describe_changes(by_certainty["unknown"])]
    phrases += [gettext("has not enough posts to compare %(measures)s", measures=format_list(missing))] * bool(missing)
    return f"{label} {format_list(phrases)}."


def _name_measure(row: Mapping[str, Any]) -> str:
    return start_within_sentence(gettext(_MEASURE_NAMES[row["measure"]]))


def _describe_changes(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        change = row["change"]
        if change is None:
            posts = format_count(row["posts_now"], "post")
            yield gettext("posted %(posts)s after none", posts=posts) + _format_range(row)
        elif row["measure"] == "posts_per_day":
            amount = format_share(abs(change))
            more = gettext("posted %(share)s more", share=amount) if change > 0 else gettext("posted %(share)s less", share=amount)
            yield more + _format_range(row)
        else:
            values = {"measure": _name_measure(row), "amount": _format_change(row, abs(change)).lstrip("+")}
            rose = change > 0
            yield gettext("rose in %(measure)s by %(amount)s", **values) if rose else gettext("fell in %(measure)s by %(amount)s", **values)
