"""Counts that were bought once, kept, and continued at either end: what is known of a span is never counted, or paid for, again.

What is kept of an account is one unbroken span up to the last question; a span apart from it has an entry of its own. No HTTP of
ours: shelf, sources and budget are a library's.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts, start_of_hour
from dashboard.core.errors import BudgetExceeded, PaidReadRefused, SourceError, SourceNotReady
from dashboard.core.pricing import format_dollars
from dashboard.core.spending import ALL_SPENDING, Spending
from dashboard.sources.base import CountSource, ProgressListener, TimeSpan
from dashboard.sources.fetch import count_posts
from dashboard.timelines import serialization
from dashboard.timelines.incremental import MAX_FRESH_AGE, backoff_duration
from dashboard.timelines.store import TIMELINE_TTL, TimelineStore

DEFAULT_SPAN = timedelta(days=365)  # counted if nobody says from when
MAX_SPAN = timedelta(days=60 * 31)  # counted at once: 60 pages of X, about five years
SEPARATE_SPAN_TTL = timedelta(days=30)  # how long a span of its own is kept: the past hardly changes
MIN_END_AGE = timedelta(seconds=15)  # X wants the end of a span at least 10 seconds ago
_X_LAUNCH = datetime(2006, 3, 21, tzinfo=UTC)  # of X


@dataclass(frozen=True)
class CountRequest:
    """A span to be counted; `now` says that it ends now, `shortened` that it was Chorus who chose its start."""

    span: TimeSpan
    asked_at: datetime
    ends_now: bool
    is_shortened: bool


def supports_counts(store: TimelineStore, account: Account) -> bool:
    """Say whether an account's network counts posts."""
    return isinstance(store.sources.get(account.network), CountSource)


def load_counts(
    store: TimelineStore,
    account: Account,
    since: datetime | None,
    until: datetime | None,
    *,
    listener: ProgressListener | None = None,
    spending: Spending = ALL_SPENDING,
) -> HourlyCounts:
    """Return an account's counts, counting only what is not kept. Without `since` they reach back a year, and never farther than MOST.

    Raises a SourceError if there is nothing to show; with something kept, the error is the counts' `failure`.
    """
    source, asked = store.sources[account.network], _build_request(since, until, store.clock())
    assert isinstance(source, CountSource), "possible() says which accounts can be counted"
    with store.cache.lock(_cache_key(account)):
        key, kept = _load_cached(store, account, asked)
        if kept and kept.is_empty and kept.failure and _is_backing_off(kept, asked.asked_at):
            raise kept.failure
        missing = _missing_spans(kept, asked)
        store.observer.record_cache_lookup("counts", "hit" if not missing else "part" if kept else "miss")
        for span in missing:
            kept = _count_and_cache(store, source, account, key, kept, span, listener, spending=spending)
    return _clip(kept, asked) if kept else HourlyCounts(str(account), {}, asked.span.since, asked.span.since, None, asked.asked_at)


def max_cost_microdollars(store: TimelineStore, account: Account, since: datetime | None, until: datetime | None) -> int:
    """Return the most micro-dollars that `counts` would cost now."""
    source, asked = store.sources[account.network], _build_request(since, until, store.clock())
    assert isinstance(source, CountSource), "possible() says which accounts can be counted"
    missing = _missing_spans(_load_cached(store, account, asked)[1], asked)
    return sum(store.prices.cost_microdollars(source.max_count_bill(account, span)) for span in missing)


def _build_request(since: datetime | None, until: datetime | None, now: datetime) -> CountRequest:
    """Return the span that a question is answered for: past, after X began, and not longer than MOST."""
    latest = (now - MIN_END_AGE).replace(microsecond=0)
    end = min(until or latest, latest)
    midnight = datetime.combine(end.astimezone(UTC).date(), time(), UTC)
    earliest = midnight - (MAX_SPAN - timedelta(days=1))
    start = since or midnight - DEFAULT_SPAN
    span = TimeSpan(max(start, earliest, _X_LAUNCH), end)
    return CountRequest(span, now, ends_now=end == latest, is_shortened=since is None or start < earliest)


def _load_cached(store: TimelineStore, account: Account, request: CountRequest) -> tuple[str, HourlyCounts | None]:
    """Return what a question is to be answered from, and its key: the run up to the last question if the span touches it."""
    run, span = serialization.parse_counts(store.cache.get(_cache_key(account))), request.span
    touches = run and span.since <= run.until and span.until >= run.since
    if request.ends_now or touches:
        return _cache_key(account), run
    key = f"{_cache_key(account)}:{span.since.isoformat()}:{span.until.isoformat()}"
    return key, serialization.parse_counts(store.cache.get(key))


