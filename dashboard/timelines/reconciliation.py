"""Compares the ledger of today with what a network says it has charged, and books what the ledger lacks.

It only ever adds, because a network counts late and counts a post once per day: its count is what was charged at least. How a network
counts belongs in its source, and how the difference is booked in `ledger.py`.
"""

import logging
import threading
from datetime import date, datetime, timedelta

from dashboard.core.pricing import PriceList, format_dollars
from dashboard.sources.base import Source
from dashboard.timelines.budget import Budget
from dashboard.timelines.outages import StoreUnavailable

_log = logging.getLogger(__name__)
USUAL_INTERVAL = timedelta(hours=1)  # between two comparisons of a process
INTERVAL_IF_UNCERTAIN = timedelta(minutes=1)  # X allows 50 requests per 15 minutes


class Reconciler:
    """Remembers when this process last compared. It may be used from any thread, and only one of them waits for the network."""

    def __init__(self) -> None:
        self._compared_at: datetime | None = None
        self._guard = threading.Lock()

    def compare(self, source: Source, budget: Budget, prices: PriceList, *, is_uncertain: bool) -> None:
        """Book what the network counted beyond the ledger, unless that was done recently. It takes a few seconds at most and never raises.

        `is_uncertain` says that a read has just ended without a complete response, so that it's done sooner.
        """
        if not self._begin(budget.clock(), INTERVAL_IF_UNCERTAIN if is_uncertain else USUAL_INTERVAL):
            return
        day = budget.today()
        post_count = source.count_billed_posts(date.fromisoformat(day))
        if post_count is None:
            return
        try:
            addition = budget.ledger.book_shortfall(day, prices.cost_microdollars({"post": post_count}))
        except StoreUnavailable:
            return
        if addition:
            _log.warning("%s counted more posts today than the ledger has: %s added.", source.network.title, format_dollars(addition))

    def _begin(self, now: datetime, interval: timedelta) -> bool:
        """Return whether the last comparison is long enough ago; if so, the next one has begun."""
        with self._guard:
            if self._compared_at and now < self._compared_at + interval:
                return False
            self._compared_at = now
            return True
