"""Charts of time as interactive figures: lines in one plot, or a row of bars an account."""

from typing import Any

import plotly.graph_objects as go

from dashboard.charts.interactive.parts import plain
from dashboard.charts.spec import Chart, Series

_DASHES = {(): "solid", (6, 3): "dash", (2, 2): "dot"}
_MOST_POINTS = 60
_FEW = 6  # below, an axis of whole numbers would repeat them
_HEADING = 30  # pixels above a facet


def draw(chart: Chart) -> dict[str, Any]:
    """Return traces and layout."""
    return _faceted(chart) if chart.faceted else _single(chart)


def height(chart: Chart) -> int:
    """Return the pixels that the figure needs."""
    return max(420, 90 + 170 * len(chart.series)) if chart.faceted else 440


def _single(chart: Chart) -> dict[str, Any]:
    few = max((len(line.x) for line in chart.series), default=0) <= _MOST_POINTS
    traces = [
        go.Scatter(
            **_points(line, line.y),
            name=plain(line.label),
            mode="lines+markers" if few else "lines",
            cliponaxis=False,
            line={"color": line.style.colour, "dash": _DASHES[line.style.dash], "width": 2},
            marker={"symbol": line.style.symbol, "size": 6},
        )
        for line in chart.series
    ]
    axes = {"xaxis": _time_axis(chart, "y"), "yaxis": _value_axis(chart) | {"title": {"text": chart.y_title}, "rangemode": "tozero"}}
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    return {"data": traces, "layout": axes | {"showlegend": True, "legend": legend, "hovermode": "closest"}}


def _faceted(chart: Chart) -> dict[str, Any]:
    count = len(chart.series)
    axes: dict[str, Any] = {"xaxis": _time_axis(chart, f"y{count}" if count > 1 else "y")}
    notes, traces = [], []
    for place, line in enumerate(chart.series):
        name = f"y{place + 1}" if place else "y"
        low, high = (count - place - 1) / count, (count - place) / count - _HEADING / height(chart)
        axes[name.replace("y", "yaxis")] = _value_axis(chart) | {"domain": [low, high], "anchor": "x"} | ({"matches": "y"} if place else {})
        notes.append(_heading(line, high))
        traces += [_bars(chart, line, values, name, pale=True) for values in (line.up, line.down) if values]
        traces.append(_bars(chart, line, line.y, name, pale=False))
    return {"data": traces, "layout": axes | {"showlegend": False, "barmode": "overlay", "annotations": notes}}


def _bars(chart: Chart, line: Series, values: tuple[float | None, ...], axis: str, *, pale: bool) -> Any:
    milliseconds = chart.hours * 3_600_000
    look = {"color": line.style.colour, "opacity": 0.22 if pale else 1}
    hover = {"hoverinfo": "skip"} if pale else {}
    return go.Bar(**_points(line, values) | hover, name=plain(line.label), yaxis=axis, marker=look, width=milliseconds * 0.88, offset=0)


def _points(line: Series, values: tuple[float | None, ...]) -> dict[str, Any]:
    starts = [start.isoformat() for start in line.x]
    return {
        "x": starts,
        "y": list(values),
        "hovertext": [plain(words).replace("\n", "<br>") for words in line.details],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
    }


def _heading(line: Series, top: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    return place | {"text": f"<b>{plain(line.label)}</b>", "font": {"color": line.style.colour, "size": 13}}


def _time_axis(chart: Chart, anchor: str) -> dict[str, Any]:
    ends = chart.ends
    shown = {"range": [end.isoformat() for end in ends]} if ends else {}
    return {"type": "date", "anchor": anchor, "automargin": True} | shown


def _value_axis(chart: Chart) -> dict[str, Any]:
    shown = {"tickformat": ".0%", "range": [0, 1]} if chart.percent else {"tickformat": ",d"} if chart.whole else {}
    return {"zeroline": True, "automargin": True} | shown | ({"dtick": 1} if chart.whole and chart.largest < _FEW else {})
