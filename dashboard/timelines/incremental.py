"""Unbroken runs of an account's posts: what must still be read to answer a question, how two runs join, what part answers it.

Pure functions of timelines and the current time, `now`. Nothing is read, kept or paid for in here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from dashboard.core import posts
from dashboard.core.errors import RateLimited, SourceError
from dashboard.core.posts import Timeline
from dashboard.core.query import MAX_POSTS_PER_ACCOUNT
from dashboard.sources.base import TimelineRequest

MAX_FRESH_AGE = timedelta(hours=1)  # how long the newest post is believed to be the newest
MIN_BACKOFF = timedelta(seconds=30)  # a failure is remembered so long, so that reloading a page does not hammer a network that is down
MAX_BACKOFF = timedelta(minutes=15)  # the most that a rate limit is remembered
_COMPLETE_CUTS = (None, "network")  # cut_by of a timeline that holds everything there is
_FAILURE_CUTS = ("rate_limit", "failure")
_INTERRUPTED_CUTS = (*_FAILURE_CUTS, "deadline", "repeats", "stopped")


@dataclass(frozen=True)
class ReadStep:
    """One read that is still needed; `side` says whether it continues what is kept at its newer or older end, or begins anew."""

    request: TimelineRequest
    direction: str  # "newer", "older" or "all"


def plan_next_read(
    newest_run: Timeline | None, older_run: Timeline | None, request: TimelineRequest, now: datetime, *, can_resume: bool
) -> ReadStep | None:
    """Return the next read that a question needs, None if what is kept answers it or the network is to be left alone.

    `behind` is an older run that a gap parts from `kept`: it is joined when reading comes so far.
    """
    if newest_run is None or is_backing_off(newest_run, now):
        return None if newest_run else ReadStep(request, "all")
    stale = now - newest_run.fetched_at >= MAX_FRESH_AGE and (request.until is None or request.until > newest_run.fetched_at)
    missing = request.limit - posts_in_span(newest_run, request).height
    deeper = missing > 0 and newest_run.cut_by not in _COMPLETE_CUTS and not reaches_start(newest_run, request)
    dated = newest_run.posts.drop_nulls("created_at")
    if dated.is_empty() or not can_resume:
        return ReadStep(request, "all") if stale or deeper or (dated.is_empty() and newest_run.failure) else None
    if stale:
        return ReadStep(replace(request, newer_than=dated["id"][0]), "newer")
    if not deeper:
        return None
    oldest = dated["created_at"][-1] + timedelta(microseconds=1)  # another post may be of the same moment
    known = older_run.posts["id"][0] if older_run and not older_run.posts.is_empty() else None
    return ReadStep(replace(request, limit=missing, older_than=dated["id"][-1], newer_than=known, until=oldest), "older")


def merge_read(
    newest_run: Timeline | None, older_run: Timeline | None, fetched: Timeline, completed_step: ReadStep
) -> tuple[Timeline, Timeline | None]:
    """Return the run of newest posts after a read, and the run that a gap parts from it, if any."""
    if newest_run is None or completed_step.direction == "all":
        worse = newest_run is not None and fetched.cut_by in _INTERRUPTED_CUTS and fetched.posts.height < newest_run.posts.height
        return (with_failure(newest_run, fetched.failure, fetched.fetched_at) if newest_run and worse else fetched), older_run
    if completed_step.direction == "newer":
        if fetched.cut_by is not None:
            longer = older_run if older_run and older_run.posts.height > newest_run.posts.height else newest_run
            failed = with_failure(newest_run, fetched.failure, fetched.fetched_at)
            return (failed, older_run) if fetched.posts.is_empty() else (fetched, longer)
        return replace(
            _concatenate_runs(fetched, newest_run, newest_run), fetched_at=fetched.fetched_at, failure=None, failed_at=None
        ), older_run
    together = replace(
        _concatenate_runs(newest_run, fetched, fetched),
        failure=fetched.failure,
        failed_at=fetched.fetched_at,
        fetched_at=newest_run.fetched_at,
    )
    if completed_step.request.newer_than and fetched.cut_by is None and older_run:
        return _concatenate_runs(together, older_run, older_run), None
    return together, older_run


def with_failure(run: Timeline, error: SourceError | None, failed_at: datetime) -> Timeline:
    """Return a run beside which a read has just failed."""
    return replace(run, failure=error, failed_at=failed_at) if error else run


def select_requested(timeline: Timeline, request: TimelineRequest, now: datetime) -> Timeline:
    """Return the part of a timeline that was asked for, with why it ends there.

    A failure at the older end is no matter to whom there are posts enough; at the newer end it always is.
    """
    found = posts_in_span(timeline, request)
    outdated = now - timeline.fetched_at >= MAX_FRESH_AGE
    if found.height >= request.limit:
        more = found.height > request.limit or timeline.cut_by not in _COMPLETE_CUTS
        cut: posts.CutReason | None = ("cap" if request.limit >= MAX_POSTS_PER_ACCOUNT else "n") if more else None
        return replace(timeline, posts=found.head(request.limit), cut_by=cut, failure=timeline.failure if outdated else None)
    if reaches_start(timeline, request) and timeline.cut_by not in _FAILURE_CUTS:
        return replace(timeline, posts=found, cut_by=None)
    if timeline.failure and timeline.cut_by in ("n", "cap"):
        return replace(timeline, posts=found, cut_by="rate_limit" if isinstance(timeline.failure, RateLimited) else "failure")
    return replace(timeline, posts=found)


def covers_request(run: Timeline, request: TimelineRequest, now: datetime) -> bool:
    """Say whether the run of the newest posts answers for a span: up to date to its end, and reaching to its start or far enough."""
    current = now - run.fetched_at < MAX_FRESH_AGE or (request.until is not None and request.until <= run.fetched_at)
    return current and (run.cut_by in _COMPLETE_CUTS or reaches_start(run, request) or posts_in_span(run, request).height >= request.limit)


def reaches_start(timeline: Timeline, request: TimelineRequest) -> bool:
    """Say whether a timeline goes back to the start of a span."""
    first = timeline.posts["created_at"].min()
    return request.since is not None and isinstance(first, datetime) and first < request.since


def posts_in_span(timeline: Timeline, request: TimelineRequest) -> pl.DataFrame:
    """Return the posts of the wanted span."""
    after = pl.col("created_at") >= request.since if request.since else pl.lit(True)
    before = pl.col("created_at") < request.until if request.until else pl.lit(True)
    return timeline.posts.filter(after & before) if request.since or request.until else timeline.posts


def is_backing_off(timeline: Timeline, now: datetime) -> bool:
    """Say whether the network is still to be left alone after a failure."""
    since = timeline.failed_at or timeline.fetched_at
    return timeline.failure is not None and now < since + backoff_duration(timeline.failure, since)


def backoff_duration(failure: SourceError, failed_at: datetime) -> timedelta:
    """Return how long a network is left alone after a failure."""
    if isinstance(failure, RateLimited) and failure.resets_at:
        wait: timedelta = failure.resets_at - failed_at
        return min(MAX_BACKOFF, max(MIN_BACKOFF, wait))
    return MIN_BACKOFF


def _concatenate_runs(newer: Timeline, older: Timeline, end_source: Timeline) -> Timeline:
    """Return two adjoining runs as one that ends as the older one does, no longer than the cap."""
    together = pl.concat([newer.posts, older.posts]).unique("id", keep="first", maintain_order=True)
    frame = together.sort("created_at", descending=True, nulls_last=True, maintain_order=True)
    return replace(
        newer, posts=frame.head(MAX_POSTS_PER_ACCOUNT), cut_by="cap" if frame.height > MAX_POSTS_PER_ACCOUNT else end_source.cut_by
    )
