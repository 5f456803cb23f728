"""What all charts have in common: their kind, their texts, and the links from their marks to posts.

Colours are in `palette`. No drawing library, no data frames and no fetching here.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

# The colour of the account, of positive values, of negative values, or of something less important.
SemanticColor = Literal["", "up", "down", "faint"]
PostQuery = tuple[tuple[str, str], ...]  # the posts behind a mark, as query parameters of /posts
_PREVIEW_CAPTION_LINES = 2


@dataclass(frozen=True)
class SlideTexts:
    """The texts of a slide: a claim as its title, what is drawn, and where the numbers come from."""

    title: str
    subtitle: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The base of all charts: what kind it is, and its texts.

    `caption` has one line per fact about coverage, `alt` is the alternative text (one paragraph), `hint` is one line on how to read the
    chart. `key` is the part of the hint without which marks can't be understood, as a phrase. `empty_message` explains why there is nothing
    to draw, if the reason isn't a lack of posts.
    """

    kind: str
    title: str
    caption: tuple[str, ...]
    alt: str
    hint: str = ""
    key: str = ""
    empty_message: str = ""

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return "point"

    def without_text(self) -> Self:
        """Return the chart without its texts, for a page that shows them itself."""
        return replace(self, title="", caption=(), hint="")

    def for_preview(self) -> Self:
        """Return the chart with a shorter caption and no hint, for a small preview."""
        return replace(self, caption=self.caption[:_PREVIEW_CAPTION_LINES], hint="")

    def explain_emptiness(self, message: str) -> Self:
        """Return the chart with a message in its place if it is empty, has none and `message` isn't empty."""
        return replace(self, empty_message=message) if message and self.is_empty and not self.empty_message else self

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        raise NotImplementedError

    @property
    def mark_count(self) -> int:
        """Return the number of interactive marks, 0 for kinds of charts that never have too many."""
        return 0
