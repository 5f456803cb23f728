"""What the application keeps between requests: the cache and the injected services. Only typed getters belong here."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from flask_caching import Cache

from dashboard.config.settings import Settings
from dashboard.core.clock import Clock, system_clock
from dashboard.core.created_once import created_once
from dashboard.core.errors import InvalidFile
from dashboard.core.messages import translatable
from dashboard.core.pricing import X_PRICES, PriceList
from dashboard.core.single_flight import SingleFlight
from dashboard.prediction.serving.instrumented import instrument
from dashboard.prediction.serving.lazy_model import LazyModel
from dashboard.sources.files.admission import UploadAdmission
from dashboard.telemetry.metrics import Metrics
from dashboard.timelines.budget import Budget
from dashboard.timelines.cache import SafeSerializer, SharedCache
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.outages import OutagePause
from dashboard.web.kept_results import KeptResults
from dashboard.web.network_waits import NetworkWaits
from dashboard.web.shares import Share

if TYPE_CHECKING:  # loading it loads polars
    from dashboard.analytics.fact_tables import FactTables
    from dashboard.core.observer import Observer
    from dashboard.prediction.protocols import LanguageModels, Model
    from dashboard.sources.base import Source
    from dashboard.sources.files.column_answers import ColumnAnswers
    from dashboard.sources.files.staging import StagingArea
    from dashboard.sources.files.store import DatasetStore
    from dashboard.timelines.store import TimelineStore

PROGRESS_DELAY_SECONDS = 1.0  # seconds until a page starts to show progress
_CACHE_SECONDS = 7 * 24 * 3600  # for entries that are stored without a duration
_MAX_CACHED_TIMELINES = 200  # timelines in memory, about 0.3 MB each with 3,200 posts
MAX_WAITING_IMAGES = 16  # images that wait to be drawn
MAX_WAITING_LARGE = 4  # large images, and other large work, that wait
MAX_WAITING_FOR_SHARES = MAX_WAITING_IMAGES + 2 * MAX_WAITING_LARGE + 3
MAX_COMPUTING = 2  # reports, charts and tables that are computed at the same time; Python computes in one thread at a time
MAX_WAITING_TO_COMPUTE, MAX_SECONDS_TO_COMPUTE = 24, 5.0  # others that wait for that, and how long that may probably take
cache = Cache()


@dataclass(frozen=True)
class UploadStorage:
    """Where uploaded files are stored. Uploads are disabled if `folder` is empty."""

    folder: str
    clock: Clock = system_clock
    admission: UploadAdmission = field(default_factory=UploadAdmission)

    @property
    def is_enabled(self) -> bool:
        """Return whether files can be imported."""
        return bool(self.folder)

    @created_once
    def datasets(self) -> "DatasetStore":
        """The imported files. Raises InvalidFile if uploads are disabled."""
        from dashboard.sources.files.store import DatasetStore

        self.require_enabled()
        return DatasetStore(Path(self.folder), clock=self.clock)

    @created_once
    def staging(self) -> "StagingArea":
        """Uploaded tables whose columns still have to be matched. Raises InvalidFile if uploads are disabled."""
        from dashboard.sources.files.staging import StagingArea

        self.require_enabled()
        return StagingArea(Path(self.folder), self.clock)

    @created_once
    def column_answers(self) -> "ColumnAnswers":
        """The columns that people chose for tables. Raises InvalidFile if uploads are disabled."""
        from dashboard.sources.files.column_answers import ColumnAnswers

        self.require_enabled()
        return ColumnAnswers(Path(self.folder), self.clock)

    def require_enabled(self) -> None:
        """Raise InvalidFile if uploads are disabled."""
        if not self.is_enabled:
            raise InvalidFile(translatable("This server doesn't accept files."), translatable("Your administrator can enable uploads."))


@dataclass(frozen=True)
class Services:
    """The services that views use. Each is created by the first request that needs it, not at startup."""

    make_sources: "Callable[[DurableStore], Mapping[str, Source]]"
    make_durable_store: Callable[[], DurableStore]
    make_budget: Callable[[DurableStore], Budget]
    make_timeline_store: "Callable[[Mapping[str, Source], SharedCache, DurableStore, Budget], TimelineStore]"
    upload_storage: UploadStorage
    make_model: "Callable[[], Model]"
    make_language_models: "Callable[[Observer], LanguageModels] | None" = None  # None if the model isn't the built-in one
    clock: Clock = system_clock
    monotonic: Callable[[], float] = time.monotonic  # measures how long a failed load of the model is remembered
    prices: PriceList = X_PRICES
    redis_pause: OutagePause = field(default_factory=OutagePause)  # of the Redis at CHORUS_CACHE_URL
    progress_delay_seconds: float = PROGRESS_DELAY_SECONDS
    metrics: Metrics = field(default_factory=Metrics)
    network_waits: NetworkWaits = field(default_factory=NetworkWaits)
    drawing_share: Share = field(default_factory=lambda: Share(1, MAX_WAITING_IMAGES))
    large_drawing_share: Share = field(default_factory=lambda: Share(1, MAX_WAITING_LARGE))
    large_share: Share = field(default_factory=lambda: Share(1, MAX_WAITING_LARGE))
    computing_share: Share = field(
        default_factory=lambda: Share(
            MAX_COMPUTING,
            MAX_WAITING_TO_COMPUTE,
            translatable("There are too many reports to compute at the moment."),
            max_wait_seconds=MAX_SECONDS_TO_COMPUTE,
        )
    )
    flights: SingleFlight = field(default_factory=SingleFlight)
    lazy_model: "LazyModel[Model]" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lazy_model", LazyModel(lambda: instrument(self.make_model(), self.metrics), self.monotonic))

    @property
    def model(self) -> "Model":
        """The served model. Raises ModelUnavailable."""
        return self.lazy_model.get()

    @created_once
    def language_models(self) -> "LanguageModels | None":
        """The models for languages other than English, None if a model file of somebody's own is served."""
        return self.make_language_models(self.metrics) if self.make_language_models else None

    @created_once
    def shared_cache(self) -> SharedCache:
        """The cache shared by all processes."""
        return SharedCache(cache.cache, self.redis_pause)

    @created_once
    def kept_results(self) -> KeptResults:
        """What was computed for earlier responses."""
        return KeptResults(self.shared_cache if self.shared_cache.is_redis else None)

    @created_once
    def fact_tables(self) -> "FactTables":
        """What earlier questions found out about posts. Creating it loads polars."""
        from dashboard.analytics.fact_tables import FactTables
        from dashboard.timelines.fact_archive import StoredFacts

        return FactTables(StoredFacts(self.sources, self.shared_cache if self.shared_cache.is_shared else None))

    @created_once
    def sources(self) -> "Mapping[str, Source]":
        """The networks that this server can read."""
        return self.make_sources(self.durable_store)

    @created_once
    def durable_store(self) -> DurableStore:
        """The store of what money depends on."""
        return self.make_durable_store()

    @created_once
    def budget(self) -> Budget:
        """What may be spent per day."""
        return self.make_budget(self.durable_store)

    @created_once
    def timeline_store(self) -> "TimelineStore":
        """The timelines of those networks, cached or read. Creating it loads polars."""
        made = self.make_timeline_store(self.sources, self.shared_cache, self.durable_store, self.budget)
        return replace(made, observer=self.metrics)


