"""A meter that refuses requests whose response might come too late. What is charged is counted in `metering.py`."""

import time
from dataclasses import dataclass

from dashboard.core.accounts import Account
from dashboard.core.messages import deferred
from dashboard.core.pricing import Bill
from dashboard.core.source_errors import OutOfTime
from dashboard.sources.base import CountSource, Source
from dashboard.sources.metering import Meter


@dataclass(frozen=True)
class TimelyMeter:
    """A meter that refuses requests whose response might come too late, because it would be paid for and lost."""

    meter: Meter
    source: Source | CountSource
    account: Account
    deadline: float

    def begin_request(self, max_bill: Bill) -> None:
        """Record a request. Raises OutOfTime if it might not end before the deadline."""
        if time.monotonic() + self.source.request_seconds >= self.deadline:
            raise OutOfTime(
                str(self.account),
                deferred(
                    "%(network)s was too slow, so %(account)s wasn’t read completely.",
                    network=self.source.network.title,
                    account=self.account.label,
                ),
            )
        self.meter.begin_request(max_bill)

    def end_requests(self, bill: Bill) -> None:
        """Record what was charged."""
        self.meter.end_requests(bill)
