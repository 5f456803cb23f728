"""Provides what all static images share: two themes, sizes, wrapped texts, and the exact size of an image.

What only one kind of chart needs belongs in its own module.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import Any

from dashboard.charts.palette import DARK_COLORS
from dashboard.charts.spec.chart import Chart
from dashboard.core.messages import current_language, is_translated, load_locale

FONT_FAMILY = "Inter, Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif"
PADDING_PX, LEFT_AXIS_PX, TITLE_LINE_PX, CAPTION_LINE_PX, AXIS_PX = 16, 58, 20, 14, 38
TITLE_CHAR_PX, CAPTION_CHAR_PX = 9, 7  # width of a wide character
MIN_WIDTH_PX = 320


@dataclass(frozen=True)
class Theme:
    """The colours of everything that isn't data."""

    background: str
    foreground: str
    muted: str
    grid_line: str
    background_bar_opacity: float = 0.22  # of the bars behind the others
    data_colors: Mapping[str, str] = field(default_factory=dict)  # colours of data to replace on this background


THEMES = {
    "light": Theme("#ffffff", "#1c2530", "#57606c", "#e3e7ec"),
    "dark": Theme("#151b23", "#e8ecf1", "#a3adb9", "#2b333d", 0.4, DARK_COLORS),
}


def recolor(spec: Any, color_map: Mapping[str, str]) -> Any:
    """Return a specification, or a part of one, with its colours replaced according to `color_map`."""
    if isinstance(spec, dict):
        return {name: recolor(value, color_map) for name, value in spec.items()}
    if isinstance(spec, list):
        return [recolor(value, color_map) for value in spec]
    return color_map.get(spec, spec) if isinstance(spec, str) else spec


def wrap_title_and_caption(chart: Chart, width: int, *, left_offset: int = 0) -> tuple[list[str], list[str]]:
    """Return title and caption as lines that fit the width. `left_offset` is the space in pixels to their left."""
    text_width = width - 2 * PADDING_PX - left_offset
    caption = [f"{chart.hint}."] * bool(chart.hint) + list(chart.caption)
    return wrap(chart.title, int(text_width / TITLE_CHAR_PX)), [
        wrapped_line for line in caption for wrapped_line in wrap(line, int(text_width / CAPTION_CHAR_PX))
    ]


def non_plot_height(chart: Chart, width: int, *, left_offset: int = 0) -> int:
    """Return the height in pixels of everything except the plots."""
    title, caption = wrap_title_and_caption(chart, width, left_offset=left_offset)
    return 2 * PADDING_PX + TITLE_LINE_PX * len(title) + CAPTION_LINE_PX * len(caption) + AXIS_PX


def fit_to_canvas(view: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    """Return a single view resized so that it fills a canvas, including title and axes."""
    return view | {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}}


def set_svg_size(document: str, size: tuple[int, int], canvas: tuple[int, int], background: str, alt_text: str) -> str:
    """Give an SVG document exactly the requested size, because stacked views come out a few pixels off, and its alternative text."""
    (width, height), (canvas_width, canvas_height) = size, canvas
    accessibility = f'role="img" aria-label="{escape(alt_text)}"'
    frame = f'width="{width}" height="{height}" viewBox="0 0 {canvas_width} {canvas_height}" preserveAspectRatio="none" {accessibility}'
    root_pattern = re.compile(r'width="[\d.]+" height="[\d.]+" viewBox="[^"]*"([^>]*>)')
    return root_pattern.sub(
        lambda match: f'{frame}{match[1]}<rect width="{canvas_width}" height="{canvas_height}" fill="{background}"/>', document, count=1
    )


def vega_config(theme: Theme) -> dict[str, Any]:
    """Return Vega-Lite's settings for fonts, axes, titles and legends in a theme."""
    axis = {
        "labelColor": theme.muted,
        "titleColor": theme.muted,
        "gridColor": theme.grid_line,
        "domainColor": theme.grid_line,
        "tickColor": theme.grid_line,
    }
    zero_line_color = {"condition": {"test": "datum.value === 0", "value": theme.muted}, "value": theme.grid_line}
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
        **_locale_config(),
        "aria": False,  # because its labels would contain internal names, and times in the machine's time zone
        "view": {"stroke": None},
        "axisY": {"gridColor": zero_line_color},
        # Labels are short, and a limit would have Vega measure each of them three times.
        "axis": axis | {"labelFontSize": 11, "labelLimit": 0, "titleFontSize": 11, "titleFontWeight": "normal"},
        "title": title | {"subtitleLineHeight": CAPTION_LINE_PX, "subtitlePadding": 5, "frame": "group"},
        "legend": {"labelColor": theme.foreground, "labelFontSize": 12, "symbolStrokeWidth": 3, "offset": 6},
    }


def _locale_config() -> dict[str, Any]:
    """Return how Vega writes numbers and dates on axes in the current language; nothing for English, which it speaks already."""
    if not is_translated():
        return {}
    locale = load_locale(current_language())
    symbols = locale.number_symbols["latn"]
    day_names = {width: list(names.values()) for width, names in locale.days["stand-alone"].items()}
    month_names = {width: list(names.values()) for width, names in locale.months["format"].items()}  # as beside a day or a year
    number = {"decimal": symbols["decimal"], "thousands": symbols["group"], "grouping": [3], "currency": ["", ""]}
    formats = {"dateTime": "%x, %X", "date": "%d.%m.%Y", "time": "%H:%M:%S", "periods": ["AM", "PM"]}
    days = {"days": _from_sunday(day_names["wide"]), "shortDays": _from_sunday(day_names["abbreviated"])}
    months = {"months": month_names["wide"], "shortMonths": month_names["abbreviated"]}
    return {"locale": {"number": number, "time": {**formats, **days, **months}}}


def _from_sunday(days: list[str]) -> list[str]:
    return [*days[-1:], *days[:-1]]
