"""X: the source that reads it through the API v2.

What accounts look like is in `x_network.py`, how X is contacted in `x_client.py`. Lookups and pages are in `x_timeline.py`, lookups that
are kept in `x_user_cache.py`, counts in `x_counts.py`, rows in `x_posts.py`, and X's own count of what was read in `x_usage.py`. No type of
tweepy and no HTTP belongs here.
"""

import logging
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime

from dashboard.core.account_problems import suggest_on_free_networks
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.messages import deferred, gettext, translatable
from dashboard.core.pricing import Bill
from dashboard.core.source_errors import AccountNotFound, AccountSuspended, SourceError, SourceNotReady
from dashboard.sources import x_counts
from dashboard.sources.base import ByteCache, CountPage, Page, Readiness, Source, TimelineRequest, TimeSpan
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.http_session import REQUEST_SECONDS
from dashboard.sources.metering import PaidRequest
from dashboard.sources.x_client import LOOKUP_BILL, XClient
from dashboard.sources.x_credentials import XCredentials
from dashboard.sources.x_network import X
from dashboard.sources.x_timeline import (
    MAX_PAGE_POSTS,
    MIN_END_AGE,
    MIN_PAGE_POSTS,
    USER_FIELDS,
    check_account_visible,
    iter_timeline_pages,
    parse_user,
)
from dashboard.sources.x_usage import XUsage
from dashboard.sources.x_user_cache import XUserCache

__all__ = ["XCredentials", "XSource"]

_log = logging.getLogger(__name__)
X_API_URL = "https://api.twitter.com"
PRICING_NOTE = translatable("X charges for each post.")
CONNECT_ADVICE = translatable("Your administrator can connect X.")
_MISSING_KEY_ADVICE = translatable("Your administrator can add it. Choose “The posts themselves” under Source of counts (counted=posts).")


class XSource(Source):
    """X, read through its API v2 with this server's keys."""

    network = X
    supports_incremental = True
    earliest_count_time = datetime(2006, 3, 21, tzinfo=UTC)  # when X began
    min_end_age = MIN_END_AGE

    def __init__(
        self,
        credentials: XCredentials | None,
        api_url: str = "",
        user_cache: ByteCache | None = None,
        clock: Clock = system_clock,
        breakers: CircuitBreakers | None = None,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self.request_seconds = request_seconds
        self._credentials, self._api_url = credentials or XCredentials(), api_url or X_API_URL
        self._users, self._clock, self._breakers = XUserCache(user_cache), clock, breakers or CircuitBreakers(clock)
        self._usage = XUsage(self._credentials.bearer_token, self._api_url)

    def readiness(self) -> Readiness:
        """Return whether there are keys for X. X itself isn't contacted. Which settings are missing is in the log, not on pages."""
        is_ready = not self._credentials.describe_problem()
        return Readiness(is_ready, gettext(PRICING_NOTE) if is_ready else f"{gettext(CONNECT_ADVICE)} {gettext(PRICING_NOTE)}")

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page | PaidRequest, None, None]:
        """Look the account up, then yield its timeline in pages of 100, newest first."""
        if not self.readiness().ready:
            detail = deferred("X isn’t connected on this server, so %(account)s can’t be read.", account=account.label)
            raise SourceNotReady(str(account), detail, CONNECT_ADVICE, suggest_on_free_networks(account.name), network_title=X.title)
        with self._open_client(account, deadline) as client:
            user, lookup_bill = self._users.load(account), Counter[str]()
            if user is None:
                yield PaidRequest(LOOKUP_BILL)
                user = parse_user(account, client.lookup_user(user_fields=USER_FIELDS))
                lookup_bill.update(LOOKUP_BILL)
                self._users.save(account, user)
            try:
                for step in iter_timeline_pages(client, account, user, request, self._clock):
                    if isinstance(step, PaidRequest):
                        yield step
                        continue
                    yield replace(step, bill=lookup_bill + Counter(step.bill), name=user.name)
                    lookup_bill.clear()
            except SourceError as error:
                error.bill = lookup_bill + Counter(error.bill)
                if isinstance(error, (AccountNotFound, AccountSuspended)):
                    self._users.forget(account)
                raise

    def max_bill(self, account: Account, post_count: int) -> Bill:
        """Return the bill for reading `post_count` posts: pages of at least five posts, and the lookup unless it's cached."""
        full_pages, rest = divmod(post_count, MAX_PAGE_POSTS)
        charged_posts = full_pages * MAX_PAGE_POSTS + (max(MIN_PAGE_POSTS, rest) if rest else 0)
        return {"post": charged_posts} | ({} if self._users.load(account) else {"user": 1})

    def count_billed_posts(self, day: date) -> int | None:
        """Return the posts that X has counted for this server's app on a day, which may be fewer than were read; None if unknown."""
        return self._usage.count_posts(day)

    def max_count_bill(self, account: Account, span: TimeSpan) -> Bill:
        """Return the highest bill for counting: pages of 31 days, and the lookup that follows if X counts nothing."""
        pages = x_counts.max_pages(span)
        return {"counts": pages, "user": 1} if pages else {}

    def iter_count_pages(self, account: Account, span: TimeSpan, deadline: float) -> Generator[CountPage | PaidRequest, None, None]:
        """Yield pages of X's own hourly counts, newest first. This requires the bearer token."""
        if not self.readiness().ready:
            detail = deferred("X isn’t connected on this server, so the posts of %(account)s can’t be counted.", account=account.label)
            raise SourceNotReady(str(account), detail, CONNECT_ADVICE, network_title=X.title)
        if not self._credentials.bearer_token:
            _log.warning("X counts posts only with X_BEARER_TOKEN, which isn't set.")
            detail = deferred(
                "X counts the posts of %(account)s only with another kind of key, which this server doesn’t have.", account=account.label
            )
            raise SourceNotReady(str(account), detail, _MISSING_KEY_ADVICE)
        with self._open_client(account, deadline) as client:
            user = self._users.load(account)
            for step in x_counts.iter_count_pages(client, account, span, lambda: check_account_visible(client, account)):
                yield replace(step, name=user.name) if user and isinstance(step, CountPage) else step

    def _open_client(self, account: Account, deadline: float) -> XClient:
        return XClient(self._credentials, self._api_url, account, deadline, self._clock, self._breakers, self.request_seconds)
