"""What stood out: a bar an event, as long as it is far from the usual; and the same events as marks on charts of time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import plural, short_when, value_in_words, wall_clock
from dashboard.charts.spec import Bar, Bars, Chart, Panel, Style, Where

_MOST_LINES = 4  # events that the caption spells out


def events(
    table: pl.DataFrame, labels: Mapping[str, str], looks: Mapping[str, Style], width: str, caption: Sequence[str], where: Sequence[Where]
) -> Bars:
    """Draw each event by its z-score; `table` is analytics.events', `where` the posts behind each of its rows."""
    bars: dict[str, list[Bar]] = {}
    within_a_year = _within_a_year(table["start"])
    for row, behind in zip(table.iter_rows(named=True), where, strict=True):
        bars.setdefault(row["account"], []).append(_bar(row, width, behind, within_a_year))
    return Bars(
        kind="events",
        title="What stood out",
        caption=(*_strongest(table, labels, width), *caption),
        alt=_in_words(table, labels, width),
        hint=f"How far a {width} lies from the account's usual one, in robust standard deviations: more than 3.5 stand out. "
        "In the account's colour: more posts than usual, or fewer; green and orange: happier or unhappier",
        panels=tuple(Panel(account, labels[account], looks[account], tuple(bars[account])) for account in labels if account in bars),
        x_title="Robust z-score",
    )


def marked(chart: Chart, table: pl.DataFrame) -> Chart:
    """Return a chart of time with the events of `table` marked, numbered from each account's strongest on."""
    named: dict[str, list[tuple[Any, str]]] = {}
    for row in table.iter_rows(named=True):
        named.setdefault(row["account"], []).append((wall_clock(row["start"]), told(row)))
    if not named:
        return chart
    lines = []
    for line in chart.series:
        places = {start: place for place, start in enumerate(line.x)}
        lines.append(replace(line, events=tuple((places[at], name) for at, name in named.get(line.account, ()) if at in places)))
    return replace(chart, series=tuple(lines), hint=". ".join(filter(None, [chart.hint, "Numbers: what stood out, 1 the strongest"])))


def told(row: Mapping[str, Any]) -> str:
    """Return an event in words, in lines: what it was, what is usual, and the words that came with it."""
    if row["measure"] == "posts":
        what = f"{plural(row['posts'], 'post')}, usually {row['expected']:,.0f}"
    else:
        sides = [value_in_words(row[name], "mean") for name in ("value", "expected")]
        what = f"mean sentiment {sides[0]} in {plural(row['posts'], 'post')}, usually {sides[1]}"
    return f"{what} (z = {row['z']:+.1f})".replace("-", "−") + (f"\nwords: {row['words']}" if row["words"] else "")


def _within_a_year(starts: pl.Series) -> bool:
    """Say whether no day and month can be meant twice."""
    span = pl.Series([starts.max(), starts.min()]).drop_nulls()
    return span.is_empty() or span[0] - span[1] < timedelta(days=330)


def _bar(row: Mapping[str, Any], width: str, where: Where, within_a_year: bool) -> Bar:
    tone = "" if row["measure"] == "posts" else "up" if row["z"] > 0 else "down"
    value = plural(row["posts"], "post") if row["measure"] == "posts" else f"mood {value_in_words(row['value'], 'mean')}"
    when = short_when(row["start"], width)
    name = f"{row['start'].day} {row['start']:%b}" if within_a_year and width in ("day", "week") else when
    return Bar(f"{name}: {value}", row["z"], f"{told(row)}\n{when}", where, tone=tone)  # type: ignore[arg-type]


def _strongest(table: pl.DataFrame, labels: Mapping[str, str], width: str) -> list[str]:
    """Return the strongest events in a line each, with their words."""
    rows = table.sort(pl.col("z").abs(), descending=True, maintain_order=True).head(_MOST_LINES).iter_rows(named=True)
    return [f"{labels[row['account']]}, {short_when(row['start'], width)}: {told(row)}".replace("\n", " · ") for row in rows]


def _in_words(table: pl.DataFrame, labels: Mapping[str, str], width: str) -> str:
    if table.is_empty():
        return "Nothing stands out."
    firsts = table.unique("account", keep="first", maintain_order=True).iter_rows(named=True)
    sentences = [f"{labels[row['account']]}: {told(row).splitlines()[0]}, {short_when(row['start'], width)}." for row in firsts]
    return " ".join([f"{plural(table.height, 'event')} that stood out. The strongest of each account:", *sentences[:6]])
