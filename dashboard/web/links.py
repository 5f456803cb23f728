"""URLs of a question: one canonical form for each page and format, from the table of routes."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from flask import request, url_for

from dashboard.query import Query


def to(endpoint: str, query: Query, *, besides: Iterable[tuple[str, str]] = (), **values: Any) -> str:
    """Return the path and canonical query string of a route for a question; accounts stay readable in it."""
    args = urlencode([*query.to_args(), *besides], safe=",:@/", quote_via=quote)
    return f"{url_for(endpoint, **values)}?{args}"


def canonical(endpoint: str, query: Query, **values: Any) -> str | None:
    """Return where to send a reader whose URL is not the canonical one, None if it is."""
    asked = list(request.args.items(multi=True))
    return None if asked == query.to_args() else to(endpoint, query, **values)
