"""The sizes of a report's charts."""

from typing import Any

import pytest

from dashboard.core.charts import CHARTS
from dashboard.web.presenters.report_layout import Fold, compact_figure, find_fold, paper_width, plot_width


@pytest.mark.parametrize(("chart_kind", "account_count", "width"), [("words", 1, 518), ("words", 2, 518), ("words", 3, 1104)])
def test_charts_of_three_accounts_have_the_whole_width(chart_kind: str, account_count: int, width: int) -> None:
    """They wouldn't fit beside each other."""
    assert plot_width(chart_kind, account_count) == width


def test_every_chart_fits_a_sheet() -> None:
    """Its printed image is at least as wide as an image can be drawn legibly at two thirds, and no wider than the sheet."""
    assert {kind.name for kind in CHARTS if not 220 <= paper_width(kind.name, 2) <= 720} == set()


def test_a_figure_is_lower_on_phones() -> None:
    """Its wide layout stays as it is."""
    figure = {"layout": {"height": 400}, "narrow": {"below": 560, "layout": {"height": 500, "margin": 8}}}
    assert compact_figure(figure) == {"layout": {"height": 400}, "narrow": {"below": 560, "layout": {"height": 375, "margin": 8}}}


@pytest.mark.parametrize(("height", "compact_height"), [(300, 250), (200, 200)])
def test_a_low_figure_stays_legible(height: int, compact_height: int) -> None:
    """There is a least height, unless the figure was lower before."""
    figure = {"layout": {}, "narrow": {"below": 560, "layout": {"height": height}}}
    assert compact_figure(figure)["narrow"]["layout"]["height"] == compact_height


def test_a_figure_without_a_narrow_layout_stays_as_it_is() -> None:
    """One layout serves every width."""
    assert compact_figure({"layout": {"height": 400}}) == {"layout": {"height": 400}}


def build_layout(height: int, *rows: tuple[float, float], time_axes: int | None = None) -> dict[str, Any]:
    """Return a layout with rows of panels from top to bottom, each with its own axes unless they share some."""
    axes = {f"yaxis{index}": {"domain": list(row)} for index, row in enumerate(rows)}
    axes |= {f"xaxis{index}": {} for index in range(len(rows) if time_axes is None else time_axes)}
    return axes | {"height": height, "margin": {"t": 0, "b": 0}}


def test_many_accounts_show_the_rows_of_panels_that_fit() -> None:
    """A phone has its own rows, and the space between wide and narrow that of the layout which fits there."""
    rows = (0.8, 1.0), (0.4, 0.6), (0.0, 0.2)
    figure = {"layout": build_layout(400, *rows), "narrow": {"below": 600, "layout": build_layout(1500, *rows)}}
    assert find_fold(figure, 5) == Fold(wide=280, middle=280, narrow=450)


@pytest.mark.parametrize(
    ("figure", "account_count"),
    [
        ({"layout": build_layout(800, (0.6, 1.0), (0.0, 0.4))}, 4),
        ({"layout": build_layout(250, (0.0, 1.0))}, 20),
        ({"layout": build_layout(340, (0.3, 1.0), (0.0, 0.2))}, 5),
        ({"layout": build_layout(1600, *((part / 20, (part + 0.8) / 20) for part in range(20)), time_axes=1)}, 20),
    ],
    ids=["few accounts", "one row", "little to hide", "a shared axis of time"],
)
def test_other_figures_are_shown_whole(figure: dict[str, Any], account_count: int) -> None:
    """Nothing is folded for a few pixels, and no chart loses its axis."""
    assert find_fold(figure, account_count) is None
