"""Which hours of an account a request needs, and how counts of two spans become one. Nothing is stored or read here."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts, start_of_hour
from dashboard.sources.base import CountSource, TimeSpan
from dashboard.timelines.incremental import MAX_FRESH_AGE, backoff_duration

DEFAULT_SPAN = timedelta(days=365)  # counted if the request has no start
MAX_SPAN = timedelta(days=60 * 31)  # of one request: 60 pages of X's API, about five years


@dataclass(frozen=True)
class CountRequest:
    """A span to count. `ends_now` says that it ends at the current time, `is_shortened` that Chorus chose or moved its start."""

    span: TimeSpan
    asked_at: datetime
    ends_now: bool
    is_shortened: bool


def build_request(source: CountSource, since: datetime | None, until: datetime | None, now: datetime) -> CountRequest:
    """Return the request with its span limited to the past, to the time that the network counts, and to MAX_SPAN."""
    latest = (now - source.min_end_age).replace(microsecond=0)
    end = min(until or latest, latest)
    midnight = datetime.combine(end.astimezone(UTC).date(), time(), UTC)
    earliest = midnight - (MAX_SPAN - timedelta(days=1))
    start = since or midnight - DEFAULT_SPAN
    span = TimeSpan(max(start, earliest, source.earliest_count_time), end)
    return CountRequest(span, now, ends_now=end == latest, is_shortened=since is None or start < earliest)


def find_missing_spans(cached: HourlyCounts | None, request: CountRequest) -> list[TimeSpan]:
    """Return the spans that still have to be counted: the whole span, or what is missing at the newer and the older end."""
    span = request.span
    if span.since >= span.until:
        return []
    if cached is None or cached.is_empty:
        return [span]
    newer = [TimeSpan(max(cached.since, start_of_hour(cached.until)), span.until)] if _ends_too_early(cached, request) else []
    needs_older = span.since < cached.since and cached.cut_by != "network" and not is_backing_off(cached, request.asked_at)
    return newer + ([TimeSpan(span.since, cached.since)] if needs_older else [])


def raise_recent_failure(cached: HourlyCounts | None, request: CountRequest) -> None:
    """Raise the failure that is all that is stored, unless the network may be asked again."""
    if cached and cached.is_empty and cached.failure and is_backing_off(cached, request.asked_at):
        raise cached.failure


def select_requested(cached: HourlyCounts | None, account: Account, request: CountRequest) -> HourlyCounts:
    """Return the requested part of counts, which is empty if the whole span is in the future."""
    since = request.span.since
    return clip_counts(cached, request) if cached else HourlyCounts(str(account), {}, since, since, None, request.asked_at)


def _ends_too_early(cached: HourlyCounts, request: CountRequest) -> bool:
    """Return whether counts end too early for a request; one that ends now accepts counts up to MAX_FRESH_AGE old."""
    return request.span.until - cached.until >= (MAX_FRESH_AGE if request.ends_now else timedelta(microseconds=1))


def choose_longer(cached: HourlyCounts | None, merged: HourlyCounts) -> HourlyCounts:
    """Return what to store: the longer of two spans that a gap separates, because the other one is cheaper to count again."""
    is_separate = cached is not None and merged.since > cached.until
    return cached if cached and is_separate and cached.until - cached.since > merged.until - merged.since else merged


def merge_counts(cached: HourlyCounts | None, fetched: HourlyCounts, span: TimeSpan) -> HourlyCounts:
    """Return cached and fetched counts as one span. If there is a gap between them, only the newer part is returned."""
    merged = _merge_hours(cached, fetched, span)
    return replace(merged, name=fetched.name or (cached.name if cached else ""))


def _merge_hours(cached: HourlyCounts | None, fetched: HourlyCounts, span: TimeSpan) -> HourlyCounts:
    if cached is None or cached.is_empty:
        return fetched
    if span.until <= cached.since:
        hours = {**fetched.posts_by_hour, **cached.posts_by_hour}
        return replace(cached, posts_by_hour=hours, since=fetched.since, cut_by=fetched.cut_by, failure=fetched.failure)
    if fetched.since > span.since:
        return fetched
    before = {start: posts for start, posts in cached.posts_by_hour.items() if start < span.since}
    return replace(
        cached, posts_by_hour={**before, **fetched.posts_by_hour}, until=fetched.until, fetched_at=fetched.fetched_at, failure=None
    )


def clip_counts(cached: HourlyCounts, request: CountRequest) -> HourlyCounts:
    """Return the requested part of counts."""
    since, until = max(cached.since, request.span.since), min(cached.until, request.span.until)
    hours = {start: posts for start, posts in cached.posts_by_hour.items() if since <= start < until}
    starts_late = since > request.span.since
    cut_by = (cached.cut_by or "failure") if starts_late else "time" if request.is_shortened else None
    failure = cached.failure if starts_late or _ends_too_early(cached, request) else None
    return replace(cached, posts_by_hour=hours, since=min(since, until), until=until, cut_by=cut_by, failure=failure)


def is_backing_off(cached: HourlyCounts, now: datetime) -> bool:
    """Return whether it is too early to ask the network again after the failure of these counts."""
    return cached.failure is not None and now < cached.fetched_at + backoff_duration(cached.failure, cached.fetched_at)
