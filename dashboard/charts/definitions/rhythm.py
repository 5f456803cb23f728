"""When in the week accounts post: one grid of weekdays and hours per account."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.chart import PostQuery
from dashboard.charts.spec.heatmap import HeatmapCell, HeatmapChart, HeatmapPanel
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_every_weekday, format_hours, format_short_weekday, format_weekday
from dashboard.core.formatting.numbers import format_number, format_share
from dashboard.core.messages import gettext, translatable

_HOUR_LABELS = tuple(f"{hour:02}" for hour in range(24))
_OFFICE_HOURS, _WEEKEND_ROWS = range(9, 17), (5, 6)  # 9:00 to 17:00; indices of the weekend's rows
_MAX_DESCRIBED_ACCOUNTS = 6  # in the alternative text
_UNKNOWN_HOUR_NOTE = translatable("no data for this hour")


def rhythm_chart(table: pl.DataFrame, context: ChartContext) -> HeatmapChart:
    """Draw posts per weekday and hour, one grid per account with its own scale; `table` is analytics.rhythm's."""
    rows_by_account = table.rows_by_key("account", named=True, include_key=True)
    panels = tuple(
        HeatmapPanel(account, context.labels[account], context.styles[account], tuple(map(_build_cell, rows_by_account[account])))
        for account in context.labels
        if account in rows_by_account
    )
    return HeatmapChart(
        kind="rhythm",
        title=gettext("When they post"),
        caption=tuple(context.caption),
        alt=_build_alt_text(panels, context.query.tz),
        hint=_build_hint(context.query.tz, has_gaps=table["posts"].null_count() > 0),
        column_labels=_HOUR_LABELS,
        row_labels=tuple(format_short_weekday(weekday) for weekday in range(1, 8)),
        panels=panels,
        value_noun="post",
    )


def _build_hint(tz: str, *, has_gaps: bool) -> str:
    hint = gettext("Posts by weekday and hour (%(zone)s). The stronger the colour, the more posts; each account has its own scale", zone=tz)
    gaps = gettext("Missing squares: no data for that hour")
    return f"{hint}. {gaps}" if has_gaps else hint


def hour_post_query(row: Mapping[str, Any]) -> PostQuery:
    """Return the query for the posts behind a row of the table, empty for an hour without posts."""
    return (("account", row["account"]), ("weekday", str(row["weekday"])), ("hour", str(row["hour"]))) if row["posts"] else ()


def explain_short_histories(known_spans: pl.DataFrame, labels: Mapping[str, str], min_days: int = 28) -> list[str]:
    """Name the accounts with less than `min_days` of posts, because their weekdays aren't evenly covered."""
    length = pl.col("known_to") - pl.col("known_from")
    short_accounts = known_spans.filter(length < pl.duration(days=min_days))["account"].to_list()
    short_labels = [label for account, label in labels.items() if account in short_accounts]
    values = {"count": format_number(min_days // 7), "accounts": list_names(short_labels)}
    remark = gettext("Less than %(count)s weeks of posts for %(accounts)s, so weekdays aren’t evenly covered.", **values)
    return [remark] if short_labels else []


def _build_cell(row: Mapping[str, Any]) -> HeatmapCell:
    weekday, hour, posts = row["weekday"], row["hour"], row["posts"]
    when = f"{format_weekday(weekday)}, {_format_hour(hour)}"
    if posts is None:
        return HeatmapCell(hour, weekday - 1, None, f"{when}\n{gettext(_UNKNOWN_HOUR_NOTE)}")
    share = "\n" + gettext("%(share)s of the account’s posts", share=format_share(row["share"], 1)) if posts else ""
    return HeatmapCell(hour, weekday - 1, posts, f"{when}\n{format_count(posts, 'post')}{share}", hour_post_query(row))


def _format_hour(hour: int) -> str:
    begin, end = format_hours(hour)
    return gettext("%(begin)s to %(end)s", begin=begin, end=end)


def _build_alt_text(panels: Sequence[HeatmapPanel], tz: str) -> str:
    busy_panels = [panel for panel in panels if any(cell.value for cell in panel.cells)]
    if not busy_panels:
        return gettext("There are no posts to show.")
    descriptions = " ".join(_describe_busiest_hour(panel) for panel in busy_panels[:_MAX_DESCRIBED_ACCOUNTS])
    names = list_names([panel.label for panel in busy_panels])
    subject = gettext("Grid of posts by weekday and hour, times in %(zone)s, for %(accounts)s.", zone=tz, accounts=names)
    return f"{subject} {descriptions}"


def _describe_busiest_hour(panel: HeatmapPanel) -> str:
    busiest_cell = max(panel.cells, key=lambda cell: cell.value or 0)
    day_totals = [_sum_cells(panel, rows=(row,)) for row in range(7)]
    total = sum(day_totals)
    office, weekend = (
        format_share(part / total) for part in (_sum_cells(panel, range(5), _OFFICE_HOURS), _sum_cells(panel, _WEEKEND_ROWS))
    )
    return gettext(
        "%(account)s posts most %(days)s from %(hour)s (%(posts)s of %(total)s); %(busiest_day)s is the busiest day. %(office)s fall on "
        "weekdays from 09:00 to 17:00, %(weekend)s on weekends.",
        account=panel.label,
        days=format_every_weekday(busiest_cell.row + 1),
        hour=_format_hour(busiest_cell.column),
        posts=format_count(int(busiest_cell.value or 0), "post"),
        total=format_number(int(total)),
        busiest_day=format_weekday(day_totals.index(max(day_totals)) + 1),
        office=office,
        weekend=weekend,
    )


def _sum_cells(panel: HeatmapPanel, rows: Sequence[int], columns: Sequence[int] = range(24)) -> float:
    return sum(cell.value or 0 for cell in panel.cells if cell.row in rows and cell.column in columns)
