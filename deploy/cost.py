"""Estimates what a month on Cloud Run costs: prints the table of docs/operate/cost.md, or a row for your own numbers.

    python3 deploy/cost.py --views 250000 --cpu 0.12 --wall 2

Prices are in US dollars, for Tier 1 regions (europe-west1, us-central1, …), as of November 2026 and from copies of
cloud.google.com/run/pricing; check that page before you rely on them. Uses only the standard library.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

MONTH_SECONDS = 730 * 3600


@dataclass(frozen=True)
class Prices:
    """Prices in US dollars per vCPU second, GiB second, million requests and GiB sent, and what is free each month."""

    cpu: float
    memory: float
    requests: float
    free_cpu: float
    free_memory: float
    free_requests: float
    idle: float = 0.0  # per vCPU second and per GiB second of an idle instance that is kept running
    traffic: float = 0.12
    free_traffic: float = 1.0


BY_REQUEST = Prices(0.000024, 0.0000025, 0.40, 180_000, 360_000, 2_000_000, idle=0.0000025)
BY_INSTANCE = Prices(0.000018, 0.000002, 0.0, 240_000, 450_000, 0)


@dataclass(frozen=True)
class Usage:
    """A month's page views, and what one view takes: CPU seconds, seconds until the response, requests and bytes sent."""

    views: float
    cpu: float = 0.56
    wall: float = 1.5
    requests: float = 3.0
    sent: float = 165_000.0
    vcpu: float = 1.0
    memory: float = 1.0  # GiB
    busy: float = 0.6  # utilization of a vCPU above which Cloud Run starts another instance

    def active_seconds(self) -> float:
        """Return the seconds in which instances are active: those with a request in progress, or more if the CPU time requires it."""
        seconds_with_requests = MONTH_SECONDS * (1 - math.exp(-self.views * self.wall / MONTH_SECONDS))
        return max(seconds_with_requests, self.views * self.cpu / (self.busy * self.vcpu))


def month_dollars(usage: Usage, kept: int = 0, prices: Prices = BY_REQUEST) -> dict[str, float]:
    """Return the dollars per month by item; `kept` is min-instances."""
    active = usage.active_seconds() if prices.idle else max(usage.active_seconds(), kept * MONTH_SECONDS)
    idle = max(0.0, kept * MONTH_SECONDS - active) * prices.idle * (usage.vcpu + usage.memory)
    return {
        "CPU": max(0.0, active * usage.vcpu - prices.free_cpu) * prices.cpu,
        "memory": max(0.0, active * usage.memory - prices.free_memory) * prices.memory,
        "kept warm": idle,
        "requests": max(0.0, usage.views * usage.requests - prices.free_requests) / 1e6 * prices.requests,
        "traffic": max(0.0, usage.views * usage.sent / 2**30 - prices.free_traffic) * prices.traffic,
    }


ROWS = {
    "1,000": [("nothing kept", Usage(1_000), 0, BY_REQUEST)],
    "100,000": [("nothing kept", Usage(100_000), 0, BY_REQUEST), ("one kept warm", Usage(100_000), 1, BY_REQUEST)],
    "10,000,000": [
        ("one kept warm", Usage(10_000_000), 1, BY_REQUEST),
        ("one kept, billed by instance", Usage(10_000_000), 1, BY_INSTANCE),
        ("four kept, billed by instance", Usage(10_000_000), 4, BY_INSTANCE),
    ],
}


def format_row(views: str, instances: str, usage: Usage, kept: int, prices: Prices) -> str:
    """Return a row of the table, in Markdown."""
    dollars = month_dollars(usage, kept, prices)
    return " | ".join(
        [
            f"| {views}",
            instances,
            f"{usage.active_seconds():,.0f}",
            *(f"{amount:,.2f}" for amount in dollars.values()),
            f"**{sum(dollars.values()):,.2f}** |",
        ]
    )


def format_table() -> str:
    """Return the table of docs/operate/cost.md, in Markdown."""
    header = "| page views | instances | busy seconds | CPU | memory | kept warm | requests | traffic | all, US dollars |"
    rows = [format_row(views, *variant) for views, variants in ROWS.items() for variant in variants]
    return "\n".join([header, "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", *rows])


def main() -> None:
    """Print the table, or one row for the numbers in the arguments."""
    parser = argparse.ArgumentParser(description="Estimate what a month on Cloud Run costs.")
    parser.add_argument("--views", type=float, help="page views per month; without it, print the table of docs/operate/cost.md")
    parser.add_argument("--cpu", type=float, default=Usage.cpu, help="CPU seconds per view, as printed by make bench")
    parser.add_argument("--wall", type=float, default=Usage.wall, help="seconds from the request to the response")
    parser.add_argument("--sent", type=float, default=Usage.sent, help="bytes sent per view")
    parser.add_argument("--kept", type=int, default=0, help="min-instances")
    parser.add_argument(
        "--by-instance", action="store_true", help="billed by instance, with the CPU always allocated (--no-cpu-throttling)"
    )
    options = parser.parse_args()
    usage = Usage(options.views or 0, options.cpu, options.wall, sent=options.sent)
    prices = BY_INSTANCE if options.by_instance else BY_REQUEST
    print(
        format_table() if options.views is None else format_row(f"{usage.views:,.0f}", f"{options.kept} kept", usage, options.kept, prices)
    )


if __name__ == "__main__":
    main()
