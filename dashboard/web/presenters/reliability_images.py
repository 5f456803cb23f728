"""The reliability diagrams of the model for other languages, as images for its page: drawn when somebody first looks at them.

Each is drawn once per process and language of the page. What they look like is decided in `charts`, what they show in `reports`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app, url_for

from dashboard.core.messages import current_language
from dashboard.prediction.protocols import ModelCard
from dashboard.reports.language_reliability import build_chart
from dashboard.web import languages, rendering, turns
from dashboard.web.extensions import flights

THEMES = ("light", "dark")
WIDTHS = {"wide": 900, "narrow": 400}  # pixels, for desktops and phones
IMAGE_NAMES = tuple(f"{theme}-{size}" for theme in THEMES for size in WIDTHS)
_EXTENSION_NAME = "chorus-reliability-images"  # key in the application's extensions
_Key = tuple[str, str, str]  # digest of the model's file, language of the page, name of the image


@dataclass(frozen=True)
class ReliabilityImages:
    """What the page shows: the alternative text, how to read the diagrams, their addresses by theme and size, and widths and heights."""

    alt: str
    explanation: str
    urls: Mapping[str, Mapping[str, str]]
    sizes: Mapping[str, tuple[int, int]]


def link_images(card: ModelCard) -> ReliabilityImages | None:
    """Return what the page shows without drawing anything, None if the card has no reliability tables."""
    chart = build_chart(card)
    if chart.is_empty:
        return None
    urls = {theme: {size: _image_url(card, f"{theme}-{size}") for size in WIDTHS} for theme in THEMES}
    sizes = {size: (width, rendering.readable_height(chart, width)) for size, width in WIDTHS.items()}
    return ReliabilityImages(chart.alt, chart.hint, urls, sizes)


def load(card: ModelCard, name: str) -> bytes:
    """Return one of IMAGE_NAMES as SVG, drawn if it hasn't been. Others who ask at the same time wait for it. Raises ImageUnavailable."""
    key = (card.digest, current_language(), name)
    images = cast(dict[_Key, bytes], current_app.extensions.setdefault(_EXTENSION_NAME, {}))  # five languages of the page have twenty
    if key not in images:
        images[key] = flights().do(("reliability", *key), lambda: _draw(card, name), waiting=turns.give_away)
    return images[key]


def _draw(card: ModelCard, name: str) -> bytes:
    theme, _, size = name.partition("-")
    chart = build_chart(card)
    return rendering.draw_svg(chart.without_text(), WIDTHS[size], rendering.readable_height(chart, WIDTHS[size]), theme)


def _image_url(card: ModelCard, name: str) -> str:
    args = dict([("model", card.version), *languages.image_language_args()])
    return url_for("model_details.show_reliability", name=name, **args)  # type: ignore[arg-type]
