"""What all interactive figures share."""

from urllib.parse import quote, urlencode

from dashboard.charts.spec import PostQuery


def escape_markup(text: str) -> str:
    """Return text that plotly.js can't take for its own markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def encode_post_query(post_query: PostQuery) -> str:
    """Return the posts behind a mark as a query string, which rides in a trace's `customdata`."""
    return urlencode(post_query, safe=",:@/", quote_via=quote)
