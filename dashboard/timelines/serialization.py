"""Converts timelines and counts to bytes and back, for the cache: a timeline is a JSON line and Arrow IPC, counts are JSON.

No pickle, because cached bytes must not run code. Caching itself belongs in `cache.py`.
"""

import hashlib
import io
import json
from datetime import UTC, datetime
from typing import Any

import polars as pl

from dashboard.core import posts, source_errors, spending_errors
from dashboard.core.counts import HourlyCounts
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import RateLimited, SourceError

_FORMAT_VERSION = 3  # entries of another version are ignored
_ERROR_CLASSES = {
    error_class.__name__: error_class
    for error_class in (vars(source_errors) | vars(spending_errors)).values()
    if isinstance(error_class, type) and issubclass(error_class, SourceError)
}


def dump_timeline(timeline: Timeline) -> bytes:
    """Return a timeline as bytes that `parse_timeline` reads back."""
    buffer = io.BytesIO()
    timeline.posts.write_ipc(buffer, compression="zstd")
    body = buffer.getvalue()
    header = {
        "format": _FORMAT_VERSION,
        "account": timeline.account,
        "cut_by": timeline.cut_by,
        "fetched_at": timeline.fetched_at.isoformat(),
        "failure": _failure_to_dict(timeline.failure),
        "failed_at": timeline.failed_at and timeline.failed_at.isoformat(),
        "name": timeline.name,
    }
    header_bytes = json.dumps(header).encode()
    return b"\n".join((_digest(header_bytes + body), header_bytes, body))


def read_digest(data: bytes) -> str:
    """Return the digest that an entry begins with, which is the version of its timeline."""
    return data.partition(b"\n")[0].decode("ascii", "replace")


def parse_timeline(data: bytes | None) -> Timeline | None:
    """Return the timeline that `dump_timeline` wrote, or None if there is none, it has another format, or it is damaged."""
    digest, _, rest = (data or b"").partition(b"\n")
    header, _, body = rest.partition(b"\n")
    if digest != _digest(header + body):  # polars must not see damaged bytes: they abort the process
        return None
    try:
        timeline = _build_timeline(json.loads(header), body)
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None
    return timeline and timeline.with_version(digest.decode())


def dump_counts(counts: HourlyCounts) -> bytes:
    """Return counts as bytes that `parse_counts` reads back."""
    fields = {
        "format": _FORMAT_VERSION,
        "account": counts.account,
        "hours": {str(int(start.timestamp())): posts for start, posts in counts.posts_by_hour.items()},
        "ends": [end.isoformat() for end in (counts.since, counts.until, counts.fetched_at)],
        "cut_by": counts.cut_by,
        "failure": _failure_to_dict(counts.failure),
        "name": counts.name,
    }
    body = json.dumps(fields).encode()
    return b"\n".join((_digest(body), body))


def parse_counts(data: bytes | None) -> HourlyCounts | None:
    """Return the counts that `dump_counts` wrote, or None as in `parse_timeline`."""
    digest, _, body = (data or b"").partition(b"\n")
    try:
        fields: dict[str, Any] = json.loads(body) if digest == _digest(body) else {"format": None}
        if fields["format"] != _FORMAT_VERSION:
            return None
        hours = {datetime.fromtimestamp(int(start), UTC): int(posts) for start, posts in fields["hours"].items()}
        since, until, fetched_at = map(datetime.fromisoformat, fields["ends"])
        failure, name = _failure_from_dict(fields["failure"]), _parse_name(fields)
        return HourlyCounts(str(fields["account"]), hours, since, until, fields["cut_by"], fetched_at, failure, name=name)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _build_timeline(header: dict[str, Any], body: bytes) -> Timeline | None:
    if header["format"] != _FORMAT_VERSION or not isinstance(header["account"], str):
        return None
    stored, schema = pl.read_ipc(io.BytesIO(body)), pl.Schema(posts.SCHEMA)
    frame = stored if stored.schema == schema else posts.complete_columns(stored.lazy()).select(list(schema)).collect().cast(schema)
    failed_at = datetime.fromisoformat(header["failed_at"]) if header["failed_at"] else None
    failure, fetched_at = _failure_from_dict(header["failure"]), datetime.fromisoformat(header["fetched_at"])
    name = _parse_name(header)
    return Timeline(header["account"], frame, header["cut_by"], fetched_at, failure, failed_at=failed_at, name=name)


def _parse_name(fields: dict[str, Any]) -> str:
    """Return the display name of an entry; entries that were stored before there were names have none."""
    return str(fields.get("name", ""))


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode()


def _failure_to_dict(failure: SourceError | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    resets_at = failure.resets_at.isoformat() if isinstance(failure, RateLimited) and failure.resets_at else None
    return {
        "noun": type(failure).__name__,
        "account": failure.account,
        "detail": failure.detail,
        "advice": failure.advice,
        "resets_at": resets_at,
    }


def _failure_from_dict(fields: dict[str, Any] | None) -> SourceError | None:
    if fields is None:
        return None
    error_class = _ERROR_CLASSES.get(fields["noun"], SourceError)
    if error_class is RateLimited:
        resets_at = datetime.fromisoformat(fields["resets_at"]) if fields["resets_at"] else None
        return RateLimited(fields["account"], fields["detail"], fields["advice"], resets_at=resets_at)
    return error_class(fields["account"], fields["detail"], fields["advice"])
