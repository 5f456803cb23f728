"""Renders charts as static images: a `Chart` becomes Vega-Lite, and vl-convert turns that into SVG and PNG without a browser.

`drawing_process.py` runs vl-convert. Every image has exactly the requested width and height, and the same chart always gives the same
bytes. A kind of chart is one module with `build_view`, `left_offset`, `min_plot_height` and `readable_height`, and one line in _WRITERS.
"""

import math
from textwrap import wrap
from typing import Any

from dashboard.charts.spec.bars import BarChart
from dashboard.charts.spec.chart import Chart, SlideTexts
from dashboard.charts.spec.heatmap import HeatmapChart
from dashboard.charts.spec.reliability import ReliabilityChart
from dashboard.charts.spec.scatter import ScatterChart
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.vega import bars, heatmap, reliability, scatter, slide, time_series
from dashboard.charts.vega.drawing_process import choose_process
from dashboard.charts.vega.theme import (
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
from dashboard.core.messages import gettext

_WRITERS: dict[type[Chart], Any] = {
    TimeSeriesChart: time_series,
    BarChart: bars,
    HeatmapChart: heatmap,
    ScatterChart: scatter,
    ReliabilityChart: reliability,
}


def render_svg(chart: Chart, *, width: int, height: int, theme_name: str) -> str:
    """Render a chart as an SVG document of `width` × `height` pixels. Raises ImageUnavailable.

    If that's too small for its texts and plots, it's drawn on a larger canvas and scaled down, so that nothing is cut off.
    """
    canvas = _canvas_size(chart, width, height)
    spec = build_spec(chart, width=canvas[0], height=canvas[1], theme_name=theme_name)
    document = choose_process(*canvas).draw_svg(spec)
    return set_svg_size(document, (width, height), canvas, THEMES[theme_name].background, chart.alt)


def render_png(chart: Chart, *, width: int, height: int, scale: int, theme_name: str) -> bytes:
    """Render a chart as a PNG of `width` × `height` pixels, times `scale`. Raises ImageUnavailable."""
    document = render_svg(chart, width=width, height=height, theme_name=theme_name)
    return choose_process(width, height, scale).draw_png(document, scale)


def render_slide_svg(chart: Chart, texts: SlideTexts, *, theme_name: str) -> str:
    """Render a chart as a slide of 1600 × 900 pixels. Its texts are drawn twice as large as on pages. Raises ImageUnavailable."""
    theme, (_, _, width, height) = THEMES[theme_name], slide.chart_box(texts)
    plot = chart.without_text()
    canvas = _canvas_size(plot, width // slide.CHART_SCALE, height // slide.CHART_SCALE)
    document = choose_process(*canvas).draw_svg(build_spec(plot, width=canvas[0], height=canvas[1], theme_name=theme_name))
    return slide.compose(set_svg_size(document, (width, height), canvas, theme.background, ""), texts, theme, f"{texts.title}. {chart.alt}")


def render_slide_png(chart: Chart, texts: SlideTexts, *, theme_name: str) -> bytes:
    """Render a chart as a slide, as `render_slide_svg` does, in a PNG."""
    document = render_slide_svg(chart, texts, theme_name=theme_name)
    return choose_process(slide.WIDTH_PX, slide.HEIGHT_PX).draw_png(document, 1)


def build_spec(chart: Chart, *, width: int, height: int, theme_name: str) -> dict[str, Any]:
    """Return a chart as a Vega-Lite specification."""
    theme, writer = THEMES[theme_name], _WRITERS[type(chart)]
    view = _empty_view(chart, theme, width, height) if chart.is_empty else writer.build_view(chart, width, height, theme)
    title, caption = wrap_title_and_caption(chart, width, left_offset=writer.left_offset(chart))
    view = recolor(view, theme.data_colors) if theme.data_colors else view
    return view | _themed_settings({"text": title, "subtitle": caption} if title else None, theme)


def readable_height(chart: Chart, min_height: int, width: int = 900) -> int:
    """Return a height that keeps a chart readable at this width: `min_height`, or more for a chart with many parts."""
    return int(_WRITERS[type(chart)].readable_height(chart, min_height, width))


def _canvas_size(chart: Chart, width: int, height: int) -> tuple[int, int]:
    """Return the size of the layout: the requested size, or a larger one of the same shape if the chart needs more room."""
    layout_width, writer = max(width, MIN_WIDTH_PX), _WRITERS[type(chart)]
    min_height = non_plot_height(chart, layout_width, left_offset=writer.left_offset(chart)) + writer.min_plot_height(chart, layout_width)
    factor = max(layout_width / width, min_height / height)
    return math.ceil(width * factor), math.ceil(height * factor)


def _themed_settings(title: dict[str, Any] | None, theme: Theme) -> dict[str, Any]:
    """Return the settings for the title, if there is one, and the theme. `ink` and `faint` are named styles for text."""
    styles = {"faint": {"color": theme.muted}, "ink": {"color": theme.foreground}}
    title_settings = {"title": title} if title else {}
    return title_settings | {"background": theme.background, "padding": PADDING_PX, "config": vega_config(theme) | {"style": styles}}


def _empty_view(chart: Chart, theme: Theme, width: int, height: int) -> dict[str, Any]:
    lines = wrap(chart.empty_message.rstrip(".") or gettext("No posts to draw"), int((width - 2 * PADDING_PX) / TITLE_CHAR_PX))
    mark = {"type": "text", "fontSize": 16, "color": theme.muted, "text": lines}
    return fit_to_canvas({"data": {"values": [{}]}, "mark": mark}, width, height)
