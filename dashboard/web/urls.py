"""URLs of a question: one canonical form for each page and format, from the table of routes."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, request, url_for
from werkzeug.routing import AnyConverter, Map

from dashboard.core.charts import CHARTS
from dashboard.core.query import Query


class ChartConverter(AnyConverter):
    """The part of a route that names a chart, written `<chart:kind>`: any that is registered when the application is made."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, *CHARTS.names())


def init_app(app: Flask) -> None:
    """Let routes name charts; call it before the blueprints that do."""
    app.url_map.converters["chart"] = ChartConverter


def for_query(endpoint: str, query: Query, *, extra_args: Iterable[tuple[str, str]] = (), **values: Any) -> str:
    """Return the path and canonical query string of a route for a question; accounts stay readable in it."""
    args = urlencode([*query.to_args(), *extra_args], safe=",:@/", quote_via=quote)
    return f"{url_for(endpoint, **values)}?{args}"


def for_posts(query: Query, selection_args: Iterable[tuple[str, str]] = ()) -> str:
    """Return the path of the posts behind a chart, or behind one mark of it."""
    return for_query("posts.show_posts", query.without_image_parameters(), extra_args=selection_args)


def canonical_redirect(endpoint: str, query: Query, **values: Any) -> str | None:
    """Return where to send a reader whose URL is not the canonical one, None if it is."""
    asked = list(request.args.items(multi=True))
    return None if asked == query.to_args() else for_query(endpoint, query, **values)


def absolute(path: str) -> str:
    """Return a path of ours as whoever gets the link can use it: with the host that the reader asked, and the scheme.

    The host is never taken from what a proxy says of it; a proxy before us hands the reader's own on, as Cloud Run does.
    """
    return f"{'https' if is_https() else 'http'}://{request.host}{path}"


def is_https() -> bool:
    """Say whether the reader's browser speaks https, to us or to what stands before us; who lies about it only misleads itself."""
    return request.is_secure or request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower() == "https"
