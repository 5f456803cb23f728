"""What all images share: two themes, sizes, words that wrap, and the frame that makes an image exactly as large as asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import Any

from dashboard.charts.spec import PALETTE, TONES, Picture, on_dark

FONT = "Inter, Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif"
PADDING, LEFT, TITLE_LINE, LINE, AXIS = 16, 58, 20, 14, 38  # pixels
TITLE_LETTER, LETTER = 9, 7  # pixels of a wide letter
NARROWEST = 320


@dataclass(frozen=True)
class Theme:
    """Colours of what is not data."""

    background: str
    ink: str
    faint: str
    grid: str
    pale: float = 0.22  # how opaque is what stands behind
    shades: Mapping[str, str] = field(default_factory=dict)  # colours of data that this ground wants otherwise


_SHADES = {colour: on_dark(colour) for colour in (*PALETTE, *TONES.values())}
THEMES = {
    "light": Theme("#ffffff", "#1c2530", "#57606c", "#e3e7ec"),
    "dark": Theme("#12171e", "#e8ecf1", "#a3adb9", "#2b333d", 0.4, _SHADES),
}


def shaded(part: Any, shades: Mapping[str, str]) -> Any:
    """Return a part of a specification with the colours of data as a theme has them."""
    if isinstance(part, dict):
        return {name: shaded(value, shades) for name, value in part.items()}
    if isinstance(part, list):
        return [shaded(value, shades) for value in part]
    return shades.get(part, part) if isinstance(part, str) else part


def words(picture: Picture, width: int, *, besides: int = 0) -> tuple[list[str], list[str]]:
    """Return title and caption in lines that fit the width; `besides` are pixels that the drawing needs at their left."""
    room = width - 2 * PADDING - besides
    caption = [picture.hint] * bool(picture.hint) + list(picture.caption)
    return wrap(picture.title, int(room / TITLE_LETTER)), [part for line in caption for part in wrap(line, int(room / LETTER))]


def above(picture: Picture, width: int, *, besides: int = 0) -> int:
    """Return the pixels that everything but the plots takes from the height."""
    title, caption = words(picture, width, besides=besides)
    return 2 * PADDING + TITLE_LINE * len(title) + LINE * len(caption) + AXIS


def fitted(drawing: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    """Return a single view that fills a canvas, title and axes included."""
    return drawing | {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}}


def framed(document: str, size: tuple[int, int], canvas: tuple[int, int], background: str, alt_text: str) -> str:
    """Give the document exactly the size asked for, for stacked views come out some pixels off, and its words for who can't see it."""
    (width, height), (wide, high) = size, canvas
    shown = f'role="img" aria-label="{escape(alt_text)}"'
    frame = f'width="{width}" height="{height}" viewBox="0 0 {wide} {high}" preserveAspectRatio="none" {shown}'
    root = re.compile(r'width="[\d.]+" height="[\d.]+" viewBox="[^"]*"([^>]*>)')
    return root.sub(lambda match: f'{frame}{match[1]}<rect width="{wide}" height="{high}" fill="{background}"/>', document, count=1)


def config(look: Theme) -> dict[str, Any]:
    """Return Vega-Lite's settings of fonts, axes, titles and legends in a theme."""
    axis = {"labelColor": look.faint, "titleColor": look.faint, "gridColor": look.grid, "domainColor": look.grid, "tickColor": look.grid}
    zero = {"condition": {"test": "datum.value === 0", "value": look.faint}, "value": look.grid}
    title = {
        "color": look.ink,
        "subtitleColor": look.faint,
        "anchor": "start",
        "fontSize": 16,
        "fontWeight": 600,
        "subtitleFontSize": 11,
        "offset": 14,
    }
    return {
        "font": FONT,
        "aria": False,  # its labels name internals, in the machine's time zone
        "view": {"stroke": None},
        "axisY": {"gridColor": zero},
        "axis": axis | {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"},
        "title": title | {"subtitleLineHeight": LINE, "subtitlePadding": 5, "frame": "group"},
        "legend": {"labelColor": look.ink, "labelFontSize": 12, "symbolStrokeWidth": 3, "offset": 6},
    }
