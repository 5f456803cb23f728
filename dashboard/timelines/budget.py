"""A daily budget that is reserved before a paid read and settled after it, in whole micro-dollars.

Where the sum is kept is the caller's: a Counter. If it can't be reached, nothing is bought.
"""

from dataclasses import dataclass
from typing import Protocol

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import BudgetExceeded
from dashboard.core.pricing import format_dollars


class SharedCounter(Protocol):
    """A sum that all processes share. `add` returns the sum after adding; it raises nothing and returns None if it can't be reached."""

    def increment(self, key: str, amount: int) -> int | None:
        """Add to the sum of a key."""
        ...


@dataclass(frozen=True)
class Budget:
    """So many micro-dollars a UTC day."""

    daily_microdollars: int
    counter: SharedCounter
    clock: Clock = system_clock

    def reserve(self, account: str, microdollars: int) -> str:
        """Take `cost` off today's budget and return the day. Raises BudgetSpent, and takes nothing, if less is left."""
        day = self._today_key()
        if microdollars == 0:
            return day
        spent = self.counter.increment(day, microdollars)
        if spent is None or spent > self.daily_microdollars:
            if spent is not None:
                self.counter.increment(day, -microdollars)
            raise BudgetExceeded(
                account,
                _build_refusal(account, microdollars, None if spent is None else max(0, self.daily_microdollars - spent + microdollars)),
            )
        return day

    def settle(self, reserved_microdollars: int, actual_microdollars: int, day_key: str = "") -> None:
        """Give back what a read did not cost, or take what it cost more, on the day it was reserved on (today if empty)."""
        if reserved_microdollars != actual_microdollars:
            self.counter.increment(day_key or self._today_key(), actual_microdollars - reserved_microdollars)

    def remaining_microdollars(self) -> int | None:
        """Return what is left of today's budget, None if nobody knows."""
        spent = self.counter.increment(self._today_key(), 0)
        return None if spent is None else max(0, self.daily_microdollars - spent)

    def _today_key(self) -> str:
        return f"budget:{self.clock():%Y-%m-%d}"


def _build_refusal(account: str, microdollars: int, remaining: int | None) -> str:
    if remaining is None:
        return "What was spent today can't be looked up, so nothing is bought from X now."
    return f"Reading {account} from X may cost {format_dollars(microdollars)}, and {format_dollars(remaining)} of today's budget is left."
