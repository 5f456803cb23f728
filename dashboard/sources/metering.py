"""What a read pays for: each request that may be charged is announced and recorded before it's sent, and settled by its response.

What things cost, and who pays, doesn't belong here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from dashboard.core.pricing import Bill
from dashboard.core.source_errors import SourceError


@dataclass(frozen=True)
class PaidRequest:
    """Says that the next request may be charged for, and the most that it may be. The request is sent when reading goes on.

    The bill of the next page, or of the error, replaces all maxima since the last page.
    """

    max_bill: Bill


class Meter(Protocol):
    """Records what is paid for while it's read."""

    def begin_request(self, max_bill: Bill) -> None:
        """Record the most that a request may be charged for, before it's sent. Raises SourceError if it mustn't be sent."""
        ...

    def end_requests(self, bill: Bill) -> None:
        """Record what was charged, or may have been, for the requests begun since the last call."""
        ...


class _NullMeter:
    def begin_request(self, max_bill: Bill) -> None: ...

    def end_requests(self, bill: Bill) -> None: ...


NULL_METER: Meter = _NullMeter()


class Billed(Protocol):
    """A page of anything, with what the network charged for it."""

    @property
    def bill(self) -> Bill:
        """What the network charged."""
        ...


_Page = TypeVar("_Page", bound=Billed)


class Charges:
    """What a read was charged for, and the maxima of the requests whose response hasn't arrived."""

    def __init__(self, meter: Meter) -> None:
        self.bill, self._pending, self._meter = Counter[str](), Counter[str](), meter

    def iter_pages(self, steps: Iterable[_Page | PaidRequest]) -> Iterator[_Page]:
        """Yield the pages, recording each request before it's sent and its bill after it."""
        for step in steps:
            if isinstance(step, PaidRequest):
                self._begin_request(step.max_bill)
            else:
                self.end_requests(step.bill)
                yield step

    def _begin_request(self, max_bill: Bill) -> None:
        """Let the meter record a request. If it raises, the error's bill is what earlier requests may have been charged for."""
        try:
            self._meter.begin_request(max_bill)
        except SourceError as error:
            error.bill = dict(self._pending)
            raise
        self._pending.update(max_bill)

    def end_requests(self, bill: Bill) -> None:
        """Record what the pending requests were charged for."""
        self.bill.update(bill)
        self._pending.clear()
        self._meter.end_requests(bill)
