"""Bars, whiskers and points, in one panel per account."""

from dataclasses import dataclass

from dashboard.charts.palette import SEMANTIC_COLORS, Style
from dashboard.charts.spec.chart import Chart, PostQuery, SemanticColor
from dashboard.charts.spec.log_ticks import list_log_ticks
from dashboard.charts.spec.panels import count_columns

_BOLD_CHARS = 1.12  # the width of a bold character, in others
_SCALE_PADDING_SHARE = 0.04  # of the range of values, added beyond the outermost bar


@dataclass(frozen=True)
class Bar:
    """A bar from zero to `value` (None if unknown), or a point; `low` and `high` are its interval. The tooltip may have several lines.

    `value_text` follows the label of a mirrored bar, and `is_emphasized` makes that label bold.
    """

    label: str
    value: float | None
    tooltip: str
    post_query: PostQuery = ()
    low: float | None = None
    high: float | None = None
    semantic_color: SemanticColor = ""
    value_text: str = ""
    is_emphasized: bool = False

    @property
    def mirrored_label(self) -> str:
        """Return the label with the value, as written at the end of a mirrored bar."""
        return f"{self.label} {self.value_text}".strip()

    @property
    def mirrored_label_chars(self) -> float:
        """Return the width of that label in characters that aren't bold."""
        return len(self.mirrored_label) * (_BOLD_CHARS if self.is_emphasized else 1)


@dataclass(frozen=True)
class BarPanel:
    """The bars of one account, or of something else with its own style, from top to bottom."""

    account: str
    label: str
    style: Style
    bars: tuple[Bar, ...]

    def bar_color(self, bar: Bar) -> str:
        """Return the colour of a bar: its semantic colour if it has one, otherwise that of the panel."""
        return SEMANTIC_COLORS.get(bar.semantic_color, self.style.color)


@dataclass(frozen=True, kw_only=True)
class BarChart(Chart):
    """Horizontal bars, one panel per account, side by side or stacked, on a shared scale.

    `draw_as_points` draws each bar as a point with its interval, instead of a bar with its interval as a whisker. `is_mirrored`: negative
    bars are beside positive ones, the strongest of both in the first row, with labels at their ends. `log_x`: values, none of which is
    negative, are drawn as log(1 + value), with ticks labelled by value.
    """

    panels: tuple[BarPanel, ...]
    x_title: str
    percent: bool = False
    integer_values: bool = False
    draw_as_points: bool = False
    is_mirrored: bool = False
    log_x: bool = False
    values_in_labels: bool = False  # the labels contain the values, in several units, so the scale has no numbers

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return "point" if self.draw_as_points else "bar"

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not any(bar.value is not None for panel in self.panels for bar in panel.bars)

    @property
    def value_range(self) -> tuple[float, float]:
        """Return the ends of the scale that all panels share: zero, every value and interval, and padding; a share ends at 1."""
        bars = [bar for panel in self.panels for bar in panel.bars]
        values = [value for bar in bars for value in (bar.value, bar.low, bar.high) if value is not None]
        low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
        padding = _SCALE_PADDING_SHARE * (high - low or 1)
        max_value = 1.0 if self.percent and high <= 1 else high + padding
        return low - padding * (low < 0), min(high + padding, max_value)

    @property
    def x_ticks(self) -> list[tuple[int, str]]:
        """Return the values to label on a logarithmic axis, with their labels."""
        return list_log_ticks(self.value_range[1])

    def rows_of(self, panel: BarPanel) -> list[int]:
        """Return the row of each bar, counted from the top."""
        if not self.is_mirrored:
            return list(range(len(panel.bars)))
        rank, last_rank = 0, sum((bar.value or 0) < 0 for bar in panel.bars)
        rows = []
        for bar in panel.bars:
            if (bar.value or 0) < 0:
                last_rank -= 1
                rows.append(last_rank)
            else:
                rows.append(rank)
                rank += 1
        return rows

    def row_count(self, panel: BarPanel) -> int:
        """Return how many rows the bars of a panel need."""
        return max(self.rows_of(panel), default=-1) + 1

    def side_label_chars(self) -> tuple[float, float]:
        """Return the width of the widest label at the left and the right ends of mirrored bars, in characters that aren't bold."""
        bars = [bar for panel in self.panels for bar in panel.bars]
        sides = ([bar for bar in bars if (bar.value or 0) < 0], [bar for bar in bars if (bar.value or 0) >= 0])
        left, right = (max((bar.mirrored_label_chars for bar in side), default=0.0) for side in sides)
        return left, right

    def column_count(self, max_columns: int) -> int:
        """Return how many panels to put side by side, at most `max_columns`, so that the last row is as full as possible."""
        return count_columns(len(self.panels), max_columns)
