"""X's hourly counts of an account's posts: pages of 31 days, newest first, and the lookup that shows whether a silent account exists.

How X is contacted is in `x_client.py`. Partial results are handled in `fetch.py`. X charges per page, however many posts it counts.
"""

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.messages import deferred
from dashboard.core.pricing import Bill
from dashboard.core.source_errors import SourceError, SourceUnavailable
from dashboard.sources import coerce
from dashboard.sources.base import CountPage, TimeSpan
from dashboard.sources.http_errors import FetchContext
from dashboard.sources.metering import PaidRequest
from dashboard.sources.x_client import COUNTS_BILL, LOOKUP_BILL, XClient

PAGE_SPAN = timedelta(days=31)
_COUNT_KEYS = ("tweet_count", "post_count")
_TOTAL_KEYS = ("total_tweet_count", "total_post_count")


def max_pages(span: TimeSpan) -> int:
    """Return the number of pages that a span takes. X splits it at midnight UTC, backwards from its end."""
    return -((span.since - _next_midnight(span.until)) // PAGE_SPAN) if span.since < span.until else 0


def iter_count_pages(
    client: XClient, account: Account, span: TimeSpan, check_account: Callable[[], Bill]
) -> Generator[CountPage | PaidRequest, None, None]:
    """Yield pages, newest first, at most `max_pages(span)`. `check_account` looks the account up, and raises if it can't be read.

    A page without hours doesn't end the counts. X sends one for an account that doesn't exist, but also for a gap between posts.
    """
    parameters = {
        "query": f"from:{account.name}",
        "granularity": "hour",
        "start_time": _format_timestamp(span.since),
        "end_time": _format_timestamp(span.until),
    }
    counted_since, total, is_checked, tokens = span.until, 0, False, set[str]()
    for _ in range(max_pages(span)):
        yield PaidRequest(COUNTS_BILL)
        body = client.fetch_counts(**parameters)
        bill = COUNTS_BILL
        hourly_counts, token = _parse_hourly_counts(account, body), coerce.as_text(coerce.as_mapping(body.get("meta")).get("next_token"))
        total += sum(hourly_counts.values())
        page_start = min(hourly_counts, default=max(span.since, _next_midnight(counted_since) - PAGE_SPAN))
        if page_start >= counted_since or token in tokens:
            raise _with_bill(FetchContext("X", account).repeated_page_error())
        counted_since, is_last = page_start, page_start <= span.since
        if not is_checked and not total and (is_last or not hourly_counts):
            yield PaidRequest(LOOKUP_BILL)
            is_checked, bill = True, _add_lookup_bill(check_account, bill)
        yield CountPage(hourly_counts, counted_since, bill)
        if is_last:
            return
        tokens |= {token} if token else set()
        parameters = _next_page_parameters(parameters, token, counted_since)


def _add_lookup_bill(check_account: Callable[[], Bill], page_bill: Bill) -> Bill:
    """Look the account up, and return the bill of the page together with that of the lookup. Errors carry the same bill."""
    try:
        return {**page_bill, **check_account()}
    except SourceError as error:
        error.bill = {**page_bill, **error.bill}
        raise


def _next_page_parameters(parameters: dict[str, str], token: str, end_time: datetime) -> dict[str, str]:
    """Return the parameters for the next older page: X's token, or else the time that the pages have reached."""
    if token:
        return parameters | {"next_token": token}
    return {name: value for name, value in parameters.items() if name != "next_token"} | {"end_time": _format_timestamp(end_time)}


def _parse_hourly_counts(account: Account, body: Mapping[str, Any]) -> dict[datetime, int]:
    """Return the number of posts by start of the hour, empty if X counts nothing. Raises SourceUnavailable if an hour can't be parsed."""
    buckets = body.get("data")
    if buckets is None and _first_count(coerce.as_mapping(body.get("meta")), _TOTAL_KEYS) == 0:
        return {}
    rows = [
        (coerce.parse_timestamp(coerce.as_mapping(bucket).get("start")), _first_count(coerce.as_mapping(bucket), _COUNT_KEYS))
        for bucket in coerce.as_list(buckets)
    ]
    counts = {start: posts for start, posts in rows if start is not None and posts is not None}
    if not counts or len(counts) < len(rows):
        raise _with_bill(_invalid_response_error(account))
    return counts


def _first_count(counts_json: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    return next((number for name in keys if (number := coerce.parse_count(counts_json.get(name))) is not None), None)


def _invalid_response_error(account: Account) -> SourceUnavailable:
    return SourceUnavailable(
        str(account), deferred("X sent an unexpected response instead of the counts of %(account)s.", account=account.label)
    )


def _with_bill(error: SourceError) -> SourceError:
    """Return the error of a page that makes no sense, with the page on its bill, because X charges for a page whatever it counts."""
    error.bill = COUNTS_BILL
    return error


def _next_midnight(timestamp: datetime) -> datetime:
    midnight = datetime.combine(timestamp.astimezone(UTC).date(), time(), UTC)
    return midnight if midnight == timestamp else midnight + timedelta(days=1)


def _format_timestamp(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
