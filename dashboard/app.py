"""The application's table of contents. Nothing is computed, read or connected before the first request."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_compress import Compress

from dashboard.config.settings import Settings, load_settings
from dashboard.core.clock import Clock, system_clock
from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR
from dashboard.sources import networks
from dashboard.sources.base import Source, SourceContext
from dashboard.timelines.budget import Budget
from dashboard.timelines.cache import SharedCache
from dashboard.timelines.durable_store import DurableStore, StoredLookups
from dashboard.timelines.ledger import Ledger
from dashboard.timelines.outages import OutagePause
from dashboard.timelines.store_location import build_durable_store
from dashboard.web import errors, extensions, formats, keeping, languages, refusals, urls
from dashboard.web.auth import access, confirmation, file_owner, rate_limits
from dashboard.web.auth.sign_in_pages import sign_in_pages
from dashboard.web.middleware import cors, hosts, request_log, robots, security_headers, static_files, trusted_proxies
from dashboard.web.presenters import (
    data_tables,
    demo_chart,
    findings,
    first_screen,
    link_previews,
    page_heads,
    page_toolbars,
    post_filters,
    sparklines,
    template_filters,
)
from dashboard.web.services import Services, UploadStorage
from dashboard.web.views import vertex
from dashboard.web.views.classify import classifier
from dashboard.web.views.datasets import datasets
from dashboard.web.views.docs import docs
from dashboard.web.views.exports import exports
from dashboard.web.views.health import health
from dashboard.web.views.model import model_details
from dashboard.web.views.pages import pages
from dashboard.web.views.posts import posts, posts_data
from dashboard.web.views.predict import api
from dashboard.web.views.slides import slides
from dashboard.web.views.uploads import uploads

if TYPE_CHECKING:
    from dashboard.core.observer import Observer
    from dashboard.prediction.protocols import LanguageModels, Model
    from dashboard.timelines.store import TimelineStore

_MAX_BODY_BYTES = 1024 * 1024  # bytes of any request that has no bound of its own
_BLUEPRINTS = (pages, exports, slides, posts, posts_data, uploads, datasets, classifier, api, model_details, docs, health, sign_in_pages)
_ZSTD_LEVEL, _BROTLI_LEVEL = 6, 5  # an eighth smaller than by default, for 2 ms more per report


class _Application(Flask):
    """Flask without asking for each request whether functions are coroutines: none is, and it takes as long as reading a body."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself."""
        return func


def create_app(environment: Mapping[str, str] | None = None, clock: Clock = system_clock) -> Flask:
    """Return the application as `environment` sets it, by default the process's own. Raises InvalidSetting."""
    settings = load_settings(os.environ if environment is None else environment)
    app = _Application("dashboard", root_path=str(static_files.STATIC_DIR.parent), static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(MAX_CONTENT_LENGTH=_MAX_BODY_BYTES, **_compression_config())
    languages.init_app(app)
    hosts.init_app(app, settings.allowed_hosts, {"/health", "/ready", settings.health_route})
    pause = OutagePause()  # of the Redis that everything shares
    _init_services(app, settings, clock, pause)
    template_filters.init_app(app)
    link_previews.init_app(app)
    demo_chart.init_app(app)
    first_screen.init_app(app)
    page_heads.init_app(app)
    page_toolbars.init_app(app)
    post_filters.init_app(app)
    findings.init_app(app)
    sparklines.init_app(app)
    data_tables.init_app(app)
    errors.init_app(app)
    access.init_app(app, settings.access_keys, settings.cache_url, clock, pause)
    file_owner.init_app(app)
    confirmation.init_app(app, [settings.x_bearer_token, *(settings.x_oauth_keys or ())], clock)
    rate_limits.init_app(app, settings.rate_limit, settings.cache_url)
    urls.init_app(app, settings.public_url)
    formats.init_app(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    vertex.init_app(app, settings.health_route, settings.predict_route)
    cors.init_app(app, settings.cors_origins)
    keeping.init_app(app)
    Compress(app)
    static_files.init_app(app)
    robots.init_app(app, are_allowed=settings.are_robots_allowed)
    refusals.init_app(app)
    app.wsgi_app = security_headers.add_security_headers(app.wsgi_app)  # type: ignore[method-assign]
    request_log.init_app(app)
    trusted_proxies.init_app(app, settings.trusted_proxies)
    return app


def _compression_config() -> dict[str, object]:
    exported = [entry.media_type for entry in formats.FORMATS if entry.is_compressible]
    mime_types = ["text/html", "application/problem+json", *exported]
    levels = {"COMPRESS_ZSTD_LEVEL": _ZSTD_LEVEL, "COMPRESS_BR_LEVEL": _BROTLI_LEVEL}
    return {"COMPRESS_STREAMS": False, "COMPRESS_MIMETYPES": mime_types, **levels}


def _init_services(app: Flask, settings: Settings, clock: Clock, pause: OutagePause) -> None:
    services = Services(
        lambda store: networks.build_sources(SourceContext(settings, StoredLookups(store), clock)),
        partial(build_durable_store, settings, clock, pause),
        partial(_build_budget, settings, clock),
        partial(_build_timeline_store, settings, clock),
        UploadStorage(settings.datasets_folder, clock),
        partial(_load_model, settings),
        None if settings.model_path else _build_language_models,
        clock,
        prices=settings.x_prices,
        redis_pause=pause,
    )
    extensions.init_app(app, settings.cache_url, services)


def _build_budget(settings: Settings, clock: Clock, durable_store: DurableStore) -> Budget:
    return Budget(round(settings.x_daily_budget_dollars * MICRODOLLARS_PER_DOLLAR), Ledger(durable_store), clock)


def _build_timeline_store(
    settings: Settings, clock: Clock, sources: Mapping[str, Source], cache: SharedCache, durable_store: DurableStore, budget: Budget
) -> "TimelineStore":
    """Return the timelines of these networks. This loads polars, so it's done with the first question."""
    from dashboard.timelines.store import TimelineStore

    return TimelineStore(sources, cache, durable_store, budget, settings.x_prices, clock=clock)


def _build_language_models(observer: "Observer") -> "LanguageModels":
    """Return the models for other languages, whose file is loaded when a text in one of them arrives."""
    from dashboard.prediction.multilingual.model import load_built_in_card, load_built_in_model
    from dashboard.prediction.serving.language_models import LanguageModels

    return LanguageModels(load_built_in_model, load_built_in_card, observer)


def _load_model(settings: Settings) -> "Model":
    """Return the model to serve: that of a mounted file, else the built-in one."""
    from dashboard.prediction.classifier.classifier import load_built_in_classifier
    from dashboard.prediction.serving.loader import load_model

    return load_model(Path(settings.model_path), settings.is_model_trusted) if settings.model_path else load_built_in_classifier()
