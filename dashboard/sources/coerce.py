"""Converts values that a network sent to the expected type, without trusting them. Nothing in here is specific to a network or HTTP."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_LANGUAGE_PATTERN = re.compile(r"(?!(und|zxx|mul|mis)\b)[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


_LEAP_SECOND = re.compile(r"(?<=:59):60(?=[.,Z+-])")


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object as it is, and an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a JSON list as it is, and an empty one for any other value."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return a string as it is, and "" for any other value."""
    return value if isinstance(value, str) else ""


def parse_timestamp(value: Any) -> datetime | None:
    """Parse an RFC 3339 time as aware UTC; None if it is missing, malformed or has no time zone. A leap second is the one before it."""
    text = _LEAP_SECOND.sub(":59", value.upper()) if isinstance(value, str) else value
    try:
        timestamp = datetime.fromisoformat(text)
        return timestamp.astimezone(UTC) if timestamp.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def parse_language(value: Any) -> str | None:
    """Return a language code; None if the value isn't one or stands for no particular language, such as `und`."""
    return value if isinstance(value, str) and _LANGUAGE_PATTERN.fullmatch(value) else None


def parse_count(value: Any) -> int | None:
    """Return a plausible count; None, never 0, for any other value."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def is_page_before(rows: Sequence[Mapping[str, Any]], since: datetime | None) -> bool:
    """Return whether every row of a page is older than `since`. A single old post among newer ones isn't enough."""
    times = [row["created_at"] for row in rows]
    return since is not None and bool(times) and all(time is not None and time < since for time in times)
