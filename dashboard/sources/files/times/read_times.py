"""What reading a value as a time results in: a time, or why it isn't one. Nothing is read here."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple


class ReadTime(NamedTuple):
    """A time that was read: an instant in UTC or, if `is_date`, the midnight in UTC that begins the day.

    `is_zoneless`: its zone isn't in the file. `is_repeated`: clocks showed it twice, and the earlier of both was taken.
    """

    moment: datetime
    is_date: bool = False
    is_zoneless: bool = False
    is_repeated: bool = False


class AlikeTimes(NamedTuple):
    """Times that are all written alike, as instants in UTC. `are_zoneless`: their zone isn't in the file."""

    moments: Sequence[datetime]
    are_zoneless: bool


class Problem(Enum):
    """Why a value isn't a time."""

    UNREADABLE = "unreadable"
    IMPOSSIBLE = "impossible"  # before 2006, or in the future
    AMBIGUOUS_ZONE = "ambiguous_zone"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_ORDER = "unknown_order"
