"""The form of Chorus's own export, which the converters give to posts. What a network's objects mean is decided in them, not here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Post = Mapping[str, Any]


def to_export(row: Post, account: Any) -> dict[str, Any]:
    """Return a row of a network as a post of Chorus's own export."""
    moment = row.get("created_at")
    created_at = moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else None
    return {**row, "created_at": created_at, "account": account}


def with_version(post: dict[str, Any], edited_at: Any) -> Post:
    """Return a post with the time of its last edit, if it has one."""
    return post | ({"edited_at": edited_at} if edited_at else {})
