"""URLs of a query: one canonical form per page and format, built from the routes."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, url_for
from werkzeug.routing import AnyConverter, Map

from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS
from dashboard.core.query_strings import encode_args
from dashboard.web import languages

_EXTENSION_NAME = "chorus-public-url"  # key in the application's extensions
_PAGE_DEFAULTS = {
    "pages.report": REPORT_DEFAULTS,
    "pages.index": REPORT_DEFAULTS,
    "posts.show_posts": REPORT_DEFAULTS,
    "slides.deck": REPORT_DEFAULTS,
}  # of the pages that have defaults of their own, by endpoint
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ChartConverter(AnyConverter):
    """The route converter `<chart:kind>`, which matches the charts registered when the application is created."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, *CHARTS.names())


def init_app(app: Flask, public_url: str = "") -> None:
    """Register the converter, and the address that people use, if it is known. Must run before blueprints are registered."""
    app.url_map.converters["chart"] = ChartConverter
    app.extensions[_EXTENSION_NAME] = public_url


def for_query(endpoint: str, query: Query, *, extra_args: Iterable[tuple[str, str]] = (), **values: Any) -> str:
    """Return the path and canonical query string of a route for a query; account names stay readable."""
    return f"{_path(endpoint, values)}?{encode_args([*_canonical_args(endpoint, query), *extra_args])}"


def _path(endpoint: str, values: Mapping[str, Any]) -> str:
    """Return the path of a route. A page has dozens of links to the same one, for each of which Flask would build it again."""
    paths: dict[tuple[Any, ...], str] = g.setdefault("paths", {})
    key = (endpoint, *values.items())
    if key not in paths:
        paths[key] = url_for(endpoint, **values)
    return paths[key]


def with_args(url: str, extra_args: Iterable[tuple[str, str]]) -> str:
    """Return the URL of a query with more arguments, as `for_query` would; a table has hundreds of links that differ only in these."""
    return f"{url}&{encode_args(extra_args)}"


def for_posts(query: Query, selection_args: Iterable[tuple[str, str]] = ()) -> str:
    """Return the path of the posts behind a chart or one of its data points."""
    return for_query("posts.show_posts", query.without_image_parameters(), extra_args=selection_args)


def canonical_redirect(endpoint: str, query: Query, **values: Any) -> str | None:
    """Return the canonical URL to redirect to, None if the request already used it."""
    request_args = list(request.args.items(multi=True))
    if request_args == _canonical_args(endpoint, query):
        return None
    return for_query(endpoint, query, extra_args=languages.requested_language_args(), **values)


def _canonical_args(endpoint: str, query: Query) -> list[tuple[str, str]]:
    return query.to_args(_PAGE_DEFAULTS.get(endpoint, {}))


def absolute(path: str) -> str:
    """Return the absolute URL of a path: at CHORUS_PUBLIC_URL or else with the scheme and host that the client used.

    The host comes from the Host header, never from X-Forwarded-Host, so a proxy must pass the original header on, as Cloud Run does.
    """
    return f"{public_url() or client_origin()}{path}"


def public_url() -> str:
    """Return the address that people use, without a path; "" if it isn't set."""
    return str(current_app.extensions[_EXTENSION_NAME])


def client_origin() -> str:
    """Return the scheme and host that the client used."""
    return f"{'https' if is_https() else 'http'}://{request.host}"


def is_same_origin(origin: str) -> bool:
    """Return whether an origin, or the URL of a page, is at the host that the client used or at CHORUS_PUBLIC_URL.

    The scheme only decides which port is the default, because behind a proxy that ends TLS we may not know it.
    """
    scheme = origin.partition("://")[0].lower()
    host = _split_host(scheme, origin)
    return host is not None and host in (_split_host(scheme, f"{scheme}://{request.host}"), _split_host(scheme, public_url()))


def _split_host(scheme: str, url: str) -> tuple[str | None, int | None] | None:
    try:
        parts = urlsplit(url)
        return (parts.hostname, parts.port or _DEFAULT_PORTS.get(scheme)) if parts.hostname else None
    except ValueError:
        return None


def is_https() -> bool:
    """Return whether the client uses HTTPS: directly, to a trusted proxy, or because CHORUS_PUBLIC_URL says so for this host."""
    return request.is_secure or _is_at_public_https_url()


def _is_at_public_https_url() -> bool:
    return public_url().startswith("https://") and _split_host("https", public_url()) == _split_host("https", f"https://{request.host}")
