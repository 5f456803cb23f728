"""Serves the files that pages load: our own, and plotly.js, which is installed by `make` or else taken from the plotly wheel.

URLs contain a digest of the content, so browsers may cache the files for a year. Pages are not served here.
"""

import hashlib
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask, redirect
from whitenoise import WhiteNoise

STATIC_DIR = Path(__file__).parents[3] / "static"
PLOTLY_NAME = "vendor/plotly.min.js"
_CACHE_SECONDS = 365 * 24 * 3600
_MAX_ROUNDING_SECONDS = 1.0  # by which copying may change a file's time


def init_app(app: Flask) -> None:
    """Serve the files, and provide `asset_url(name)` in templates."""
    white_noise = StaticFiles(app.wsgi_app, str(STATIC_DIR), prefix="static/", max_age=_CACHE_SECONDS, allow_all_origins=False)
    if not (STATIC_DIR / PLOTLY_NAME).exists():
        white_noise.add_file_to_dictionary(f"/static/{PLOTLY_NAME}", str(locate(PLOTLY_NAME)))
    app.wsgi_app = white_noise  # type: ignore[method-assign]
    app.jinja_env.globals["asset_url"] = asset_url
    app.add_url_rule(
        "/favicon.ico", "icon", lambda: redirect(asset_url("logo.svg"))
    )  # browsers request it for data and images, which have no link to an icon


class StaticFiles(WhiteNoise):  # type: ignore[misc]
    """Serves a file's compressed versions only if they were made from it, which `whitenoise.compress` marks by the same time of change.

    Otherwise a version from before an update would be served, and cached for a year, under the digest of the new file.
    """

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result] | None = None) -> Any:
        """Return a file as WhiteNoise serves it."""
        files = [path, *(version for version in (f"{path}.gz", f"{path}.br") if _is_made_from(version, path))]
        return super().get_static_file(path, url, {name: os.stat(name) for name in files})


def _is_made_from(version: str, path: str) -> bool:
    try:
        return abs(os.stat(version).st_mtime - os.stat(path).st_mtime) < _MAX_ROUNDING_SECONDS
    except FileNotFoundError:
        return False


@cache
def asset_url(name: str) -> str:
    """Return the URL of a file in static/, with a digest of its content."""
    return f"/static/{name}?v={hashlib.sha256(locate(name).read_bytes()).hexdigest()[:10]}"


def locate(name: str) -> Path:
    """Return the path of a file: in static/ or, for plotly.js if it isn't installed there, in the plotly wheel."""
    path = STATIC_DIR / name
    return locate_plotly_in_wheel() if name == PLOTLY_NAME and not path.exists() else path


def locate_plotly_in_wheel() -> Path:
    """Return the path of the complete plotly.js in the plotly package, without importing it. Raises FileNotFoundError."""
    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("plotly is not installed")
    return Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"
