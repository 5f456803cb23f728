"""The one door to the domain: a question's timelines are fetched here, all accounts at the same time, and handed to what answers it."""

import queue
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from dashboard.core.accounts import Account
from dashboard.core.errors import InvalidQuery, KeyWanted, ModelUnavailable, NotBought, SignInWanted, SourceError
from dashboard.core.query import MOST_ACCOUNTS, Query
from dashboard.telemetry import tracing
from dashboard.web.auth import access
from dashboard.web.extensions import library, model

if TYPE_CHECKING:  # the domain is heavy and is loaded with the first question, not with the application
    from dashboard.core.counts import Counts
    from dashboard.core.post_selection import Selection
    from dashboard.core.posts import Timeline
    from dashboard.prediction.serving.labeller import Labeller
    from dashboard.reports.builder import Dashboard, Report
    from dashboard.reports.posts_page import Behind
    from dashboard.timelines.store import Library

_Answer = TypeVar("_Answer", "Timeline", "Counts")
SOON = 1.0  # seconds after which a page says what is going on
_BEAT = 0.5  # seconds between two signs of life


@dataclass
class Fetch:
    """The reading of a question's accounts, each in a thread of its own. `read` counts the posts that networks gave so far."""

    asked: Query
    query: Query  # the same with whole files spelled out
    buys: bool
    left_out: int = 0  # accounts of files that did not fit in
    labeller: "Labeller | None" = None  # for the method `model`, and for the chart that compares methods
    unlabelled: str = ""  # why that chart must do without it
    kind: str | None = None  # the chart it is for, None for all
    refusal: KeyWanted | None = None  # why who asks may not spend money, if it is for want of a key
    refused: set[Account] = field(default_factory=set)  # the accounts that this leaves unread, or not read to the end
    began: float = field(default_factory=monotonic)
    unknown: set[Account] = field(default_factory=set)  # accounts that a network must look up first, for a price
    read: dict[Account, int] = field(default_factory=dict)
    pages: dict[Account, int] = field(default_factory=dict)  # of counts, for the accounts that networks count
    _gone: threading.Event = field(default_factory=threading.Event)
    _news: "queue.SimpleQueue[None]" = field(default_factory=queue.SimpleQueue)
    _futures: "dict[Account, Future[Timeline | Counts | SourceError]]" = field(default_factory=dict)

    @property
    def besides(self) -> list[str]:
        """What is to be said of the accounts that were not fetched, and of a model that can't be asked."""
        more = f"{self.left_out:,} more account{'s' * (self.left_out > 1)}"
        left_out = [f"{more} of the file are left out: {MOST_ACCOUNTS} fit in a chart."] if self.left_out else []
        return [*left_out, *filter(None, [self.unlabelled])]

    def begin(self, given: "Library") -> "Fetch":
        """Start reading; returns at once."""
        priced = ((account, given.sources.get(account.network)) for account in self.query.users)
        self.unknown = {account for account, source in priced if source and "user" in source.at_most(account, 1)}
        pool = ThreadPoolExecutor(max_workers=len(self.query.users), thread_name_prefix="fetch")
        for account in self.query.users:
            self._futures[account] = pool.submit(tracing.carried(self._answer), account, given)
        pool.shutdown(wait=False)
        return self

    def done(self, within: float) -> bool:
        """Wait for all accounts, at most so many seconds, and say whether they are there."""
        from concurrent.futures import wait

        return not wait(self._futures.values(), timeout=within).not_done

    def finished(self) -> int:
        """Return how many accounts are there."""
        return sum(future.done() for future in self._futures.values())

    def news(self) -> Iterator[bool]:
        """Yield whenever a page came (True) or for a while none did (False), until all accounts are there."""
        while not self.done(within=0):
            try:
                self._news.get(timeout=_BEAT)
                yield True
            except queue.Empty:
                yield False

    def leave(self) -> None:
        """Let reading stop at the next page of each account; what was read is kept."""
        self._gone.set()

    def answers(self) -> "tuple[list[Timeline | Counts], Mapping[str, SourceError]]":
        """Return the timelines in the order asked for, and why the others could not be read. Raises the first reason if there are none."""
        answers = [future.result() for future in self._futures.values()]
        failures = {answer.account: answer for answer in answers if isinstance(answer, SourceError)}
        found = [answer for answer in answers if not isinstance(answer, SourceError)]
        if not found:
            raise next(iter(failures.values()))
        return found, failures

    def _answer(self, account: Account, given: "Library") -> "Timeline | Counts | SourceError":
        from dashboard.sources.base import Listener, Wanted
        from dashboard.timelines import hourly_counts

        by_network = self.query.counted == "network" and hourly_counts.possible(given, account)

        def hear(count: int) -> None:
            (self.pages if by_network else self.read)[account] = count
            self._news.put(None)

        listener = Listener(hear, self._gone.is_set)
        try:
            if by_network:
                return self._told(account, hourly_counts.counts(given, account, *self.query.span, listener=listener, buys=self.buys))
            wanted = Wanted(self.query.limit, *self.query.reach(self.kind))
            return self._told(account, given.timeline(account, wanted, listener=listener, buys=self.buys))
        except SourceError as error:
            return self._explained(account, error)
        finally:
            self._news.put(None)

    def _told(self, account: Account, answer: "_Answer") -> "_Answer":
        """Return an answer whose failure says that a key is wanted, if that is why no more was read."""
        return replace(answer, failure=self._explained(account, answer.failure)) if answer.failure else answer

    def _explained(self, account: Account, error: SourceError) -> SourceError:
        if self.refusal is None or not isinstance(error, NotBought):
            return error
        self.refused.add(account)
        return SignInWanted(error.account, f"Reading {account.label} costs money: {self.refusal.detail}", wrong=self.refusal.wrong)


