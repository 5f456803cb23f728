"""The served model, loaded with the first question and once: many may wait for it, and a failure is remembered for a while. No HTTP."""

import logging
import threading
import time
from collections.abc import Callable

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.protocols import Model

_log = logging.getLogger(__name__)
RETRY_DELAY_SECONDS = 30.0  # seconds until a model that could not be loaded is tried anew


class LazyModel:
    """A model that is made when it is first asked for. `make` returns one that has predicted, or raises ModelUnavailable."""

    def __init__(self, loader: Callable[[], Model], clock: Callable[[], float] = time.monotonic) -> None:
        self._loader, self._clock = loader, clock
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._failure: tuple[ModelUnavailable, float] | None = None

    @property
    def is_loaded(self) -> bool:
        """Say whether the model is in memory, without waiting for it."""
        return self._model is not None

    def get(self) -> Model:
        """Return the model. Raises ModelUnavailable with the reason, for REMEMBERED seconds without looking again."""
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
        except Exception:
            _log.exception("loading the model failed")
            self._record_failure(ModelUnavailable("The model can't be loaded.", "Whoever runs this Chorus finds the reason in its log."))

    def _record_failure(self, error: ModelUnavailable) -> None:
        _log.warning("there is no model: %s", error.message)
        self._failure = error, self._clock() + RETRY_DELAY_SECONDS
        raise error from None
