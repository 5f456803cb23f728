"""Where timelines come from: one file a network, all behind the Protocol below.

A source only turns pages of its network into rows; limits, repeats, deadlines and partial results are handled here,
once for all of them. Nothing here knows HTTP requests of ours, charts or caches.
"""

import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import polars as pl

from dashboard.core import posts
from dashboard.core.accounts import Account, Network
from dashboard.core.errors import RateLimited, SourceError, SourceUnavailable
from dashboard.core.pricing import Bill
from dashboard.core.query import MAX_POSTS_PER_ACCOUNT

FETCH_TIMEOUT_SECONDS = 60.0  # seconds that one account's fetch may take
MAX_PAGES = 200  # of one account: above any honest timeline of CAP posts


@dataclass(frozen=True)
class TimelineRequest:
    """What to read of an account: at most `limit` posts, newest first, of the half-open span since <= created_at < until (aware UTC).

    `newer_than` and `older_than` are ids of posts that are known already, neither included.
    """

    limit: int
    since: datetime | None = None
    until: datetime | None = None
    newer_than: str | None = None
    older_than: str | None = None


@dataclass(frozen=True)
class Readiness:
    """Whether a network can be read here; `sentence` tells a person so, and what a missing one needs."""

    ready: bool
    message: str


@dataclass(frozen=True)
class Page:
    """Some rows of a timeline (keys of posts.SCHEMA but `account`), newest first.

    `last`: no page follows; `cut`: the network gives no older posts, though there are some; `bill`: what it charges for the page.
    """

    rows: list[dict[str, Any]]
    is_truncated: bool = False
    is_last: bool = False
    bill: Bill = field(default_factory=dict)


class Source(Protocol):
    """One network. `pages` yields a timeline page by page and raises a SourceError when it can't go on."""

    network: Network
    name: str  # the network's own spelling
    supports_incremental: bool  # whether it can be asked for what is older or newer than a post

    def readiness(self) -> Readiness:
        """Say whether this network can be read here, without asking it."""
        ...

    def max_bill(self, account: Account, post_count: int) -> Bill:
        """Return the most that reading so many posts of an account is charged for; empty where nothing is."""
        ...

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Yield pages, newest first, until the timeline ends; may bring more posts than wanted, the reader cuts.

        `deadline` is a time.monotonic() value that no request may outlive. The generator may be closed at any page.
        """
        ...


@dataclass(frozen=True)
class ProgressListener:
    """Who waits for a read: is told the number of posts after each page, and may have gone away."""

    on_progress: Callable[[int], None] = lambda posts: None
    is_cancelled: Callable[[], bool] = lambda: False


def fetch_timeline(
    source: Source,
    account: Account,
    request: TimelineRequest,
    *,
    timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
    listener: ProgressListener | None = None,
) -> posts.Timeline:
    """Read one account's timeline: pages until the limit, the end, a known post, a failure or a network that goes round in circles.

    A failure before the first post is raised, with its bill; one after it is kept in the Timeline with the posts already read.
    """
    deadline = time.monotonic() + timeout_seconds
    listener = listener or ProgressListener()
    ids, found, parts = set[str](), 0, [posts.empty_frame()]
    cut_by, failure, bill = None, None, Counter[str]()
    with closing(source.iter_pages(account, request, deadline)) as pages:
        try:
            for number, page in enumerate(pages, 1):
                bill.update(page.bill)
                new = {row["id"]: row for row in reversed(page.rows) if row["id"] not in ids}
                ids.update(new)
                part = _build_frame(account, [row for row in reversed(new.values()) if matches_request(row, request)])
                found += part.height
                parts.append(part)
                listener.on_progress(min(found, request.limit))
                if request.newer_than in ids or _is_before_request(page, request):
                    break
                cut_by = _stop_reason(page, number, not new, found, request, deadline) or ("stopped" if listener.is_cancelled() else None)
                if cut_by:
                    break
        except SourceError as error:
            bill.update(error.bill)
            if not ids:
                error.bill = bill
                raise
            failure, cut_by = error, _cut_reason(error, deadline)
    if not ids and cut_by in ("deadline", "repeats"):
        raise SourceUnavailable(str(account), f"{source.name} sent page after page without a post of {account.label}.")
    return posts.Timeline(str(account), _take_newest(parts, request.limit), cut_by, datetime.now(UTC), failure, bill)


def matches_request(row: dict[str, Any], request: TimelineRequest) -> bool:
    """Say whether a post is wanted: of the span, and none of the known ones; one whose time nobody knows is of any span."""
    if row["id"] in (request.newer_than, request.older_than):
        return False
    moment = row.get("created_at")
    return moment is None or ((request.since is None or moment >= request.since) and (request.until is None or moment < request.until))


def _is_before_request(page: Page, request: TimelineRequest) -> bool:
    """Say whether a page is wholly older than the wanted span, so that none of the next can be of it."""
    moments = [row.get("created_at") for row in page.rows]
    return bool(request.since and moments) and all(moment is not None and moment < request.since for moment in moments)


def _cut_reason(error: SourceError, deadline: float) -> posts.CutReason:
    if time.monotonic() >= deadline:
        return "deadline"
    return "rate_limit" if isinstance(error, RateLimited) else "failure"


def _stop_reason(
    page: Page, page_number: int, nothing_new: bool, post_count: int, request: TimelineRequest, deadline: float
) -> posts.CutReason | None:
    """Say why reading ends after this page, None if it goes on; `found` are the posts of the wanted span so far."""
    if post_count >= request.limit and request.limit >= MAX_POSTS_PER_ACCOUNT:
        return "cap"
    if post_count > request.limit or (post_count == request.limit and not page.is_last):
        return "n"
    if page.is_truncated:
        return "network"
    if page_number >= MAX_PAGES or (page.rows and nothing_new):
        return "repeats"
    return "deadline" if time.monotonic() > deadline else None


def _build_frame(account: Account, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return a page's rows as posts of an account: a frame is a tenth of what its rows take."""
    return posts.build_frame([row | {"account": str(account)} for row in rows])


def _take_newest(frames: list[pl.DataFrame], limit: int) -> pl.DataFrame:
    """Return the newest `limit` posts; those without a time come last."""
    return pl.concat(frames).sort("created_at", descending=True, nulls_last=True, maintain_order=True).head(limit)
