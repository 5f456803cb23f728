"""Recognises the versions of an edited post, so that it counts once, in its newest wording. Versions are dropped in `post_parts.py`."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.raw_posts import RawPosts
from dashboard.sources.files.shapes.shape import get_value

_MAX_VERSIONS = 100
_MAX_HISTORY_CHARS = 4_000


def parse_versions(batch: RawPosts, ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return columns `original_id` and `version` for posts with these IDs, as `parse_version` has them; None where it has neither."""
    if batch.fields.isdisjoint(("versions", "edited_at")):
        return {"original_id": [None] * len(batch), "version": [None] * len(batch)}
    versions = [parse_version(batch.post(n), batch.paths(n), post_id) for n, post_id in enumerate(ids)]
    return {name: [version.get(name) for version in versions] for name in ("original_id", "version")}


def parse_version(post: RawPost, field_paths: FieldPaths, post_id: str) -> Mapping[str, Any]:
    """Return what distinguishes versions: `original_id`, if each has its own ID, and `version`, which grows. Empty for other posts."""
    history = _parse_history(post, field_paths)
    if len(history) > 1 and post_id in history:
        return {"original_id": history[0], "version": history.index(post_id)}
    edited_at = first_value(post, field_paths.get("edited_at"))
    try:
        moment = datetime.fromisoformat(edited_at) if isinstance(edited_at, str) else None
        return {"version": int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())} if moment else {}
    except (ValueError, OverflowError):
        return {}


def _parse_history(post: RawPost, field_paths: FieldPaths) -> list[str]:
    """Return the IDs of all versions, oldest first: X lists them with each version."""
    for path in field_paths.get("versions", ()):
        value = get_value(post, path)
        if isinstance(value, list):
            return [str(version) for version in value[:_MAX_VERSIONS] if isinstance(version, (str, int))]
        if isinstance(value, str):
            return re.findall(r"\d{1,20}", value[:_MAX_HISTORY_CHARS])[:_MAX_VERSIONS]
    return []
