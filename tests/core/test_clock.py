"""The computer's clock."""

from datetime import UTC, datetime, timedelta

from dashboard.core.clock import system_clock


def test_the_system_clock_returns_the_current_time_in_utc() -> None:
    """The value is between two readings of the computer's own clock."""
    before = datetime.now(UTC)
    now = system_clock()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)
