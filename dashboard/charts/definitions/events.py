"""What stood out: a bar an event, as long as it is far from the usual; and the same events as marks on charts of time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import plural, short_when, value_in_words, when
from dashboard.charts.spec import Bar, Bars, Chart, Panel, Style, Where, joined

LEAST = 8  # whole intervals of history below which nothing stands out
_MOST_LINES = 4  # events that the caption spells out


def events(
    table: pl.DataFrame, labels: Mapping[str, str], looks: Mapping[str, Style], width: str, caption: Sequence[str], where: Sequence[Where]
) -> Bars:
    """Draw each event by its z-score; `table` is analytics.events', `where` the posts behind each of its rows."""
    bars: dict[str, list[Bar]] = {}
    quiet = [label for account, label in labels.items() if account not in table["account"]]
    silence = [f"{joined(quiet)}: no {width} stands out."] if quiet and table.height else []
    within_a_year = _within_a_year(table["start"])
    for row, behind in zip(table.iter_rows(named=True), where, strict=True):
        bars.setdefault(row["account"], []).append(_bar(row, width, behind, within_a_year))
    return Bars(
        kind="events",
        title="What stood out",
        caption=(*_strongest(table, labels, width), *silence, *caption),
        alt=_in_words(table, labels, width),
        hint=f"How far {'an' if width == 'hour' else 'a'} {width} lies from the account's usual one: more than 3.5 times "
        f"what {width}s usually differ (robust z-score). Grey: more posts than usual, or fewer; green and orange: it sounded happier or "
        f"unhappier. Of neighbouring {width}s the strongest is shown",
        panels=tuple(Panel(account, labels[account], looks[account], tuple(bars[account])) for account in labels if account in bars),
        x_title="Times the usual difference (robust z-score)",
        nothing="Nothing stood out.",
    )


def marked(chart: Chart, table: pl.DataFrame, drawn: pl.DataFrame) -> Chart:
    """Return a chart of time with the events of `table` marked, numbered from each account's strongest on.

    `drawn` has account and start of each point, in order: its place is what tells apart two hours of one name, for clocks repeat some.
    """
    places = drawn.select("account", "start", place=pl.int_range(pl.len()).over("account"))
    named: dict[str, list[tuple[int, str]]] = {}
    strongest = table.sort(pl.col("z").abs(), descending=True, maintain_order=True)
    for row in strongest.join(places, on=["account", "start"], maintain_order="left").iter_rows(named=True):
        named.setdefault(row["account"], []).append((row["place"], f"{told(row)}\n{when(row['start'], chart.width)}"))
    lines = [replace(line, events=tuple(named.get(line.account, ()))) for line in chart.series]
    numbers = "Numbers: what stood out, 1 the strongest" if named else ""
    return replace(chart, series=tuple(lines), hint=". ".join(filter(None, [chart.hint, numbers, _too_short(chart) if named else ""])))


def _too_short(chart: Chart) -> str:
    """Say of which accounts too few whole intervals are known for one of them to stand out."""
    short = [line.label for line in chart.series if sum(not part for part in line.hollow[1:]) < LEAST]
    return f"None where fewer than {LEAST} whole {chart.width}s are known: {joined(short)}" if short else ""


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
    tone = "faint" if row["measure"] == "posts" else "up" if row["z"] > 0 else "down"
    value = plural(row["posts"], "post") if row["measure"] == "posts" else f"mood {value_in_words(row['value'], 'mean')}"
    name = short_when(row["start"], width)
    if within_a_year and width in ("day", "week"):
        name = name.removesuffix(f" {row['start']:%Y}")
    return Bar(f"{name[0].upper()}{name[1:]}: {value}", row["z"], f"{told(row)}\n{when(row['start'], width)}", where, tone=tone)  # type: ignore[arg-type]


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
