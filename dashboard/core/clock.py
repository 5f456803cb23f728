"""What time it is. Everything else that depends on the current time takes a Clock, so that tests can set it instead of waiting.

Only this module asks the computer for the date or the time. Durations and deadlines don't belong here: `time.monotonic` measures those.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]  # returns the current time as an aware datetime in UTC


def system_clock() -> datetime:
    """Return the computer's current time in UTC."""
    return datetime.now(UTC)
