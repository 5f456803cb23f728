"""Timelines as bytes, to be kept between requests and machines: a JSON line, then the posts as Arrow IPC; counts are JSON.

No pickle, no cache.
"""

import hashlib
import io
import json
from datetime import UTC, datetime
from typing import Any

import polars as pl

from dashboard.core import errors, posts
from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import RateLimited, SourceError
from dashboard.core.posts import Timeline

_FORMAT_VERSION = 3  # a shelf that holds another format is read as empty
_ERROR_CLASSES = {noun.__name__: noun for noun in vars(errors).values() if isinstance(noun, type) and issubclass(noun, SourceError)}


def dump_timeline(timeline: Timeline) -> bytes:
    """Return a timeline as bytes that `loads` reads back."""
    buffer = io.BytesIO()
    timeline.posts.write_ipc(buffer, compression="zstd")
    body = buffer.getvalue()
    head = {
        "format": _FORMAT_VERSION,
        "account": timeline.account,
        "cut_by": timeline.cut_by,
        "fetched_at": timeline.fetched_at.isoformat(),
        "failure": _failure_to_dict(timeline.failure),
        "failed_at": timeline.failed_at and timeline.failed_at.isoformat(),
    }
    written = json.dumps(head).encode()
    return b"\n".join((_digest(written + body), written, body))


def parse_timeline(data: bytes | None) -> Timeline | None:
    """Return the timeline that `dumps` wrote, None if there is none, or it is of another format or not what was written."""
    digest, _, rest = (data or b"").partition(b"\n")
    head, _, body = rest.partition(b"\n")
    if digest != _digest(head + body):  # polars aborts the process on damaged bytes, so it never sees any
        return None
    try:
        return _build_timeline(json.loads(head), body)
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None


def dump_counts(counts: HourlyCounts) -> bytes:
    """Return counts as bytes that `loads_counts` reads back."""
    told = {
        "format": _FORMAT_VERSION,
        "account": counts.account,
        "hours": {str(int(start.timestamp())): posts for start, posts in counts.posts_by_hour.items()},
        "ends": [end.isoformat() for end in (counts.since, counts.until, counts.fetched_at)],
        "cut_by": counts.cut_by,
        "failure": _failure_to_dict(counts.failure),
    }
    body = json.dumps(told).encode()
    return b"\n".join((_digest(body), body))


def parse_counts(data: bytes | None) -> HourlyCounts | None:
    """Return the counts that `dumps_counts` wrote, None as for `loads`."""
    digest, _, body = (data or b"").partition(b"\n")
    try:
        told: dict[str, Any] = json.loads(body) if digest == _digest(body) else {"format": None}
        if told["format"] != _FORMAT_VERSION:
            return None
        hours = {datetime.fromtimestamp(int(start), UTC): int(posts) for start, posts in told["hours"].items()}
        since, until, fetched_at = map(datetime.fromisoformat, told["ends"])
        return HourlyCounts(str(told["account"]), hours, since, until, told["cut_by"], fetched_at, _failure_from_dict(told["failure"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _build_timeline(header: dict[str, Any], body: bytes) -> Timeline | None:
    if header["format"] != _FORMAT_VERSION or not isinstance(header["account"], str):
        return None
    frame = pl.read_ipc(io.BytesIO(body)).select(list(posts.SCHEMA)).cast(pl.Schema(posts.SCHEMA))
    failed_at = datetime.fromisoformat(header["failed_at"]) if header["failed_at"] else None
    failure = _failure_from_dict(header["failure"])
    return Timeline(header["account"], frame, header["cut_by"], datetime.fromisoformat(header["fetched_at"]), failure, failed_at=failed_at)


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
    noun = _ERROR_CLASSES.get(fields["noun"], SourceError)
    if noun is RateLimited:
        resets_at = datetime.fromisoformat(fields["resets_at"]) if fields["resets_at"] else None
        return RateLimited(fields["account"], fields["detail"], fields["advice"], resets_at=resets_at)
    return noun(fields["account"], fields["detail"], fields["advice"])
