"""What all images share: two themes, sizes, words that wrap, and the frame that makes an image exactly as large as asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import Any

from dashboard.charts.spec import PALETTE, SEMANTIC_COLORS, Chart, color_on_dark

FONT_FAMILY = "Inter, Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif"
PADDING_PX, LEFT_AXIS_PX, TITLE_LINE_PX, CAPTION_LINE_PX, AXIS_PX = 16, 58, 20, 14, 38  # pixels
TITLE_CHAR_PX, CAPTION_CHAR_PX = 9, 7  # pixels of a wide letter
MIN_WIDTH_PX = 320


@dataclass(frozen=True)
class Theme:
    """Colours of what is not data."""

    background: str
    foreground: str
    muted: str
    grid_line: str
    background_bar_opacity: float = 0.22  # how opaque is what stands behind
    data_colors: Mapping[str, str] = field(default_factory=dict)  # colours of data that this ground wants otherwise


_DARK_DATA_COLORS = {colour: color_on_dark(colour) for colour in (*PALETTE, *SEMANTIC_COLORS.values())}
THEMES = {
    "light": Theme("#ffffff", "#1c2530", "#57606c", "#e3e7ec"),
    "dark": Theme("#12171e", "#e8ecf1", "#a3adb9", "#2b333d", 0.4, _DARK_DATA_COLORS),
}


def recolor(spec: Any, color_map: Mapping[str, str]) -> Any:
    """Return a part of a specification with the colours of data as a theme has them."""
    if isinstance(spec, dict):
        return {name: recolor(value, color_map) for name, value in spec.items()}
    if isinstance(spec, list):
        return [recolor(value, color_map) for value in spec]
    return color_map.get(spec, spec) if isinstance(spec, str) else spec


def wrap_title_and_caption(chart: Chart, width: int, *, left_offset: int = 0) -> tuple[list[str], list[str]]:
    """Return title and caption in lines that fit the width; `besides` are pixels that the drawing needs at their left."""
    room = width - 2 * PADDING_PX - left_offset
    caption = [chart.hint] * bool(chart.hint) + list(chart.caption)
    return wrap(chart.title, int(room / TITLE_CHAR_PX)), [part for line in caption for part in wrap(line, int(room / CAPTION_CHAR_PX))]


def non_plot_height(chart: Chart, width: int, *, left_offset: int = 0) -> int:
    """Return the pixels that everything but the plots takes from the height."""
    title, caption = wrap_title_and_caption(chart, width, left_offset=left_offset)
    return 2 * PADDING_PX + TITLE_LINE_PX * len(title) + CAPTION_LINE_PX * len(caption) + AXIS_PX


def fit_to_canvas(view: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    """Return a single view that fills a canvas, title and axes included."""
    return view | {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}}


def set_svg_size(document: str, size: tuple[int, int], canvas: tuple[int, int], background: str, alt_text: str) -> str:
    """Give the document exactly the size asked for, for stacked views come out some pixels off, and its words for who can't see it."""
    (width, height), (wide, high) = size, canvas
    shown = f'role="img" aria-label="{escape(alt_text)}"'
    frame = f'width="{width}" height="{height}" viewBox="0 0 {wide} {high}" preserveAspectRatio="none" {shown}'
    root = re.compile(r'width="[\d.]+" height="[\d.]+" viewBox="[^"]*"([^>]*>)')
    return root.sub(lambda match: f'{frame}{match[1]}<rect width="{wide}" height="{high}" fill="{background}"/>', document, count=1)


def vega_config(theme: Theme) -> dict[str, Any]:
    """Return Vega-Lite's settings of fonts, axes, titles and legends in a theme."""
    axis = {
        "labelColor": theme.muted,
        "titleColor": theme.muted,
        "gridColor": theme.grid_line,
        "domainColor": theme.grid_line,
        "tickColor": theme.grid_line,
    }
    zero = {"condition": {"test": "datum.value === 0", "value": theme.muted}, "value": theme.grid_line}
    title = {
        "color": theme.foreground,
        "subtitleColor": theme.muted,
        "anchor": "start",
        "fontSize": 16,
        "fontWeight": 600,
        "subtitleFontSize": 11,
        "offset": 14,
    }
    return {
        "font": FONT_FAMILY,
        "aria": False,  # its labels name internals, in the machine's time zone
        "view": {"stroke": None},
        "axisY": {"gridColor": zero},
        "axis": axis | {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"},
        "title": title | {"subtitleLineHeight": CAPTION_LINE_PX, "subtitlePadding": 5, "frame": "group"},
        "legend": {"labelColor": theme.foreground, "labelFontSize": 12, "symbolStrokeWidth": 3, "offset": 6},
    }
