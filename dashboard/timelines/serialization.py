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
from dashboard.core.counts import Counts
from dashboard.core.errors import RateLimited, SourceError
from dashboard.core.posts import Timeline

_FORMAT = 3  # a shelf that holds another format is read as empty
_NOUNS = {noun.__name__: noun for noun in vars(errors).values() if isinstance(noun, type) and issubclass(noun, SourceError)}


def dumps(timeline: Timeline) -> bytes:
    """Return a timeline as bytes that `loads` reads back."""
    buffer = io.BytesIO()
    timeline.posts.write_ipc(buffer, compression="zstd")
    body = buffer.getvalue()
    head = {
        "format": _FORMAT,
        "account": timeline.account,
        "cut_by": timeline.cut_by,
        "fetched_at": timeline.fetched_at.isoformat(),
        "failure": _failure(timeline.failure),
        "failed_at": timeline.failed_at and timeline.failed_at.isoformat(),
    }
    written = json.dumps(head).encode()
    return b"\n".join((_digest(written + body), written, body))


def loads(kept: bytes | None) -> Timeline | None:
    """Return the timeline that `dumps` wrote, None if there is none, or it is of another format or not what was written."""
    digest, _, rest = (kept or b"").partition(b"\n")
    head, _, body = rest.partition(b"\n")
    if digest != _digest(head + body):  # polars aborts the process on damaged bytes, so it never sees any
        return None
    try:
        return _read(json.loads(head), body)
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None


def dumps_counts(counts: Counts) -> bytes:
    """Return counts as bytes that `loads_counts` reads back."""
    told = {
        "format": _FORMAT,
        "account": counts.account,
        "hours": {str(int(start.timestamp())): posts for start, posts in counts.hours.items()},
        "ends": [end.isoformat() for end in (counts.since, counts.until, counts.fetched_at)],
        "cut_by": counts.cut_by,
        "failure": _failure(counts.failure),
    }
    body = json.dumps(told).encode()
    return b"\n".join((_digest(body), body))


def loads_counts(kept: bytes | None) -> Counts | None:
    """Return the counts that `dumps_counts` wrote, None as for `loads`."""
    digest, _, body = (kept or b"").partition(b"\n")
    try:
        told: dict[str, Any] = json.loads(body) if digest == _digest(body) else {"format": None}
        if told["format"] != _FORMAT:
            return None
        hours = {datetime.fromtimestamp(int(start), UTC): int(posts) for start, posts in told["hours"].items()}
        since, until, fetched_at = map(datetime.fromisoformat, told["ends"])
        return Counts(str(told["account"]), hours, since, until, told["cut_by"], fetched_at, _told(told["failure"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _read(told: dict[str, Any], body: bytes) -> Timeline | None:
    if told["format"] != _FORMAT or not isinstance(told["account"], str):
        return None
    frame = pl.read_ipc(io.BytesIO(body)).select(list(posts.SCHEMA)).cast(pl.Schema(posts.SCHEMA))
    failed_at = datetime.fromisoformat(told["failed_at"]) if told["failed_at"] else None
    failure = _told(told["failure"])
    return Timeline(told["account"], frame, told["cut_by"], datetime.fromisoformat(told["fetched_at"]), failure, failed_at=failed_at)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode()


def _failure(failure: SourceError | None) -> dict[str, Any] | None:
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


def _told(kept: dict[str, Any] | None) -> SourceError | None:
    if kept is None:
        return None
    noun = _NOUNS.get(kept["noun"], SourceError)
    if noun is RateLimited:
        resets_at = datetime.fromisoformat(kept["resets_at"]) if kept["resets_at"] else None
        return RateLimited(kept["account"], kept["detail"], kept["advice"], resets_at=resets_at)
    return noun(kept["account"], kept["detail"], kept["advice"])
