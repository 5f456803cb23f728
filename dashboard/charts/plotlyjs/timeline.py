"""Charts of time as interactive figures: lines in one plot, or a row of bars an account."""

from datetime import timedelta
from typing import Any

from dashboard.charts.plotlyjs.parts import behind, plain
from dashboard.charts.spec import Chart, Series

_DASHES = {(): "solid", (6, 3): "dash", (2, 2): "dot"}
_MOST_POINTS = 60
_FEW = 6  # below, an axis of whole numbers would repeat them
_HEADING = 30  # pixels above a facet
_BAR = 0.88  # of an interval
_AIR = 0.06  # of a scale of bars, beyond its outermost


def draw(chart: Chart) -> dict[str, Any]:
    """Return traces and layout."""
    return _faceted(chart) if chart.faceted else _single(chart)


def height(chart: Chart) -> int:
    """Return the pixels that the figure needs."""
    return max(420, 90 + 170 * len(chart.series)) if chart.faceted else 440


def _single(chart: Chart) -> dict[str, Any]:
    few = max((len(line.x) for line in chart.series), default=0) <= _MOST_POINTS
    traces = [
        _points(line, line.y)
        | {
            "type": "scatter",
            "mode": "lines+markers" if few or any(line.hollow) else "lines",
            "cliponaxis": False,
            "line": {"color": line.style.colour, "dash": _DASHES[line.style.dash], "width": 2},
            "marker": _symbols(line, few=few),
        }
        for line in chart.series
    ]
    traces += [_events(chart, line, "y") for line in chart.series if line.events]
    axes = {"xaxis": _time_axis(chart, "y"), "yaxis": _value_axis(chart) | {"title": {"text": chart.y_title}, "rangemode": "tozero"}}
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    return {"data": traces, "layout": axes | {"showlegend": True, "legend": legend, "hovermode": "closest"}}


def _symbols(line: Series, *, few: bool) -> dict[str, Any]:
    """Return the look of a line's points: of many only the hollow ones are seen."""
    hollow = line.hollow or (False,) * len(line.x)
    if not any(hollow):
        return {"symbol": line.style.symbol, "size": 6}
    symbols = [line.style.symbol + "-open" * outlined for outlined in hollow]
    edge = {"width": [2 * outlined for outlined in hollow], "color": line.style.colour}
    return {"symbol": symbols, "size": [8 if outlined else 6 * few for outlined in hollow], "line": edge}


def _events(chart: Chart, line: Series, axis: str) -> dict[str, Any]:
    """Return a numbered mark above each point that stands out, 1 the strongest."""
    middle = timedelta(hours=chart.hours * _BAR / 2 if chart.faceted else 0)
    marker = {"color": line.style.colour, "symbol": "circle-open", "size": 11, "line": {"width": 1.5}, "opacity": 0 if chart.faceted else 1}
    where = {"customdata": [behind(line.where[place]) for place, _ in line.events]} if line.where else {}
    return where | {
        "type": "scatter",
        "x": [(line.x[place] + middle).isoformat() for place, _ in line.events],
        "y": [line.top(place, chart.extent[1]) if chart.faceted else line.top(place) for place, _ in line.events],
        "text": [f"{number}<br>▾" for number, _ in enumerate(line.events, 1)],
        "hovertext": [plain(f"{number}: {name}").replace("\n", "<br>") for number, (_, name) in enumerate(line.events, 1)],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
        "name": plain(line.label),
        "mode": "text+markers",
        "textposition": "top center",
        "textfont": {"color": line.style.colour, "size": 12, "weight": 700},
        "marker": marker,
        "showlegend": False,
        "cliponaxis": False,
        "yaxis": axis,
    }


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
        traces += [_events(chart, line, name)] if line.events else []
    return {"data": traces, "layout": axes | {"showlegend": False, "barmode": "overlay", "annotations": notes}}


def _bars(chart: Chart, line: Series, values: tuple[float | None, ...], axis: str, *, pale: bool) -> dict[str, Any]:
    milliseconds = chart.hours * 3_600_000
    look = {"color": line.style.colour, "opacity": 0.22} if pale else _filling(line)
    besides = {"meta": "pale"} if pale else {"error_y": _whiskers(line)} if line.low else {}
    place = {"yaxis": axis, "width": milliseconds * _BAR, "offset": 0}
    return _points(line, values) | besides | place | {"type": "bar", "marker": look}


def _filling(line: Series) -> dict[str, Any]:
    """Return the look of bars: in the account's colour, hollow ones as an outline of it."""
    hollow = line.hollow or (False,) * len(line.x)
    colours = ["rgba(0,0,0,0)" if outlined else line.style.colour for outlined in hollow] if any(hollow) else line.style.colour
    return {"color": colours, "opacity": 1, "line": {"color": line.style.colour, "width": [1.5 * outlined for outlined in hollow]}}


def _whiskers(line: Series) -> dict[str, Any]:
    """Return each value's interval; the page's script gives it the colour of ink."""
    ends = [
        (0, 0) if value is None or low is None or high is None else (high - value, value - low)
        for value, low, high in zip(line.y, line.low, line.high, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [up for up, _ in ends],
        "arrayminus": [down for _, down in ends],
        "thickness": 1,
        "width": 2,
    }


def _points(line: Series, values: tuple[float | None, ...]) -> dict[str, Any]:
    where = {"customdata": [behind(each) for each in line.where]} if line.where else {}
    return where | {
        "name": plain(line.label),
        "x": [start.isoformat() for start in line.x],
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
    low, high = chart.extent
    air = _AIR * (high - low)
    scale = {"range": [low - air * (low < 0), high + air]} if chart.faceted and not chart.percent else {}
    return {"zeroline": True, "automargin": True} | scale | shown | ({"dtick": 1} if chart.whole and chart.largest < _FEW else {})
