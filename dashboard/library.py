"""Timelines that were read once, kept, and continued at either end: nothing that is known is read, or paid for, again.

No HTTP of ours and no web framework: a shelf, the sources and a budget are given. What is kept of an account is one unbroken run
of its newest posts; a span further back has an entry of its own.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

import polars as pl

from dashboard import posts, shelving
from dashboard.accounts import Account, Network
from dashboard.budget import FREE, Bill, Budget, Prices
from dashboard.errors import BudgetSpent, NotBought, RateLimited, SourceError, SourceNotReady
from dashboard.posts import Timeline
from dashboard.query import CAP
from dashboard.sources import Listener, Source, Wanted, read
from dashboard.sources.files import Files

FRESH = timedelta(hours=1)  # how long the newest post is believed to be the newest
KEPT = timedelta(days=7)  # how long a timeline is kept at all
SHORT = timedelta(seconds=30)  # a failure is remembered so long, so that reloading a page does not hammer a network that is down
LONG = timedelta(minutes=15)  # the most that a rate limit is remembered
_ENDED = (None, "network")  # cut_by of a timeline that holds everything there is


class Shelf(Protocol):
    """Bytes kept for a while. It raises nothing: what can't be reached is empty."""

    def get(self, key: str) -> bytes | None:
        """Return what was put there."""
        ...

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes."""
        ...

    def alone(self, key: str) -> AbstractContextManager[None]:
        """Let one reader at a time in for a key, among all processes that share the shelf."""
        ...


class Charged(Protocol):
    """What a read brings, with its bill."""

    @property
    def bill(self) -> Bill:
        """Return what it was charged for."""
        ...


_Charged = TypeVar("_Charged", bound=Charged)


@dataclass(frozen=True)
class Step:
    """One read that is still needed. `joins` says that it continues what is kept."""

    wanted: Wanted
    joins: bool


@dataclass(frozen=True)
class Library:
    """Answers for timelines, from the shelf or by reading."""

    sources: Mapping[Network, Source]
    shelf: Shelf
    budget: Budget
    prices: Prices

    def timeline(self, account: Account, wanted: Wanted, *, listener: Listener | None = None, buys: bool = True) -> Timeline:
        """Return a timeline, reading only what is not kept. `buys` is False for those who must not spend.

        Raises a SourceError if there is nothing to show; with something kept, the error is the timeline's `failure`.
        """
        source = self._source(account)
        if isinstance(source, Files):  # what its owner deletes must be gone, so nothing of it is kept here
            return read(source, account, wanted, listener=listener)
        key = _key(account, wanted)
        with self.shelf.alone(key):
            kept = self._kept(account, key, wanted)
            if kept and kept.failure and kept.posts.is_empty() and _waits(kept):
                raise kept.failure
            for step in _steps(kept, wanted, resumes=source.resumes):
                kept = self._advance(source, account, key, kept, step, listener, buys=buys)
        assert kept is not None  # without anything kept there was a step, and a step that brings nothing raises
        return _cut(kept, wanted)

    def accounts(self, account: Account) -> list[Account]:
        """Return the accounts that one stands for: those of a whole file, with most posts first; itself in every other case."""
        source = self.sources.get(account.network)
        try:
            return source.accounts(account) if isinstance(source, Files) else [account]
        except SourceError:
            return [account]  # reading it will say why

    def at_most(self, account: Account, wanted: Wanted) -> int:
        """Return the most micro-dollars that `timeline` would cost now; 0 for what is kept or free."""
        source = self.sources.get(account.network)
        if source is None or not source.at_most(account, 1):
            return 0
        kept = self._kept(account, _key(account, wanted), wanted)
        steps = _steps(kept, wanted, resumes=source.resumes)
        return sum(self.prices.cost(source.at_most(account, step.wanted.limit)) for step in steps)

    def _source(self, account: Account) -> Source:
        source = self.sources.get(account.network)
        if source is None:
            names = " and ".join(each.name for each in self.sources.values())
            raise SourceNotReady(
                str(account), f"This Chorus cannot read {account.network} accounts such as {account.label}.", f"It reads {names}."
            )
        return source

    def _kept(self, account: Account, key: str, wanted: Wanted) -> Timeline | None:
        """Return what answers a question: its own entry, or for a span the run of the newest posts if that covers it."""
        own = shelving.loads(self.shelf.get(key))
        if own or not (wanted.since or wanted.until):
            return own
        run = shelving.loads(self.shelf.get(_key(account, Wanted(1))))
        return run if run and _covers(run, wanted) else None

    def _advance(
        self, source: Source, account: Account, key: str, kept: Timeline | None, step: Step, listener: Listener | None, *, buys: bool
    ) -> Timeline:
        """Read one step and keep what it brings. With posts kept, a failure is told beside them; without, it is raised and remembered."""
        try:
            brought = self._bought(source, account, step.wanted, listener, buys=buys)
        except SourceError as error:
            if kept is None or kept.posts.is_empty():
                self._remember(error, key)
                raise
            return replace(kept, failure=error)
        now = _joined(kept, brought, step) if kept and step.joins else brought
        self.shelf.put(key, shelving.dumps(now), _seconds(now))
        return now

    def _bought(self, source: Source, account: Account, wanted: Wanted, listener: Listener | None, *, buys: bool) -> Timeline:
        """Read, with the most it may cost reserved before and what it did cost settled after."""
        quoted = source.at_most(account, wanted.limit)
        paid = replace(wanted, limit=max(wanted.limit, quoted.get("post", 0)))  # what is charged for is kept
        return self.bought(account, quoted, lambda: read(source, account, paid, listener=listener), buys=buys)

    def bought(self, account: Account, quoted: Bill, reading: Callable[[], _Charged], *, buys: bool) -> _Charged:
        """Return what a reading brings, with the quoted most reserved before and its bill settled after."""
        most = self.prices.cost(quoted)
        if most and not buys:
            raise NotBought(str(account), f"Reading {account.label} costs money, and a program asked for it.")
        self.budget.reserve(str(account), most)
        bill: Bill = FREE
        try:
            brought = reading()
            bill = brought.bill
        except SourceError as error:
            bill = error.bill
            raise
        finally:
            self.budget.settle(most, self.prices.cost(bill))
        return brought

    def _remember(self, error: SourceError, key: str) -> None:
        if isinstance(error, (SourceNotReady, BudgetSpent, NotBought)):
            return
        nothing = Timeline(error.account, posts.empty(), "failure", datetime.now(UTC), error)
        self.shelf.put(key, shelving.dumps(nothing), _seconds(nothing))


def _steps(kept: Timeline | None, wanted: Wanted, *, resumes: bool) -> list[Step]:
    """Return what must still be read to answer a question from what is kept: nothing, what is newer, what is older, or all of it."""
    if kept is None or kept.posts["created_at"].count() == 0:
        return [Step(wanted, joins=False)] if kept is None or kept.failure or _age(kept) >= FRESH else []
    dated = kept.posts.drop_nulls("created_at")
    missing = wanted.limit - _inside(kept, wanted).height
    stale = _age(kept) >= FRESH and (wanted.until is None or wanted.until > kept.fetched_at)
    deeper = missing > 0 and kept.cut_by not in _ENDED and not _waits(kept) and not _reaches(kept, wanted)
    if not resumes:
        return [Step(wanted, joins=False)] if stale or deeper else []
    newer = Step(replace(wanted, newer_than=dated["id"][0]), joins=True)
    oldest = dated["created_at"][-1] + timedelta(microseconds=1)  # another post may be of the same moment
    older = Step(replace(wanted, limit=missing, older_than=dated["id"][-1], until=oldest), joins=True)
    return [newer] * stale + [older] * deeper


def _joined(kept: Timeline, brought: Timeline, step: Step) -> Timeline:
    """Return kept and brought posts as one run; a gap between them leaves only what is newer."""
    if step.wanted.newer_than and brought.cut_by is not None:
        return brought
    together = pl.concat([brought.posts, kept.posts]).unique("id", keep="first", maintain_order=True)
    frame = together.sort("created_at", descending=True, nulls_last=True, maintain_order=True).head(CAP)
    if step.wanted.newer_than:
        return replace(kept, posts=frame, fetched_at=brought.fetched_at, failure=None)
    return replace(kept, posts=frame, cut_by=brought.cut_by, failure=brought.failure)


def _cut(timeline: Timeline, wanted: Wanted) -> Timeline:
    """Return the part of a timeline that was asked for."""
    inside = _inside(timeline, wanted)
    if inside.height >= wanted.limit:
        more = inside.height > wanted.limit or timeline.cut_by not in _ENDED
        cut: posts.CutBy | None = ("cap" if wanted.limit >= CAP else "n") if more else None
        return replace(timeline, posts=inside.head(wanted.limit), cut_by=cut, failure=None)
    whole = timeline.cut_by in ("n", "cap") and _reaches(timeline, wanted)
    return replace(timeline, posts=inside, cut_by=None if whole else timeline.cut_by)


def _covers(run: Timeline, wanted: Wanted) -> bool:
    """Say whether the run of the newest posts answers for a span: up to date to its end, and reaching to its start or far enough."""
    current = _age(run) < FRESH or (wanted.until is not None and wanted.until <= run.fetched_at)
    return current and (run.cut_by in _ENDED or _reaches(run, wanted) or _inside(run, wanted).height >= wanted.limit)


def _reaches(timeline: Timeline, wanted: Wanted) -> bool:
    """Say whether a timeline goes back to the start of a span."""
    first = timeline.posts["created_at"].min()
    return wanted.since is not None and isinstance(first, datetime) and first < wanted.since


def _inside(timeline: Timeline, wanted: Wanted) -> pl.DataFrame:
    after = pl.col("created_at") >= wanted.since if wanted.since else pl.lit(True)
    before = pl.col("created_at") < wanted.until if wanted.until else pl.lit(True)
    return timeline.posts.filter(after & before) if wanted.since or wanted.until else timeline.posts


def _key(account: Account, wanted: Wanted) -> str:
    span = ":".join(end.isoformat() if end else "" for end in (wanted.since, wanted.until))
    return f"timeline:{account.network}:{account.name}:{span}"


def _age(timeline: Timeline) -> timedelta:
    return datetime.now(UTC) - timeline.fetched_at


def _waits(timeline: Timeline) -> bool:
    """Say whether the network is still to be left alone after the failure that a timeline ended with."""
    return timeline.failure is not None and datetime.now(UTC) < timeline.fetched_at + patience(timeline.failure, timeline.fetched_at)


def patience(failure: SourceError, since: datetime) -> timedelta:
    """Return how long a network is left alone after a failure."""
    if isinstance(failure, RateLimited) and failure.resets_at:
        wait: timedelta = failure.resets_at - since
        return min(LONG, max(SHORT, wait))
    return SHORT


def _seconds(timeline: Timeline) -> int:
    """Return how long to keep an entry: a failure without posts only as long as it is believed."""
    if timeline.failure and timeline.posts.is_empty():
        return int(patience(timeline.failure, timeline.fetched_at).total_seconds())
    return int(KEPT.total_seconds())
