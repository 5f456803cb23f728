"""Provides what static images of all charts over time share: the rows of a line, the axis of time, and encodings.

What only lines or only facets need belongs in `lines.py` or `facets.py`.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.messages import current_language, is_translated, load_locale

ALL_ACCOUNTS = "\tall"  # the name of the dataset with all rows, which can't be an account's name
EXPLICIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels
_MAX_TICK_COUNT = 8  # on the axis of time, approximately
_TICK_PX = 78  # the least distance between two ticks of time
_MAX_TICK_DISTANCE_OF_DAYS = timedelta(days=14.5)  # with more time between two ticks, Vega puts them at months instead of weeks
_MIN_SPAN_OF_MONTHS = timedelta(days=93)  # of a plot with ticks at months only; a shorter one may hold the first day of one or two
BAR_WIDTH_SHARE = 0.88  # of an interval


def nominal_encoding(field: str, **properties: Any) -> dict[str, Any]:
    """Return the encoding of a field with names."""
    return {"field": field, "type": "nominal"} | properties


def quantitative_encoding(field: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the encoding of a field with numbers."""
    return {"field": field, "type": "quantitative"} | properties


def build_rows(series: TimeSeries, interval_hours: float) -> list[dict[str, Any]]:
    """Return one row per point.

    Times are milliseconds of the wall clock interpreted as UTC, so that the machine's time zone can't shift them.
    """
    count = len(series.x)
    optional_values = zip(
        *(values or (None,) * count for values in (series.positive, series.negative, series.low, series.high)), strict=True
    )
    points = zip(series.x, series.y, optional_values, series.hollow, strict=True)
    return [
        {
            "x": to_milliseconds(x),
            "end": to_milliseconds(x + timedelta(hours=interval_hours * BAR_WIDTH_SHARE)),
            "middle": to_milliseconds(x + timedelta(hours=interval_hours * BAR_WIDTH_SHARE / 2)),
            "y": y,
            "zero": 0,
            "up": up,
            "down": down,
            "low": low,
            "high": high,
            "hollow": hollow,
            "head": series.is_cut and index < 2,
            "tail": series.is_open and index >= count - 2,
            "sparse": series.is_sparse,
            "label": series.label,
            "colour": series.style.color,
        }
        for index, (x, y, (up, down, low, high), hollow) in enumerate(points)
    ]


def to_milliseconds(wall_clock: datetime) -> int:
    """Return a time of the wall clock, interpreted as UTC."""
    return round(wall_clock.replace(tzinfo=UTC).timestamp() * 1000)


def time_scale(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the scale of time, which spans all intervals of all accounts."""
    return {"type": "utc", "domain": [to_milliseconds(end) for end in chart.time_range or ()], "nice": False}


def time_axis(chart: TimeSeriesChart, width: float, *, show_labels: bool = True) -> dict[str, Any]:
    """Return the encoding of time for a plot of `width` pixels."""
    count = _tick_count(chart, width)
    ticks = {"labels": show_labels, "ticks": show_labels, "tickCount": count, "grid": False, "format": _tick_formats(chart, count)}
    ticks |= {"values": [to_milliseconds(tick) for tick in chart.explicit_ticks]} if chart.explicit_ticks else {}
    axis = {"title": None, "labelOverlap": "greedy", "labelSeparation": 8, "labelFlush": True} | ticks
    return {"field": "x", "type": "temporal", "axis": axis, "scale": time_scale(chart)}


def _tick_count(chart: TimeSeriesChart, width: float) -> int:
    """Return about how many ticks fit, or as many as it takes for weeks if the first of a month would be a narrow plot's only tick."""
    count = max(2, min(_MAX_TICK_COUNT, int(width / _TICK_PX)))
    return max(count, ceil(span / _MAX_TICK_DISTANCE_OF_DAYS)) if (span := _time_span(chart)) < _MIN_SPAN_OF_MONTHS else count


def _tick_formats(chart: TimeSeriesChart, tick_count: int) -> dict[str, str]:
    """Return the formats of ticks by the unit that they begin: days as `3 Aug`, or months as `Aug 2026` if only months have ticks."""
    has_months = not chart.explicit_ticks and _time_span(chart) / tick_count > _MAX_TICK_DISTANCE_OF_DAYS
    date_format = "%b %Y" if has_months else _day_format()
    return dict.fromkeys(("year", "quarter", "month", "week", "date"), date_format) | dict.fromkeys(("hours", "minutes"), "%H:%M")


def _day_format() -> str:
    """Return how Vega writes days as the current language does: `%-d %b`, `%-d. %b`."""
    if not is_translated():
        return "%-d %b"
    pattern = load_locale(current_language()).datetime_skeletons["MMMd"].pattern
    return re.sub(r"'([^']*)'|MMM|d", lambda part: part[1] or {"MMM": "%b", "d": "%-d"}[part[0]], pattern)


def _time_span(chart: TimeSeriesChart) -> timedelta:
    first, last = chart.time_range or (datetime.min, datetime.min)
    return last - first


def label_layer(labels: Iterable[tuple[str, float, float, str]], *, align: str = "center") -> dict[str, Any]:
    """Return a layer of texts: each with its position in pixels from the top left corner of the plot, and its colour."""
    rows = [{"text": text, "px": x, "py": y, "colour": color} for text, x, y, color in labels]
    position = {"type": "quantitative", "scale": None, "axis": None}
    encoding = {
        "x": {"field": "px"} | position,
        "y": {"field": "py"} | position,
        "text": nominal_encoding("text"),
        "color": nominal_encoding("colour", scale=None),
    }
    mark = {"type": "text", "align": align, "baseline": "middle", "fontSize": 11, "fontWeight": 600, "limit": 400}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}
