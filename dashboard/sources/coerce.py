"""Reading what a network sent with distrust: a value of the right kind, or none. No network and no HTTP enters here."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_LANG = re.compile(r"(?!(und|zxx|mul|mis)\b)[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """Return a JSON list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """Return a text; an empty one for anything else."""
    return value if isinstance(value, str) else ""


def moment(written: Any) -> datetime | None:
    """Read an RFC 3339 time as aware UTC; None if it is missing, malformed or of no zone."""
    try:
        read = datetime.fromisoformat(written)
        return read.astimezone(UTC) if read.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def lang(code: Any) -> str | None:
    """Return a language code; those that stand for no language are none."""
    return code if isinstance(code, str) and _LANG.fullmatch(code) else None


def count(value: Any) -> int | None:
    """Return a believable count; None, never 0, for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def wholly_before(rows: Sequence[Mapping[str, Any]], since: datetime | None) -> bool:
    """Say whether a page of rows is older than what is wanted, all of it; one straggler among newer posts is not enough."""
    times = [row["created_at"] for row in rows]
    return since is not None and bool(times) and all(time is not None and time < since for time in times)
