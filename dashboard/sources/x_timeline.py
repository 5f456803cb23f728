"""The lookup of an X account, and the pages of its timeline: what to ask for, and what an answer without posts means.

How X is contacted is in `x_client.py`, how a post is parsed in `x_posts.py`. Nothing from X leaves unchecked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock
from dashboard.core.display_names import clean_display_name
from dashboard.core.html_entities import unescape_entities
from dashboard.core.messages import deferred
from dashboard.core.pricing import Bill
from dashboard.core.source_errors import AccountProtected, SourceUnavailable
from dashboard.sources.base import Page, TimelineRequest, matches_request
from dashboard.sources.coerce import as_mapping, as_text
from dashboard.sources.metering import PaidRequest
from dashboard.sources.x_client import LOOKUP_BILL, XClient
from dashboard.sources.x_errors import find_account_error
from dashboard.sources.x_posts import first_count, parse_posts

MAX_PAGE_POSTS, MIN_PAGE_POSTS = 100, 5
TIMELINE_WINDOW_POSTS = 3200  # posts of an account that X provides, including deleted ones
NEAR_WINDOW_POSTS = 3000  # so the window may end a little earlier
EARLIEST_START_TIME = datetime(2010, 11, 6, tzinfo=UTC)  # X accepts no earlier start_time
MIN_END_AGE = timedelta(seconds=15)  # X requires end_time to be at least 10 seconds ago
TWEET_FIELDS = ["created_at", "lang", "public_metrics", "entities", "referenced_tweets", "note_tweet"]
USER_FIELDS = ["public_metrics", "protected"]
_MAX_NAME_CHARS = 1_000  # that are looked at; X allows 50
_USER_ID_PATTERN = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True)
class XUser:
    """What a lookup returns: the ID to ask with, the handle as X spells it, the number of posts if X reports it, whether it's protected.

    `name` is the display name. Stored as JSON under these names.
    """

    id: str
    handle: str
    posts: int | None
    protected: bool
    name: str = ""  # lookups that were cached before there was one have none


def parse_user(account: Account, body: dict[str, Any]) -> XUser:
    """Parse a lookup. Raises the SourceError of an account that can't be read."""
    user = as_mapping(body.get("data"))
    user_id, username = str(user.get("id")), user.get("username")
    if not _USER_ID_PATTERN.fullmatch(user_id):
        raise find_account_error(account, body) or _invalid_response_error(account, LOOKUP_BILL)
    handle = username if isinstance(username, str) and username.lower() == account.name else account.name
    post_count = first_count(as_mapping(user.get("public_metrics")), ("tweet_count", "post_count"))
    name = clean_display_name(unescape_entities(as_text(user.get("name"))[:_MAX_NAME_CHARS]))
    return XUser(user_id, handle, post_count, user.get("protected") is True, name)


def check_account_visible(client: XClient, account: Account) -> Bill:
    """Look up an account of which X counts nothing, and return the bill. Raises AccountProtected, with the bill, or AccountNotFound."""
    if not parse_user(account, client.lookup_user(user_fields=USER_FIELDS)).protected:
        return LOOKUP_BILL
    error = AccountProtected(str(account), deferred("The posts of %(account)s are protected.", account=account.label))
    error.bill = LOOKUP_BILL
    raise error


