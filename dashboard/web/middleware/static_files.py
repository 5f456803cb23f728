"""The files that pages load, all from this host: our own, and plotly.js, which `make` installs and the plotly wheel has otherwise.

URLs carry a digest of the content, so browsers may keep the files for a year.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

STATIC_DIR = Path(__file__).parents[3] / "static"
PLOTLY_NAME = "vendor/plotly.min.js"
_CACHE_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Serve the files, and give templates `asset(name)`."""
    served = WhiteNoise(app.wsgi_app, str(STATIC_DIR), prefix="static/", max_age=_CACHE_SECONDS, allow_all_origins=False)
    if not (STATIC_DIR / PLOTLY_NAME).exists():
        served.add_file_to_dictionary(f"/static/{PLOTLY_NAME}", str(locate(PLOTLY_NAME)))
    app.wsgi_app = served  # type: ignore[method-assign]
    app.jinja_env.globals["asset_url"] = asset_url


@cache
def asset_url(name: str) -> str:
    """Return the URL of a file in static/."""
    return f"/static/{name}?v={hashlib.sha256(locate(name).read_bytes()).hexdigest()[:10]}"


def locate(name: str) -> Path:
    """Return where a file lies: in static/, or for plotly.js in the wheel if nothing was installed there."""
    installed = STATIC_DIR / name
    return locate_plotly_in_wheel() if name == PLOTLY_NAME and not installed.exists() else installed


def locate_plotly_in_wheel() -> Path:
    """Return where the plotly package keeps its own, complete plotly.js; without importing it."""
    found = find_spec("plotly")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("plotly is not installed")
    return Path(found.submodule_search_locations[0]) / "package_data" / "plotly.min.js"
