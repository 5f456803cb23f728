"""Timelines of X: the user's look-up, the pages of the timeline, and rows from what X calls tweets or, lately, posts.

How X is asked and what its refusals mean is `x_client.py`'s business; limits, repeats and partial results are `read`'s.
No type of tweepy and no HTTP comes in here, and nothing from X goes out of here unchecked.
"""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from dashboard.core import post_text
from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountNotFound, AccountProtected, AccountSuspended, SourceError, SourceNotReady, SourceUnavailable
from dashboard.core.pricing import Bill
from dashboard.sources import x_counts
from dashboard.sources.base import CountPage, Page, Readiness, TimelineRequest, TimeSpan, matches_request
from dashboard.sources.coerce import as_list, as_mapping, parse_count, parse_language, parse_timestamp
from dashboard.sources.x_client import COUNTED_POSTS_ADVICE, XClient, XCredentials, find_account_error

__all__ = ["XCredentials", "XSource", "parse_posts"]

X_API_URL = "https://api.twitter.com"
USER_CACHE_SECONDS = 7 * 24 * 3600  # seconds that a look-up is
TIMELINE_WINDOW_POSTS = 3200  # posts of an account that X hands out, deleted ones counted
NEAR_WINDOW_POSTS = 3000  # so a window may end a little earlier
MAX_PAGE_POSTS, MIN_PAGE_POSTS = 100, 5
EARLIEST_START_TIME = datetime(2010, 11, 6, tzinfo=UTC)  # X takes no earlier start_time
MIN_END_TIME_AGE = timedelta(seconds=15)  # X wants end_time at least 10 seconds ago
TWEET_FIELDS = ["created_at", "lang", "public_metrics", "entities", "referenced_tweets", "note_tweet"]
USER_FIELDS = ["public_metrics", "protected"]
PRICING_NOTE = "X charges for each post read."

_POST_ID_PATTERN = re.compile(r"[0-9A-Za-z_-]{1,40}")
_USER_ID_PATTERN = re.compile(r"[0-9]{1,20}")
_NON_LANGUAGE_PATTERN = re.compile(r"q[a-t][a-z]")  # X says so of posts that are only links, only tags, …
_REPOST_PREFIX = re.compile(r"RT @\w")
_METRIC_KEYS = {
    "likes": ("like_count",),
    "reposts": ("retweet_count", "repost_count"),
    "replies": ("reply_count",),
    "quotes": ("quote_count",),
    "views": ("impression_count", "view_count"),
}


class XSource:
    """X by its API v2, with our own keys."""

    network: Network = "x"
    name = "X"
    supports_incremental = True

    def __init__(self, credentials: XCredentials | None, api_url: str = "", user_cache: "UserCache | None" = None) -> None:
        self._credentials, self._api_url, self._user_cache = (
            credentials or XCredentials(),
            api_url or X_API_URL,
            user_cache or NullUserCache(),
        )

    def readiness(self) -> Readiness:
        """Say whether the keys for X are there; X itself is not asked."""
        problem = self._credentials.describe_problem()
        return Readiness(not problem, f"{problem or 'X can be read.'} {PRICING_NOTE}")

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Look the account up, then yield its timeline in pages of 100, newest first."""
        readiness = self.readiness()
        if not readiness.ready:
            raise SourceNotReady(str(account), f"{account.label} can't be read yet. {readiness.message}")
        with XClient(self._credentials, self._api_url, account, deadline) as client:
            user, owed = self._load_cached_user(account), dict[str, int]()
            if user is None:
                user, owed = _parse_user(account, client.lookup_user(user_fields=USER_FIELDS)), {"user": 1}
                self._user_cache.put(_cache_key(account), json.dumps(asdict(user)).encode(), USER_CACHE_SECONDS)
            try:
                for page in _iter_timeline_pages(client, account, user, request):
                    yield replace(page, bill={**page.bill, **owed})
                    owed = {}
            except SourceError as error:
                error.bill = owed
                if isinstance(error, (AccountNotFound, AccountSuspended)):
                    self._user_cache.put(_cache_key(account), b"", 1)
                raise

    def max_bill(self, account: Account, post_count: int) -> Bill:
        """Return what reading so many posts is charged for: pages of at least five, and the look-up unless it is remembered."""
        whole, rest = divmod(post_count, MAX_PAGE_POSTS)
        count = whole * MAX_PAGE_POSTS + (max(MIN_PAGE_POSTS, rest) if rest else 0)
        return {"post": count} | ({} if self._load_cached_user(account) else {"user": 1})

    def max_count_bill(self, account: Account, span: TimeSpan) -> Bill:
        """Return what counting is charged for: pages of 31 days, and the look-up that is made when X counts nothing."""
        pages = x_counts.max_pages(span)
        return {"counts": pages, "user": 1} if pages else {}

    def iter_count_pages(self, account: Account, span: TimeSpan, deadline: float) -> Generator[CountPage, None, None]:
        """Yield X's own counts by the hour, newest first; they need the bearer token."""
        readiness = self.readiness()
        if not readiness.ready:
            raise SourceNotReady(str(account), f"{account.label} can't be counted yet. {readiness.message}")
        if not self._credentials.bearer_token:
            needs = f"X counts the posts of {account.label} only for X_BEARER_TOKEN, which is not set."
            raise SourceNotReady(str(account), needs, f"Whoever runs Chorus can set it. {COUNTED_POSTS_ADVICE}")
        with XClient(self._credentials, self._api_url, account, deadline) as client:
            yield from x_counts.iter_count_pages(client, account, span, lambda: _check_account_visible(client, account))

    def _load_cached_user(self, account: Account) -> "_User | None":
        """Return the look-up that is remembered: handles may change hands, ids never do, so it is made anew after some days."""
        kept = self._user_cache.get(_cache_key(account))
        try:
            return _User(**json.loads(kept)) if kept else None
        except (ValueError, TypeError):
            return None


