"""Reads that cost no more than the budget allows: the most that one may cost is reserved before, and the actual bill is settled after.

How requests are booked while a read runs is in `paid_read.py`, how much a day may cost in `budget.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from dashboard.core.accounts import Account
from dashboard.core.messages import deferred
from dashboard.core.observer import Observer
from dashboard.core.pricing import Bill, PriceList
from dashboard.core.source_errors import NetworkDown, SourceError, SourceNotReady
from dashboard.core.spending import Spending
from dashboard.core.spending_errors import BudgetExceeded, PaidReadRefused, ReadInProgress, SpendingUnknown
from dashboard.sources.base import CountSource, Source
from dashboard.sources.metering import Meter
from dashboard.timelines.budget import Budget
from dashboard.timelines.locks import Lease
from dashboard.timelines.paid_read import PaidRead

UNCACHED_ERRORS = (
    SourceNotReady,
    BudgetExceeded,
    SpendingUnknown,
    ReadInProgress,
    PaidReadRefused,
    NetworkDown,
)  # ours; they must not outlive their reason


class BillableResult(Protocol):
    """The result of a read that may have cost money."""

    @property
    def posts_read(self) -> int:
        """The number of posts that were read."""
        ...

    @property
    def failure(self) -> SourceError | None:
        """Why reading stopped early, or None if it didn't."""
        ...

    @property
    def bill(self) -> Bill:
        """What the network charged for."""
        ...


_BillableResult = TypeVar("_BillableResult", bound=BillableResult)


@dataclass(frozen=True)
class BudgetedReads:
    """Reads from networks that share a budget."""

    budget: Budget
    prices: PriceList
    observer: Observer

    def read(
        self,
        source: Source | CountSource,
        account: Account,
        max_bill: Bill,
        fetch: Callable[[Meter], _BillableResult],
        *,
        lease: Lease,
        spending: Spending,
    ) -> _BillableResult:
        """Return the result of `fetch`, reserving the most it may cost before and settling the actual bill after.

        `fetch` gets the meter that books each request. `lease` is that of the account's lock, without which nothing is paid for.
        """
        max_cost = self.prices.cost_microdollars(max_bill) if source.readiness().ready else 0
        if max_cost and not spending.allowed:
            raise PaidReadRefused(
                str(account), deferred("Reading %(account)s costs money, so it isn’t done for automated requests.", account=account.label)
            )
        reservation = self.budget.reserve(str(account), max_cost)
        try:
            result = fetch(PaidRead(account, reservation, self.prices, lease))
            self.observer.record_fetch(account.network, _outcome_label(result.failure), result.posts_read)
        except SourceError as error:
            self.observer.record_fetch(account.network, _outcome_label(error), 0)
            raise
        finally:
            reservation.settle()
            self.observer.record_spend(reservation.spent_microdollars)
        return result


@dataclass
class Purchases:
    """Whether a request has bought anything, and whether something failed that the network may have charged for."""

    has_bought: bool = False
    is_uncertain: bool = False

    def add(self, bill: Bill, failure: SourceError | None) -> None:
        """Record a read."""
        self.has_bought |= any(bill.values())
        self.is_uncertain |= failure is not None and any(failure.bill.values())


def unknown_purchases_error(account: Account) -> SourceError:
    """Return the error of a read that doesn't begin because the store can't be reached, so everything would be bought again."""
    return SpendingUnknown(
        str(account), deferred("We can’t look up what was already paid for, so %(account)s won’t be read.", account=account.label)
    )


def unsaved_error(account: Account) -> SourceError:
    """Return the error that ends a read whose pages can't be stored, because the next request would pay for them again."""
    return SpendingUnknown(
        str(account),
        deferred("What was paid for can’t be stored right now, so no more of %(account)s will be read.", account=account.label),
    )


def _outcome_label(failure: SourceError | None) -> str:
    return type(failure).__name__ if failure else "ok"
