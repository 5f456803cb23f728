"""Define the interface through which lower layers report events: fetches, spending, cache lookups, predictions.

It keeps them independent of `telemetry`, which implements it. Private data never passes through it: no accounts, queries or texts.
"""

from collections.abc import Iterable
from typing import Protocol


class Observer(Protocol):
    """A receiver of events. Its methods may be called from any thread and never raise."""

    def record_fetch(self, network: str, outcome: str, post_count: int) -> None:
        """Record a request to a network; `outcome` is “ok” or the name of an error in `errors.py`, `post_count` the posts it returned."""
        ...

    def record_spend(self, microdollars: int) -> None:
        """Record an amount that a network charged, in millionths of a dollar."""
        ...

    def record_cache_lookup(self, entry_kind: str, result: str) -> None:
        """Record the result of a cache lookup: “hit”, “part” if more had to be fetched, or “miss”."""
        ...

    def record_predictions(self, model_title: str, labels: Iterable[object]) -> None:
        """Record the labels that a model predicted, one per text or row."""
        ...


class NullObserver:
    """An observer that ignores all events."""

    def record_fetch(self, network: str, outcome: str, post_count: int) -> None:
        """Do nothing."""

    def record_spend(self, microdollars: int) -> None:
        """Do nothing."""

    def record_cache_lookup(self, entry_kind: str, result: str) -> None:
        """Do nothing."""

    def record_predictions(self, model_title: str, labels: Iterable[object]) -> None:
        """Do nothing."""


NULL_OBSERVER = NullObserver()