def iter_timeline_pages(
    client: XClient, account: Account, user: XUser, request: TimelineRequest, clock: Clock
) -> Iterator[Page | PaidRequest]:
    """Yield pages until X names no next one. A short or an empty page doesn't end a timeline."""
    parameters: dict[str, Any] = {"tweet_fields": TWEET_FIELDS} | _build_time_parameters(request, clock())
    parameters |= {name: value for name, value in (("since_id", request.newer_than), ("until_id", request.older_than)) if value}
    ids, tokens = set[str](), set[str]()
    if not _includes_past(request, clock()):
        yield Page([])
        return
    while True:
        parameters["max_results"] = max(MIN_PAGE_POSTS, min(MAX_PAGE_POSTS, request.limit - len(ids)))
        max_bill = {"post": parameters["max_results"]}
        yield PaidRequest(max_bill)
        body = client.fetch_timeline(user.id, **parameters)
        tweets, token = _extract_posts(account, body, max_bill), _parse_next_token(body)
        rows, bill = parse_posts(tweets, user.handle), {"post": len(tweets)}
        ids.update(row["id"] for row in rows if matches_request(row, request))
        if not token:
            yield _build_last_page(account, user, request, Page(rows, bill=bill), len(ids))
            return
        yield Page(rows, bill=bill)
        if token in tokens:
            raise SourceUnavailable(str(account), deferred("X keeps sending the same posts of %(account)s.", account=account.label))
        tokens.add(token)
        parameters["pagination_token"] = token


def _build_last_page(account: Account, user: XUser, request: TimelineRequest, page: Page, post_count: int) -> Page:
    """Return the page that X ends a timeline with. Raises AccountProtected if a protected account's whole timeline is empty."""
    is_partial = request.since or request.until or request.newer_than or request.older_than
    if user.protected and not post_count and not is_partial:
        error = AccountProtected(str(account), deferred("The posts of %(account)s are protected.", account=account.label))
        error.bill = page.bill
        raise error
    return replace(page, is_last=True, is_truncated=not request.newer_than and _is_cut_by_window(user.posts, post_count, request))


def _extract_posts(account: Account, body: dict[str, Any], max_bill: Bill) -> list[Any]:
    """Return the posts of a page as X sent them. Raises a SourceError if the body isn't a page.

    Its bill is empty if X explains why there are no posts, and otherwise `max_bill`, because X may have charged for what it meant to send.
    """
    tweets = body.get("data")
    if isinstance(tweets, list):
        return tweets
    error = find_account_error(account, body)
    if error or tweets is not None or not isinstance(body.get("meta"), dict):
        raise error or _invalid_response_error(account, max_bill)
    return []


def _invalid_response_error(account: Account, bill: Bill) -> SourceUnavailable:
    error = SourceUnavailable(
        str(account), deferred("X sent an unexpected response instead of the posts of %(account)s.", account=account.label)
    )
    error.bill = bill
    return error


def _parse_next_token(body: dict[str, Any]) -> str | None:
    token = as_mapping(body.get("meta")).get("next_token")
    return token if isinstance(token, str) and token else None


def _includes_past(request: TimelineRequest, now: datetime) -> bool:
    """Return whether any of the requested span is in the past. X refuses requests for other spans."""
    return request.since is None or request.since < min(request.until or now, now)


def _build_time_parameters(request: TimelineRequest, now: datetime) -> dict[str, str]:
    """Return the requested span as X accepts it, rounded outwards to whole seconds. `fetch_timeline` drops what is outside."""
    parameters = {}
    if request.since and request.since >= EARLIEST_START_TIME:
        parameters["start_time"] = _format_timestamp(request.since)
    if request.until and request.until <= now - MIN_END_AGE:
        rounded_up = request.until + timedelta(microseconds=999_999)
        parameters["end_time"] = _format_timestamp(max(rounded_up, EARLIEST_START_TIME + timedelta(seconds=1)))
    return parameters


def _format_timestamp(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_cut_by_window(total_posts: int | None, received_posts: int, request: TimelineRequest) -> bool:
    """Return whether a timeline ended because X provides only the newest 3,200 posts.

    If the span ends in the past, newer posts that nobody sees count towards the window, so fewer may arrive. If some posts arrived, the
    start of the span was reached.
    """
    if received_posts >= NEAR_WINDOW_POSTS:
        return total_posts is None or total_posts > received_posts
    hides_newest = request.older_than is not None or (request.until is not None and (request.since is None or received_posts == 0))
    return hides_newest and total_posts is not None and total_posts > TIMELINE_WINDOW_POSTS
