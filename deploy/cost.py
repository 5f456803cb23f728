"""What a month on Cloud Run costs: the table of docs/operate/cost.md, and your own numbers.

    python3 deploy/cost.py --views 250000 --cpu 0.12 --wall 2

Prices are of Tier 1 regions (europe-west1, us-central1, …) in US dollars, read in November 2026 in copies of cloud.google.com/run/pricing;
look there before you rely on them. Standard library only.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

MONTH = 730 * 3600  # seconds


@dataclass(frozen=True)
class Prices:
    """US dollars: of a vCPU second and a GiB second, a million requests, a GiB to the internet; and what is free each month."""

    cpu: float
    memory: float
    requests: float
    free_cpu: float
    free_memory: float
    free_requests: float
    idle: float = 0.0  # a vCPU second, and a GiB second, of an instance that is kept and does nothing
    traffic: float = 0.12
    free_traffic: float = 1.0


BY_REQUEST = Prices(0.000024, 0.0000025, 0.40, 180_000, 360_000, 2_000_000, idle=0.0000025)
BY_INSTANCE = Prices(0.000018, 0.000002, 0.0, 240_000, 450_000, 0)
L4 = 0.67  # US dollars an hour, without zonal redundancy; at least 4 vCPU and 16 GiB come with it, billed by instance


@dataclass(frozen=True)
class Use:
    """A month's page views, and what one takes: CPU seconds, seconds from request to answer, requests, bytes sent."""

    views: float
    cpu: float = 0.56
    wall: float = 1.5
    requests: float = 3.0
    sent: float = 190_000.0
    vcpu: float = 1.0
    memory: float = 1.0  # GiB
    busy: float = 0.6  # of a vCPU, above which Cloud Run starts another instance

    def active(self) -> float:
        """Return the seconds that instances have something to do: some request is under way, or the CPU's share of all of them."""
        some = MONTH * (1 - math.exp(-self.views * self.wall / MONTH))
        return max(some, self.views * self.cpu / (self.busy * self.vcpu))


def month(use: Use, kept: int = 0, prices: Prices = BY_REQUEST) -> dict[str, float]:
    """Return a month's dollars by what they are for; `kept` is min-instances."""
    active = use.active() if prices.idle else max(use.active(), kept * MONTH)
    idle = max(0.0, kept * MONTH - active) * prices.idle * (use.vcpu + use.memory)
    return {
        "CPU": max(0.0, active * use.vcpu - prices.free_cpu) * prices.cpu,
        "memory": max(0.0, active * use.memory - prices.free_memory) * prices.memory,
        "kept warm": idle,
        "requests": max(0.0, use.views * use.requests - prices.free_requests) / 1e6 * prices.requests,
        "traffic": max(0.0, use.views * use.sent / 2**30 - prices.free_traffic) * prices.traffic,
    }


def gpu(hours: float, vcpu: float = 4, memory: float = 16) -> float:
    """Return the dollars of an instance with a GPU for some hours."""
    return hours * (L4 + 3600 * (vcpu * BY_INSTANCE.cpu + memory * BY_INSTANCE.memory))


ROWS = {
    "1,000": [("nothing kept", Use(1_000), 0, BY_REQUEST)],
    "100,000": [("nothing kept", Use(100_000), 0, BY_REQUEST), ("one kept warm", Use(100_000), 1, BY_REQUEST)],
    "10,000,000": [
        ("one kept warm", Use(10_000_000), 1, BY_REQUEST),
        ("one kept, billed by instance", Use(10_000_000), 1, BY_INSTANCE),
        ("four kept, billed by instance", Use(10_000_000), 4, BY_INSTANCE),
    ],
}


def row(views: str, what: str, use: Use, kept: int, prices: Prices) -> str:
    """Return a line of the table."""
    parts = month(use, kept, prices)
    return " | ".join(
        [f"| {views}", what, f"{use.active():,.0f}", *(f"{each:,.2f}" for each in parts.values()), f"**{sum(parts.values()):,.2f}** |"]
    )


def table() -> str:
    """Return the table of docs/operate/cost.md."""
    head = "| page views | instances | busy seconds | CPU | memory | kept warm | requests | traffic | all, US dollars |"
    lines = [row(views, *each) for views, several in ROWS.items() for each in several]
    return "\n".join([head, "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", *lines])


def main() -> None:
    """Print the table, or a line of one's own."""
    parser = argparse.ArgumentParser(description="Reckon what a month on Cloud Run costs.")
    parser.add_argument("--views", type=float, help="page views a month; without it the table of docs/operate/cost.md")
    parser.add_argument("--cpu", type=float, default=Use.cpu, help="CPU seconds of a view: make bench prints them")
    parser.add_argument("--wall", type=float, default=Use.wall, help="seconds from request to answer")
    parser.add_argument("--sent", type=float, default=Use.sent, help="bytes of a view")
    parser.add_argument("--kept", type=int, default=0, help="min-instances")
    parser.add_argument("--by-instance", action="store_true", help="CPU always given (--no-cpu-throttling)")
    options = parser.parse_args()
    use = Use(options.views or 0, options.cpu, options.wall, sent=options.sent)
    prices = BY_INSTANCE if options.by_instance else BY_REQUEST
    print(table() if options.views is None else row(f"{use.views:,.0f}", f"{options.kept} kept", use, options.kept, prices))


if __name__ == "__main__":
    main()
