"""URLs of a query: one canonical form per page and format, built from the routes."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, request, url_for
from werkzeug.routing import AnyConverter, Map

from dashboard.core.charts import CHARTS
from dashboard.core.query import Query


class ChartConverter(AnyConverter):
    """The route converter `<chart:kind>`, which matches the charts registered when the application is created."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, *CHARTS.names())


def init_app(app: Flask) -> None:
    """Register the converter. Must run before the blueprints that use it are registered."""
    app.url_map.converters["chart"] = ChartConverter


def for_query(endpoint: str, query: Query, *, extra_args: Iterable[tuple[str, str]] = (), **values: Any) -> str:
    """Return the path and canonical query string of a route for a query; account names stay readable."""
    args = urlencode([*query.to_args(), *extra_args], safe=",:@/", quote_via=quote)
    return f"{url_for(endpoint, **values)}?{args}"


def for_posts(query: Query, selection_args: Iterable[tuple[str, str]] = ()) -> str:
    """Return the path of the posts behind a chart or one of its data points."""
    return for_query("posts.show_posts", query.without_image_parameters(), extra_args=selection_args)


def canonical_redirect(endpoint: str, query: Query, **values: Any) -> str | None:
    """Return the canonical URL to redirect to, None if the request already used it."""
    request_args = list(request.args.items(multi=True))
    return None if request_args == query.to_args() else for_query(endpoint, query, **values)


def absolute(path: str) -> str:
    """Return the absolute URL of a path, with the scheme and host that the client used.

    The host comes from the Host header, never from X-Forwarded-Host, so a proxy must pass the original header on, as Cloud Run does.
    """
    return f"{'https' if is_https() else 'http'}://{request.host}{path}"


def is_https() -> bool:
    """Return whether the client uses HTTPS, directly or to a proxy. A client that forges the header only misleads itself."""
    return request.is_secure or request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower() == "https"
