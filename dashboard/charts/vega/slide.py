"""Lays out a slide: an image of 1600 × 900 pixels with a claim as its title, a chart without texts, and the source at its foot.

What the texts say is decided by reports, and the chart itself is drawn by its own module.
"""

import re
from html import escape
from textwrap import shorten, wrap

from dashboard.charts.spec.chart import SlideTexts
from dashboard.charts.vega.theme import FONT_FAMILY, Theme

WIDTH_PX, HEIGHT_PX = 1600, 900
CHART_SCALE = 2  # of the chart's own texts, which are sized for pages
_MARGIN_PX = 56
_TEXT_WIDTH_PX = WIDTH_PX - 2 * _MARGIN_PX
_CHAR_WIDTH = 0.56  # of a wide character, as a share of the size of the font
_GAP_PX = 12  # between texts and the chart
_SPACES = re.compile(r"[\t\n\v\f\r ]+")  # between which lines may break: no-break spaces aren't among them
# Sizes of the font and the line in pixels, and how many lines fit.
_TITLE, _SUBTITLE, _SOURCE = (46, 60, 2), (26, 36, 2), (20, 28, 2)


def chart_box(texts: SlideTexts) -> tuple[int, int, int, int]:
    """Return where the chart is on the slide, in pixels: left, top, width and height."""
    top = _MARGIN_PX + _text_height(texts.title, _TITLE) + _text_height(texts.subtitle, _SUBTITLE) + _GAP_PX
    bottom = HEIGHT_PX - _MARGIN_PX - _text_height(texts.source, _SOURCE) - _GAP_PX
    return _MARGIN_PX, top, _TEXT_WIDTH_PX, bottom - top


def compose(chart_document: str, texts: SlideTexts, theme: Theme, alt: str) -> str:
    """Return the slide as an SVG document; `chart_document` is an SVG of the size of the chart's box."""
    left, top, _, _ = chart_box(texts)
    title_height = _text_height(texts.title, _TITLE)
    source_top = HEIGHT_PX - _MARGIN_PX - _text_height(texts.source, _SOURCE)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{HEIGHT_PX}" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" role="img"'
        f' aria-label="{escape(alt)}" font-family="{escape(FONT_FAMILY)}">'
        f'<rect width="{WIDTH_PX}" height="{HEIGHT_PX}" fill="{theme.background}"/>'
        f"{_write_text(texts.title, _TITLE, _MARGIN_PX, theme.foreground, weight=600)}"
        f"{_write_text(texts.subtitle, _SUBTITLE, _MARGIN_PX + title_height, theme.muted)}"
        f'<g transform="translate({left},{top})">{chart_document}</g>'
        f"{_write_text(texts.source, _SOURCE, source_top, theme.muted)}</svg>"
    )


def _write_text(text: str, style: tuple[int, int, int], top: int, color: str, *, weight: int = 400) -> str:
    font_px, line_px, _ = style
    lines = "".join(
        f'<tspan x="{_MARGIN_PX}" y="{top + font_px + index * line_px}">{escape(line)}</tspan>'
        for index, line in enumerate(_wrap(text, style))
    )
    return f'<text font-size="{font_px}" font-weight="{weight}" fill="{color}">{lines}</text>'


def _text_height(text: str, style: tuple[int, int, int]) -> int:
    return style[1] * len(_wrap(text, style))


def _wrap(text: str, style: tuple[int, int, int]) -> list[str]:
    """Return a text as lines that fit the slide; what doesn't fit the allowed lines is cut at a word."""
    font_px, _, max_lines = style
    characters = int(_TEXT_WIDTH_PX / (_CHAR_WIDTH * font_px))
    text = _SPACES.sub(" ", text).strip(" ")
    lines = wrap(text, characters)
    if len(lines) <= max_lines:
        return _balance(text, characters, len(lines))
    return [*lines[: max_lines - 1], shorten(" ".join(lines[max_lines - 1 :]), characters, placeholder=" …")]


def _balance(text: str, characters: int, line_count: int) -> list[str]:
    """Return a text as so many lines of about the same length, so that no word is alone on the last one."""
    if line_count < 2:
        return wrap(text, characters)
    widths = range(len(text) // line_count, characters + 1)
    return next(lines for width in widths if len(lines := wrap(text, width)) == line_count)
