"""Provide what the writers of all interactive figures share. What only one kind of chart needs belongs in its own module."""

from functools import lru_cache
from typing import Any

from dashboard.charts.spec.chart import PostQuery
from dashboard.core.query_strings import encode_args


def escape_markup(text: str) -> str:
    """Escape text so that plotly.js doesn't interpret it as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def encode_post_query(post_query: PostQuery) -> str:
    """Return the query string for the posts behind a mark, as stored in a trace's `customdata`."""
    return encode_args(post_query)


def heading_font(color: str) -> dict[str, Any]:
    """Return the font of a panel's heading. Bold markup would need inline styles, which our pages don't allow."""
    return {"color": color, "size": 13, "weight": "bold"}


@lru_cache(4096)
def to_rgba(color: str, opacity: float) -> str:
    """Return a colour with an opacity, as CSS writes it."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:.3f})"
