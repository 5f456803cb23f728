"""What every chart of a question shares: the question, and how its accounts are named, coloured and captioned.

No tables here: a definition gets its table beside the context.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.charts.spec import Bar, BarPanel, Style
from dashboard.core.query import Query


@dataclass(frozen=True)
class ChartContext:
    """`labels` are the names of the drawn accounts in the order of the question, `styles` how they look, `caption` the lines below a title.

    `interval` is the width of the intervals, empty for charts that have none.
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
        """Return a panel for each account that has bars, in the order of the question."""
        return tuple(
            BarPanel(account, label, self.styles[account], tuple(bars[account]))
            for account, label in self.labels.items()
            if account in bars
        )