class UserCache(Protocol):
    """Where look-ups are remembered."""

    def get(self, key: str) -> bytes | None:
        """Return what was put there."""
        ...

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for some seconds."""
        ...


class NullUserCache:
    """A memory of nothing."""

    def get(self, key: str) -> None:
        """Return nothing."""

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep nothing."""


def _cache_key(account: Account) -> str:
    return f"x-user:{account.name}"


@dataclass(frozen=True)
class _User:
    """What the look-up tells: the id to ask for, the handle as X spells it, and how many posts there are if X says so."""

    id: str
    handle: str
    posts: int | None
    protected: bool


def _parse_user(account: Account, body: dict[str, Any]) -> _User:
    """Read a look-up; raise the noun for an account that can't be read."""
    found = as_mapping(body.get("data"))
    number, handle = str(found.get("id")), found.get("username")
    if not _USER_ID_PATTERN.fullmatch(number):
        raise find_account_error(account, body) or _invalid_response_error(account)
    spelled = handle if isinstance(handle, str) and handle.lower() == account.name else account.name
    total = _first_count(as_mapping(found.get("public_metrics")), ("tweet_count", "post_count"))
    return _User(number, spelled, total, found.get("protected") is True)


def _check_account_visible(client: XClient, account: Account) -> Bill:
    """Look up an account of which X counts nothing, and return the bill; raise the noun for one that is not to be seen."""
    if not _parse_user(account, client.lookup_user(user_fields=USER_FIELDS)).protected:
        return {"user": 1}
    protected = AccountProtected(str(account), f"The posts of {account.label} are protected.")
    protected.bill = {"user": 1}
    raise protected


def _iter_timeline_pages(client: XClient, account: Account, user: _User, request: TimelineRequest) -> Iterator[Page]:
    """Yield pages until X names no next one: a short or an empty page ends nothing."""
    asked: dict[str, Any] = {"tweet_fields": TWEET_FIELDS} | _build_time_parameters(request)
    asked |= {name: value for name, value in (("since_id", request.newer_than), ("until_id", request.older_than)) if value}
    known, tokens = set[str](), set[str]()
    if not _includes_past(request):
        yield Page([])
        return
    while True:
        asked["max_results"] = max(MIN_PAGE_POSTS, min(MAX_PAGE_POSTS, request.limit - len(known)))
        body = client.fetch_timeline(user.id, **asked)
        posts, token = _extract_posts(account, body), _parse_next_token(body)
        page, bill = parse_posts(posts, user.handle), {"post": len(posts)}
        known.update(row["id"] for row in page if matches_request(row, request))
        if not token:
            yield _build_last_page(account, user, request, Page(page, bill=bill), len(known))
            return
        yield Page(page, bill=bill)
        if token in tokens:
            raise SourceUnavailable(str(account), f"X goes round in circles instead of giving older posts of {account.label}.")
        tokens.add(token)
        asked["pagination_token"] = token


def _build_last_page(account: Account, user: _User, request: TimelineRequest, page: Page, post_count: int) -> Page:
    """Return the page that X ends a timeline with; silence about a protected account's whole timeline is a refusal."""
    part = request.since or request.until or request.newer_than or request.older_than
    if user.protected and not post_count and not part:
        raise AccountProtected(str(account), f"The posts of {account.label} are protected.")
    return replace(page, is_last=True, is_truncated=not request.newer_than and _is_cut_by_window(user.posts, post_count, request))


