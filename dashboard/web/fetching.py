"""The only way from web to the domain: fetches the timelines of a query, all accounts in parallel, and builds reports from them."""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from flask import has_request_context, request

from dashboard.core.accounts import Account
from dashboard.core.errors import ClientLeft, InvalidQuery, ModelUnavailable, PaidReadRefused, ServerStopping, SourceError
from dashboard.core.formatting import format_count
from dashboard.core.networks import NETWORKS
from dashboard.core.query import MAX_ACCOUNTS, Query
from dashboard.core.spending import NO_SPENDING, Spending
from dashboard.web import shutdown
from dashboard.web.auth import access, confirmation
from dashboard.web.extensions import model, timeline_store
from dashboard.web.middleware import bots

if TYPE_CHECKING:  # the domain is slow to import, so it's loaded by the first query instead of at startup
    from dashboard.core.counts import HourlyCounts
    from dashboard.core.post_selection import PostSelection
    from dashboard.core.posts import Timeline
    from dashboard.prediction.serving.labeller import Labeller
    from dashboard.reports.fetched import Fetched
    from dashboard.reports.posts_page import PostsPage
    from dashboard.reports.report import Dashboard, Report
    from dashboard.timelines.store import TimelineStore

_Result = TypeVar("_Result", "Timeline", "HourlyCounts")
_HEARTBEAT_SECONDS = 0.5  # seconds between two signs of life


