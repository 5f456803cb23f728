"""One running fetch: the accounts of a question, what is stored of them, and the threads that read the rest from the networks.

How one account is read belongs in `account_reader.py`; which question is fetched, and what is built from it, in `fetching.py`.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from dashboard.core.account_labels import label_accounts
from dashboard.core.accounts import Account
from dashboard.core.errors import ClientLeft, ServerStopping
from dashboard.core.formatting.counts import format_count
from dashboard.core.messages import deferred, gettext, translatable
from dashboard.core.networks import NETWORKS
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_ACCOUNTS
from dashboard.core.source_errors import NetworkBusy, SourceError
from dashboard.sources.files.network import FILES
from dashboard.web import shutdown, turns
from dashboard.web.account_reader import AccountReader
from dashboard.web.extensions import network_waits
from dashboard.web.network_waits import MAX_READS_PER_QUESTION, NetworkWaits

if TYPE_CHECKING:  # the domain is slow to import, so it's loaded by the first query instead of at startup
    from dashboard.analytics.fact_tables import FactTables
    from dashboard.core.activity import Activity
    from dashboard.prediction.serving.labeller import Labeller
    from dashboard.reports.fetched import Fetched

_HEARTBEAT_SECONDS = 0.5  # seconds between two signs of life


@dataclass
class Fetch:
    """A running fetch of the accounts of a query. `posts_read` counts the posts received so far.

    What is stored is loaded at once. Each network has at most MAX_READS_PER_QUESTION threads for the other accounts. If all of them are on
    this machine and their versions are known, nothing is read until somebody needs it: a response may have been kept.
    """

    original_query: Query
    reader: AccountReader  # its query is the original one with files expanded to their accounts
    omitted_account_count: int = 0  # accounts of files that exceed the limit
    labeller: "Labeller | None" = None  # for the method `model` and the chart that compares methods
    labeller_error: str = ""  # why that chart can't use it
    facts: "FactTables | None" = None  # what earlier questions found out about posts
    report_generation: int = 0  # of KeptReports, before anything was read
    has_client_left: Callable[[], bool] = lambda: False
    started_at: float = field(default_factory=monotonic)
    unresolved_accounts: set[Account] = field(default_factory=set)  # accounts that a network must look up first, which costs money
    posts_read: dict[Account, int] = field(default_factory=dict)
    count_pages_read: dict[Account, int] = field(default_factory=dict)  # pages of counts, for accounts whose network counts the posts
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _progress_events: "queue.SimpleQueue[None]" = field(default_factory=queue.SimpleQueue)
    _futures: "dict[Account, Future[Activity | SourceError]]" = field(default_factory=dict)
    _network_futures: "set[Future[Activity | SourceError]]" = field(default_factory=set)  # of those that wait for a network
    _versions: dict[Account, str] = field(default_factory=dict)  # of what isn't read until somebody needs it
    _unread_accounts: list[Account] = field(default_factory=list)
    _fetched: "Fetched | None" = None  # what `result` returns, always the same, so that it's hashed once

    @property
    def query(self) -> Query:
        """The query with files expanded to their accounts."""
        return self.reader.query

    @property
    def chart_kind(self) -> str | None:
        """The chart to fetch for, None for all."""
        return self.reader.chart_kind

    @property
    def refused_accounts(self) -> set[Account]:
        """The accounts that weren't read, or not further, because it costs money."""
        return self.reader.refused_accounts

    @property
    def needs_sign_in(self) -> bool:
        """Whether signing in would show more."""
        return bool(self.refused_accounts) and self.reader.spending.refusal is not None

    @property
    def needs_confirmation(self) -> bool:
        """Whether a confirmed read would show more."""
        return bool(self.refused_accounts) and self.reader.spending.needs_confirmation

    @property
    def reads_files(self) -> bool:
        """Whether some of the posts are those of an imported file: once its owner deletes it, nothing of them may be left anywhere."""
        return any(user.network == FILES.name for user in self.query.users)

    @property
    def warnings(self) -> list[str]:
        """The sentence on accounts of a file that don't fit in a report, if there are any."""
        if not self.omitted_account_count:
            return []
        omitted = translatable("The file has %(accounts)s; up to %(limit)s accounts fit in one report.")
        return [gettext(omitted, accounts=format_count(self.omitted_account_count, "more account"), limit=MAX_ACCOUNTS)]

    def label_accounts(self) -> dict[str, str]:
        """Return the label of each account by its canonical name: the display name if it is known by now, otherwise the handle."""
        results = [result for result in self._list_results().values() if not isinstance(result, SourceError)]
        return label_accounts(self.query.users, {result.account: result.name for result in results})

    def list_unreadable_accounts(self) -> set[str]:
        """Return the canonical names of the accounts that can't be read, as is known by now, such as misspelled ones."""
        failures = {account: result for account, result in self._list_results().items() if isinstance(result, SourceError)}
        return {str(account) for account, failure in failures.items() if failure.is_about_account}

    def _list_results(self) -> "dict[Account, Activity | SourceError]":
        """Return what is known by now of the accounts, except unexpected errors."""
        return {account: future.result() for account, future in self._futures.items() if future.done() and not future.exception()}

    def start(self) -> "Fetch":
        """Load what is stored, start reading what isn't unless that can wait, and return."""
        sources = ((account, self.reader.store.sources.get(account.network)) for account in self.query.users)
        self.unresolved_accounts = {account for account, source in sources if source and "user" in source.max_bill(account, 1)}
        self._futures = {account: Future() for account in self.query.users}
        self._unread_accounts = [account for account in self.query.users if not self._load_stored(account)]
        self._versions = self.reader.find_versions(self._unread_accounts)
        if len(self._versions) < len(self._unread_accounts):
            self._start_reading()
        return self

    def _start_reading(self) -> None:
        """Start reading what isn't read yet, unless that has been done."""
        unread, self._unread_accounts = self._unread_accounts, []
        self._versions.clear()
        for network in dict.fromkeys(account.network for account in unread):
            self._start_network(network, [account for account in unread if account.network == network])

    @property
    def expected_digest(self) -> str:
        """The digest that the result will have if nothing changes until it's read, "" if that isn't known yet. Nothing is read for it.

        So a response can be looked up by it, but mustn't be kept by it.
        """
        results = self._list_results()
        timelines = [result for result in results.values() if not isinstance(result, SourceError)]
        if len(results) + len(self._versions) < len(self._futures) or not (timelines or self._versions):
            return ""
        return self._build_fetched(results).digest_with({str(account): version for account, version in self._versions.items()})

    def _load_stored(self, account: Account, failure: SourceError | None = None) -> bool:
        """Take what is stored for an account as its result, and return whether that is possible."""
        result = self.reader.load_stored(account, failure)
        if result is not None:
            self._futures[account].set_result(result)
        return result is not None

    def _start_network(self, network: str, accounts: list[Account]) -> None:
        """Start threads that read the accounts of one network, unless too many are being read for others already."""
        source = self.reader.store.sources.get(network)
        waits = network_waits() if source and source.is_cached else None  # files and demo accounts are on this machine
        thread_count = min(len(accounts), MAX_READS_PER_QUESTION) if waits else 1
        if waits and not waits.begin(network, thread_count):
            self._answer_without_network(network, accounts)
            return
        if waits:
            self._network_futures.update(self._futures[account] for account in accounts)
        todo = queue.SimpleQueue[Account]()
        for account in accounts:
            todo.put(account)
        for number in range(thread_count):
            run = partial(copy_context().run, self._read_accounts, todo, waits, network)  # so that log lines carry the trace
            threading.Thread(target=run, name=f"fetch-{network}-{number}", daemon=True).start()

    def _answer_without_network(self, network: str, accounts: list[Account]) -> None:
        """Take what is stored for accounts as their results, however old it is, or that their network is busy."""
        detail = deferred("%(network)s is being read for many others right now.", network=NETWORKS[network].title)
        for account in accounts:
            busy = NetworkBusy(str(account), detail)
            if not self._load_stored(account, busy):
                self._futures[account].set_result(busy)

    def _read_accounts(self, todo: "queue.SimpleQueue[Account]", waits: NetworkWaits | None, network: str) -> None:
        """Read accounts until none is left."""
        try:
            while not todo.empty():
                account = todo.get_nowait()
                if self._is_cancelled(account):
                    self._futures[account].set_exception(ServerStopping() if shutdown.has_begun() else ClientLeft())
                    continue
                try:
                    self._futures[account].set_result(self._read_account(account))
                except BaseException as error:  # `result` raises it in the thread of the request
                    self._futures[account].set_exception(error)
                self._progress_events.put(None)
        except queue.Empty:  # another thread was faster
            return
        finally:
            if waits:
                waits.end(network)

    def wait(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for all accounts, and return whether they have finished. A process about to end doesn't wait."""
        self._start_reading()
        deadline = monotonic() + timeout
        with self._waiting():
            while not self._are_all_done(min(_HEARTBEAT_SECONDS, deadline - monotonic())):
                if monotonic() >= deadline or shutdown.has_begun():
                    return False
        return True

    def _waiting(self) -> AbstractContextManager[None]:
        """Return the context in which to wait: without a turn if it's for a network, which needs no processor."""
        return turns.give_away() if self._is_waiting_for_network() else nullcontext()

    def _is_waiting_for_network(self) -> bool:
        return any(not future.done() for future in self._network_futures)

    def list_unfinished(self) -> list[Account]:
        """Return the accounts that are still being read, in the order of the query."""
        return [account for account, future in self._futures.items() if not future.done()]

    def iter_progress(self) -> Iterator[bool]:
        """Yield True when a page arrives and False when none arrived for a while, until all accounts have finished or the process ends."""
        while not self._are_all_done(0) and not shutdown.has_begun():
            try:
                with self._waiting():
                    self._progress_events.get(timeout=_HEARTBEAT_SECONDS)
                yield True
            except queue.Empty:
                yield False

    def cancel(self) -> None:
        """Stop reading at the next page of each account; what has been read stays cached."""
        self._cancelled.set()

    def result(self) -> "Fetched":
        """Return what was read, in the order of the query.

        Raises the SourceError of the first account, with those of the others, if none could be read, and ServerStopping or ClientLeft if
        reading stopped for that.
        """
        self._wait_for_all()
        results = {account: future.result() for account, future in self._futures.items()}
        if shutdown.has_begun() and any(getattr(result, "cut_by", None) == "stopped" for result in results.values()):
            raise ServerStopping()
        failures = [result for result in results.values() if isinstance(result, SourceError)]
        if len(failures) == len(results):
            first, *others = failures
            first.others = others
            raise first
        if self._fetched is None:
            self._fetched = self._build_fetched(results)
        return self._fetched

    def _build_fetched(self, results: "Mapping[Account, Activity | SourceError]") -> "Fetched":
        from dashboard.reports.fetched import Fetched

        failures = {result.account: result for result in results.values() if isinstance(result, SourceError)}
        timelines = [result for result in results.values() if not isinstance(result, SourceError)]
        known = {"facts": self.facts} if self.facts else {}
        remarks = [*filter(None, [self.labeller_error])]
        return Fetched(timelines, failures, remarks, self.labeller, warnings=self.warnings, **known)

    def _wait_for_all(self) -> None:
        """Wait for all accounts, but only briefly for a network if the process is about to end, and not at all if the client has left."""
        while not self.wait(timeout=_HEARTBEAT_SECONDS):
            if self.has_client_left():
                raise ClientLeft()
            if shutdown.has_begun() and self._is_waiting_for_network() and not self._are_all_done(shutdown.WAIT_SECONDS):
                raise ServerStopping()

    def _are_all_done(self, timeout: float) -> bool:
        from concurrent.futures import wait

        return not wait(self._futures.values(), timeout=max(0.0, timeout)).not_done

    def _is_cancelled(self, account: Account) -> bool:
        """Return whether to stop reading an account. A process about to end finishes what needs no network."""
        is_stopping = shutdown.has_begun() and self._futures[account] in self._network_futures
        return self._cancelled.is_set() or is_stopping or self.has_client_left()

    def _read_account(self, account: Account) -> "Activity | SourceError":
        from dashboard.sources.base import ProgressListener

        counts_read = self.count_pages_read if self.reader.is_counted_by_network(account) else self.posts_read

        def record_progress(count: int) -> None:
            counts_read[account] = count
            self._progress_events.put(None)

        return self.reader.read(account, ProgressListener(record_progress, partial(self._is_cancelled, account)))
