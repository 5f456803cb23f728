"""The sizes of a report's charts."""

import pytest

from dashboard.core.charts import CHARTS
from dashboard.web.presenters.report_layout import compact_figure, paper_width, plot_width


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
