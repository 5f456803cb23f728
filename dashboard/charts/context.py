"""Defines what all charts of a query share: the query itself, and the labels, styles and captions of its accounts.

Tables don't belong here: a definition gets its table in addition to the context.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.charts.palette import Style
from dashboard.charts.spec.bars import Bar, BarPanel
from dashboard.core.query import Query


@dataclass(frozen=True)
class ChartContext:
    """The query of a chart, and the labels and styles of the accounts it shows, in the order of the query.

    `caption` has the lines below the title. `interval` is the width of the intervals, empty for charts without intervals.
    """

    query: Query
    labels: Mapping[str, str]
    styles: Mapping[str, Style]
    caption: Sequence[str] = ()
    interval: str = ""

    def with_caption(self, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> "ChartContext":
        """Return the context with more lines in its caption."""
        return replace(self, caption=(*before, *self.caption, *after))

    def build_panels(self, bars: Mapping[str, Sequence[Bar]]) -> tuple[BarPanel, ...]:
        """Return a panel for each account that has bars, in the order of the query."""
        return tuple(
            BarPanel(account, label, self.styles[account], tuple(bars[account]))
            for account, label in self.labels.items()
            if account in bars
        )