@dataclass
class Fetch:
    """A running fetch of the accounts of a query, one thread per account. `posts_read` counts the posts received so far."""

    original_query: Query
    query: Query  # the original query with files expanded to their accounts
    spending: Spending
    omitted_account_count: int = 0  # accounts of files that exceed the limit
    labeller: "Labeller | None" = None  # for the method `model` and the chart that compares methods
    labeller_error: str = ""  # why that chart can't use it
    chart_kind: str | None = None  # the chart to fetch for, None for all
    refused_accounts: set[Account] = field(default_factory=set)  # accounts that weren't read, or not further, because it costs money
    has_client_left: Callable[[], bool] = lambda: False
    started_at: float = field(default_factory=monotonic)
    unresolved_accounts: set[Account] = field(default_factory=set)  # accounts that a network must look up first, which costs money
    posts_read: dict[Account, int] = field(default_factory=dict)
    count_pages_read: dict[Account, int] = field(default_factory=dict)  # pages of counts, for accounts whose network counts the posts
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _progress_events: "queue.SimpleQueue[None]" = field(default_factory=queue.SimpleQueue)
    _futures: "dict[Account, Future[Timeline | HourlyCounts | SourceError]]" = field(default_factory=dict)

    @property
    def needs_sign_in(self) -> bool:
        """Whether signing in would show more."""
        return bool(self.refused_accounts) and self.spending.refusal is not None

    @property
    def needs_confirmation(self) -> bool:
        """Whether a confirmed read would show more."""
        return bool(self.refused_accounts) and self.spending.needs_confirmation

    @property
    def remarks(self) -> list[str]:
        """Notes about accounts that weren't fetched and a model that isn't available."""
        more = format_count(self.omitted_account_count, "more account")
        omissions = [f"The file has {more}; up to {MAX_ACCOUNTS} accounts fit in one report."] if self.omitted_account_count else []
        return [*omissions, *filter(None, [self.labeller_error])]

    def start(self, store: "TimelineStore") -> "Fetch":
        """Start reading and return immediately."""
        sources = ((account, store.sources.get(account.network)) for account in self.query.users)
        self.unresolved_accounts = {account for account, source in sources if source and "user" in source.max_bill(account, 1)}
        pool = ThreadPoolExecutor(max_workers=len(self.query.users), thread_name_prefix="fetch")
        for account in self.query.users:
            self._futures[account] = pool.submit(
                copy_context().run, self._read_account, account, store
            )  # so that its log lines carry the trace of this request
        pool.shutdown(wait=False)
        return self

    def wait(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for all accounts, and return whether they have finished. A process about to end doesn't wait."""
        deadline = monotonic() + timeout
        while not self._are_all_done(min(_HEARTBEAT_SECONDS, deadline - monotonic())):
            if monotonic() >= deadline or shutdown.has_begun():
                return False
        return True

    def count_finished(self) -> int:
        """Return the number of accounts that have finished."""
        return sum(future.done() for future in self._futures.values())

    def iter_progress(self) -> Iterator[bool]:
        """Yield True when a page arrives and False when none arrived for a while, until all accounts have finished or the process ends."""
        while not self.wait(timeout=0) and not shutdown.has_begun():
            try:
                self._progress_events.get(timeout=_HEARTBEAT_SECONDS)
                yield True
            except queue.Empty:
                yield False

    def cancel(self) -> None:
        """Stop reading at the next page of each account; what has been read stays cached."""
        self._cancelled.set()

    def result(self) -> "Fetched":
        """Return what was read, in the order of the query. Raises the SourceError of the first account if none could be read.

        Also raises ServerStopping or ClientLeft if reading stopped for that.
        """
        from dashboard.reports.fetched import Fetched

        self._wait_for_all()
        results = [future.result() for future in self._futures.values()]
        if shutdown.has_begun() and any(getattr(result, "cut_by", None) == "stopped" for result in results):
            raise ServerStopping()
        failures = {result.account: result for result in results if isinstance(result, SourceError)}
        timelines = [result for result in results if not isinstance(result, SourceError)]
        if not timelines:
            raise next(iter(failures.values()))
        return Fetched(timelines, failures, self.remarks, self.labeller)

    def _wait_for_all(self) -> None:
        """Wait for all accounts, but only briefly if the process is about to end, and not at all if the client has left."""
        while not self.wait(timeout=_HEARTBEAT_SECONDS):
            if self.has_client_left():
                raise ClientLeft()
            if shutdown.has_begun() and not self._are_all_done(shutdown.WAIT_SECONDS):
                raise ServerStopping()

    def _are_all_done(self, timeout: float) -> bool:
        from concurrent.futures import wait

        return not wait(self._futures.values(), timeout=max(0.0, timeout)).not_done

    def _is_cancelled(self) -> bool:
        return self._cancelled.is_set() or shutdown.has_begun() or self.has_client_left()

    def _read_account(self, account: Account, store: "TimelineStore") -> "Timeline | HourlyCounts | SourceError":
        from dashboard.sources.base import ProgressListener, TimelineRequest
        from dashboard.timelines import hourly_counts

        by_network = self.query.counted == "network" and hourly_counts.supports_counts(store, account)

        def record_progress(count: int) -> None:
            (self.count_pages_read if by_network else self.posts_read)[account] = count
            self._progress_events.put(None)

        listener = ProgressListener(record_progress, self._is_cancelled)
        try:
            if by_network:
                return self._explain_partial_failure(
                    account, hourly_counts.load_counts(store, account, *self.query.span, listener=listener, spending=self.spending)
                )
            request = TimelineRequest(self.query.limit, *self.query.required_span(self.chart_kind))
            return self._explain_partial_failure(account, store.load_timeline(account, request, listener=listener, spending=self.spending))
        except SourceError as error:
            return self._explain_failure(account, error)
        finally:
            self._progress_events.put(None)

    def _explain_partial_failure(self, account: Account, result: "_Result") -> "_Result":
        """Return the result; if reading ended early because nobody may spend money, its failure says what would allow it."""
        return replace(result, failure=self._explain_failure(account, result.failure)) if result.failure else result

    def _explain_failure(self, account: Account, error: SourceError) -> SourceError:
        if isinstance(error, PaidReadRefused):
            self.refused_accounts.add(account)
        return self.spending.explain(account, error)


def requested_spending(query: Query) -> Spending:
    """Return what the request may spend on a question, judging by who sends it; access keys are checked later."""
    return NO_SPENDING if bots.is_bot() else confirmation.requested_spending(query)


def start_fetch(query: Query, spending: Spending, chart_kind: str | None = None) -> Fetch:
    """Start fetching the timelines of a query, for all charts or for one kind.

    Without a required access key, only free and cached posts are used; a question that costs nothing never looks at the key. Raises
    InvalidQuery or ModelUnavailable, before anything is read, if the query needs labels that the model can't provide.
    """
    labeller, labeller_error = (
        (_load_labeller(), "")
        if query.needs_model_labels(chart_kind)
        else _try_load_labeller()
        if query.needs_method_comparison(chart_kind)
        else (None, "")
    )
    if any(NETWORKS[user.network].is_paid for user in query.users):
        spending = access.restrict_spending(spending)
    store = timeline_store()
    users = list(dict.fromkeys(account for user in query.users for account in store.expand_account(user)))
    expanded_query = query.model_copy(update={"users": tuple(users[:MAX_ACCOUNTS])})
    omitted_account_count = len(users) - len(expanded_query.users)
    fetch = Fetch(query, expanded_query, spending, omitted_account_count, labeller, labeller_error, chart_kind)
    if has_request_context():
        fetch.has_client_left = request.environ.get("waitress.client_disconnected", fetch.has_client_left)
    return fetch.start(store)


def _load_labeller() -> "Labeller":
    from dashboard.prediction.serving.labeller import build_labeller

    try:
        return build_labeller(model())
    except ModelUnavailable as error:
        advice = "All other sentiment methods work without it."
        raise ModelUnavailable(error.detail, f"{error.advice} {advice}".strip()) from error


def _try_load_labeller() -> "tuple[Labeller | None, str]":
    """Return the labeller, or the reason why the comparison of methods can't include it."""
    try:
        return _load_labeller(), ""
    except ModelUnavailable as error:
        reason = error.detail
    except InvalidQuery as error:
        reason = " ".join(message for _, message in error.problems)
    return None, f"The comparison of methods leaves out the AI model: {reason}"


def build_report(chart_kind: str, fetch: Fetch) -> "Report":
    """Return the report of one chart. Raises InvalidQuery, or the SourceError of an account if none of them could be read."""
    from dashboard.reports.builder import build_report

    return build_report(chart_kind, fetch.query, fetch.result())


def build_dashboard(fetch: Fetch) -> "Dashboard":
    """Return the reports of all charts. Raises what `build_report` raises."""
    from dashboard.reports.builder import build_dashboard as build

    return build(fetch.query, fetch.result())


def build_posts_page(fetch: Fetch, selection: "PostSelection") -> "PostsPage":
    """Return the posts of a selection. Raises what `build_report` raises."""
    from dashboard.reports.posts_page import build_posts_page

    return build_posts_page(fetch.query, selection, fetch.result())


def list_demo_accounts() -> list[tuple[str, str, str]]:
    """Return the account, title and description of every demo organisation."""
    from dashboard.sources.demo import load_organisations

    return [(f"demo:{organisation.name}", organisation.title, organisation.about) for organisation in load_organisations()]
