"""What paid networks charge, in whole micro-dollars, and how amounts are written. Nothing here knows what was spent."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboard.core.formatting.numbers import format_currency
from dashboard.core.messages import translatable

MICRODOLLARS_PER_DOLLAR = 1_000_000
Bill = Mapping[str, int]  # how many of what were read: keys of a price table
EMPTY_BILL: Bill = MappingProxyType({})


@dataclass(frozen=True)
class PriceList:
    """US dollars for each thing read, and when that was so."""

    dollars_per_item: Mapping[str, float]
    as_of: str

    def cost_microdollars(self, bill: Bill) -> int:
        """Return micro-dollars of a bill; what has no price is free."""
        return sum(round(self.dollars_per_item.get(item, 0) * MICRODOLLARS_PER_DOLLAR) * count for item, count in bill.items())


# docs.x.com, Pricing; the console of one's own account is the truth, and CHORUS_X_PRICES sets others.
X_PRICES = PriceList(MappingProxyType({"post": 0.005, "user": 0.010, "counts": 0.010}), translatable("August 2026"))


def format_dollars(microdollars: int) -> str:
    """Return an amount as people write it: `$2.01`, `$0.005`."""
    if microdollars % 10_000 and microdollars < MICRODOLLARS_PER_DOLLAR:
        return format_currency((microdollars + 500) // 1_000 / 1_000, 3)
    return format_currency((microdollars + 5_000) // 10_000 / 100, 2)
