"""Bounds how many accounts are read from networks at the same time: for each network, and in all.

A network that hangs blocks the requests that wait for it. These bounds keep it from blocking all requests, or from filling the memory with
threads.
"""

import threading
from collections import Counter

MAX_READS = 96  # accounts that are read at the same time
MAX_READS_PER_NETWORK = 48
MAX_READS_PER_QUESTION = 8  # of one network; the question's other accounts wait for these


class NetworkWaits:
    """The reads that are running. Safe to use from any thread."""

    def __init__(self, max_reads: int = MAX_READS, max_per_network: int = MAX_READS_PER_NETWORK) -> None:
        self._max_reads, self._max_per_network = max_reads, max_per_network
        self._guard, self._counts = threading.Lock(), Counter[str]()

    def begin(self, network: str, read_count: int) -> bool:
        """Count this many reads of a network as running if the bounds allow them, and return whether they do."""
        with self._guard:
            is_allowed = (
                self._counts[network] + read_count <= self._max_per_network and self._counts.total() + read_count <= self._max_reads
            )
            if is_allowed:
                self._counts[network] += read_count
            return is_allowed

    def end(self, network: str) -> None:
        """Count one read of a network as ended."""
        with self._guard:
            self._counts[network] -= 1
