"""The application's table of contents. Nothing is computed, read or connected before the first request."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_compress import Compress

from dashboard import config
from dashboard.config import Settings
from dashboard.timelines.cache import Shelf
from dashboard.web import errors, extensions
from dashboard.web.auth import access
from dashboard.web.middleware import cors, request_log, security_headers, static_files
from dashboard.web.presenters import link_previews, template_filters
from dashboard.web.views import vertex
from dashboard.web.views.classify import tryout
from dashboard.web.views.docs import docs
from dashboard.web.views.exports import exports
from dashboard.web.views.health import health
from dashboard.web.views.pages import pages
from dashboard.web.views.posts import posts, posts_data
from dashboard.web.views.predict import api
from dashboard.web.views.uploads import files

if TYPE_CHECKING:
    from dashboard.prediction.protocols import Model
    from dashboard.sources.base import Source
    from dashboard.timelines.store import Library

_BODY = 1024 * 1024  # bytes of any request that has no bound of its own


def create_app(environment: Mapping[str, str] | None = None) -> Flask:
    """Return the application as `environment` sets it, by default the process's own. Raises InvalidSetting."""
    settings = config.read(os.environ if environment is None else environment)
    app = Flask("dashboard", root_path=str(static_files.STATIC.parent), static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(MAX_CONTENT_LENGTH=_BODY, COMPRESS_STREAMS=False, COMPRESS_MIMETYPES=_COMPRESSED)
    extensions.init_app(app, settings, partial(_library, settings), partial(_model, settings))
    template_filters.init_app(app)
    link_previews.init_app(app)
    errors.init_app(app)
    access.init_app(app, settings.access_keys)
    app.register_blueprint(pages)
    app.register_blueprint(exports)
    app.register_blueprint(posts)
    app.register_blueprint(posts_data)
    app.register_blueprint(files)
    app.register_blueprint(tryout)
    app.register_blueprint(api)
    app.register_blueprint(docs)
    app.register_blueprint(health)
    vertex.init_app(app, settings.health_route, settings.predict_route)
    cors.init_app(app, settings.cors_origins)
    Compress(app)
    static_files.init_app(app)
    app.wsgi_app = security_headers.guarded(app.wsgi_app)  # type: ignore[method-assign]
    request_log.init_app(app)
    return app


_COMPRESSED = ["text/html", "text/csv", "application/json", "application/problem+json", "image/svg+xml"]


def _library(settings: Settings, shelf: Shelf) -> "Library":
    """Return the registry of networks over what is kept; loading it loads polars and tweepy, so it is done with the first question."""
    from dashboard.core.pricing import MICRO
    from dashboard.sources.bluesky import Bluesky
    from dashboard.sources.demo import Demo
    from dashboard.sources.files.source import Files
    from dashboard.sources.files.store import Datasets
    from dashboard.sources.mastodon import Mastodon
    from dashboard.sources.x import Credentials, X
    from dashboard.timelines.budget import Budget
    from dashboard.timelines.store import Library

    key, secret, token, token_secret = settings.x_keys or ("", "", "", "")
    credentials = Credentials(settings.x_bearer, key, secret, token, token_secret)
    listed: list[Source] = [
        Bluesky(settings.bluesky_api_url),
        Mastodon(settings.mastodon_api_url, settings.mastodon_instances),
        X(credentials, settings.x_api_url, memory=shelf),
        Files(Datasets(Path(settings.datasets)) if settings.datasets else None),
        Demo(),
    ]
    budget = Budget(round(settings.x_budget * MICRO), shelf)
    return Library({source.network: source for source in listed}, shelf, budget, settings.x_prices)


def _model(settings: Settings) -> "Model":
    """Return the model to serve: that of a mounted file, else the built-in one."""
    from dashboard.prediction.classifier.classifier import load_built_in_classifier
    from dashboard.prediction.serving.loader import load_model

    return load_model(Path(settings.model), settings.model_trusted) if settings.model else load_built_in_classifier()
