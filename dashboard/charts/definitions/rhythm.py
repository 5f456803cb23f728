"""When in the week accounts post: a grid of weekdays and hours an account."""

from collections.abc import Mapping, Sequence

import polars as pl

from dashboard.charts.definitions.timeline import plural
from dashboard.charts.spec import Cell, Grid, Sheet, Style

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = tuple(f"{hour:02}" for hour in range(24))
_WORDED = 6  # accounts that the alternative text speaks of


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
        hint=f"Hours of the clock in {tz}. The stronger the colour, the more posts; each account has a scale of its own",
        columns=_HOURS,
        rows=tuple(day[:3] for day in _DAYS),
        sheets=sheets,
        value_title="Posts",
    )


def _cell(row: Mapping[str, int]) -> Cell:
    weekday, hour, posts = row["weekday"], row["hour"], row["posts"]
    share = f"\n{row['share']:.1%} of the account's posts".replace("%", " %") if posts else ""
    return Cell(hour, weekday - 1, posts, f"{_DAYS[weekday - 1]}, {_clock(hour)}\n{plural(posts, 'post')}{share}")


def _clock(hour: int) -> str:
    return f"{hour:02}:00 to {(hour + 1) % 24:02}:00"


def _in_words(sheets: Sequence[Sheet], tz: str) -> str:
    busy = [sheet for sheet in sheets if any(cell.value for cell in sheet.cells)]
    if not busy:
        return "There is no post to draw."
    told = " ".join(_busiest(sheet) for sheet in busy[:_WORDED])
    return f"Grid of posts by weekday and hour, times in {tz}. {told}"


def _busiest(sheet: Sheet) -> str:
    best = max(sheet.cells, key=lambda cell: cell.value or 0)
    days = [sum(cell.value or 0 for cell in sheet.cells if cell.row == row) for row in range(7)]
    total = sum(days)
    weekend = (days[5] + days[6]) / total
    day, hour = _DAYS[best.row], _clock(best.column)
    return (
        f"{sheet.label} posts most on {day}s from {hour} ({plural(int(best.value or 0), 'post')} of {total:,}); "
        f"{_DAYS[days.index(max(days))]} is the busiest day, {weekend:.0%} fall on weekends."
    ).replace("%", " %")
