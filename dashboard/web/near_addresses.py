"""Addresses that nearly exist: with a slash at the end, in capital letters, or with the suffix of a format that isn't offered."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from dashboard.core.formatting.texts import excerpt, format_list
from dashboard.core.messages import gettext
from dashboard.web.formats import FORMATS


def find_near_address() -> str | None:
    """Return the address, with the query, that the requested one would have without a slash at its end and in small letters.

    None if there is none either, or none for this method.
    """
    path = "/" + request.path.strip("/").lower()
    adapter = _bind()
    route = _match(adapter, path) if adapter and path != request.path else None
    if adapter is None or route is None:
        return None
    query = request.query_string.decode("latin-1")
    return adapter.build(*route) + (f"?{query}" if query else "")


def describe_formats() -> str | None:
    """Return a sentence with the formats of what the path names, if only the suffix is wrong; None otherwise."""
    stem, dot, suffix = request.path.lower().rpartition(".")
    adapter = _bind()
    if not dot or adapter is None or not suffix or "/" in suffix:
        return None
    literal_suffixes = [rule.rule.rpartition(".")[2] for rule in current_app.url_map.iter_rules() if "." in rule.rule]
    suffixes = dict.fromkeys([*FORMATS.names(), *(name for name in literal_suffixes if name.isalnum())])
    names = [f".{name}" for name in suffixes if _match(adapter, f"{stem}.{name}")]
    if not names:
        return None
    return gettext("There’s no %(suffix)s here. The formats are %(formats)s.", suffix=excerpt(f".{suffix}"), formats=format_list(names))


def _bind() -> MapAdapter | None:
    return current_app.create_url_adapter(request)


def _match(adapter: MapAdapter, path: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return the endpoint of a path and its values, None if there is none for this method."""
    try:
        return adapter.match(path)
    except (HTTPException, RequestRedirect):
        return None
