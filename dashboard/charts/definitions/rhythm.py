"""When in the week accounts post: a grid of weekdays and hours an account."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import plural
from dashboard.charts.spec import Cell, Grid, Sheet, Style, Where, joined

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = tuple(f"{hour:02}" for hour in range(24))
_OFFICE, _WEEKEND = range(9, 17), (5, 6)  # hours from nine to five; rows
_WORDED = 6  # accounts that the alternative text speaks of
_UNKNOWN = "this hour did not come in the time that was read"


def rhythm(table: pl.DataFrame, labels: dict[str, str], looks: Mapping[str, Style], tz: str, caption: Sequence[str]) -> Grid:
    """Draw posts per weekday and hour, a grid an account on a scale of its own; `table` is analytics.rhythm's."""
    sheets = tuple(
        Sheet(account, labels[account], looks[account], tuple(_cell(row) for row in rows.iter_rows(named=True)))
        for account in labels
        if (rows := table.filter(account=account)).height
    )
    return Grid(
        kind="rhythm",
        title="Posts by weekday and hour",
        caption=tuple(caption),
        alt=_in_words(sheets, tz),
        hint=_hint(tz, gaps=table["posts"].null_count() > 0),
        columns=_HOURS,
        rows=tuple(day[:3] for day in _DAYS),
        sheets=sheets,
        value_title="post",
    )


def _hint(tz: str, *, gaps: bool) -> str:
    scale = "The stronger the colour, the more posts; each account has a scale of its own, up to its busiest hour"
    unknown = ". An hour without a square did not come in the time that was read" * gaps
    return f"Hours of the clock in {tz}. {scale}{unknown}"


def posts_of_hour(row: Mapping[str, Any]) -> Where:
    """Return which posts are behind a row of the table; none are behind an hour without."""
    return (("account", row["account"]), ("weekday", str(row["weekday"])), ("hour", str(row["hour"]))) if row["posts"] else ()


def uneven(known: pl.DataFrame, labels: Mapping[str, str], days: int = 28) -> list[str]:
    """Say of which accounts so few days are known that some weekdays weigh more than others; `known` is analytics.coverage's."""
    length = pl.col("known_to") - pl.col("known_from")
    short = known.filter(length < pl.duration(days=days))["account"].to_list()
    named = [label for account, label in labels.items() if account in short]
    few = (
        f"Fewer than {days // 7} weeks are known of {joined(named)}: some weekdays came more often than others, so read the grid with care."
    )
    return [few] if named else []


def _cell(row: Mapping[str, Any]) -> Cell:
    weekday, hour, posts = row["weekday"], row["hour"], row["posts"]
    when = f"{_DAYS[weekday - 1]}, {_clock(hour)}"
    if posts is None:
        return Cell(hour, weekday - 1, None, f"{when}\n{_UNKNOWN}")
    share = f"\n{row['share']:.1%} of the account's posts".replace("%", " %") if posts else ""
    return Cell(hour, weekday - 1, posts, f"{when}\n{plural(posts, 'post')}{share}", posts_of_hour(row))


def _clock(hour: int) -> str:
    return f"{hour:02}:00 to {(hour + 1) % 24:02}:00"


def _in_words(sheets: Sequence[Sheet], tz: str) -> str:
    busy = [sheet for sheet in sheets if any(cell.value for cell in sheet.cells)]
    if not busy:
        return "There is no post to draw."
    told = " ".join(_busiest(sheet) for sheet in busy[:_WORDED])
    return f"Grid of posts by weekday and hour, times in {tz}, for {joined([sheet.label for sheet in busy])}. {told}"


def _busiest(sheet: Sheet) -> str:
    best = max(sheet.cells, key=lambda cell: cell.value or 0)
    days = [_sum(sheet, rows=(row,)) for row in range(7)]
    total = sum(days)
    office, weekend = (f"{part / total:.0%}".replace("%", " %") for part in (_sum(sheet, range(5), _OFFICE), _sum(sheet, _WEEKEND)))
    day, hour = _DAYS[best.row], _clock(best.column)
    return (
        f"{sheet.label} posts most on {day}s from {hour} ({plural(int(best.value or 0), 'post')} of {int(total):,}); "
        f"{_DAYS[days.index(max(days))]} is the busiest day. {office} fall on weekdays from 09:00 to 17:00, {weekend} on weekends."
    )


def _sum(sheet: Sheet, rows: Sequence[int], columns: Sequence[int] = range(24)) -> float:
    return sum(cell.value or 0 for cell in sheet.cells if cell.row in rows and cell.column in columns)
