"""Unbroken runs of an account's posts: what must still be read to answer a question, how two runs join, what part answers it.

Pure functions of timelines and the clock. Nothing is read, kept or paid for in here.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl

from dashboard.core import posts
from dashboard.core.errors import RateLimited, SourceError
from dashboard.core.posts import Timeline
from dashboard.core.query import CAP
from dashboard.sources.base import Wanted

FRESH = timedelta(hours=1)  # how long the newest post is believed to be the newest
SHORT = timedelta(seconds=30)  # a failure is remembered so long, so that reloading a page does not hammer a network that is down
LONG = timedelta(minutes=15)  # the most that a rate limit is remembered
_ENDED = (None, "network")  # cut_by of a timeline that holds everything there is
_FAILED = ("rate_limit", "failure")
_BROKEN_OFF = (*_FAILED, "deadline", "repeats", "stopped")


@dataclass(frozen=True)
class Step:
    """One read that is still needed; `side` says whether it continues what is kept at its newer or older end, or begins anew."""

    wanted: Wanted
    side: str  # "newer", "older" or "all"


def step(kept: Timeline | None, behind: Timeline | None, wanted: Wanted, *, resumes: bool) -> Step | None:
    """Return the next read that a question needs, None if what is kept answers it or the network is to be left alone.

    `behind` is an older run that a gap parts from `kept`: it is joined when reading comes so far.
    """
    if kept is None or waits(kept):
        return None if kept else Step(wanted, "all")
    stale = age(kept) >= FRESH and (wanted.until is None or wanted.until > kept.fetched_at)
    missing = wanted.limit - inside(kept, wanted).height
    deeper = missing > 0 and kept.cut_by not in _ENDED and not reaches(kept, wanted)
    dated = kept.posts.drop_nulls("created_at")
    if dated.is_empty() or not resumes:
        return Step(wanted, "all") if stale or deeper or (dated.is_empty() and kept.failure) else None
    if stale:
        return Step(replace(wanted, newer_than=dated["id"][0]), "newer")
    if not deeper:
        return None
    oldest = dated["created_at"][-1] + timedelta(microseconds=1)  # another post may be of the same moment
    known = behind.posts["id"][0] if behind and not behind.posts.is_empty() else None
    return Step(replace(wanted, limit=missing, older_than=dated["id"][-1], newer_than=known, until=oldest), "older")


def joined(kept: Timeline | None, behind: Timeline | None, brought: Timeline, done: Step) -> tuple[Timeline, Timeline | None]:
    """Return the run of newest posts after a read, and the run that a gap parts from it, if any."""
    if kept is None or done.side == "all":
        worse = kept is not None and brought.cut_by in _BROKEN_OFF and brought.posts.height < kept.posts.height
        return (failed(kept, brought.failure) if kept and worse else brought), behind
    if done.side == "newer":
        if brought.cut_by is not None:
            longer = behind if behind and behind.posts.height > kept.posts.height else kept
            return (failed(kept, brought.failure), behind) if brought.posts.is_empty() else (brought, longer)
        return replace(_union(brought, kept, kept), fetched_at=brought.fetched_at, failure=None, failed_at=None), behind
    together = replace(_union(kept, brought, brought), failure=brought.failure, failed_at=brought.fetched_at, fetched_at=kept.fetched_at)
    if done.wanted.newer_than and brought.cut_by is None and behind:
        return _union(together, behind, behind), None
    return together, behind


def failed(kept: Timeline, error: SourceError | None) -> Timeline:
    """Return a run beside which a read has just failed."""
    return replace(kept, failure=error, failed_at=datetime.now(UTC)) if error else kept


def part(timeline: Timeline, wanted: Wanted) -> Timeline:
    """Return the part of a timeline that was asked for, with why it ends there.

    A failure at the older end is no matter to whom there are posts enough; at the newer end it always is.
    """
    found = inside(timeline, wanted)
    outdated = age(timeline) >= FRESH
    if found.height >= wanted.limit:
        more = found.height > wanted.limit or timeline.cut_by not in _ENDED
        cut: posts.CutBy | None = ("cap" if wanted.limit >= CAP else "n") if more else None
        return replace(timeline, posts=found.head(wanted.limit), cut_by=cut, failure=timeline.failure if outdated else None)
    if reaches(timeline, wanted) and timeline.cut_by not in _FAILED:
        return replace(timeline, posts=found, cut_by=None)
    if timeline.failure and timeline.cut_by in ("n", "cap"):
        return replace(timeline, posts=found, cut_by="rate_limit" if isinstance(timeline.failure, RateLimited) else "failure")
    return replace(timeline, posts=found)


def covers(run: Timeline, wanted: Wanted) -> bool:
    """Say whether the run of the newest posts answers for a span: up to date to its end, and reaching to its start or far enough."""
    current = age(run) < FRESH or (wanted.until is not None and wanted.until <= run.fetched_at)
    return current and (run.cut_by in _ENDED or reaches(run, wanted) or inside(run, wanted).height >= wanted.limit)


def reaches(timeline: Timeline, wanted: Wanted) -> bool:
    """Say whether a timeline goes back to the start of a span."""
    first = timeline.posts["created_at"].min()
    return wanted.since is not None and isinstance(first, datetime) and first < wanted.since


def inside(timeline: Timeline, wanted: Wanted) -> pl.DataFrame:
    """Return the posts of the wanted span."""
    after = pl.col("created_at") >= wanted.since if wanted.since else pl.lit(True)
    before = pl.col("created_at") < wanted.until if wanted.until else pl.lit(True)
    return timeline.posts.filter(after & before) if wanted.since or wanted.until else timeline.posts


def age(timeline: Timeline) -> timedelta:
    """Return how long ago the newest post was the newest."""
    return datetime.now(UTC) - timeline.fetched_at


def waits(timeline: Timeline) -> bool:
    """Say whether the network is still to be left alone after a failure."""
    since = timeline.failed_at or timeline.fetched_at
    return timeline.failure is not None and datetime.now(UTC) < since + patience(timeline.failure, since)


def patience(failure: SourceError, since: datetime) -> timedelta:
    """Return how long a network is left alone after a failure."""
    if isinstance(failure, RateLimited) and failure.resets_at:
        wait: timedelta = failure.resets_at - since
        return min(LONG, max(SHORT, wait))
    return SHORT


def _union(newer: Timeline, older: Timeline, ends_as: Timeline) -> Timeline:
    """Return two adjoining runs as one that ends as the older one does, no longer than the cap."""
    together = pl.concat([newer.posts, older.posts]).unique("id", keep="first", maintain_order=True)
    frame = together.sort("created_at", descending=True, nulls_last=True, maintain_order=True)
    return replace(newer, posts=frame.head(CAP), cut_by="cap" if frame.height > CAP else ends_as.cut_by)
