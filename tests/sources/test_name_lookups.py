"""Names are looked up with a deadline and a bound, however long the system's resolver takes."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from dashboard.sources.name_lookups import NameLookups
from tests.support.paths import ROOT

HANG_SECONDS = 600


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Ends the lookups that hang."""
    event = threading.Event()
    yield event
    event.set()


def soon() -> float:
    """Return a deadline in a moment."""
    return time.monotonic() + 0.05


@pytest.mark.slow
def test_lookups_that_hang_never_have_more_threads_than_the_bound(release: threading.Event) -> None:
    """One more fails, like a server that can't be reached."""
    lookups, thread_count = NameLookups(3), threading.active_count()
    for _ in range(10):
        with pytest.raises(TimeoutError):
            lookups.run(lambda: release.wait(HANG_SECONDS), soon())
    assert threading.active_count() <= thread_count + 3


def test_a_lookup_that_has_ended_makes_room_for_another(release: threading.Event) -> None:
    """The bound counts those that are running."""
    lookups = NameLookups(1)
    with pytest.raises(TimeoutError):
        lookups.run(lambda: release.wait(HANG_SECONDS), soon())
    release.set()
    assert lookups.run(lambda: "an address", time.monotonic() + HANG_SECONDS) == "an address"


def test_an_error_of_the_resolver_is_raised() -> None:
    """And its place is free again."""
    lookups = NameLookups(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            lookups.run(lambda: 1 / 0, time.monotonic() + HANG_SECONDS)


def test_a_lookup_that_hangs_does_not_keep_the_process_from_ending() -> None:
    """Nobody waits for it any longer."""
    code = "import time; from dashboard.sources.name_lookups import NameLookups; "
    code += f"NameLookups().run(lambda: time.sleep({HANG_SECONDS}), time.monotonic() + 0.05)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=HANG_SECONDS / 2)
    assert "TimeoutError" in ended.stderr
