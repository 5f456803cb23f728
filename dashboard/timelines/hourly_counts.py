"""Counts that were bought once, kept, and continued at either end: what is known of a span is never counted, or paid for, again.

What is kept of an account is one unbroken span up to the last question; a span apart from it has an entry of its own. No HTTP of
ours: shelf, sources and budget are a library's.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from dashboard.core.accounts import Account
from dashboard.core.counts import Counts, hour_of
from dashboard.core.errors import BudgetSpent, NotBought, SourceError, SourceNotReady
from dashboard.core.pricing import dollars
from dashboard.sources.base import Listener
from dashboard.sources.counts import Counting, Span, count
from dashboard.timelines import serialization
from dashboard.timelines.incremental import FRESH, patience
from dashboard.timelines.store import KEPT, Library

USUAL = timedelta(days=365)  # counted if nobody says from when
MOST = timedelta(days=60 * 31)  # counted at once: 60 pages of X, about five years
LONG = timedelta(days=30)  # how long a span of its own is kept: the past hardly changes
JUST_NOW = timedelta(seconds=15)  # X wants the end of a span at least 10 seconds ago
_BEGINNING = datetime(2006, 3, 21, tzinfo=UTC)  # of X


@dataclass(frozen=True)
class Asked:
    """A span to be counted; `now` says that it ends now, `shortened` that it was Chorus who chose its start."""

    span: Span
    now: bool
    shortened: bool


def possible(given: Library, account: Account) -> bool:
    """Say whether an account's network counts posts."""
    return isinstance(given.sources.get(account.network), Counting)


def counts(
    given: Library, account: Account, since: datetime | None, until: datetime | None, *, listener: Listener | None = None, buys: bool = True
) -> Counts:
    """Return an account's counts, counting only what is not kept. Without `since` they reach back a year, and never farther than MOST.

    Raises a SourceError if there is nothing to show; with something kept, the error is the counts' `failure`.
    """
    source, asked = given.sources[account.network], _asked(since, until)
    assert isinstance(source, Counting), "possible() says which accounts can be counted"
    with given.shelf.alone(_key(account)):
        key, kept = _kept(given, account, asked)
        if kept and kept.nothing and kept.failure and _waits(kept):
            raise kept.failure
        missing = _missing(kept, asked)
        given.observer.looked_up("counts", "hit" if not missing else "part" if kept else "miss")
        for span in missing:
            kept = _advance(given, source, account, key, kept, span, listener, buys=buys)
    return _cut(kept, asked) if kept else Counts(str(account), {}, asked.span.since, asked.span.since, None, datetime.now(UTC))


def at_most(given: Library, account: Account, since: datetime | None, until: datetime | None) -> int:
    """Return the most micro-dollars that `counts` would cost now."""
    source, asked = given.sources[account.network], _asked(since, until)
    assert isinstance(source, Counting), "possible() says which accounts can be counted"
    missing = _missing(_kept(given, account, asked)[1], asked)
    return sum(given.prices.cost(source.counts_at_most(account, span)) for span in missing)


def _asked(since: datetime | None, until: datetime | None) -> Asked:
    """Return the span that a question is answered for: past, after X began, and not longer than MOST."""
    latest = (datetime.now(UTC) - JUST_NOW).replace(microsecond=0)
    end = min(until or latest, latest)
    midnight = datetime.combine(end.astimezone(UTC).date(), time(), UTC)
    earliest = midnight - (MOST - timedelta(days=1))
    start = since or midnight - USUAL
    span = Span(max(start, earliest, _BEGINNING), end)
    return Asked(span, now=end == latest, shortened=since is None or start < earliest)


def _kept(given: Library, account: Account, asked: Asked) -> tuple[str, Counts | None]:
    """Return what a question is to be answered from, and its key: the run up to the last question if the span touches it."""
    run, span = serialization.loads_counts(given.shelf.get(_key(account))), asked.span
    touches = run and span.since <= run.until and span.until >= run.since
    if asked.now or touches:
        return _key(account), run
    key = f"{_key(account)}:{span.since.isoformat()}:{span.until.isoformat()}"
    return key, serialization.loads_counts(given.shelf.get(key))


