"""Where timelines come from: one file a network, all behind the Protocol below.

A source only turns pages of its network into rows; limits, repeats, deadlines and partial results are handled here,
once for all of them. Nothing here knows HTTP requests of ours, charts or caches.
"""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import polars as pl

from dashboard import posts
from dashboard.accounts import Account, Network
from dashboard.errors import RateLimited, SourceError, SourceUnavailable
from dashboard.query import CAP

DEADLINE = 60.0  # seconds that one account's fetch may take
MOST_PAGES = 200  # of one account: above any honest timeline of CAP posts


@dataclass(frozen=True)
class Wanted:
    """What to read of an account: at most `limit` posts, newest first, of the half-open span since <= created_at < until (aware UTC)."""

    limit: int
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Readiness:
    """Whether a network can be read here; `sentence` tells a person so, and what a missing one needs."""

    ready: bool
    sentence: str


@dataclass(frozen=True)
class Page:
    """Some rows of a timeline (keys of posts.SCHEMA but `account`), newest first; `cut` says that the network itself gives no older ones."""

    rows: list[dict[str, Any]]
    cut: bool = False


class Source(Protocol):
    """One network. `pages` yields a timeline page by page and raises a SourceError when it can't go on."""

    network: Network
    name: str  # the network's own spelling

    def readiness(self) -> Readiness:
        """Say whether this network can be read here, without asking it."""
        ...

    def pages(self, account: Account, wanted: Wanted, deadline: float) -> Generator[Page, None, None]:
        """Yield pages, newest first, until the timeline ends; may bring more posts than wanted, the reader cuts.

        `deadline` is a time.monotonic() value that no request may outlive. The generator may be closed at any page.
        """
        ...


def read(source: Source, account: Account, wanted: Wanted, *, seconds: float = DEADLINE) -> posts.Timeline:
    """Read one account's timeline: pages until the limit, the end, a failure or a network that goes round in circles.

    A failure before the first post is raised; one after it is kept in the Timeline with the posts already read.
    """
    deadline = time.monotonic() + seconds
    rows: dict[str, dict[str, Any]] = {}
    cut_by: posts.CutBy | None = None
    failure = None
    with closing(source.pages(account, wanted, deadline)) as pages:
        try:
            for number, page in enumerate(pages, 1):
                known = len(rows)
                for row in page.rows:
                    rows.setdefault(row["id"], row)
                in_span = [row for row in rows.values() if _inside(row, wanted)]
                cut_by = _stop(page, number, len(rows) == known, len(in_span), wanted, deadline)
                if cut_by:
                    break
        except SourceError as error:
            if not rows:
                raise
            failure, cut_by = error, _why(error, deadline)
    if not rows and cut_by in ("deadline", "repeats"):
        raise SourceUnavailable(str(account), f"{source.name} sent page after page without a post of {account.label}.")
    frame = _frame(account, [row for row in rows.values() if _inside(row, wanted)], wanted.limit)
    return posts.Timeline(str(account), frame, cut_by, datetime.now(UTC), failure)


def _inside(row: dict[str, Any], wanted: Wanted) -> bool:
    """Say whether a post is of the wanted span; one whose time nobody knows is of any span."""
    moment = row.get("created_at")
    return moment is None or ((wanted.since is None or moment >= wanted.since) and (wanted.until is None or moment < wanted.until))


def _why(error: SourceError, deadline: float) -> posts.CutBy:
    if time.monotonic() >= deadline:
        return "deadline"
    return "rate_limit" if isinstance(error, RateLimited) else "failure"


def _stop(page: Page, number: int, nothing_new: bool, found: int, wanted: Wanted, deadline: float) -> posts.CutBy | None:
    """Say why reading ends after this page, None if it goes on; `found` are the posts of the wanted span so far."""
    if found >= wanted.limit:
        return "cap" if wanted.limit >= CAP else "n"
    if page.cut:
        return "network"
    if number >= MOST_PAGES or (page.rows and nothing_new):
        return "repeats"
    return "deadline" if time.monotonic() > deadline else None


def _frame(account: Account, rows: list[dict[str, Any]], limit: int) -> pl.DataFrame:
    """Return the newest `limit` posts; those without a time come last."""
    frame = posts.conform([row | {"account": str(account)} for row in rows])
    return frame.sort("created_at", descending=True, nulls_last=True, maintain_order=True).head(limit)