def _extract_posts(account: Account, body: dict[str, Any]) -> list[Any]:
    """Return the posts of a page as X gave them; raise the noun for a page that is none."""
    found = body.get("data")
    if isinstance(found, list):
        return found
    trouble = find_account_error(account, body)
    if trouble or found is not None or not isinstance(body.get("meta"), dict):
        raise trouble or _invalid_response_error(account)
    return []


def _invalid_response_error(account: Account) -> SourceUnavailable:
    return SourceUnavailable(str(account), f"X answered with something odd instead of the posts of {account.label}.")


def _parse_next_token(body: dict[str, Any]) -> str | None:
    token = as_mapping(body.get("meta")).get("next_token")
    return token if isinstance(token, str) and token else None


def _includes_past(request: TimelineRequest) -> bool:
    """Say whether there is any time in the wanted span that is past already; X refuses to be asked about others."""
    now = datetime.now(UTC)
    return request.since is None or request.since < min(request.until or now, now)


def _build_time_parameters(request: TimelineRequest) -> dict[str, str]:
    """Return the wanted span as X takes it: whole seconds outwards, and only what X can know; `read` cuts the rest."""
    span = {}
    if request.since and request.since >= EARLIEST_START_TIME:
        span["start_time"] = _format_timestamp(request.since)
    if request.until and request.until <= datetime.now(UTC) - MIN_END_TIME_AGE:
        span["end_time"] = _format_timestamp(
            max(request.until + timedelta(microseconds=999_999), EARLIEST_START_TIME + timedelta(seconds=1))
        )
    return span


def _format_timestamp(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_cut_by_window(total_posts: int | None, received_posts: int, request: TimelineRequest) -> bool:
    """Say whether X's window of the newest 3,200 posts is why a timeline ended.

    With an end in the past the newest posts use the window up unseen, so fewer may come; a start that was reached after
    some posts is believed.
    """
    if received_posts >= NEAR_WINDOW_POSTS:
        return total_posts is None or total_posts > received_posts
    unseen = request.older_than is not None or (request.until is not None and (request.since is None or received_posts == 0))
    return unseen and total_posts is not None and total_posts > TIMELINE_WINDOW_POSTS


# --- rows ------------------------------------------------------------------------------------------------------------


def parse_posts(tweets: list[Any], handle: str) -> list[dict[str, Any]]:
    """Return posts of X as rows of posts.SCHEMA without `account`; only what has no id is left out."""
    return [row for post in tweets if (row := _parse_tweet(as_mapping(post), handle))]


def _parse_tweet(tweet: Mapping[str, Any], handle: str) -> dict[str, Any] | None:
    number = tweet.get("id")
    number = str(number) if isinstance(number, int) and not isinstance(number, bool) else number
    if not isinstance(number, str) or not _POST_ID_PATTERN.fullmatch(number):
        return None
    text = post_text.clean_text(_extract_text(tweet), has_entities=True)
    kind = _post_kind(tweet, text)
    metrics = {} if kind == "repost" else as_mapping(tweet.get("public_metrics"))  # X says 0 there; the reactions are the original's
    return {
        "id": number,
        "created_at": parse_timestamp(tweet.get("created_at")),
        "text": text,
        "kind": kind,
        "lang": _parse_post_language(tweet.get("lang")),
        "url": f"https://x.com/{handle}/status/{number}",
    } | {name: _first_count(metrics, names) for name, names in _METRIC_KEYS.items()}


def _extract_text(tweet: Mapping[str, Any]) -> str:
    """Return the whole text: past 280 characters it is in the note, and the post's own text is cut."""
    notes = (as_mapping(tweet.get(name)).get("text") for name in ("note_tweet", "note_post"))
    return next((text for text in (*notes, tweet.get("text")) if isinstance(text, str) and text), "")


def _post_kind(tweet: Mapping[str, Any], text: str) -> str:
    """Tell a post's kind by what it refers to; reposts from before X kept references begin with `RT @`."""
    references = [as_mapping(one).get("type") for name in ("referenced_tweets", "referenced_posts") for one in as_list(tweet.get(name))]
    if any(one in ("retweeted", "reposted") for one in references):
        return "repost"
    if "replied_to" in references:
        return "reply"
    if "quoted" in references:
        return "quote"
    return "repost" if not references and _REPOST_PREFIX.match(text) else "post"


def _parse_post_language(code: Any) -> str | None:
    """Return a language code; X's own codes for posts without words are none."""
    return None if isinstance(code, str) and _NON_LANGUAGE_PATTERN.fullmatch(code) else parse_language(code)


def _first_count(metrics: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    """Return the first believable count of these names; None, never 0, if there is none."""
    return next((value for name in keys if (value := parse_count(metrics.get(name))) is not None), None)
