"""The services that views use, each created by the first request that needs it, and their limits.

How a view gets those of its application is in `extensions.py`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flask_caching import Cache

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
from dashboard.timelines.cache import SharedCache
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.outages import OutagePause
from dashboard.web.kept_reports import KeptReports
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
            raise InvalidFile(translatable("This server doesn’t accept files."), translatable("Your administrator can enable uploads."))


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
    kept_reports: KeptReports = field(default_factory=KeptReports)
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

    @property
    def predicts_at_once(self) -> bool:
        """Whether the built-in model is in memory, so that a prediction takes no longer than its text.

        The first texts in other languages load a detector and further models, 0.2 seconds once per process.
        """
        return self.lazy_model.is_loaded and self.language_models is not None

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
        store = self.make_timeline_store(self.sources, self.shared_cache, self.durable_store, self.budget)
        return replace(store, observer=self.metrics)
