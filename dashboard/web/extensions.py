"""What the application keeps between requests: the cache and the injected services. Only typed getters belong here."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app

from dashboard.core.pricing import PriceList
from dashboard.core.single_flight import SingleFlight
from dashboard.telemetry.metrics import Metrics
from dashboard.timelines.budget import Budget
from dashboard.timelines.cache import SafeSerializer
from dashboard.timelines.durable_store import DurableStore
from dashboard.web.kept_reports import KeptReports
from dashboard.web.kept_results import KeptResults
from dashboard.web.network_waits import NetworkWaits
from dashboard.web.services import Services, UploadStorage, cache
from dashboard.web.shares import Share

if TYPE_CHECKING:  # loading it loads polars
    from dashboard.analytics.fact_tables import FactTables
    from dashboard.prediction.protocols import LanguageModels, Model
    from dashboard.sources.base import Source
    from dashboard.timelines.store import TimelineStore

_CACHE_SECONDS = 7 * 24 * 3600  # for entries that are stored without a duration
_MAX_CACHED_TIMELINES = 200  # timelines in memory, about 0.3 MB each with 3,200 posts


def init_app(app: Flask, cache_url: str, services: Services) -> None:
    """Attach the cache and the services to the application."""
    app.config.update(_build_cache_config(cache_url))
    cache.init_app(app)
    app.extensions["chorus"] = services


def current_time() -> datetime:
    """Return the time in UTC according to the application's clock."""
    return _services().clock()


def sources() -> "Mapping[str, Source]":
    """Return the networks that the current application can read; unlike `timeline_store` this doesn't load polars."""
    return _services().sources


def budget() -> Budget:
    """Return what the current application may spend per day."""
    return _services().budget


def durable_store() -> DurableStore:
    """Return the store of what money depends on."""
    return _services().durable_store


def prices() -> PriceList:
    """Return the prices of reading."""
    return _services().prices


def timeline_store() -> "TimelineStore":
    """Return the timeline store of the current application, which is safe to use from any thread."""
    return _services().timeline_store


def fact_tables() -> "FactTables":
    """Return what earlier questions found out about posts."""
    return _services().fact_tables


def progress_delay_seconds() -> float:
    """Return how long a page waits for its posts before it starts to show progress."""
    return _services().progress_delay_seconds


def upload_storage() -> UploadStorage:
    """Return the storage for uploaded files."""
    return _services().upload_storage


def model() -> "Model":
    """Return the served model, loaded by the first call. Raises ModelUnavailable with the reason."""
    return _services().model


def language_models() -> "LanguageModels | None":
    """Return the models for languages other than English, None if a model file of somebody's own is served."""
    return _services().language_models


def network_waits() -> NetworkWaits:
    """Return what bounds how many accounts are read at the same time."""
    return _services().network_waits


def kept_results() -> KeptResults:
    """Return what was computed for earlier responses."""
    return _services().kept_results


def kept_reports() -> KeptReports:
    """Return the reports that were built for earlier responses."""
    return _services().kept_reports


def computing_share() -> Share:
    """Return the share of the server for computing what isn't kept."""
    return _services().computing_share


def drawing_share(is_large: bool) -> Share:
    """Return the share of the server for drawing images."""
    services = _services()
    return services.large_drawing_share if is_large else services.drawing_share


def large_share() -> Share:
    """Return the share of the server for large work that isn't drawing."""
    return _services().large_share


def flights() -> SingleFlight:
    """Return the work in progress that others may ask for at the same time."""
    return _services().flights


def is_model_loaded() -> bool:
    """Return whether the served model is in memory."""
    return _services().lazy_model.is_loaded


def metrics() -> Metrics:
    """Return the counters of the current application."""
    return _services().metrics


def _build_cache_config(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    common = {"CACHE_KEY_PREFIX": "chorus:", "CACHE_DEFAULT_TIMEOUT": _CACHE_SECONDS, "CACHE_SERIALIZER": SafeSerializer()}
    if parts.scheme == "file":
        return common | {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": unquote(parts.path), "CACHE_THRESHOLD": 10 * _MAX_CACHED_TIMELINES}
    if parts.scheme in ("redis", "rediss"):
        from dashboard.timelines.redis_store import REDIS_OPTIONS

        return common | {
            "CACHE_TYPE": "RedisCache",
            "CACHE_REDIS_URL": url,
            "CACHE_OPTIONS": dict(REDIS_OPTIONS),
        }
    return common | {"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": _MAX_CACHED_TIMELINES}


def _services() -> Services:
    return cast(Services, current_app.extensions["chorus"])
