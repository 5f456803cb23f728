"""What paid networks charge, in whole micro-dollars, and how amounts are written. Nothing here knows what was spent."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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


def dollars(micro: int) -> str:
    """Return an amount as people write it: `$2.01`, `$0.005`."""
    if micro % 10_000 and micro < MICRO:
        return f"${(micro + 500) // 1_000 / 1_000:.3f}"
    return f"${(micro + 5_000) // 10_000 / 100:.2f}"
