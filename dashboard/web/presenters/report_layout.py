"""How wide and how high the charts of a report are, so that their static images fit. The columns themselves are in the style sheet."""

from typing import Any

from dashboard.core.charts import CHARTS

_PLOT_WIDTHS = {"full": 1104, "main": 716, "half": 518, "side": 318}  # pixels, in a window of 1,280 and wider
_PAPER_WIDTHS = {"full": 720, "main": 470, "half": 350, "side": 235}  # pixels, on a sheet of A4 or Letter
_NARROW_HEIGHT_SHARE, _MIN_NARROW_HEIGHT = 0.75, 250  # of the height on the chart's own page; pixels
_MAX_ACCOUNTS_SIDE_BY_SIDE = 2  # with more, every card is as wide as the page


def compact_figure(figure: dict[str, Any]) -> dict[str, Any]:
    """Return a figure that is lower on phones, where a report has its charts one below the other; positions in it are relative."""
    if "narrow" not in figure:
        return figure
    layout = figure["narrow"]["layout"]
    height = max(min(layout["height"], _MIN_NARROW_HEIGHT), round(layout["height"] * _NARROW_HEIGHT_SHARE))
    return figure | {"narrow": figure["narrow"] | {"layout": layout | {"height": height}}}


def plot_width(chart_kind: str, account_count: int) -> int:
    """Return the width in pixels of the plot in a chart's card on a report."""
    return _PLOT_WIDTHS[_card(chart_kind, account_count)]


def paper_width(chart_kind: str, account_count: int) -> int:
    """Return the width in pixels of the image in a chart's card on a printed report."""
    return _PAPER_WIDTHS[_card(chart_kind, account_count)]


def _card(chart_kind: str, account_count: int) -> str:
    return CHARTS[chart_kind].card if account_count <= _MAX_ACCOUNTS_SIDE_BY_SIDE else "full"
