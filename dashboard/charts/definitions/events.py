"""What stood out: a bar an event, as long as it is far from the usual; and the same events as marks on charts of time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.time_series import format_interval_phrase, format_interval_short, format_value
from dashboard.charts.spec import Bar, BarChart, PostQuery, TimeSeriesChart, list_names
from dashboard.core.formatting import format_count, format_decimal, format_signed

MIN_INTERVALS = 8  # whole intervals of history below which nothing stands out
_MAX_CAPTION_EVENTS = 4  # events that the caption spells out


def event_chart(table: pl.DataFrame, context: ChartContext, post_queries: Sequence[PostQuery]) -> BarChart:
    """Draw each event by its z-score; `table` is analytics.events', `post_queries` the posts behind each of its rows."""
    interval, labels = context.interval, context.labels
    bars: dict[str, list[Bar]] = {}
    quiet = [label for account, label in labels.items() if account not in table["account"]]
    silence = [f"{list_names(quiet)}: no {interval} stands out."] if quiet and table.height else []
    within_a_year = _is_within_a_year(table["start"])
    for row, behind in zip(table.iter_rows(named=True), post_queries, strict=True):
        bars.setdefault(row["account"], []).append(_build_bar(row, interval, behind, within_a_year))
    return BarChart(
        kind="events",
        title="What stood out",
        caption=(*_describe_strongest(table, labels, interval), *silence, *context.caption),
        alt=_build_alt_text(table, labels, interval),
        hint=f"How far {'an' if interval == 'hour' else 'a'} {interval} lies from the account's usual one: more than 3.5 times "
        f"what {interval}s usually differ (robust z-score). Grey: more posts than usual, or fewer; green and orange: it sounded happier or "
        f"unhappier. Of neighbouring {interval}s the strongest is shown",
        panels=context.build_panels(bars),
        x_title="Times the usual difference (robust z-score)",
        empty_message="Nothing stood out.",
    )


def mark_events(chart: TimeSeriesChart, event_table: pl.DataFrame, point_table: pl.DataFrame) -> TimeSeriesChart:
    """Return a chart of time with the events of `table` marked, numbered from each account's strongest on.

    `drawn` has account and start of each point, in order: its place is what tells apart two hours of one name, for clocks repeat some.
    """
    places = point_table.select("account", "start", place=pl.int_range(pl.len()).over("account"))
    named: dict[str, list[tuple[int, str]]] = {}
    strongest = event_table.sort(pl.col("z").abs(), descending=True, maintain_order=True)
    for row in strongest.join(places, on=["account", "start"], maintain_order="left").iter_rows(named=True):
        named.setdefault(row["account"], []).append(
            (row["place"], f"{describe_event(row)}\n{format_interval_phrase(row['start'], chart.interval)}")
        )
    lines = [replace(line, events=tuple(named.get(line.account, ()))) for line in chart.series]
    numbers = "Numbers: what stood out, 1 the strongest" if named else ""
    return replace(
        chart, series=tuple(lines), hint=". ".join(filter(None, [chart.hint, numbers, _short_history_hint(chart) if named else ""]))
    )


def _short_history_hint(chart: TimeSeriesChart) -> str:
    """Say of which accounts too few whole intervals are known for one of them to stand out."""
    short = [line.label for line in chart.series if sum(not part for part in line.hollow[1:]) < MIN_INTERVALS]
    return f"None where fewer than {MIN_INTERVALS} whole {chart.interval}s are known: {list_names(short)}" if short else ""


def describe_event(row: Mapping[str, Any]) -> str:
    """Return an event in words, in lines: what it was, what is usual, and the words that came with it."""
    if row["measure"] == "posts":
        what = f"{format_count(row['posts'], 'post')}, usually {format_decimal(row['expected'], 0)}"
    else:
        sides = [format_value(row[name], "mean") for name in ("value", "expected")]
        what = f"mean sentiment {sides[0]} in {format_count(row['posts'], 'post')}, usually {sides[1]}"
    return f"{what} (z = {format_signed(row['z'], 1)})" + (f"\nwords: {row['words']}" if row["words"] else "")


def _is_within_a_year(starts: pl.Series) -> bool:
    """Say whether no day and month can be meant twice."""
    span = pl.Series([starts.max(), starts.min()]).drop_nulls()
    return span.is_empty() or span[0] - span[1] < timedelta(days=330)


def _build_bar(row: Mapping[str, Any], interval: str, post_query: PostQuery, omit_year: bool) -> Bar:
    tone = "faint" if row["measure"] == "posts" else "up" if row["z"] > 0 else "down"
    value = format_count(row["posts"], "post") if row["measure"] == "posts" else f"mood {format_value(row['value'], 'mean')}"
    name = format_interval_short(row["start"], interval)
    if omit_year and interval in ("day", "week"):
        name = name.removesuffix(f" {row['start']:%Y}")
    return Bar(
        f"{name[0].upper()}{name[1:]}: {value}",
        row["z"],
        f"{describe_event(row)}\n{format_interval_phrase(row['start'], interval)}",
        post_query,
        semantic_color=tone,  # type: ignore[arg-type]
    )


def _describe_strongest(table: pl.DataFrame, labels: Mapping[str, str], interval: str) -> list[str]:
    """Return the strongest events in a line each, with their words."""
    rows = table.sort(pl.col("z").abs(), descending=True, maintain_order=True).head(_MAX_CAPTION_EVENTS).iter_rows(named=True)
    return [
        f"{labels[row['account']]}, {format_interval_short(row['start'], interval)}: {describe_event(row)}".replace("\n", " · ")
        for row in rows
    ]


def _build_alt_text(table: pl.DataFrame, labels: Mapping[str, str], interval: str) -> str:
    if table.is_empty():
        return "Nothing stands out."
    firsts = table.unique("account", keep="first", maintain_order=True).iter_rows(named=True)
    sentences = [
        f"{labels[row['account']]}: {describe_event(row).splitlines()[0]}, {format_interval_short(row['start'], interval)}."
        for row in firsts
    ]
    return " ".join([f"{format_count(table.height, 'event')} that stood out. The strongest of each account:", *sentences[:6]])
