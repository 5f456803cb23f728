"""A daily budget that is reserved before a paid read and settled after it, in whole micro-dollars.

Where the sum is kept is the caller's: a Counter. If it can't be reached, nothing is bought.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from dashboard.core.errors import BudgetSpent
from dashboard.core.pricing import dollars


class Counter(Protocol):
    """A sum that all processes share. `add` returns the sum after adding; it raises nothing and returns None if it can't be reached."""

    def add(self, key: str, amount: int) -> int | None:
        """Add to the sum of a key."""
        ...


@dataclass(frozen=True)
class Budget:
    """So many micro-dollars a UTC day."""

    a_day: int
    counter: Counter

    def reserve(self, account: str, cost: int) -> str:
        """Take `cost` off today's budget and return the day. Raises BudgetSpent, and takes nothing, if less is left."""
        day = _today()
        if cost == 0:
            return day
        spent = self.counter.add(day, cost)
        if spent is None or spent > self.a_day:
            if spent is not None:
                self.counter.add(day, -cost)
            raise BudgetSpent(account, _refusal(account, cost, None if spent is None else max(0, self.a_day - spent + cost)))
        return day

    def settle(self, reserved: int, cost: int, day: str = "") -> None:
        """Give back what a read did not cost, or take what it cost more, on the day it was reserved on (today if empty)."""
        if reserved != cost:
            self.counter.add(day or _today(), cost - reserved)

    def left(self) -> int | None:
        """Return what is left of today's budget, None if nobody knows."""
        spent = self.counter.add(_today(), 0)
        return None if spent is None else max(0, self.a_day - spent)


def _today() -> str:
    return f"budget:{datetime.now(UTC):%Y-%m-%d}"


def _refusal(account: str, cost: int, left: int | None) -> str:
    if left is None:
        return "What was spent today can't be looked up, so nothing is bought from X now."
    return f"Reading {account} from X may cost {dollars(cost)}, and {dollars(left)} of today's budget is left."
