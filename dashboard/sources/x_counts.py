"""X's counts of an account's posts: pages of 31 days by the hour, newest first, and the look-up that tells silence from absence.

How X is asked is `x_client.py`'s business, partial results are `count`'s. X charges for a page, however much it counts.
"""

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.errors import SourceError, SourceUnavailable
from dashboard.core.pricing import Bill
from dashboard.sources import coerce
from dashboard.sources.base import CountPage, TimeSpan
from dashboard.sources.http_errors import FetchContext
from dashboard.sources.x_client import XClient

PAGE_SPAN = timedelta(days=31)
_COUNT_KEYS = ("tweet_count", "post_count")
_TOTAL_KEYS = ("total_tweet_count", "total_post_count")


def max_pages(span: TimeSpan) -> int:
    """Return how many pages a span takes: X cuts them at midnight UTC, backwards from its end."""
    return -((span.since - _next_midnight(span.until)) // PAGE_SPAN) if span.since < span.until else 0


def iter_count_pages(
    client: XClient, account: Account, span: TimeSpan, check_account: Callable[[], Bill]
) -> Generator[CountPage, None, None]:
    """Yield pages, newest first, as many as `pages_at_most`. `look_up` raises if there is no such account or it is protected.

    A page without hours ends nothing: an unknown account gives no other, and a known one has older posts all the same.
    """
    asked = {
        "query": f"from:{account.name}",
        "granularity": "hour",
        "start_time": _format_timestamp(span.since),
        "end_time": _format_timestamp(span.until),
    }
    reached, total, looked, tokens = span.until, 0, False, set[str]()
    for _ in range(max_pages(span)):
        body = client.fetch_counts(**asked)
        bill: Bill = {"counts": 1}
        hours, token = _parse_hourly_counts(account, body), coerce.as_text(coerce.as_mapping(body.get("meta")).get("next_token"))
        total += sum(hours.values())
        began = min(hours, default=max(span.since, _next_midnight(reached) - PAGE_SPAN))
        if began >= reached or token in tokens:
            raise FetchContext("X", account).repeated_page_error()
        reached, last = began, began <= span.since
        if not looked and not total and (last or not hours):
            looked, bill = True, _add_lookup_bill(check_account, bill)
        yield CountPage(hours, reached, bill)
        if last:
            return
        tokens |= {token} if token else set()
        asked = _next_page_parameters(asked, token, reached)


def _add_lookup_bill(check_account: Callable[[], Bill], page_bill: Bill) -> Bill:
    """Return the bill of a page that led to a look-up, the look-up on it."""
    try:
        return {**page_bill, **check_account()}
    except SourceError as error:
        error.bill = {**page_bill, **error.bill}
        raise


def _next_page_parameters(parameters: dict[str, str], token: str, end_time: datetime) -> dict[str, str]:
    """Return the question for the page before: by X's token, else up to where the pages reach."""
    if token:
        return parameters | {"next_token": token}
    return {name: value for name, value in parameters.items() if name != "next_token"} | {"end_time": _format_timestamp(end_time)}


def _parse_hourly_counts(account: Account, body: Mapping[str, Any]) -> dict[datetime, int]:
    """Return posts by the start of their hour; none if X counts nothing. Raises for an hour that can't be read: it is not 0."""
    found = body.get("data")
    if found is None and _first_count(coerce.as_mapping(body.get("meta")), _TOTAL_KEYS) == 0:
        return {}
    rows = [
        (coerce.parse_timestamp(coerce.as_mapping(one).get("start")), _first_count(coerce.as_mapping(one), _COUNT_KEYS))
        for one in coerce.as_list(found)
    ]
    read = {start: posts for start, posts in rows if start is not None and posts is not None}
    if not read or len(read) < len(rows):
        raise _invalid_response_error(account)
    return read


def _first_count(counts_json: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    return next((number for name in keys if (number := coerce.parse_count(counts_json.get(name))) is not None), None)


def _invalid_response_error(account: Account) -> SourceUnavailable:
    return SourceUnavailable(str(account), f"X sent an unexpected response instead of the counts of {account.label}.")


def _next_midnight(timestamp: datetime) -> datetime:
    midnight = datetime.combine(timestamp.astimezone(UTC).date(), time(), UTC)
    return midnight if midnight == timestamp else midnight + timedelta(days=1)


def _format_timestamp(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
