"""Reading what a network sent with distrust: a value of the right kind, or none. No network and no HTTP enters here."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_LANGUAGE_PATTERN = re.compile(r"(?!(und|zxx|mul|mis)\b)[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a JSON list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return a text; an empty one for anything else."""
    return value if isinstance(value, str) else ""


def parse_timestamp(value: Any) -> datetime | None:
    """Read an RFC 3339 time as aware UTC; None if it is missing, malformed or of no zone."""
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def parse_language(value: Any) -> str | None:
    """Return a language code; those that stand for no language are none."""
    return value if isinstance(value, str) and _LANGUAGE_PATTERN.fullmatch(value) else None


def parse_count(value: Any) -> int | None:
    """Return a believable count; None, never 0, for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def is_page_before(rows: Sequence[Mapping[str, Any]], since: datetime | None) -> bool:
    """Say whether a page of rows is older than what is wanted, all of it; one straggler among newer posts is not enough."""
    times = [row["created_at"] for row in rows]
    return since is not None and bool(times) and all(time is not None and time < since for time in times)
