"""The reliability diagram: what becomes of a model's confidence. A table in, words and a Vega-Lite view out; `image` draws it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts.spec import PALETTE

_LARGEST = 1200  # square pixels of the point with most rows
_SMALLEST = 40
_SHARE = {"domain": [0, 1], "nice": False}


@dataclass(frozen=True)
class Reliability:
    """Everything that is drawn: a point a bin, and the words."""

    title: str
    caption: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...]
    alt: str


def reliability(table: Sequence[Mapping[str, Any]], title: str, caption: Sequence[str]) -> Reliability:
    """Make the diagram of a table with `confidence`, `accuracy`, `accuracy_interval` and `rows` a bin."""
    most = max(each["rows"] for each in table)
    explained = (
        "A point is a tenth of confidence: area and number are its rows, the line its 95\u00a0% interval.",
        "A pale bar: how far it is from being calibrated.",
    )
    told = "; ".join(f"at {each['confidence']:.0%} sure, {each['accuracy']:.0%} of {each['rows']:,} right" for each in table)
    points = tuple(_point(each, most) for each in table)
    return Reliability(title, (*caption, *explained), points, f"Reliability diagram: {told}.".replace("%", " %"))


def drawing(chart: Reliability) -> dict[str, Any]:
    """Return the view as Vega-Lite, without size, title and look; `faint` and `ink` are styles of the theme."""
    x, y = (
        _axis("confidence", "Confidence: the probability of the predicted label"),
        _axis("accuracy", "Accuracy: the share of predictions that is right"),
    )
    ends = {"low": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}, "gap": {"x": x, "y": y, "y2": {"field": "confidence"}}}
    colour, area = PALETTE[0], {"field": "area", "type": "quantitative", "scale": None}
    number = {"type": "text", "style": "ink", "align": {"expr": "datum.aside > 0 ? 'left' : 'right'"}, "dx": {"expr": "datum.aside"}}
    return {
        "data": {"values": list(chart.points)},
        "layer": [
            *_diagonal(x, y),
            {"mark": {"type": "rule", "color": PALETTE[1], "strokeWidth": 5, "opacity": 0.35}, "encoding": ends["gap"]},
            {"mark": {"type": "circle", "color": colour, "opacity": 0.85}, "encoding": {"x": x, "y": y, "size": area}},
            {"mark": {"type": "rule", "style": "ink", "strokeWidth": 1.25}, "encoding": ends["low"]},
            {"mark": number, "encoding": {"x": x, "y": y, "text": {"field": "rows", "type": "quantitative", "format": ",d"}}},
        ],
    }


def _point(each: Mapping[str, Any], most: int) -> dict[str, Any]:
    area = max(_SMALLEST, _LARGEST * each["rows"] / most)
    low, high = each["accuracy_interval"]
    told = {"confidence": each["confidence"], "accuracy": each["accuracy"], "low": low, "high": high, "rows": each["rows"]}
    away = math.sqrt(area / math.pi) + 5
    return told | {"area": area, "aside": away if each["accuracy"] < each["confidence"] else -away}  # off the diagonal


def _axis(field: str, title: str) -> dict[str, Any]:
    axis = {"title": title, "format": ".0%", "tickCount": 6}
    return {"field": field, "type": "quantitative", "scale": _SHARE, "axis": axis}


def _diagonal(x: Mapping[str, Any], y: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the line on which confidence is accuracy, and its name; a plot is about square, so 45° lie along it."""
    line, name = [{"confidence": 0, "accuracy": 0}, {"confidence": 1, "accuracy": 1}], [{"confidence": 0.16, "accuracy": 0.16}]
    words = {"type": "text", "style": "faint", "text": "perfectly calibrated", "angle": -45, "dy": -9, "fontSize": 12}
    return [
        {"data": {"values": line}, "mark": {"type": "line", "style": "faint", "strokeDash": [5, 4]}, "encoding": {"x": x, "y": y}},
        {"data": {"values": name}, "mark": words, "encoding": {"x": x, "y": y}},
    ]
