"""Timelines that were read once, kept, and continued at either end: nothing that is known is read, or paid for, again.

No HTTP of ours and no web framework: a shelf, the sources and a budget are given. What is kept of an account is one unbroken run
of its newest posts; a span further back has an entry of its own.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from dashboard.core import posts
from dashboard.core.accounts import Account, Network
from dashboard.core.errors import BudgetSpent, NotBought, SourceError, SourceNotReady
from dashboard.core.observer import SILENT, Observer
from dashboard.core.posts import Timeline
from dashboard.core.pricing import FREE, Bill, Prices
from dashboard.sources.base import Listener, Source, Wanted, read
from dashboard.sources.files.source import Files
from dashboard.timelines import incremental, serialization
from dashboard.timelines.budget import Budget

KEPT = timedelta(days=7)  # how long a timeline is kept at all
_NOT_THE_NETWORKS = (SourceNotReady, BudgetSpent, NotBought)  # failures that are ours, and not remembered


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
    def read(self) -> int:
        """Return how many posts were read."""
        ...

    @property
    def failure(self) -> SourceError | None:
        """Return why reading stopped early, None if it did not."""
        ...

    @property
    def bill(self) -> Bill:
        """Return what it was charged for."""
        ...


_Charged = TypeVar("_Charged", bound=Charged)


@dataclass(frozen=True)
class Library:
    """Answers for timelines, from the shelf or by reading."""

    sources: Mapping[Network, Source]
    shelf: Shelf
    budget: Budget
    prices: Prices
    observer: Observer = SILENT

    def timeline(self, account: Account, wanted: Wanted, *, listener: Listener | None = None, buys: bool = True) -> Timeline:
        """Return a timeline, reading only what is not kept. `buys` is False for those who must not spend.

        Raises a SourceError if there is nothing to show; with something kept, the error is the timeline's `failure`.
        """
        source = self._source(account)
        if isinstance(source, Files):  # what its owner deletes must be gone, so nothing of it is kept here
            return read(source, account, wanted, listener=listener)
        key = _key(account, wanted)
        with self.shelf.alone(key):
            kept, behind = self._kept(account, key, wanted), serialization.loads(self.shelf.get(_behind(key)))
            todo = incremental.step(kept, behind, wanted, resumes=source.resumes)
            self.observer.looked_up("timeline", "hit" if not todo else "part" if kept else "miss")
            while todo:
                try:
                    ahead = incremental.inside(kept, wanted).height if kept and todo.side == "older" else 0
                    brought = self._bought(source, account, todo.wanted, _from(ahead, listener), buys=buys)
                except SourceError as error:
                    kept = self._failed(account, kept, error)
                    self._keep(key, kept)
                    break
                kept, behind = incremental.joined(kept, behind, brought, todo)
                self._keep(key, kept)
                self._keep(_behind(key), behind)
                todo = None if brought.cut_by is not None else incremental.step(kept, behind, wanted, resumes=source.resumes)
        return self._answer(kept, behind, wanted)

    def _answer(self, kept: Timeline | None, behind: Timeline | None, wanted: Wanted) -> Timeline:
        """Return what is shown: the newest run, or the longer one behind a gap while a failure keeps the two apart."""
        assert kept is not None  # without anything kept there was a step, and one that brings nothing raises
        if kept.failure and kept.posts.is_empty():
            raise kept.failure
        if (
            kept.failure
            and behind
            and incremental.inside(kept, wanted).height < min(wanted.limit, incremental.inside(behind, wanted).height)
        ):
            return incremental.part(incremental.failed(behind, kept.failure), wanted)
        return incremental.part(kept, wanted)

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
        key = _key(account, wanted)
        todo = incremental.step(
            self._kept(account, key, wanted), serialization.loads(self.shelf.get(_behind(key))), wanted, resumes=source.resumes
        )
        return self.prices.cost(source.at_most(account, todo.wanted.limit)) if todo else 0

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
        own = serialization.loads(self.shelf.get(key))
        if not (wanted.since or wanted.until):
            return own
        run = serialization.loads(self.shelf.get(_key(account, Wanted(1))))
        return run if run and not run.posts.is_empty() and incremental.covers(run, wanted) else own

    def _keep(self, key: str, timeline: Timeline | None) -> None:
        """Keep a run; an account that a reader left before its first post is not known to be empty."""
        if timeline is None:
            self.shelf.put(key, b"", 1)
        elif not (timeline.posts.is_empty() and timeline.cut_by == "stopped") and not isinstance(timeline.failure, _NOT_THE_NETWORKS):
            self.shelf.put(key, serialization.dumps(timeline), _seconds(timeline))

    @staticmethod
    def _failed(account: Account, kept: Timeline | None, error: SourceError) -> Timeline:
        now = datetime.now(UTC)
        return incremental.failed(kept, error) if kept else Timeline(str(account), posts.empty(), "failure", now, error, failed_at=now)

    def _bought(self, source: Source, account: Account, wanted: Wanted, listener: Listener | None, *, buys: bool) -> Timeline:
        """Read, with the most it may cost reserved before and what it did cost settled after."""
        quoted = source.at_most(account, wanted.limit)
        paid = replace(wanted, limit=max(wanted.limit, quoted.get("post", 0)))  # what is charged for is kept
        return self.bought(account, quoted, lambda: read(source, account, paid, listener=listener), buys=buys)

    def bought(self, account: Account, quoted: Bill, reading: Callable[[], _Charged], *, buys: bool) -> _Charged:
        """Return what a reading brings, with the quoted most reserved before and its bill settled after."""
        most = self.prices.cost(quoted) if self._source(account).readiness().ready else 0
        if most and not buys:
            raise NotBought(str(account), f"Reading {account.label} costs money, and a program asked for it.")
        day = self.budget.reserve(str(account), most)
        bill: Bill = FREE
        try:
            brought = reading()
            bill = brought.bill
            self.observer.fetched(account.network, _outcome(brought.failure), brought.read)
        except SourceError as error:
            bill = error.bill
            self.observer.fetched(account.network, _outcome(error), 0)
            raise
        finally:
            cost = self.prices.cost(bill)
            self.budget.settle(most, cost, day)
            self.observer.spent(cost)
        return brought


def _from(ahead: int, listener: Listener | None) -> Listener | None:
    """Return a listener that hears of the posts read before as well."""
    return replace(listener, hear=lambda posts: listener.hear(ahead + posts)) if listener and ahead else listener


def _outcome(failure: SourceError | None) -> str:
    return type(failure).__name__ if failure else "ok"


def _behind(key: str) -> str:
    """Return where the older run is kept that a gap parts from the newest one."""
    return f"{key}:behind"


def _key(account: Account, wanted: Wanted) -> str:
    span = ":".join(end.isoformat() if end else "" for end in (wanted.since, wanted.until))
    return f"timeline:{account.network}:{account.name}:{span}"


def _seconds(timeline: Timeline) -> int:
    """Return how long to keep an entry: a failure without posts only as long as it is believed."""
    if timeline.failure and timeline.posts.is_empty():
        return int(incremental.patience(timeline.failure, timeline.failed_at or timeline.fetched_at).total_seconds())
    return int(KEPT.total_seconds())
