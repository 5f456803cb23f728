"""Who is told what happens below: reads, money, what was kept, predictions. A neutral interface, so that nothing here knows who counts.

Nothing private is told: no account, no query, no text.
"""

from collections.abc import Iterable
from typing import Protocol


class Observer(Protocol):
    """Is told what happened, from any thread, and raises nothing."""

    def record_fetch(self, network: str, outcome: str, post_count: int) -> None:
        """Hear that a network was asked: `outcome` is “ok” or the noun of `errors.py` that ended it, `posts` how many it gave."""
        ...

    def record_spend(self, microdollars: int) -> None:
        """Hear of micro-dollars that a network charged."""
        ...

    def record_cache_lookup(self, entry_kind: str, result: str) -> None:
        """Hear whether what was kept answered: “hit”, “part” if more had to be read, or “miss”."""
        ...

    def record_predictions(self, model_title: str, labels: Iterable[object]) -> None:
        """Hear of the labels that a model gave, one a text or row."""
        ...


class NullObserver:
    """Tells nobody."""

    def record_fetch(self, network: str, outcome: str, post_count: int) -> None:
        """Let it pass."""

    def record_spend(self, microdollars: int) -> None:
        """Let it pass."""

    def record_cache_lookup(self, entry_kind: str, result: str) -> None:
        """Let it pass."""

    def record_predictions(self, model_title: str, labels: Iterable[object]) -> None:
        """Let it pass."""


NULL_OBSERVER = NullObserver()
