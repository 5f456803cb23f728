"""Who is told what happens below: reads, money, what was kept, predictions. A neutral interface, so that nothing here knows who counts.

Nothing private is told: no account, no query, no text.
"""

from collections.abc import Iterable
from typing import Protocol


class Observer(Protocol):
    """Is told what happened, from any thread, and raises nothing."""

    def fetched(self, network: str, outcome: str, posts: int) -> None:
        """Hear that a network was asked: `outcome` is “ok” or the noun of `errors.py` that ended it, `posts` how many it gave."""
        ...

    def spent(self, micro: int) -> None:
        """Hear of micro-dollars that a network charged."""
        ...

    def looked_up(self, what: str, result: str) -> None:
        """Hear whether what was kept answered: “hit”, “part” if more had to be read, or “miss”."""
        ...

    def predicted(self, model: str, labels: Iterable[object]) -> None:
        """Hear of the labels that a model gave, one a text or row."""
        ...


class Silent:
    """Tells nobody."""

    def fetched(self, network: str, outcome: str, posts: int) -> None:
        """Let it pass."""

    def spent(self, micro: int) -> None:
        """Let it pass."""

    def looked_up(self, what: str, result: str) -> None:
        """Let it pass."""

    def predicted(self, model: str, labels: Iterable[object]) -> None:
        """Let it pass."""


SILENT = Silent()
