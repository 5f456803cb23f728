"""Loading a served model once, on first use, however many threads wait for it. A failure is remembered for a while.

Nothing about HTTP or model formats goes here; formats are in `loader.py`.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from dashboard.core.errors import ModelUnavailable
from dashboard.core.messages import translatable

_log = logging.getLogger(__name__)
RETRY_DELAY_SECONDS = 30.0  # until a model that couldn't be loaded is tried again
LoadedModel = TypeVar("LoadedModel")


class LazyModel(Generic[LoadedModel]):
    """A model that is loaded on first use. `loader` returns one that has predicted once, or raises ModelUnavailable."""

    def __init__(self, loader: Callable[[], LoadedModel], clock: Callable[[], float] = time.monotonic) -> None:
        self._loader, self._clock = loader, clock
        self._lock = threading.Lock()
        self._model: LoadedModel | None = None
        self._failure: tuple[ModelUnavailable, float] | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory; never waits."""
        return self._model is not None

    def get(self) -> LoadedModel:
        """Return the model, loading it if needed. Raises ModelUnavailable with the reason, and tries again after RETRY_DELAY_SECONDS."""
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._load()
        return self._model  # type: ignore[return-value]

    def _load(self) -> None:
        if self._failure and self._clock() < self._failure[1]:
            raise ModelUnavailable(self._failure[0].detail, self._failure[0].advice)
        try:
            self._model, self._failure = self._loader(), None
        except ModelUnavailable as error:
            self._record_failure(error)
        except Exception:  # whatever a loader of somebody else's model raises, the server works without the model
            _log.exception("loading the model failed")
            self._record_failure(
                ModelUnavailable(translatable("The model can’t be loaded."), translatable("The server’s log has the reason."))
            )

    def _record_failure(self, error: ModelUnavailable) -> None:
        _log.warning("the model isn't available: %s", error.message)
        self._failure = error, self._clock() + RETRY_DELAY_SECONDS
        raise error from None
