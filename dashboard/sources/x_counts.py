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
from dashboard.sources.counts import CountsPage, Span
from dashboard.sources.http_errors import Asking
from dashboard.sources.x_client import Client

PAGE = timedelta(days=31)
_COUNT = ("tweet_count", "post_count")
_TOTAL = ("total_tweet_count", "total_post_count")


def pages_at_most(span: Span) -> int:
    """Return how many pages a span takes: X cuts them at midnight UTC, backwards from its end."""
    return -((span.since - _next_midnight(span.until)) // PAGE) if span.since < span.until else 0


def counts(client: Client, account: Account, span: Span, look_up: Callable[[], Bill]) -> Generator[CountsPage, None, None]:
    """Yield pages, newest first, as many as `pages_at_most`. `look_up` raises if there is no such account or it is protected.

    A page without hours ends nothing: an unknown account gives no other, and a known one has older posts all the same.
    """
    asked = {"query": f"from:{account.name}", "granularity": "hour", "start_time": _stamp(span.since), "end_time": _stamp(span.until)}
    reached, total, looked, tokens = span.until, 0, False, set[str]()
    for _ in range(pages_at_most(span)):
        body = client.counts(**asked)
        bill: Bill = {"counts": 1}
        hours, token = _hours(account, body), coerce.words(coerce.mapping(body.get("meta")).get("next_token"))
        total += sum(hours.values())
        began = min(hours, default=max(span.since, _next_midnight(reached) - PAGE))
        if began >= reached or token in tokens:
            raise Asking("X", account).in_circles()
        reached, last = began, began <= span.since
        if not looked and not total and (last or not hours):
            looked, bill = True, _looked_up(look_up, bill)
        yield CountsPage(hours, reached, bill)
        if last:
            return
        tokens |= {token} if token else set()
        asked = _onwards(asked, token, reached)


def _looked_up(look_up: Callable[[], Bill], owed: Bill) -> Bill:
    """Return the bill of a page that led to a look-up, the look-up on it."""
    try:
        return {**owed, **look_up()}
    except SourceError as error:
        error.bill = {**owed, **error.bill}
        raise


def _onwards(asked: dict[str, str], token: str, reached: datetime) -> dict[str, str]:
    """Return the question for the page before: by X's token, else up to where the pages reach."""
    if token:
        return asked | {"next_token": token}
    return {name: value for name, value in asked.items() if name != "next_token"} | {"end_time": _stamp(reached)}


def _hours(account: Account, body: Mapping[str, Any]) -> dict[datetime, int]:
    """Return posts by the start of their hour; none if X counts nothing. Raises for an hour that can't be read: it is not 0."""
    found = body.get("data")
    if found is None and _either(coerce.mapping(body.get("meta")), _TOTAL) == 0:
        return {}
    rows = [(coerce.moment(coerce.mapping(one).get("start")), _either(coerce.mapping(one), _COUNT)) for one in coerce.listing(found)]
    read = {start: posts for start, posts in rows if start is not None and posts is not None}
    if not read or len(read) < len(rows):
        raise _odd(account)
    return read


def _either(found: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((number for name in names if (number := coerce.count(found.get(name))) is not None), None)


def _odd(account: Account) -> SourceUnavailable:
    return SourceUnavailable(str(account), f"X answered with something odd instead of the counts of {account.label}.")


def _next_midnight(moment: datetime) -> datetime:
    midnight = datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
    return midnight if midnight == moment else midnight + timedelta(days=1)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