def fetch(query: Query, *, buys: bool, kind: str | None = None) -> Fetch:
    """Begin to fetch a question's timelines, for all charts or for one kind. `buys` is False for who must not spend money.

    Who needs a key for that and has none is answered from what is free or kept. Raises TooManyTries if too many keys were wrong, and
    InvalidQuery or ModelUnavailable, before anything is read, if the posts are to be labelled by a model that can't.
    """
    labeller, unlabelled = (_labeller(), "") if query.labels(kind) else _spare_labeller() if query.compares(kind) else (None, "")
    refusal = access.refusal("that") if buys else None
    given = library()
    users = list(dict.fromkeys(account for user in query.users for account in given.accounts(user)))
    spelled_out = query.model_copy(update={"users": tuple(users[:MOST_ACCOUNTS])})
    left_out = len(users) - len(spelled_out.users)
    return Fetch(query, spelled_out, buys and not refusal, left_out, labeller, unlabelled, kind, refusal).begin(given)


def _labeller() -> "Labeller":
    from dashboard.prediction.serving.labeller import build_labeller

    try:
        return build_labeller(model())
    except ModelUnavailable as error:
        others = "Every other choice under Sentiment by works without it."
        raise ModelUnavailable(error.detail, f"{error.advice} {others}".strip()) from error


def _spare_labeller() -> "tuple[Labeller | None, str]":
    """Return the model, or why the comparison of methods must do without it."""
    try:
        return _labeller(), ""
    except ModelUnavailable as error:
        why = error.detail
    except InvalidQuery as error:
        why = " ".join(message for _, message in error.problems)
    return None, f"The comparison of methods shows the others only, for the trained model can't be asked: {why}"


def report(kind: str, begun: Fetch) -> "Report":
    """Return one chart's answer. Raises InvalidQuery, or the SourceError of an account if none of them could be read."""
    from dashboard.reports.builder import build

    return build(kind, begun.query, *begun.answers(), begun.besides, begun.labeller)


def dashboard(begun: Fetch) -> "Dashboard":
    """Return every chart's answer; errors as for `report`."""
    from dashboard.reports.builder import dashboard as build

    return build(begun.query, *begun.answers(), begun.besides, begun.labeller)


def behind(begun: Fetch, selection: "Selection") -> "Behind":
    """Return the posts of a selection; errors as for `report`."""
    from dashboard.reports.posts_page import build

    return build(begun.query, selection, *begun.answers(), begun.besides, begun.labeller)


def examples() -> list[tuple[str, str, str]]:
    """Return accounts, title and description of questions that answer anywhere."""
    from dashboard.sources.demo import organisations

    return [(f"demo:{each.name}", each.title, each.about) for each in organisations()]
