"""What paid networks cost, and a daily budget that is reserved before a read and settled after it, in whole micro-dollars.

Where the sum is kept is the caller's: a Counter. If it can't be reached, nothing is bought.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from dashboard.errors import BudgetSpent

MICRO = 1_000_000
Bill = Mapping[str, int]  # how many of what were read: keys of a price table
FREE: Bill = MappingProxyType({})


@dataclass(frozen=True)
class Prices:
    """US dollars for each thing read, and when that was so."""

    table: Mapping[str, float]
    dated: str

    def cost(self, bill: Bill) -> int:
        """Return micro-dollars of a bill; what has no price is free."""
        return sum(round(self.table.get(what, 0) * MICRO) * count for what, count in bill.items())


# docs.x.com, Pricing; the console of one's own account is the truth, and CHORUS_X_PRICES sets others.
X_PRICES = Prices(MappingProxyType({"post": 0.005, "user": 0.010, "counts": 0.010}), "August 2026")


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


def dollars(micro: int) -> str:
    """Return an amount as people write it: `$2.01`, `$0.005`."""
    if micro % 10_000 and micro < MICRO:
        return f"${(micro + 500) // 1_000 / 1_000:.3f}"
    return f"${(micro + 5_000) // 10_000 / 100:.2f}"


def _today() -> str:
    return f"budget:{datetime.now(UTC):%Y-%m-%d}"


def _refusal(account: str, cost: int, left: int | None) -> str:
    if left is None:
        return "What was spent today can't be looked up, so nothing is bought from X now."
    return f"Reading {account} from X may cost {dollars(cost)}, and {dollars(left)} of today's budget is left."
