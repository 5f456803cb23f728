"""Timelines as bytes, to be kept between requests and machines: a JSON line, then the posts as Arrow IPC. No pickle, no cache."""

import io
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from dashboard import errors, posts
from dashboard.errors import RateLimited, SourceError
from dashboard.posts import Timeline

_FORMAT = 1  # a shelf that holds another format is read as empty
_NOUNS = {noun.__name__: noun for noun in vars(errors).values() if isinstance(noun, type) and issubclass(noun, SourceError)}


def dumps(timeline: Timeline) -> bytes:
    """Return a timeline as bytes that `loads` reads back."""
    head = {
        "format": _FORMAT,
        "account": timeline.account,
        "cut_by": timeline.cut_by,
        "fetched_at": timeline.fetched_at.isoformat(),
        "failure": _failure(timeline.failure),
    }
    body = io.BytesIO()
    timeline.posts.write_ipc(body, compression="zstd")
    return json.dumps(head).encode() + b"\n" + body.getvalue()


def loads(kept: bytes | None) -> Timeline | None:
    """Return the timeline that `dumps` wrote, None if there is none or it is of another format or damaged."""
    if kept is None:
        return None
    head, _, body = kept.partition(b"\n")
    try:
        told = json.loads(head)
        if not isinstance(told, dict) or told.get("format") != _FORMAT:
            return None
        frame = pl.read_ipc(io.BytesIO(body)).select(list(posts.SCHEMA)).cast(pl.Schema(posts.SCHEMA))
        return Timeline(told["account"], frame, told["cut_by"], datetime.fromisoformat(told["fetched_at"]), _told(told["failure"]))
    except (ValueError, KeyError, pl.exceptions.PolarsError):
        return None


def newest(timeline: Timeline, limit: int, cap: int) -> Timeline | None:
    """Return what a read of `limit` posts would have brought, None if that takes a longer read than this one was."""
    height = timeline.posts.height
    if limit > height and timeline.cut_by in ("n", "cap"):
        return None
    if limit < height:
        return replace(timeline, posts=timeline.posts.head(limit), cut_by="n", failure=None)
    return replace(timeline, cut_by="cap" if limit >= cap else "n") if timeline.cut_by == "n" else timeline


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
