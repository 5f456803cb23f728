"""The reliability diagram: a model's confidence against its accuracy, as texts and a Vega-Lite view.

Rendering to an image is in `charts/vega/images.py`; nothing here computes a metric.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts.palette import PALETTE
from dashboard.core.formatting.numbers import format_share

_MAX_POINT_AREA_PIXELS = 1200  # of the point with the most rows
_MIN_POINT_AREA_PIXELS = 40
_LABEL_GAP_PIXELS = 5  # between a point and its number of rows
_PROBABILITY_SCALE = {"domain": [0, 1], "nice": False}


@dataclass(frozen=True)
class ReliabilityDiagram:
    """Everything the diagram shows: one point per bin, title, caption and alternative text."""

    title: str
    caption: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...]
    alt: str


def build_reliability_diagram(reliability_bins: Sequence[Mapping[str, Any]], title: str, caption: Sequence[str]) -> ReliabilityDiagram:
    """Build the diagram of a reliability table, whose bins have `confidence`, `accuracy`, `accuracy_interval` and `rows`."""
    max_rows = max(table_bin["rows"] for table_bin in reliability_bins)
    explanation = (
        f"Each point is a tenth of the confidence scale. Its area and number are its rows; the line is its {format_share(0.95)} interval.",
        "A pale bar shows how far the point is from perfect calibration.",
    )
    descriptions = "; ".join(_describe_bin(table_bin) for table_bin in reliability_bins)
    points = tuple(_build_point(table_bin, max_rows) for table_bin in reliability_bins)
    return ReliabilityDiagram(title, (*caption, *explanation), points, f"Reliability diagram: {descriptions}.")


def to_vega_lite(diagram: ReliabilityDiagram) -> dict[str, Any]:
    """Return the view as Vega-Lite, without size, title and theme, which must define the styles `faint` and `ink`."""
    x = _build_axis("confidence", "Confidence: probability of the predicted label")
    y = _build_axis("accuracy", "Accuracy: share of correct predictions")
    calibration_gap = {"x": x, "y": y, "y2": {"field": "confidence"}}
    interval = {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}
    area = {"field": "area", "type": "quantitative", "scale": None}
    row_count = {"field": "rows", "type": "quantitative", "format": ",d"}
    label = {"type": "text", "style": "ink", "align": {"expr": "datum.aside > 0 ? 'left' : 'right'"}, "dx": {"expr": "datum.aside"}}
    return {
        "data": {"values": list(diagram.points)},
        "layer": [
            *_build_diagonal(x, y),
            {"mark": {"type": "rule", "color": PALETTE[1], "strokeWidth": 5, "opacity": 0.35}, "encoding": calibration_gap},
            {"mark": {"type": "circle", "color": PALETTE[0], "opacity": 0.85}, "encoding": {"x": x, "y": y, "size": area}},
            {"mark": {"type": "rule", "style": "ink", "strokeWidth": 1.25}, "encoding": interval},
            {"mark": label, "encoding": {"x": x, "y": y, "text": row_count}},
        ],
    }


def _describe_bin(table_bin: Mapping[str, Any]) -> str:
    confidence, accuracy = format_share(table_bin["confidence"]), format_share(table_bin["accuracy"])
    return f"at {confidence} confidence, {accuracy} of {table_bin['rows']:,} correct"


def _build_point(table_bin: Mapping[str, Any], max_rows: int) -> dict[str, Any]:
    """Return a point, and how far to the right of it (if negative, to the left) its number goes: away from the diagonal."""
    area = max(_MIN_POINT_AREA_PIXELS, _MAX_POINT_AREA_PIXELS * table_bin["rows"] / max_rows)
    low, high = table_bin["accuracy_interval"]
    distance = math.sqrt(area / math.pi) + _LABEL_GAP_PIXELS
    return {
        "confidence": table_bin["confidence"],
        "accuracy": table_bin["accuracy"],
        "low": low,
        "high": high,
        "rows": table_bin["rows"],
        "area": area,
        "aside": distance if table_bin["accuracy"] < table_bin["confidence"] else -distance,
    }


def _build_axis(field_name: str, title: str) -> dict[str, Any]:
    axis = {"title": title, "format": ".0%", "tickCount": 6}
    return {"field": field_name, "type": "quantitative", "scale": _PROBABILITY_SCALE, "axis": axis}


def _build_diagonal(x_encoding: Mapping[str, Any], y_encoding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the line on which accuracy equals confidence, and its label, at 45° because the plot is about square."""
    line_ends = [{"confidence": 0, "accuracy": 0}, {"confidence": 1, "accuracy": 1}]
    label_position = [{"confidence": 0.16, "accuracy": 0.16}]
    line = {"type": "line", "style": "faint", "strokeDash": [5, 4]}
    label = {"type": "text", "style": "faint", "text": "perfectly calibrated", "angle": -45, "dy": -9, "fontSize": 12}
    encoding = {"x": x_encoding, "y": y_encoding}
    return [
        {"data": {"values": line_ends}, "mark": line, "encoding": encoding},
        {"data": {"values": label_position}, "mark": label, "encoding": encoding},
    ]
