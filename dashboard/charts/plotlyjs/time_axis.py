"""Provide what interactive figures of all charts over time share: the axis of time, traces, and the labels of peaks.

What only lines or only rows of bars need belongs in `lines.py` or `facets.py`.
"""

import math
from datetime import timedelta
from typing import Any

from dashboard.charts.label_layout import PlacedLabel
from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup
from dashboard.charts.spec.time_series import Peak, TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.formatting.dates import format_day

LEFT_PX, TOP_PX, BOTTOM_PX = 48, 12, 36  # margins
WIDE_PX, NARROW_PX = 560, 300  # of figures; labels are placed so that they fit into the narrowest of either kind
BAR_WIDTH_SHARE = 0.88  # of an interval
_UNIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels


def base_trace(series: TimeSeries, values: tuple[float | None, ...]) -> dict[str, Any]:
    """Return the part of a trace that is the same for lines and bars: values, tooltips and links."""
    links = {"customdata": [encode_post_query(query) for query in series.post_queries]} if series.post_queries else {}
    return links | {
        "name": escape_markup(series.label),
        "legendgroup": escape_markup(series.account),
        "x": [start.isoformat() for start in series.x],
        "y": list(values),
        "hovertext": [escape_markup(tooltip).replace("\n", "<br>") for tooltip in series.tooltips],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
    }


def peak_trace(chart: TimeSeriesChart, series: TimeSeries, axis_name: str) -> dict[str, Any]:
    """Return a trace with a mark at each peak, which is invisible on bars."""
    limits = chart.scale_of(series) if chart.faceted else (-math.inf, math.inf)
    bar_center = timedelta(hours=chart.interval_hours * BAR_WIDTH_SHARE / 2 if chart.faceted else 0)
    ring = {"color": series.style.color, "symbol": "circle-open", "size": 11, "line": {"width": 1.5}}
    indices = [peak.index for peak in series.peaks]
    links = {"customdata": [encode_post_query(series.post_queries[index]) for index in indices]} if series.post_queries else {}
    return links | {
        "type": "scatter",
        "x": [(series.x[index] + bar_center).isoformat() for index in indices],
        "y": [min(max(series.end_of(index), limits[0]), limits[1]) for index in indices],
        "hovertext": [escape_markup(peak.tooltip).replace("\n", "<br>") for peak in series.peaks],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
        "name": escape_markup(series.label),
        "legendgroup": escape_markup(series.account),
        "mode": "markers",
        "marker": ring | {"opacity": 0 if chart.faceted else 1},
        "showlegend": False,
        "cliponaxis": False,
        "yaxis": axis_name,
    }


def peak_label(
    line: TimeSeries, peak: Peak, label: PlacedLabel, size: tuple[float, float], domain: tuple[float, float] = (0, 1)
) -> dict[str, Any]:
    """Return the label of a peak in a plot of `size`, whose part of the figure is `domain`; a click on it opens the peak's posts.

    In a plot of another size, the label keeps its distance from the peak in pixels: in a wider one, labels only move further apart, and in
    a lower one, a label doesn't move onto the mark of its peak.
    """
    links = {"name": encode_post_query(line.post_queries[peak.index]), "captureevents": True} if line.post_queries else {}
    y = domain[0] + (1 - label.anchor_y / size[1]) * (domain[1] - domain[0])
    placement = {"xref": "paper", "x": label.anchor_x / size[0], "xanchor": "center", "xshift": round(label.x - label.anchor_x)}
    placement |= {"yref": "paper", "y": y, "yanchor": "middle", "yshift": round(label.anchor_y - label.y)}
    text = {"showarrow": False, "text": escape_markup(label.text), "font": {"color": line.style.color, "size": 12}}
    return placement | links | text


def time_axis(chart: TimeSeriesChart, anchor_axis: str) -> dict[str, Any]:
    """Return the axis of time, which spans all intervals of all accounts."""
    time_range = chart.time_range
    limits = {"range": [end.isoformat() for end in time_range]} if time_range else {}
    ticks = {"tickvals": [tick.isoformat() for tick in chart.explicit_ticks], "ticktext": _tick_texts(chart)}
    return {"type": "date", "anchor": anchor_axis, "automargin": True} | limits | (ticks if chart.explicit_ticks else {})


def _tick_texts(chart: TimeSeriesChart) -> list[str]:
    """Return the texts of explicit ticks as plotly.js writes others: hours or days, with the day or the year below where it changes."""
    of_hours = chart.interval == "hour"
    lines = [
        (f"{tick:%H:%M}", format_day(tick)) if of_hours else (format_day(tick, year=False), str(tick.year)) for tick in chart.explicit_ticks
    ]
    previous = ["", *(below for _, below in lines)]
    return [above if below == last else f"{above}<br>{below}" for (above, below), last in zip(lines, previous, strict=False)]


def number_format(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the format of an axis of values."""
    return {"tickformat": ".0%" if chart.percent else ",d" if chart.integer_values else ",.2~f"}


def integer_steps(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return steps of one for an axis of small integers, which would repeat its labels otherwise."""
    return {"dtick": 1} if chart.integer_values and chart.max_abs_value < _UNIT_TICKS_BELOW else {}