def _missing(kept: Counts | None, asked: Asked) -> list[Span]:
    """Return the spans that must still be counted: all, none, what is newer, what is older."""
    span = asked.span
    if span.since >= span.until:
        return []
    if kept is None or kept.nothing:
        return [span]
    newer = [Span(max(kept.since, hour_of(kept.until)), span.until)] if _lags(kept, asked) else []
    deeper = span.since < kept.since and kept.cut_by != "network" and not _waits(kept)
    return newer + ([Span(span.since, kept.since)] if deeper else [])


def _lags(kept: Counts, asked: Asked) -> bool:
    """Say whether counts end too early for a question; those that end now are believed for a while."""
    return asked.span.until - kept.until >= (FRESH if asked.now else timedelta(microseconds=1))


def _advance(
    given: Library, source: Counting, account: Account, key: str, kept: Counts | None, span: Span, listener: Listener | None, *, buys: bool
) -> Counts:
    """Count one span and keep what it brings. With counts kept, a failure is told beside them; without, it is raised and remembered."""
    quoted = source.counts_at_most(account, span)
    try:
        brought = given.bought(account, quoted, lambda: count(source, account, span, listener=listener), buys=buys)
    except SourceError as error:
        if isinstance(error, BudgetSpent):
            error.advice = f"It is whole again at midnight UTC; CHORUS_X_BUDGET sets it. A shorter time costs less: {_price(given)}."
        if kept is None or kept.nothing:
            _remember(given, error, key)
            raise
        return replace(kept, failure=error)
    now = _joined(kept, brought, span) if kept and not kept.nothing else brought
    given.shelf.put(key, serialization.dumps_counts(now), int((KEPT if key == _key(account) else LONG).total_seconds()))
    return now


def _price(given: Library) -> str:
    return f"31 days are {dollars(given.prices.cost({'counts': 1}))}"


def _joined(kept: Counts, brought: Counts, span: Span) -> Counts:
    """Return kept and brought counts as one span; a gap between them leaves only what is newer."""
    if span.until <= kept.since:
        hours = {**brought.hours, **kept.hours}
        return replace(kept, hours=hours, since=brought.since, cut_by=brought.cut_by, failure=brought.failure)
    if brought.since > span.since:
        return brought
    before = {start: posts for start, posts in kept.hours.items() if start < span.since}
    return replace(kept, hours={**before, **brought.hours}, until=brought.until, fetched_at=brought.fetched_at, failure=None)


def _cut(kept: Counts, asked: Asked) -> Counts:
    """Return the part of counts that was asked for."""
    since, until = max(kept.since, asked.span.since), min(kept.until, asked.span.until)
    hours = {start: posts for start, posts in kept.hours.items() if since <= start < until}
    short = since > asked.span.since
    cut_by = (kept.cut_by or "failure") if short else "time" if asked.shortened else None
    failure = kept.failure if short or _lags(kept, asked) else None
    return replace(kept, hours=hours, since=min(since, until), until=until, cut_by=cut_by, failure=failure)


def _remember(given: Library, error: SourceError, key: str) -> None:
    if not isinstance(error, (SourceNotReady, BudgetSpent, NotBought)):
        now = datetime.now(UTC)
        nothing = Counts(error.account, {}, now, now, "failure", now, error)
        given.shelf.put(key, serialization.dumps_counts(nothing), int(patience(error, now).total_seconds()))


def _waits(kept: Counts) -> bool:
    """Say whether the network is still to be left alone after the failure that counts ended with."""
    return kept.failure is not None and datetime.now(UTC) < kept.fetched_at + patience(kept.failure, kept.fetched_at)


def _key(account: Account) -> str:
    return f"counts:{account.network}:{account.name}"
