"""A daily budget for paid reads: an amount is reserved before each read and settled after it, in whole micro-dollars.

The day's total is stored in a SharedCounter that the caller provides. If it can't be reached, nothing is spent.
"""

from dataclasses import dataclass
from typing import Protocol

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import BudgetExceeded
from dashboard.core.pricing import format_dollars


class SharedCounter(Protocol):
    """Totals that all processes share. Implementations raise nothing."""

    def increment(self, key: str, amount: int) -> int | None:
        """Add to the total of a key and return the new total, or None if the counter can't be reached."""
        ...


@dataclass(frozen=True)
class Budget:
    """An amount in micro-dollars that may be spent per day in UTC."""

    daily_microdollars: int
    counter: SharedCounter
    clock: Clock = system_clock

    def reserve(self, account: str, microdollars: int) -> str:
        """Reserve an amount of today's budget and return the key of the day. Raises BudgetExceeded if less is left."""
        day_key = self._today_key()
        if microdollars == 0:
            return day_key
        spent_microdollars = self.counter.increment(day_key, microdollars)
        if spent_microdollars is None or spent_microdollars > self.daily_microdollars:
            if spent_microdollars is not None:
                self.counter.increment(day_key, -microdollars)
            remaining = None if spent_microdollars is None else max(0, self.daily_microdollars - spent_microdollars + microdollars)
            raise BudgetExceeded(account, _build_refusal(account, microdollars, remaining))
        return day_key

    def settle(self, reserved_microdollars: int, actual_microdollars: int, day_key: str = "") -> None:
        """Correct a reservation to the actual cost, on the day when it was reserved (today if `day_key` is empty)."""
        if reserved_microdollars != actual_microdollars:
            self.counter.increment(day_key or self._today_key(), actual_microdollars - reserved_microdollars)

    def remaining_microdollars(self) -> int | None:
        """Return what is left of today's budget, or None if the counter can't be reached."""
        spent_microdollars = self.counter.increment(self._today_key(), 0)
        return None if spent_microdollars is None else max(0, self.daily_microdollars - spent_microdollars)

    def _today_key(self) -> str:
        return f"budget:{self.clock():%Y-%m-%d}"


def _build_refusal(account: str, microdollars: int, remaining: int | None) -> str:
    if remaining is None:
        return "We can't check today's spending right now, so nothing will be read from X."
    cost, left = format_dollars(microdollars), format_dollars(remaining)
    return f"Reading {account} from X could cost {cost}, but only {left} of today's budget is left."
