"""A daily budget for paid reads: an amount is reserved before each read, booked page by page, and settled after it.

The ledger keeps the amounts, in whole micro-dollars. If it can't be read or written, nothing is spent. Networks and HTTP don't belong here.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.core.accounts import network_title, parse_account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.deferred_texts import defer_sentences
from dashboard.core.messages import deferred, translatable
from dashboard.core.pricing import format_dollars
from dashboard.core.source_errors import SourceError
from dashboard.core.spending_errors import BudgetExceeded, SpendingUnknown
from dashboard.timelines.ledger import Balance, Entry, Ledger, LedgerDamaged
from dashboard.timelines.outages import StoreUnavailable

LEASE_SECONDS = 60  # how long a reservation lasts without a request; longer than one may take


@dataclass(frozen=True)
class Budget:
    """An amount in micro-dollars that may be spent per day in UTC. `limitation` is the sentence of the ledger's store."""

    daily_microdollars: int
    ledger: Ledger
    clock: Clock = system_clock

    def reserve(self, account: str, microdollars: int) -> "Reservation":
        """Reserve an amount of today's budget. Raises BudgetExceeded if less is left, and SpendingUnknown if the ledger can't be read."""
        reservation = Reservation(self, account)
        if microdollars:
            reservation.extend(microdollars)
        return reservation

    def remaining_microdollars(self) -> int | None:
        """Return what is left of today's budget, or None if the ledger can't be read."""
        balance = self.balance()
        return None if balance is None else balance.left(self.daily_microdollars)

    def balance(self) -> Balance | None:
        """Return what was spent today and what running reads have reserved, or None if the ledger can't be read."""
        try:
            return self.ledger.balance(self.today(), self.clock().timestamp())
        except StoreUnavailable:
            return None

    def today(self) -> str:
        """Return the date in UTC."""
        return f"{self.clock():%Y-%m-%d}"


class Reservation:
    """An amount of the budget that one read may spend. It belongs to one thread.

    It ends when it is settled, or LEASE_SECONDS after its last change if the process dies. What was booked or is in flight stays.
    """

    def __init__(self, budget: Budget, account: str) -> None:
        self._budget, self._account = budget, account
        self._booked_on_other_days = 0
        self._start(budget.today())

    @property
    def spent_microdollars(self) -> int:
        """What the read was charged, or may have been."""
        return self._booked_on_other_days + self._entry.spent

    def extend(self, microdollars: int) -> None:
        """Reserve more. Raises as `Budget.reserve` does."""
        self._append_within_budget(self._next("reserve", reserved=self._entry.reserved + microdollars), microdollars)

    def begin_page(self, max_microdollars: int) -> None:
        """Write down, before a request, the most that it may be charged. Raises as `Budget.reserve` does; then it mustn't be sent."""
        if not max_microdollars:
            return
        self._start_new_day()
        entry = self._next("begin_page", in_flight=self._entry.in_flight + max_microdollars)
        self._append_within_budget(replace(entry, reserved=max(entry.reserved, entry.spent)), max_microdollars)

    def end_page(self, microdollars: int) -> None:
        """Replace what is in flight by what was charged. If the ledger can't be written, the larger amount stays for now."""
        if microdollars or self._entry.in_flight:
            self._append(self._next("end_page", booked=self._entry.booked + microdollars, in_flight=0))

    def settle(self) -> None:
        """Give back what wasn't spent. A request that is still in flight counts in full."""
        if self._entry.version and (self._entry.leased_until or self._entry.in_flight):
            self._append(replace(self._next("settle", booked=self._entry.spent, in_flight=0, reserved=0), leased_until=0))

    def _start(self, day: str) -> None:
        self._day, self._version = day, 0
        self._entry = Entry("reserve", uuid.uuid4().hex, 0, 0, 0, 0, 0)

    def _start_new_day(self) -> None:
        """Continue in the next day's ledger if midnight (UTC) has passed, because that is when the network charges."""
        today = self._budget.today()
        if today != self._day:
            self.settle()
            self._booked_on_other_days += self._entry.spent
            self._start(today)

    def _next(self, kind: str, **changes: Any) -> Entry:
        """Return the next entry, with a renewed lease. No version is used twice, because a failed one may have been written."""
        self._version += 1
        leased_until = int(self._budget.clock().timestamp()) + LEASE_SECONDS
        return replace(self._entry, kind=kind, version=self._version, leased_until=leased_until, **changes)

    def _append(self, entry: Entry) -> None:
        self._entry = entry
        try:
            self._budget.ledger.append(self._day, entry)
        except StoreUnavailable:
            return  # the ledger appends it later

    def _append_within_budget(self, entry: Entry, microdollars: int) -> None:
        budget = self._budget
        try:
            others = budget.ledger.append_within(self._day, entry, budget.daily_microdollars, budget.clock().timestamp())
        except LedgerDamaged:
            raise _damaged_ledger(self._account) from None
        except StoreUnavailable:
            raise _unknown_spending(self._account) from None
        if others is not None:
            balance = Balance(others.spent + self._entry.spent, others.reserved)
            raise _build_refusal(self._account, microdollars, balance, budget.daily_microdollars)
        self._entry = entry


def _unknown_spending(account: str) -> SourceError:
    detail = translatable("We can’t check today’s spending right now, so nothing will be read from %(network)s.")
    return SpendingUnknown(account, deferred(detail, network=network_title(account)))


def _damaged_ledger(account: str) -> SourceError:
    """Return the error of a ledger that won't recover by itself; tomorrow has another one."""
    detail = translatable("The record of today’s spending is damaged, so nothing will be read from %(network)s.")
    advice = translatable(
        "Your administrator can repair it; otherwise this lasts until midnight UTC. Free networks and stored posts are still shown."
    )
    return SpendingUnknown(account, deferred(detail, network=network_title(account)), advice)


def _build_refusal(account: str, microdollars: int, others: Balance, daily_microdollars: int) -> BudgetExceeded:
    """Return the error of a read that is too expensive: for any day, for today, or while other reads have reserved so much."""
    left = others.left(daily_microdollars)
    values = {
        "account": parse_account(account).label,
        "network": network_title(account),
        "cost": format_dollars(microdollars),
        "daily": format_dollars(daily_microdollars),
        "left": format_dollars(left),
    }
    if microdollars > daily_microdollars:
        message = translatable("Reading %(account)s from %(network)s could cost %(cost)s, more than the whole daily budget of %(daily)s.")
        return BudgetExceeded(account, _fill(message, values), outlook=translatable("Waiting doesn’t help."))
    message = translatable("Reading %(account)s from %(network)s could cost %(cost)s, but only %(left)s of today’s budget is left.")
    detail = _fill(message, values)
    if others.reserved:
        reserved = deferred("%(amount)s is reserved for reads that haven’t ended.", amount=format_dollars(others.reserved))
        detail = defer_sentences(detail, reserved)
    if microdollars <= left + others.reserved:
        outlook = translatable("Try again in a minute: what those reads don’t need is free then.")
        return BudgetExceeded(account, detail, outlook=outlook)
    return BudgetExceeded(account, detail)


def _fill(message: str, values: Mapping[str, str]) -> str:
    return deferred(message, **{name: value for name, value in values.items() if f"%({name})s" in message})
