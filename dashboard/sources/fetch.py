"""Reads a complete timeline, or all counts, from any source: limits, repeats, deadlines and partial results are handled here.

Nothing in here knows about particular networks, HTTP, charts or caches.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.counts import HourlyCounts
from dashboard.core.messages import deferred
from dashboard.core.posts import CutReason, Timeline
from dashboard.core.pricing import Bill
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.core.source_errors import OutOfTime, RateLimited, SourceError, SourceUnavailable
from dashboard.sources.base import CountPage, CountSource, Page, ProgressListener, Source, TimelineRequest, TimeSpan
from dashboard.sources.metering import NULL_METER, Charges, Meter
from dashboard.sources.received_counts import ReceivedCounts
from dashboard.sources.received_posts import ReceivedPosts
from dashboard.sources.timely_meter import TimelyMeter

FETCH_TIMEOUT_SECONDS = 60.0  # that reading one account may take
MAX_PAGES = 200  # of one account: more than any real timeline of MAX_POSTS_PER_ACCOUNT posts has


def fetch_timeline(
    source: Source,
    account: Account,
    request: TimelineRequest,
    *,
    timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
    listener: ProgressListener | None = None,
    meter: Meter = NULL_METER,
    save_partial: Callable[[Timeline], None] = lambda timeline: None,
    clock: Clock = system_clock,
) -> Timeline:
    """Read one account's timeline page by page, until the limit, the end, a known post, a failure or a page that repeats another.

    A failure before the first post is raised, with its bill. A later one is kept in the Timeline, with the posts read until then.
    `meter` records what is paid for, and may refuse a request. `save_partial` gets what was read after each page but the last.
    """
    deadline, listener = time.monotonic() + timeout_seconds, listener or ProgressListener()
    received, cut_by, failure = ReceivedPosts(account, request, clock), None, None
    charges = Charges(TimelyMeter(meter, source, account, deadline))

    def save_received() -> None:
        save_partial(Timeline(str(account), received.newest(), "stopped", clock(), bill=charges.bill, name=received.name))

    with closing(source.iter_pages(account, request, deadline)) as pages:
        try:
            cut_by = _receive_posts(charges.iter_pages(pages), received, request, listener, deadline, save_received)
        except SourceError as error:
            failure, cut_by = _end_early(error, charges, deadline, has_posts=bool(received.ids))
    if not received.ids and cut_by in ("deadline", "repeats"):
        raise _no_posts_error(source, account, charges.bill)
    return Timeline(str(account), received.newest(), cut_by, clock(), failure, charges.bill, name=received.name)


def _receive_posts(
    pages: Iterator[Page],
    received: ReceivedPosts,
    request: TimelineRequest,
    listener: ProgressListener,
    deadline: float,
    save_received: Callable[[], None],
) -> CutReason | None:
    """Add pages to `received` until one of them is the last, and return why reading ended before the end of the timeline."""
    for page_number, page in enumerate(pages, 1):
        has_new_posts = received.add_page(page)
        listener.on_progress(min(received.count, request.limit))
        if request.newer_than in received.ids or _is_before_request(page, request):
            return None
        if cut_by := _stop_reason(page, page_number, not has_new_posts, received.count, request, deadline):
            return cut_by
        if listener.is_cancelled():
            return "stopped"
        if not page.is_last:
            save_received()
    return None


def _end_early(error: SourceError, charges: Charges, deadline: float, *, has_posts: bool) -> tuple[SourceError | None, CutReason]:
    """Return the failure to report beside the posts that came before it, and why they aren't all. Raises it if there are none."""
    charges.end_requests(error.bill)
    if not has_posts:
        error.bill = charges.bill
        raise error
    return None if isinstance(error, OutOfTime) else error, _cut_reason(error, deadline)


def _no_posts_error(source: Source, account: Account, bill: Bill) -> SourceUnavailable:
    error = SourceUnavailable(
        str(account),
        deferred(
            "%(network)s sent one page after another without any posts by %(account)s.", network=source.network.title, account=account.label
        ),
    )
    error.bill = bill
    return error


def count_posts(
    source: CountSource,
    account: Account,
    span: TimeSpan,
    *,
    timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
    listener: ProgressListener | None = None,
    meter: Meter = NULL_METER,
    save_partial: Callable[[HourlyCounts], None] = lambda counts: None,
    clock: Clock = system_clock,
) -> HourlyCounts:
    """Count one account's posts. The listener is called with the number of pages; `meter` and `save_partial` are as in `fetch_timeline`.

    A failure before the first post is raised, with its bill. A later one is kept in the counts.
    """
    deadline, listener = time.monotonic() + timeout_seconds, listener or ProgressListener()
    received, cut_by, failure = ReceivedCounts(account, span, clock), None, None
    charges = Charges(TimelyMeter(meter, source, account, deadline))
    with closing(source.iter_count_pages(account, span, deadline)) as pages:
        try:
            cut_by = _receive_counts(charges.iter_pages(pages), received, listener, save_partial)
        except SourceError as error:
            failure, cut_by = _end_early(error, charges, deadline, has_posts=bool(received.posts_by_hour))
    return received.build(cut_by or (None if received.is_complete else "network"), failure, charges.bill)


def _receive_counts(
    pages: Iterator[CountPage], received: ReceivedCounts, listener: ProgressListener, save_partial: Callable[[HourlyCounts], None]
) -> CutReason | None:
    """Add pages to `received`, and return "stopped" if the listener ended that before the whole span was counted."""
    for page_number, page in enumerate(pages, 1):
        received.add_page(page)
        listener.on_progress(page_number)
        if received.is_complete:
            continue
        if listener.is_cancelled():
            return "stopped"
        save_partial(received.build("stopped"))
    return None


def _is_before_request(page: Page, request: TimelineRequest) -> bool:
    """Return whether a whole page is older than the requested span, so that no later page can belong to it."""
    times = [row.get("created_at") for row in page.rows]
    return bool(request.since and times) and all(created_at is not None and created_at < request.since for created_at in times)


def _cut_reason(error: SourceError, deadline: float) -> CutReason:
    if isinstance(error, OutOfTime) or time.monotonic() >= deadline:
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
