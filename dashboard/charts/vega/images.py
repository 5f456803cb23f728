"""Charts as still images: a Picture -> Vega-Lite -> SVG and PNG by vl-convert, no browser. Nothing outside this room imports it.

Every image has exactly the width and height asked for. The same picture gives the same bytes. A kind of picture is one module with
`drawing`, `besides`, `lowest` and `fitting`, and one line here.
"""

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import vl_convert

from dashboard.charts.spec import Bars, Chart, Grid, Picture, Scatter
from dashboard.charts.vega import bars, grid, scatter, timeline
from dashboard.charts.vega.theme import (
    LETTER,
    NARROWEST,
    PADDING,
    THEMES,
    TITLE_LETTER,
    Theme,
    above,
    config,
    fitted,
    framed,
    shaded,
    words,
)

_ROOMS: dict[type[Picture], Any] = {Chart: timeline, Bars: bars, Grid: grid, Scatter: scatter}


def svg(picture: Picture, *, width: int, height: int, theme: str) -> str:
    """Draw the picture as an SVG document of `width` × `height` pixels.

    A size too small for its words and plots is drawn on a larger canvas and shown smaller: nothing falls out of it.
    """
    canvas = _canvas(picture, width, height)
    spec = specification(picture, width=canvas[0], height=canvas[1], theme=theme)
    return framed(vl_convert.vegalite_to_svg(spec), (width, height), canvas, THEMES[theme].background, picture.alt)


def png(picture: Picture, *, width: int, height: int, scale: int, theme: str) -> bytes:
    """Draw the picture as a PNG of `width` × `height` pixels, times `scale`."""
    return vl_convert.svg_to_png(svg(picture, width=width, height=height, theme=theme), scale=scale)


def specification(picture: Picture, *, width: int, height: int, theme: str) -> dict[str, Any]:
    """Return the picture as a Vega-Lite specification."""
    look, room = THEMES[theme], _ROOMS[type(picture)]
    drawing = _nothing(picture, look, width, height) if picture.empty else room.drawing(picture, width, height, look)
    title, caption = words(picture, width, besides=room.besides(picture))
    drawing = shaded(drawing, look.shades) if look.shades else drawing
    return drawing | _dressed({"text": title, "subtitle": caption} if title else None, look)


def fitting_height(picture: Picture, height: int, width: int = 900) -> int:
    """Return a height that leaves everything readable at a width: `height`, or more for a picture with many parts."""
    return int(_ROOMS[type(picture)].fitting(picture, height, width))


def view(drawing: Mapping[str, Any], words: tuple[str, Sequence[str], str], *, width: int, height: int, scale: int, theme: str) -> bytes:
    """Draw a Vega-Lite view that answers no query as a PNG, in the same look; `words` are its title, caption and alternative text."""
    (title, caption, alt_text), look, room = words, THEMES[theme], width - 2 * PADDING
    said = {
        "text": wrap(title, int(room / TITLE_LETTER)),
        "subtitle": [part for line in caption for part in wrap(line, int(room / LETTER))],
    }
    document = vl_convert.vegalite_to_svg(fitted(dict(drawing), width, height) | _dressed(said, look))
    return vl_convert.svg_to_png(framed(document, (width, height), (width, height), look.background, alt_text), scale=scale)


def _canvas(picture: Picture, width: int, height: int) -> tuple[int, int]:
    """Return the size to lay out in: that asked for, or in the same shape as large as the picture needs."""
    wide, room = max(width, NARROWEST), _ROOMS[type(picture)]
    least = above(picture, wide, besides=room.besides(picture)) + room.lowest(picture, wide)
    factor = max(wide / width, least / height)
    return math.ceil(width * factor), math.ceil(height * factor)


def _dressed(said: dict[str, Any] | None, look: Theme) -> dict[str, Any]:
    """Return title, if there is one, theme and named styles: `ink` and `faint` are its colours of text."""
    styles = {"faint": {"color": look.faint}, "ink": {"color": look.ink}}
    titled = {"title": said} if said else {}
    return titled | {"background": look.background, "padding": PADDING, "config": config(look) | {"style": styles}}


def _nothing(picture: Picture, look: Theme, width: int, height: int) -> dict[str, Any]:
    said = wrap(picture.nothing.rstrip(".") or "No posts to draw", int((width - 2 * PADDING) / TITLE_LETTER))
    mark = {"type": "text", "fontSize": 16, "color": look.faint, "text": said}
    return fitted({"data": {"values": [{}]}, "mark": mark}, width, height)
