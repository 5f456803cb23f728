"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta

from dashboard.core.clock import system_clock


class FakeClock:
    """A Clock: calling it returns `now`, which only `advance` and assignments change."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or system_clock()

    def __call__(self) -> datetime:
        """Return the time that the test has set."""
        return self.now

    def advance(self, duration: timedelta) -> None:
        """Let time pass."""
        self.now += duration


class FakeMonotonic:
    """A clock of seconds, as `time.monotonic` is one."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds that the test has let pass."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
