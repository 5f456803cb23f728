"""How wide and how high the charts of a report are, so that their static images fit. The columns themselves are in the style sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dashboard.core.charts import CHARTS

_PLOT_WIDTHS = {"full": 1104, "main": 716, "half": 518, "side": 318}  # pixels, in a window of 1,280 and wider
_PAPER_WIDTHS = {"full": 720, "main": 470, "half": 350, "side": 235}  # pixels, on a sheet of A4 or Letter
_NARROW_HEIGHT_SHARE, _MIN_NARROW_HEIGHT = 0.75, 250  # of the height on the chart's own page; pixels
_MAX_ACCOUNTS_SIDE_BY_SIDE = 2  # with more, every card is as wide as the page
_MAX_UNFOLDED_ACCOUNTS = 4  # with more, charts with a panel per account show the first panels, until all are asked for
_FOLDED_PX, _NARROW_FOLDED_PX = 300, 420  # heights that the first rows of panels may have, if there is more than one
_MIN_HIDDEN_PX = 100  # less isn't worth a click
_MIDDLE_WIDTH, _NARROW_WIDTH = 890, 330  # pixels of plots in windows too narrow for columns, and on phones


@dataclass(frozen=True)
class Fold:
    """The heights in pixels of a chart of which only the first panels show: in wide windows, in narrower ones, and on phones."""

    wide: int
    middle: int
    narrow: int


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


def find_fold(figure: Mapping[str, Any], account_count: int) -> Fold | None:
    """Return how much of a figure of many accounts shows at first; None if all of it does."""
    if account_count <= _MAX_UNFOLDED_ACCOUNTS:
        return None
    wide, middle, narrow = (_layout_at(figure, width) for width in (_PLOT_WIDTHS["full"], _MIDDLE_WIDTH, _NARROW_WIDTH))
    fold = Fold(_fold_height(wide, _FOLDED_PX), _fold_height(middle, _NARROW_FOLDED_PX), _fold_height(narrow, _NARROW_FOLDED_PX))
    is_whole = (fold.wide, fold.middle, fold.narrow) == (wide["height"], middle["height"], narrow["height"])
    return None if is_whole else fold


def _layout_at(figure: Mapping[str, Any], width: int) -> Mapping[str, Any]:
    is_narrow = "narrow" in figure and width < figure["narrow"]["below"]
    layout: Mapping[str, Any] = figure["narrow"]["layout"] if is_narrow else figure["layout"]
    return layout


def _fold_height(layout: Mapping[str, Any], max_height: int) -> int:
    """Return the height of as many rows of panels as fit, of at least one, or that of the whole figure."""
    height: int = layout["height"]
    cuts = [round(cut) for cut in _iter_gaps(layout)]
    folded = max((cut for cut in cuts if cut <= max_height), default=cuts[0] if cuts else height)
    return folded if height - folded >= _MIN_HIDDEN_PX else height


def _iter_gaps(layout: Mapping[str, Any]) -> Iterator[float]:
    """Yield where the gaps between rows of panels are, in pixels from the top. Rows that share an axis of time can't be separated."""
    axes = {letter: [axis for name, axis in layout.items() if name.startswith(f"{letter}axis")] for letter in "xy"}
    if len(axes["x"]) < len(axes["y"]):
        return
    margin_px = layout["margin"]["t"]
    plot_px = layout["height"] - margin_px - layout["margin"]["b"]
    rows = sorted({tuple(axis["domain"]) for axis in axes["y"] if "domain" in axis}, reverse=True)
    for (bottom, _), (_, next_top) in pairwise(rows):
        yield margin_px + plot_px * (1 - (bottom + next_top) / 2)
