"""The reliability diagram: what becomes of a model's confidence. A table in, words and a Vega-Lite view out; `image` draws it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts.spec import PALETTE
from dashboard.core.formatting import format_share

_MAX_POINT_AREA_PIXELS = 1200  # square pixels of the point with most rows
_MIN_POINT_AREA_PIXELS = 40
_PROBABILITY_SCALE = {"domain": [0, 1], "nice": False}


@dataclass(frozen=True)
class ReliabilityDiagram:
    """Everything that is drawn: a point a bin, and the words."""

    title: str
    caption: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...]
    alt: str


def build_reliability_diagram(reliability_bins: Sequence[Mapping[str, Any]], title: str, caption: Sequence[str]) -> ReliabilityDiagram:
    """Make the diagram of a table with `confidence`, `accuracy`, `accuracy_interval` and `rows` a bin."""
    most = max(each["rows"] for each in reliability_bins)
    explained = (
        "A point is a tenth of confidence: area and number are its rows, the line its 95\u00a0% interval.",
        "A pale bar: how far it is from being calibrated.",
    )
    described = "; ".join(
        f"at {format_share(row['confidence'])} sure, {format_share(row['accuracy'])} of {row['rows']:,} right" for row in reliability_bins
    )
    points = tuple(_build_point(each, most) for each in reliability_bins)
    return ReliabilityDiagram(title, (*caption, *explained), points, f"Reliability diagram: {described}.")


def to_vega_lite(diagram: ReliabilityDiagram) -> dict[str, Any]:
    """Return the view as Vega-Lite, without size, title and look; `faint` and `ink` are styles of the theme."""
    x, y = (
        _build_axis("confidence", "Confidence: the probability of the predicted label"),
        _build_axis("accuracy", "Accuracy: the share of predictions that is right"),
    )
    ends = {"low": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}, "gap": {"x": x, "y": y, "y2": {"field": "confidence"}}}
    colour, area = PALETTE[0], {"field": "area", "type": "quantitative", "scale": None}
    number = {"type": "text", "style": "ink", "align": {"expr": "datum.aside > 0 ? 'left' : 'right'"}, "dx": {"expr": "datum.aside"}}
    return {
        "data": {"values": list(diagram.points)},
        "layer": [
            *_build_diagonal(x, y),
            {"mark": {"type": "rule", "color": PALETTE[1], "strokeWidth": 5, "opacity": 0.35}, "encoding": ends["gap"]},
            {"mark": {"type": "circle", "color": colour, "opacity": 0.85}, "encoding": {"x": x, "y": y, "size": area}},
            {"mark": {"type": "rule", "style": "ink", "strokeWidth": 1.25}, "encoding": ends["low"]},
            {"mark": number, "encoding": {"x": x, "y": y, "text": {"field": "rows", "type": "quantitative", "format": ",d"}}},
        ],
    }


def _build_point(reliability_bin: Mapping[str, Any], max_rows: int) -> dict[str, Any]:
    area = max(_MIN_POINT_AREA_PIXELS, _MAX_POINT_AREA_PIXELS * reliability_bin["rows"] / max_rows)
    low, high = reliability_bin["accuracy_interval"]
    told = {
        "confidence": reliability_bin["confidence"],
        "accuracy": reliability_bin["accuracy"],
        "low": low,
        "high": high,
        "rows": reliability_bin["rows"],
    }
    away = math.sqrt(area / math.pi) + 5
    return told | {
        "area": area,
        "aside": away if reliability_bin["accuracy"] < reliability_bin["confidence"] else -away,
    }  # off the diagonal


def _build_axis(field_name: str, title: str) -> dict[str, Any]:
    axis = {"title": title, "format": ".0%", "tickCount": 6}
    return {"field": field_name, "type": "quantitative", "scale": _PROBABILITY_SCALE, "axis": axis}


def _build_diagonal(x_encoding: Mapping[str, Any], y_encoding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the line on which confidence is accuracy, and its name; a plot is about square, so 45° lie along it."""
    line, name = [{"confidence": 0, "accuracy": 0}, {"confidence": 1, "accuracy": 1}], [{"confidence": 0.16, "accuracy": 0.16}]
    words = {"type": "text", "style": "faint", "text": "perfectly calibrated", "angle": -45, "dy": -9, "fontSize": 12}
    return [
        {
            "data": {"values": line},
            "mark": {"type": "line", "style": "faint", "strokeDash": [5, 4]},
            "encoding": {"x": x_encoding, "y": y_encoding},
        },
        {"data": {"values": name}, "mark": words, "encoding": {"x": x_encoding, "y": y_encoding}},
    ]