def init_app(
    app: Flask,
    settings: Settings,
    make_sources: "Callable[[DurableStore], Mapping[str, Source]]",
    make_durable_store: Callable[[], DurableStore],
    make_budget: Callable[[DurableStore], Budget],
    make_timeline_store: "Callable[[Mapping[str, Source], SharedCache, DurableStore, Budget], TimelineStore]",
    make_model: "Callable[[], Model]",
    make_language_models: "Callable[[Observer], LanguageModels] | None" = None,
    clock: Clock = system_clock,
    pause: OutagePause | None = None,
) -> None:
    """Attach the cache and the services to the application."""
    app.config.update(_build_cache_config(settings.cache_url))
    cache.init_app(app)
    app.extensions["chorus"] = Services(
        make_sources,
        make_durable_store,
        make_budget,
        make_timeline_store,
        UploadStorage(settings.datasets_folder, clock),
        make_model,
        make_language_models,
        clock,
        prices=settings.x_prices,
        redis_pause=pause or OutagePause(),
    )


def current_time() -> datetime:
    """Return the time in UTC according to the application's clock."""
    return cast(Services, current_app.extensions["chorus"]).clock()


def sources() -> "Mapping[str, Source]":
    """Return the networks that the current application can read; unlike `timeline_store` this doesn't load polars."""
    return cast(Services, current_app.extensions["chorus"]).sources


def budget() -> Budget:
    """Return what the current application may spend per day."""
    return cast(Services, current_app.extensions["chorus"]).budget


def durable_store() -> DurableStore:
    """Return the store of what money depends on."""
    return cast(Services, current_app.extensions["chorus"]).durable_store


def prices() -> PriceList:
    """Return the prices of reading."""
    return cast(Services, current_app.extensions["chorus"]).prices


def timeline_store() -> "TimelineStore":
    """Return the timeline store of the current application, which is safe to use from any thread."""
    return cast(Services, current_app.extensions["chorus"]).timeline_store


def fact_tables() -> "FactTables":
    """Return what earlier questions found out about posts."""
    return cast(Services, current_app.extensions["chorus"]).fact_tables


def progress_delay_seconds() -> float:
    """Return how long a page waits for its posts before it starts to show progress."""
    return cast(Services, current_app.extensions["chorus"]).progress_delay_seconds


def upload_storage() -> UploadStorage:
    """Return the storage for uploaded files."""
    return cast(Services, current_app.extensions["chorus"]).upload_storage


def model() -> "Model":
    """Return the served model, loaded by the first call. Raises ModelUnavailable with the reason."""
    return cast(Services, current_app.extensions["chorus"]).model


def language_models() -> "LanguageModels | None":
    """Return the models for languages other than English, None if a model file of somebody's own is served."""
    return cast(Services, current_app.extensions["chorus"]).language_models


def network_waits() -> NetworkWaits:
    """Return what bounds how many accounts are read at the same time."""
    return cast(Services, current_app.extensions["chorus"]).network_waits


def kept_results() -> KeptResults:
    """Return what was computed for earlier responses."""
    return cast(Services, current_app.extensions["chorus"]).kept_results


def computing_share() -> Share:
    """Return the share of the server for computing what isn't kept."""
    return cast(Services, current_app.extensions["chorus"]).computing_share


def drawing_share(is_large: bool) -> Share:
    """Return the share of the server for drawing images."""
    services = cast(Services, current_app.extensions["chorus"])
    return services.large_drawing_share if is_large else services.drawing_share


def large_share() -> Share:
    """Return the share of the server for large work that isn't drawing."""
    return cast(Services, current_app.extensions["chorus"]).large_share


def flights() -> SingleFlight:
    """Return the work in progress that others may ask for at the same time."""
    return cast(Services, current_app.extensions["chorus"]).flights


def is_model_loaded() -> bool:
    """Return whether the served model is in memory."""
    return cast(Services, current_app.extensions["chorus"]).lazy_model.is_loaded


def metrics() -> Metrics:
    """Return the counters of the current application."""
    return cast(Services, current_app.extensions["chorus"]).metrics


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
