"""Charts as still images: a Picture -> Vega-Lite -> SVG and PNG by vl-convert, no browser. Nothing outside this room imports it.

Every image has exactly the width and height asked for. The same picture gives the same bytes. A kind of picture is one module with
`drawing`, `besides`, `lowest` and `fitting`, and one line here.
"""

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import vl_convert

from dashboard.charts.spec import BarChart, Chart, HeatmapChart, ScatterChart, TimeSeriesChart
from dashboard.charts.vega import bars, heatmap, scatter, time_series
from dashboard.charts.vega.theme import (
    CAPTION_CHAR_PX,
    MIN_WIDTH_PX,
    PADDING_PX,
    THEMES,
    TITLE_CHAR_PX,
    Theme,
    fit_to_canvas,
    non_plot_height,
    recolor,
    set_svg_size,
    vega_config,
    wrap_title_and_caption,
)

_WRITERS: dict[type[Chart], Any] = {TimeSeriesChart: time_series, BarChart: bars, HeatmapChart: heatmap, ScatterChart: scatter}


def render_svg(chart: Chart, *, width: int, height: int, theme_name: str) -> str:
    """Draw the picture as an SVG document of `width` × `height` pixels.

    A size too small for its words and plots is drawn on a larger canvas and shown smaller: nothing falls out of it.
    """
    canvas = _canvas_size(chart, width, height)
    spec = build_spec(chart, width=canvas[0], height=canvas[1], theme_name=theme_name)
    return set_svg_size(vl_convert.vegalite_to_svg(spec), (width, height), canvas, THEMES[theme_name].background, chart.alt)


def render_png(chart: Chart, *, width: int, height: int, scale: int, theme_name: str) -> bytes:
    """Draw the picture as a PNG of `width` × `height` pixels, times `scale`."""
    return vl_convert.svg_to_png(render_svg(chart, width=width, height=height, theme_name=theme_name), scale=scale)


def build_spec(chart: Chart, *, width: int, height: int, theme_name: str) -> dict[str, Any]:
    """Return the picture as a Vega-Lite specification."""
    look, room = THEMES[theme_name], _WRITERS[type(chart)]
    drawing = _empty_view(chart, look, width, height) if chart.is_empty else room.build_view(chart, width, height, look)
    title, caption = wrap_title_and_caption(chart, width, left_offset=room.left_offset(chart))
    drawing = recolor(drawing, look.data_colors) if look.data_colors else drawing
    return drawing | _themed_settings({"text": title, "subtitle": caption} if title else None, look)


def readable_height(chart: Chart, min_height: int, width: int = 900) -> int:
    """Return a height that leaves everything readable at a width: `height`, or more for a picture with many parts."""
    return int(_WRITERS[type(chart)].readable_height(chart, min_height, width))


def render_view_png(
    vega_view: Mapping[str, Any], texts: tuple[str, Sequence[str], str], *, width: int, height: int, scale: int, theme_name: str
) -> bytes:
    """Draw a Vega-Lite view that answers no query as a PNG, in the same look; `words` are its title, caption and alternative text."""
    (title, caption, alt_text), look, room = texts, THEMES[theme_name], width - 2 * PADDING_PX
    said = {
        "text": wrap(title, int(room / TITLE_CHAR_PX)),
        "subtitle": [part for line in caption for part in wrap(line, int(room / CAPTION_CHAR_PX))],
    }
    document = vl_convert.vegalite_to_svg(fit_to_canvas(dict(vega_view), width, height) | _themed_settings(said, look))
    return vl_convert.svg_to_png(set_svg_size(document, (width, height), (width, height), look.background, alt_text), scale=scale)


def _canvas_size(chart: Chart, width: int, height: int) -> tuple[int, int]:
    """Return the size to lay out in: that asked for, or in the same shape as large as the picture needs."""
    wide, room = max(width, MIN_WIDTH_PX), _WRITERS[type(chart)]
    least = non_plot_height(chart, wide, left_offset=room.left_offset(chart)) + room.min_plot_height(chart, wide)
    factor = max(wide / width, least / height)
    return math.ceil(width * factor), math.ceil(height * factor)


def _themed_settings(title: dict[str, Any] | None, theme: Theme) -> dict[str, Any]:
    """Return title, if there is one, theme and named styles: `ink` and `faint` are its colours of text."""
    styles = {"faint": {"color": theme.muted}, "ink": {"color": theme.foreground}}
    titled = {"title": title} if title else {}
    return titled | {"background": theme.background, "padding": PADDING_PX, "config": vega_config(theme) | {"style": styles}}


def _empty_view(chart: Chart, theme: Theme, width: int, height: int) -> dict[str, Any]:
    said = wrap(chart.empty_message.rstrip(".") or "No posts to draw", int((width - 2 * PADDING_PX) / TITLE_CHAR_PX))
    mark = {"type": "text", "fontSize": 16, "color": theme.muted, "text": said}
    return fit_to_canvas({"data": {"values": [{}]}, "mark": mark}, width, height)
