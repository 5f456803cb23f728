"""What all interactive figures share."""

from urllib.parse import quote, urlencode

from dashboard.charts.spec import Where


def plain(text: str) -> str:
    """Return text that plotly.js can't take for its own markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def behind(where: Where) -> str:
    """Return the posts behind a mark as a query string, which rides in a trace's `customdata`."""
    return urlencode(where, safe=",:@/", quote_via=quote)
