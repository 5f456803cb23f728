"""What the application holds between requests: the shelf of timelines, and the services it was given. Typed getters, nothing else."""

import json
import logging
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from cachelib.serializers import BaseSerializer
from flask import Flask, current_app
from flask_caching import Cache

from dashboard.accounts import Network
from dashboard.config import Settings

if TYPE_CHECKING:  # loading it loads polars
    from dashboard.sources import Source

_log = logging.getLogger(__name__)
_MOST_ENTRIES = 200  # timelines kept in memory: about 0.3 MB each at 3,200 posts
cache = Cache()


@dataclass(frozen=True)
class Services:
    """What views are given instead of making it. Each is made with the first request that needs it, not at start."""

    make_sources: Callable[[], Mapping[Network, "Source"]]

    @cached_property
    def sources(self) -> Mapping[Network, "Source"]:
        """One source a network that can be asked here."""
        return self.make_sources()


class Shelf:
    """Bytes kept for a while, in whatever Flask-Caching was set to. One that fails is an empty one, and the log says so."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get(self, key: str) -> bytes | None:
        """Return what was put there, None if nothing is, or nothing can be had."""
        try:
            found = self._backend.get(key)
        except Exception as error:  # a cache of any make may raise anything, and none of it is worth a page
            _log.warning("cache can't be read: %s", type(error).__name__)
            return None
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for some seconds."""
        try:
            self._backend.set(key, value, timeout=seconds)
        except Exception as error:  # as above
            _log.warning("cache can't be written: %s", type(error).__name__)


class PlainSerializer(BaseSerializer):
    """Bytes and JSON, never pickle: whoever can write to the cache must not run code here."""

    def dumps(self, value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> bytes:
        """Return bytes that `loads` reads back."""
        return b"B" + value if isinstance(value, bytes) else b"J" + json.dumps(value).encode()

    def loads(self, bvalue: bytes) -> Any:
        """Return the value, None for anything that was not written by `dumps`."""
        if not bvalue or bvalue[:1] not in (b"B", b"J"):
            return None
        return bvalue[1:] if bvalue[:1] == b"B" else json.loads(bvalue[1:])

    def dump(self, value: Any, f: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> None:
        """Write a value to an open file."""
        f.write(self.dumps(value))

    def load(self, f: Any) -> Any:
        """Read a value from an open file."""
        return self.loads(f.read())


def init_app(app: Flask, settings: Settings, services: Services) -> None:
    """Give the application its cache and its services."""
    app.config.update(_cache_config(settings.cache_url))
    cache.init_app(app)
    app.extensions["chorus"] = services


def services() -> Services:
    """Return what the current application was given."""
    return cast(Services, current_app.extensions["chorus"])


def shelf() -> Shelf:
    """Return the current application's shelf of timelines; safe to use from any thread afterwards."""
    return Shelf(cache.cache)


def _cache_config(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    common = {"CACHE_KEY_PREFIX": "chorus:", "CACHE_DEFAULT_TIMEOUT": 3600, "CACHE_SERIALIZER": PlainSerializer()}
    if parts.scheme == "file":
        return common | {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": unquote(parts.path), "CACHE_THRESHOLD": 10 * _MOST_ENTRIES}
    if parts.scheme in ("redis", "rediss"):
        return common | {
            "CACHE_TYPE": "RedisCache",
            "CACHE_REDIS_URL": url,
            "CACHE_OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    return common | {"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": _MOST_ENTRIES}
