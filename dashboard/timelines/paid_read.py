"""One paid read while it runs: each request is written into the ledger before it's sent, and only the holder of the lock sends one.

How much a day may cost is in `budget.py`. What is read, and where it's stored, doesn't belong here.
"""

from dataclasses import dataclass

from dashboard.core.accounts import Account
from dashboard.core.messages import deferred
from dashboard.core.pricing import Bill, PriceList
from dashboard.core.spending_errors import ReadInProgress, SpendingUnknown
from dashboard.timelines.budget import Reservation
from dashboard.timelines.locks import Lease
from dashboard.timelines.outages import StoreUnavailable


@dataclass(frozen=True)
class PaidRead:
    """The meter of one read."""

    account: Account
    reservation: Reservation
    prices: PriceList
    lease: Lease

    def begin_request(self, max_bill: Bill) -> None:
        """Renew the lock and write down the most that a request may be charged.

        Raises ReadInProgress if another process has the lock, SpendingUnknown if the lock can't be checked, and what `reserve` raises.
        """
        max_cost = self.prices.cost_microdollars(max_bill)
        if max_cost:
            self._renew_lock()
        self.reservation.begin_page(max_cost)

    def end_requests(self, bill: Bill) -> None:
        """Book what was charged."""
        self.reservation.end_page(self.prices.cost_microdollars(bill))

    def _renew_lock(self) -> None:
        try:
            is_held = self.lease.renew()
        except StoreUnavailable:
            detail = deferred(
                "We can’t tell right now whether somebody else is reading %(account)s, so no more of it will be read.",
                account=self.account.label,
            )
            raise SpendingUnknown(str(self.account), detail) from None
        if not is_held:
            raise ReadInProgress(
                str(self.account), deferred("Someone else’s report is reading %(account)s right now.", account=self.account.label)
            )