def _missing_spans(cached: HourlyCounts | None, request: CountRequest) -> list[TimeSpan]:
    """Return the spans that must still be counted: all, none, what is newer, what is older."""
    span = request.span
    if span.since >= span.until:
        return []
    if cached is None or cached.is_empty:
        return [span]
    newer = [TimeSpan(max(cached.since, start_of_hour(cached.until)), span.until)] if _ends_too_early(cached, request) else []
    deeper = span.since < cached.since and cached.cut_by != "network" and not _is_backing_off(cached, request.asked_at)
    return newer + ([TimeSpan(span.since, cached.since)] if deeper else [])


def _ends_too_early(cached: HourlyCounts, request: CountRequest) -> bool:
    """Say whether counts end too early for a question; those that end now are believed for a while."""
    return request.span.until - cached.until >= (MAX_FRESH_AGE if request.ends_now else timedelta(microseconds=1))


def _count_and_cache(
    store: TimelineStore,
    source: CountSource,
    account: Account,
    key: str,
    cached: HourlyCounts | None,
    span: TimeSpan,
    listener: ProgressListener | None,
    *,
    spending: Spending,
) -> HourlyCounts:
    """Count one span and keep what it brings. With counts kept, a failure is told beside them; without, it is raised and remembered."""
    quoted = source.max_count_bill(account, span)
    try:
        brought = store.read_within_budget(
            account, quoted, lambda: count_posts(source, account, span, listener=listener), spending=spending
        )
    except SourceError as error:
        if isinstance(error, BudgetExceeded):
            error.advice = f"It is whole again at midnight UTC; CHORUS_X_BUDGET sets it. A shorter time costs less: {_format_price(store)}."
        if cached is None or cached.is_empty:
            _cache_failure(store, error, key)
            raise
        return replace(cached, failure=error)
    now = _merge(cached, brought, span) if cached and not cached.is_empty else brought
    store.cache.put(
        key, serialization.dump_counts(now), int((TIMELINE_TTL if key == _cache_key(account) else SEPARATE_SPAN_TTL).total_seconds())
    )
    return now


def _format_price(store: TimelineStore) -> str:
    return f"31 days are {format_dollars(store.prices.cost_microdollars({'counts': 1}))}"


def _merge(cached: HourlyCounts, fetched: HourlyCounts, span: TimeSpan) -> HourlyCounts:
    """Return kept and brought counts as one span; a gap between them leaves only what is newer."""
    if span.until <= cached.since:
        hours = {**fetched.posts_by_hour, **cached.posts_by_hour}
        return replace(cached, posts_by_hour=hours, since=fetched.since, cut_by=fetched.cut_by, failure=fetched.failure)
    if fetched.since > span.since:
        return fetched
    before = {start: posts for start, posts in cached.posts_by_hour.items() if start < span.since}
    return replace(
        cached, posts_by_hour={**before, **fetched.posts_by_hour}, until=fetched.until, fetched_at=fetched.fetched_at, failure=None
    )


def _clip(cached: HourlyCounts, request: CountRequest) -> HourlyCounts:
    """Return the part of counts that was asked for."""
    since, until = max(cached.since, request.span.since), min(cached.until, request.span.until)
    hours = {start: posts for start, posts in cached.posts_by_hour.items() if since <= start < until}
    short = since > request.span.since
    cut_by = (cached.cut_by or "failure") if short else "time" if request.is_shortened else None
    failure = cached.failure if short or _ends_too_early(cached, request) else None
    return replace(cached, posts_by_hour=hours, since=min(since, until), until=until, cut_by=cut_by, failure=failure)


def _cache_failure(store: TimelineStore, error: SourceError, key: str) -> None:
    if not isinstance(error, (SourceNotReady, BudgetExceeded, PaidReadRefused)):
        now = store.clock()
        nothing = HourlyCounts(error.account, {}, now, now, "failure", now, error)
        store.cache.put(key, serialization.dump_counts(nothing), int(backoff_duration(error, now).total_seconds()))


def _is_backing_off(cached: HourlyCounts, now: datetime) -> bool:
    """Say whether the network is still to be left alone after the failure that counts ended with."""
    return cached.failure is not None and now < cached.fetched_at + backoff_duration(cached.failure, cached.fetched_at)


def _cache_key(account: Account) -> str:
    return f"counts:{account.network}:{account.name}"
