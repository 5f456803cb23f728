"""The one door to the domain: a question's timelines are fetched here, all accounts at the same time, and handed to what answers it."""

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from dashboard.core.accounts import Account
from dashboard.core.errors import InvalidQuery, ModelUnavailable, SourceError
from dashboard.core.formatting import format_count
from dashboard.core.query import MAX_ACCOUNTS, Query
from dashboard.core.spending import Spending
from dashboard.web.auth import access
from dashboard.web.extensions import model, timeline_store

if TYPE_CHECKING:  # the domain is heavy and is loaded with the first question, not with the application
    from dashboard.core.counts import HourlyCounts
    from dashboard.core.post_selection import PostSelection
    from dashboard.core.posts import Timeline
    from dashboard.prediction.serving.labeller import Labeller
    from dashboard.reports.fetched import Fetched
    from dashboard.reports.posts_page import PostsPage
    from dashboard.reports.report import Dashboard, Report
    from dashboard.timelines.store import TimelineStore

_Result = TypeVar("_Result", "Timeline", "HourlyCounts")
PROGRESS_DELAY_SECONDS = 1.0  # seconds after which a page says what is going on
_HEARTBEAT_SECONDS = 0.5  # seconds between two signs of life


@dataclass
class Fetch:
    """The reading of a question's accounts, each in a thread of its own. `read` counts the posts that networks gave so far."""

    original_query: Query
    query: Query  # the same with whole files spelled out
    spending: Spending
    omitted_account_count: int = 0  # accounts of files that did not fit in
    labeller: "Labeller | None" = None  # for the method `model`, and for the chart that compares methods
    labeller_error: str = ""  # why that chart must do without it
    chart_kind: str | None = None  # the chart it is for, None for all
    refused_accounts: set[Account] = field(default_factory=set)  # accounts that signing in would have read, or read to the end
    started_at: float = field(default_factory=monotonic)
    unresolved_accounts: set[Account] = field(default_factory=set)  # accounts that a network must look up first, for a price
    posts_read: dict[Account, int] = field(default_factory=dict)
    count_pages_read: dict[Account, int] = field(default_factory=dict)  # of counts, for the accounts that networks count
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _progress_events: "queue.SimpleQueue[None]" = field(default_factory=queue.SimpleQueue)
    _futures: "dict[Account, Future[Timeline | HourlyCounts | SourceError]]" = field(default_factory=dict)

    @property
    def remarks(self) -> list[str]:
        """What is to be said of the accounts that were not fetched, and of a model that can't be asked."""
        more = format_count(self.omitted_account_count, "more account")
        left_out = [f"{more} of the file are left out: {MAX_ACCOUNTS} fit in a chart."] if self.omitted_account_count else []
        return [*left_out, *filter(None, [self.labeller_error])]

    def start(self, store: "TimelineStore") -> "Fetch":
        """Start reading; returns at once."""
        priced = ((account, store.sources.get(account.network)) for account in self.query.users)
        self.unresolved_accounts = {account for account, source in priced if source and "user" in source.max_bill(account, 1)}
        pool = ThreadPoolExecutor(max_workers=len(self.query.users), thread_name_prefix="fetch")
        for account in self.query.users:
            self._futures[account] = pool.submit(
                copy_context().run, self._read_account, account, store
            )  # whose log lines have this request's trace
        pool.shutdown(wait=False)
        return self

    def wait(self, timeout: float) -> bool:
        """Wait for all accounts, at most so many seconds, and say whether they are there."""
        from concurrent.futures import wait

        return not wait(self._futures.values(), timeout=timeout).not_done

    def count_finished(self) -> int:
        """Return how many accounts are there."""
        return sum(future.done() for future in self._futures.values())

    def iter_progress(self) -> Iterator[bool]:
        """Yield whenever a page came (True) or for a while none did (False), until all accounts are there."""
        while not self.wait(timeout=0):
            try:
                self._progress_events.get(timeout=_HEARTBEAT_SECONDS)
                yield True
            except queue.Empty:
                yield False

    def cancel(self) -> None:
        """Let reading stop at the next page of each account; what was read is kept."""
        self._cancelled.set()

    def result(self) -> "Fetched":
        """Return what was read, in the order asked for. Raises the reason of the first account if none could be read."""
        from dashboard.reports.fetched import Fetched

        answers = [future.result() for future in self._futures.values()]
        failures = {answer.account: answer for answer in answers if isinstance(answer, SourceError)}
        read = [answer for answer in answers if not isinstance(answer, SourceError)]
        if not read:
            raise next(iter(failures.values()))
        return Fetched(read, failures, self.remarks, self.labeller)

    def _read_account(self, account: Account, store: "TimelineStore") -> "Timeline | HourlyCounts | SourceError":
        from dashboard.sources.base import ProgressListener, TimelineRequest
        from dashboard.timelines import hourly_counts

        by_network = self.query.counted == "network" and hourly_counts.supports_counts(store, account)

        def hear(count: int) -> None:
            (self.count_pages_read if by_network else self.posts_read)[account] = count
            self._progress_events.put(None)

        listener = ProgressListener(hear, self._cancelled.is_set)
        try:
            if by_network:
                return self._explain_partial_failure(
                    account, hourly_counts.load_counts(store, account, *self.query.span, listener=listener, spending=self.spending)
                )
            wanted = TimelineRequest(self.query.limit, *self.query.required_span(self.chart_kind))
            return self._explain_partial_failure(account, store.load_timeline(account, wanted, listener=listener, spending=self.spending))
        except SourceError as error:
            return self._explain_failure(account, error)
        finally:
            self._progress_events.put(None)

    def _explain_partial_failure(self, account: Account, result: "_Result") -> "_Result":
        """Return an answer whose failure says that a key is wanted, if that is why no more was read."""
        return replace(result, failure=self._explain_failure(account, result.failure)) if result.failure else result

    def _explain_failure(self, account: Account, error: SourceError) -> SourceError:
        explained = self.spending.explain(account, error)
        if explained is not error:
            self.refused_accounts.add(account)
        return explained


