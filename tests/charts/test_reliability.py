"""Reliability diagrams: one square panel per table, as many side by side as there is room for."""

import re
from typing import Any

import pytest

from dashboard.charts.definitions.reliability import reliability_chart
from dashboard.charts.spec.reliability import ReliabilityChart
from dashboard.charts.vega import images
from tests.support.vega_check import validate_specification

BINS = [
    {"confidence": 0.45, "accuracy": 0.40, "accuracy_interval": [0.3, 0.5], "rows": 80},
    {"confidence": 0.95, "accuracy": 0.99, "accuracy_interval": [0.9, 1.0], "rows": 20},
]


def build_chart(count: int = 1, heading: str = "Panel") -> ReliabilityChart:
    """Return a chart with this number of panels."""
    return reliability_chart({f"{heading} {index}": BINS for index in range(count)}, "How sure, and how often right")


def build_spec(chart: ReliabilityChart, width: int = 900) -> dict[str, Any]:
    """Return a chart's specification in a readable height."""
    height = images.readable_height(chart, 0, width)
    return images.build_spec(chart, width=width, height=height, theme_name="light")


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 9])
def test_the_specification_is_valid(count: int) -> None:
    """The renderer would silently ignore a misspelt name."""
    validate_specification(build_spec(build_chart(count)))


@pytest.mark.parametrize(("width", "columns"), [(900, 3), (400, 2), (200, 1)])
def test_panels_are_side_by_side_where_there_is_room(width: int, columns: int) -> None:
    """A phone has room for two."""
    assert build_spec(build_chart(9), width)["columns"] == columns


@pytest.mark.parametrize("width", [400, 720, 900])
def test_panels_are_about_square(width: int) -> None:
    """On the diagonal, confidence equals accuracy, so both axes have the same length."""
    (panel, *_) = build_spec(build_chart(9), width)["concat"]
    assert panel["width"] == pytest.approx(panel["height"], abs=2)


def test_only_panels_at_the_edges_have_titles_at_their_axes() -> None:
    """The others would repeat them."""
    panels = build_spec(build_chart(5))["concat"]
    titles = [{axis: panel["layer"][-1]["encoding"][axis]["axis"]["title"] for axis in ("x", "y")} for panel in panels]
    assert [bool(title["y"]) for title in titles] == [True, False, False, True, False]
    assert [bool(title["x"]) for title in titles] == [False, False, True, True, True]


def test_only_large_panels_have_numbers_next_to_their_points() -> None:
    """In small ones they would lie over each other."""
    marks = [[layer["mark"]["type"] for layer in build_spec(build_chart(count))["concat"][0]["layer"]] for count in (1, 9)]
    assert ["text" in types for types in marks] == [True, False]


def test_the_alternative_text_has_every_point() -> None:
    """It is all that a reader without the image gets."""
    assert build_chart(1).alt == "How sure, and how often right. Panel 0: 45% sure, 40% of 80 right; 95% sure, 99% of 20 right."


def test_a_hostile_heading_stays_text() -> None:
    """It may come from the name of a data set."""
    svg = images.render_svg(build_chart(1, "<script>&"), width=400, height=500, theme_name="dark")
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_image_has_exactly_its_size(theme: str) -> None:
    """Stacked panels come out a few pixels off, which is corrected."""
    svg = images.render_svg(build_chart(4), width=640, height=700, theme_name=theme)
    assert re.search(r'<svg [^>]*width="640" height="700"', svg)


def test_without_any_table_there_is_nothing_to_draw() -> None:
    """The page leaves the diagrams out then."""
    assert reliability_chart({}, "Nothing").is_empty
