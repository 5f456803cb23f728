"""Reads a complete timeline, or all counts, from any source: limits, repeats, deadlines and partial results are handled here.

Nothing in here knows about particular networks, HTTP, charts or caches.
"""

import time
from collections import Counter
from contextlib import closing
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.core import posts
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import RateLimited, SourceError, SourceUnavailable
from dashboard.core.posts import CutReason, Timeline
from dashboard.core.query import MAX_POSTS_PER_ACCOUNT
from dashboard.sources.base import CountSource, Page, ProgressListener, Source, TimelineRequest, TimeSpan, matches_request

FETCH_TIMEOUT_SECONDS = 60.0  # that reading one account may take
MAX_PAGES = 200  # of one account: more than any real timeline of MAX_POSTS_PER_ACCOUNT posts has


def fetch_timeline(
    source: Source,
    account: Account,
    request: TimelineRequest,
    *,
    timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
    listener: ProgressListener | None = None,
    clock: Clock = system_clock,
) -> Timeline:
    """Read one account's timeline page by page, until the limit, the end, a known post, a failure or a page that repeats another.

    A failure before the first post is raised, with its bill. A later one is kept in the Timeline, with the posts read until then.
    """
    deadline, listener = time.monotonic() + timeout_seconds, listener or ProgressListener()
    ids, post_count, frames = set[str](), 0, [posts.empty_frame()]
    cut_by, failure, bill = None, None, Counter[str]()
    with closing(source.iter_pages(account, request, deadline)) as pages:
        try:
            for page_number, page in enumerate(pages, 1):
                bill.update(page.bill)
                new_rows = {row["id"]: row for row in reversed(page.rows) if row["id"] not in ids}
                ids.update(new_rows)
                frame = _build_frame(account, [row for row in reversed(new_rows.values()) if matches_request(row, request)])
                post_count += frame.height
                frames.append(frame)
                listener.on_progress(min(post_count, request.limit))
                if request.newer_than in ids or _is_before_request(page, request):
                    break
                cut_by = _stop_reason(page, page_number, not new_rows, post_count, request, deadline)
                if cut_by := cut_by or ("stopped" if listener.is_cancelled() else None):
                    break
        except SourceError as error:
            bill.update(error.bill)
            if not ids:
                error.bill = bill
                raise
            failure, cut_by = error, _cut_reason(error, deadline)
    if not ids and cut_by in ("deadline", "repeats"):
        raise SourceUnavailable(str(account), f"{source.network.title} sent one page after another without any posts by {account.label}.")
    return Timeline(str(account), _take_newest(frames, request.limit), cut_by, clock(), failure, bill)


def count_posts(
    source: CountSource,
    account: Account,
    span: TimeSpan,
    *,
    timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
    listener: ProgressListener | None = None,
    clock: Clock = system_clock,
) -> HourlyCounts:
    """Count one account's posts. The listener is called with the number of pages.

    A failure before the first post is raised, with its bill. A later one is kept in the counts.
    """
    deadline, listener = time.monotonic() + timeout_seconds, listener or ProgressListener()
    counts_by_hour, counted_since = dict[datetime, int](), span.until
    cut_by: CutReason | None = None
    failure, bill = None, Counter[str]()
    with closing(source.iter_count_pages(account, span, deadline)) as pages:
        try:
            for page_number, page in enumerate(pages, 1):
                bill.update(page.bill)
                counts_by_hour = {start: count for start, count in page.hourly_counts.items() if count} | counts_by_hour
                counted_since = max(span.since, min(counted_since, page.since))
                listener.on_progress(page_number)
                if counted_since > span.since and listener.is_cancelled():
                    cut_by = "stopped"
                    break
        except SourceError as error:
            bill.update(error.bill)
            if not counts_by_hour:
                error.bill = bill
                raise
            failure, cut_by = error, _cut_reason(error, deadline)
    if counted_since > span.since and cut_by is None:
        cut_by = "network"
    return HourlyCounts(str(account), counts_by_hour, counted_since, span.until, cut_by, clock(), failure, bill)


def _is_before_request(page: Page, request: TimelineRequest) -> bool:
    """Return whether a whole page is older than the requested span, so that no later page can belong to it."""
    times = [row.get("created_at") for row in page.rows]
    return bool(request.since and times) and all(created_at is not None and created_at < request.since for created_at in times)


def _cut_reason(error: SourceError, deadline: float) -> CutReason:
    if time.monotonic() >= deadline:
        return "deadline"
    return "rate_limit" if isinstance(error, RateLimited) else "failure"


def _stop_reason(
    page: Page, page_number: int, has_only_known_posts: bool, post_count: int, request: TimelineRequest, deadline: float
) -> CutReason | None:
    """Return why reading ends after this page, or None if it continues. `post_count` counts the posts that belong to the request."""
    if post_count >= request.limit and request.limit >= MAX_POSTS_PER_ACCOUNT:
        return "cap"
    if post_count > request.limit or (post_count == request.limit and not page.is_last):
        return "n"
    if page.is_truncated:
        return "network"
    if page_number >= MAX_PAGES or (page.rows and has_only_known_posts):
        return "repeats"
    return "deadline" if time.monotonic() > deadline else None


def _build_frame(account: Account, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return a page's rows as posts of an account. A frame takes a tenth of the memory of its rows."""
    return posts.build_frame([row | {"account": str(account)} for row in rows])


def _take_newest(frames: list[pl.DataFrame], limit: int) -> pl.DataFrame:
    """Return the newest `limit` posts. Those without a time come last."""
    return pl.concat(frames).sort("created_at", descending=True, nulls_last=True, maintain_order=True).head(limit)
