"""Where the durable store of an installation is: as set, else with the cache or the imported files, else in the user's state folder.

How a store works is in `sqlite_store.py` and `redis_store.py`.
"""

import logging
import os
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dashboard.config.settings import Settings
from dashboard.core.clock import Clock, system_clock
from dashboard.core.messages import translatable
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.outages import OutagePause
from dashboard.timelines.sqlite_store import SqliteStore

FILE_NAME = "ledger.sqlite3"
FORGETS_ON_RESTART = translatable("If this server restarts, today’s budget starts again.")
COUNTS_PER_INSTANCE = translatable("Each instance of this service has a budget of its own, and a new instance starts with a full one.")

_log = logging.getLogger(__name__)


def build_durable_store(settings: Settings, clock: Clock = system_clock, cache_pause: OutagePause | None = None) -> DurableStore:
    """Return the store that the settings choose. Nothing is opened or contacted yet, but the default folder is created.

    `cache_pause` is that of the cache's Redis, which may be the same.
    """
    url = settings.ledger_url or (settings.cache_url if _is_redis(settings.cache_url) else "")
    if _is_redis(url):
        from dashboard.timelines.redis_store import RedisStore

        return RedisStore(url, clock, cache_pause if url == settings.cache_url else None)
    path = Path(unquote(urlsplit(url).path)) if url else _find_default_path(settings)
    if path is None and (settings.x_bearer_token or settings.x_oauth_keys):
        _log.warning("The ledger is in memory, because no folder for it can be written. Set CHORUS_LEDGER.")
    return SqliteStore(path, clock, limitation=_describe_limitation(settings, path))


def _describe_limitation(settings: Settings, path: Path | None) -> str:
    """Say what a file doesn't guarantee: on Cloud Run and Vertex AI each instance has its own, and a temporary folder doesn't last."""
    if _is_managed(settings):
        return COUNTS_PER_INSTANCE
    is_temporary = path is None or path.is_relative_to(tempfile.gettempdir())
    return FORGETS_ON_RESTART if is_temporary and not settings.ledger_url else ""


def _is_redis(url: str) -> bool:
    return url.startswith(("redis://", "rediss://"))


def _is_managed(settings: Settings) -> bool:
    """Return whether this is Cloud Run or Vertex AI, where each instance has files of its own."""
    return bool(settings.service_name or settings.predict_route)


def _find_default_path(settings: Settings) -> Path | None:
    """Return the path next to the imported files, the cache's folder, or in the state folder; None if none of them can be written."""
    if settings.datasets_folder and not _is_managed(settings):  # there it's a bucket, which SQLite can't use
        return Path(settings.datasets_folder) / FILE_NAME
    if settings.cache_url:
        cache_folder = Path(unquote(urlsplit(settings.cache_url).path))
        if _can_write(cache_folder.parent):
            return cache_folder.with_name(f"{cache_folder.name}.{FILE_NAME}")
    state_folder = Path(settings.state_folder) / "chorus"
    return state_folder / FILE_NAME if settings.state_folder and _can_write(state_folder) else None


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