def start_fetch(query: Query, spending: Spending, chart_kind: str | None = None) -> Fetch:
    """Begin to fetch a question's timelines, for all charts or for one kind.

    Who needs a key for that and has none is answered from what is free or kept. Raises TooManyTries if too many keys were wrong, and
    InvalidQuery or ModelUnavailable, before anything is read, if the posts are to be labelled by a model that can't.
    """
    labeller, unlabelled = (
        (_load_labeller(), "")
        if query.needs_model_labels(chart_kind)
        else _try_load_labeller()
        if query.needs_method_comparison(chart_kind)
        else (None, "")
    )
    spending = access.restrict_spending(spending)
    given = timeline_store()
    users = list(dict.fromkeys(account for user in query.users for account in given.expand_account(user)))
    spelled_out = query.model_copy(update={"users": tuple(users[:MAX_ACCOUNTS])})
    left_out = len(users) - len(spelled_out.users)
    return Fetch(query, spelled_out, spending, left_out, labeller, unlabelled, chart_kind).start(given)


def _load_labeller() -> "Labeller":
    from dashboard.prediction.serving.labeller import build_labeller

    try:
        return build_labeller(model())
    except ModelUnavailable as error:
        others = "All other sentiment methods work without it."
        raise ModelUnavailable(error.detail, f"{error.advice} {others}".strip()) from error


def _try_load_labeller() -> "tuple[Labeller | None, str]":
    """Return the model, or why the comparison of methods must do without it."""
    try:
        return _load_labeller(), ""
    except ModelUnavailable as error:
        why = error.detail
    except InvalidQuery as error:
        why = " ".join(message for _, message in error.problems)
    return None, f"The comparison of methods leaves out the AI model: {why}"


def build_report(chart_kind: str, fetch: Fetch) -> "Report":
    """Return one chart's answer. Raises InvalidQuery, or the SourceError of an account if none of them could be read."""
    from dashboard.reports.builder import build_report

    return build_report(chart_kind, fetch.query, fetch.result())


def build_dashboard(fetch: Fetch) -> "Dashboard":
    """Return every chart's answer; errors as for `report`."""
    from dashboard.reports.builder import build_dashboard as build

    return build(fetch.query, fetch.result())


def build_posts_page(fetch: Fetch, selection: "PostSelection") -> "PostsPage":
    """Return the posts of a selection; errors as for `report`."""
    from dashboard.reports.posts_page import build_posts_page

    return build_posts_page(fetch.query, selection, fetch.result())


def list_demo_accounts() -> list[tuple[str, str, str]]:
    """Return accounts, title and description of questions that answer anywhere."""
    from dashboard.sources.demo import load_organisations

    return [(f"demo:{each.name}", each.title, each.about) for each in load_organisations()]
