"""Decides what still has to be read to answer a request, how two runs of posts are merged, and which part answers the request.

A run is a timeline without gaps. All functions are pure and get the current time as `now`. Nothing is read, cached or paid for here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from dashboard.core import posts
from dashboard.core.posts import Timeline
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.core.source_errors import RateLimited, SourceError
from dashboard.sources.base import TimelineRequest

MAX_FRESH_AGE = timedelta(hours=1)  # how long a timeline counts as up to date
MIN_BACKOFF = timedelta(seconds=30)  # after a failure, so that reloading a page doesn't overload a network that is down
MAX_BACKOFF = timedelta(minutes=15)  # after a rate limit
_COMPLETE_CUTS = (None, "network")  # values of cut_by for a timeline that has every post
_FAILURE_CUTS = ("rate_limit", "failure")
_INTERRUPTED_CUTS = (*_FAILURE_CUTS, "deadline", "repeats", "stopped")


@dataclass(frozen=True)
class ReadStep:
    """A read that is still needed. `direction` says whether it extends the cached run at its newer or older end, or replaces it."""

    request: TimelineRequest
    direction: str  # "newer", "older" or "all"


def plan_next_read(
    newest_run: Timeline | None, older_run: Timeline | None, request: TimelineRequest, now: datetime, *, can_resume: bool
) -> ReadStep | None:
    """Return the next read that a request needs, or None if the cached run answers it or it is too early to ask the network again.

    `older_run` is separated from `newest_run` by a gap; the two are merged once reading has closed it.
    """
    if newest_run is None or is_backing_off(newest_run, now):
        return None if newest_run else ReadStep(request, "all")
    is_stale = now - newest_run.fetched_at >= MAX_FRESH_AGE and (request.until is None or request.until > newest_run.fetched_at)
    missing_posts = request.limit - posts_in_span(newest_run, request).height
    needs_older = missing_posts > 0 and newest_run.cut_by not in _COMPLETE_CUTS and not reaches_start(newest_run, request)
    dated_posts = newest_run.posts.drop_nulls("created_at")
    if dated_posts.is_empty() or not can_resume:
        return ReadStep(request, "all") if is_stale or needs_older or (dated_posts.is_empty() and newest_run.failure) else None
    if is_stale:
        return ReadStep(replace(request, newer_than=dated_posts["id"][0]), "newer")
    if not needs_older:
        return None
    until = dated_posts["created_at"][-1] + timedelta(microseconds=1)  # another post may have the same time
    newer_than = older_run.posts["id"][0] if older_run and not older_run.posts.is_empty() else None
    return ReadStep(replace(request, limit=missing_posts, older_than=dated_posts["id"][-1], newer_than=newer_than, until=until), "older")


def merge_read(
    newest_run: Timeline | None, older_run: Timeline | None, fetched: Timeline, completed_step: ReadStep
) -> tuple[Timeline, Timeline | None]:
    """Return the newest run after a read, and the older run that a gap separates from it, if any.

    The name is the one that was read last, because people rename their accounts.
    """
    merged_run, older_run = _merge_posts(newest_run, older_run, fetched, completed_step)
    name = fetched.name or (newest_run.name if newest_run else "")
    return merged_run if merged_run.name == name else replace(merged_run, name=name), older_run


def _merge_posts(
    newest_run: Timeline | None, older_run: Timeline | None, fetched: Timeline, completed_step: ReadStep
) -> tuple[Timeline, Timeline | None]:
    if newest_run is None or completed_step.direction == "all":
        is_worse = newest_run is not None and fetched.cut_by in _INTERRUPTED_CUTS and fetched.posts.height < newest_run.posts.height
        return (with_failure(newest_run, fetched.failure, fetched.fetched_at) if newest_run and is_worse else fetched), older_run
    if completed_step.direction == "newer":
        if fetched.cut_by is not None:
            longer_run = older_run if older_run and older_run.posts.height > newest_run.posts.height else newest_run
            failed = with_failure(newest_run, fetched.failure, fetched.fetched_at)
            return (failed, older_run) if fetched.posts.is_empty() else (fetched, longer_run)
        return replace(
            _concatenate_runs(fetched, newest_run, newest_run), fetched_at=fetched.fetched_at, failure=None, failed_at=None
        ), older_run
    extended_run = replace(
        _concatenate_runs(newest_run, fetched, fetched),
        failure=fetched.failure,
        failed_at=fetched.fetched_at,
        fetched_at=newest_run.fetched_at,
    )
    if completed_step.request.newer_than and fetched.cut_by is None and older_run:
        return _concatenate_runs(extended_run, older_run, older_run), None
    return extended_run, older_run


def with_failure(run: Timeline, error: SourceError | None, failed_at: datetime) -> Timeline:
    """Return a run with the failure of a later read added."""
    return replace(run, failure=error, failed_at=failed_at) if error else run


def select_requested(timeline: Timeline, request: TimelineRequest, now: datetime) -> Timeline:
    """Return the requested part of a timeline, with the reason why it ends there.

    A failure at the older end doesn't matter if there are enough posts; one at the newer end always does.
    """
    selected = posts_in_span(timeline, request)
    is_outdated = now - timeline.fetched_at >= MAX_FRESH_AGE
    if selected.height >= request.limit:
        has_more = selected.height > request.limit or timeline.cut_by not in _COMPLETE_CUTS
        cut_by: posts.CutReason | None = ("cap" if request.limit >= MAX_POSTS_PER_ACCOUNT else "n") if has_more else None
        return replace(timeline, posts=selected.head(request.limit), cut_by=cut_by, failure=timeline.failure if is_outdated else None)
    if reaches_start(timeline, request) and timeline.cut_by not in _FAILURE_CUTS:
        return replace(timeline, posts=selected, cut_by=None)
    if timeline.failure and timeline.cut_by in ("n", "cap", "stopped"):
        return replace(timeline, posts=selected, cut_by="rate_limit" if isinstance(timeline.failure, RateLimited) else "failure")
    return replace(timeline, posts=selected)


def covers_request(run: Timeline, request: TimelineRequest, now: datetime) -> bool:
    """Return whether a run answers a request: it is up to date, and reaches back to the start or has enough posts."""
    is_current = now - run.fetched_at < MAX_FRESH_AGE or (request.until is not None and request.until <= run.fetched_at)
    return is_current and (
        run.cut_by in _COMPLETE_CUTS or reaches_start(run, request) or posts_in_span(run, request).height >= request.limit
    )


def reaches_start(timeline: Timeline, request: TimelineRequest) -> bool:
    """Return whether a timeline reaches back to the start of a request."""
    first = timeline.posts["created_at"].min()
    return request.since is not None and isinstance(first, datetime) and first < request.since


def posts_in_span(timeline: Timeline, request: TimelineRequest) -> pl.DataFrame:
    """Return the posts from `since` up to, but not including, `until` of a request."""
    after = pl.col("created_at") >= request.since if request.since else pl.lit(True)
    before = pl.col("created_at") < request.until if request.until else pl.lit(True)
    return timeline.posts.filter(after & before) if request.since or request.until else timeline.posts


def is_backing_off(timeline: Timeline, now: datetime) -> bool:
    """Return whether it is too early to ask the network again after a failure."""
    since = timeline.failed_at or timeline.fetched_at
    return timeline.failure is not None and now < since + backoff_duration(timeline.failure, since)


def backoff_duration(failure: SourceError, failed_at: datetime) -> timedelta:
    """Return how long to wait after a failure before asking the network again."""
    if isinstance(failure, RateLimited) and failure.resets_at:
        wait: timedelta = failure.resets_at - failed_at
        return min(MAX_BACKOFF, max(MIN_BACKOFF, wait))
    return MIN_BACKOFF


def _concatenate_runs(newer: Timeline, older: Timeline, end_source: Timeline) -> Timeline:
    """Return two adjoining runs as one that ends like `end_source`, with at most MAX_POSTS_PER_ACCOUNT posts."""
    unique_posts = pl.concat([newer.posts, older.posts]).unique("id", keep="first", maintain_order=True)
    sorted_posts = unique_posts.sort("created_at", descending=True, nulls_last=True, maintain_order=True)
    return replace(
        newer,
        posts=sorted_posts.head(MAX_POSTS_PER_ACCOUNT),
        cut_by="cap" if sorted_posts.height > MAX_POSTS_PER_ACCOUNT else end_source.cut_by,
    )
