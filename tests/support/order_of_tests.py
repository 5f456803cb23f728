"""The order in which the processes of xdist run the tests. Markers say what a test starts; there is no test in here.

xdist gives each process an equal part of the list, and a process that has finished takes half of what another one still has to do,
from its end. So each part begins with slow tests of one kind, which lets one process alone start Chromium, and ends with quick ones,
so that all processes finish at about the same time.
"""

from collections.abc import Sequence

import pytest

KINDS = ("browser", "server", "training")


def arrange(items: Sequence[pytest.Item], process_count: int) -> list[pytest.Item]:
    """Return these tests in an order in which the part of each process begins with the slow tests of its kinds."""
    slow, quick = [list[pytest.Item]() for _ in range(process_count)], list[pytest.Item]()
    for number, kind in enumerate((*KINDS, None)):
        tests = [item for item in items if _find_kind(item) == kind]
        (quick if kind is None else slow[number % process_count]).extend(sorted(tests, key=_waits_little))
    arranged = list[pytest.Item]()
    for number, begun in enumerate(slow):
        size = (len(items) - len(arranged)) // (process_count - number)
        fillers = quick[: max(0, size - len(begun))]
        del quick[: len(fillers)]
        arranged += begun + fillers
    return arranged + quick


def _find_kind(item: pytest.Item) -> str | None:
    return next((kind for kind in KINDS if item.get_closest_marker(kind)), None)


def _waits_little(item: pytest.Item) -> bool:
    """Return whether a test needn't wait until a server notices a fault, so that it can come after those which do."""
    return item.get_closest_marker("server") is None or item.get_closest_marker("faults") is None
