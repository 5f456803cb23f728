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

from dashboard.core import posts
from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountNotFound, AccountProtected, AccountSuspended, SourceError, SourceNotReady, SourceUnavailable
from dashboard.core.pricing import Bill
from dashboard.sources import x_counts
from dashboard.sources.base import Page, Readiness, Wanted, inside
from dashboard.sources.coerce import count, lang, listing, mapping, moment
from dashboard.sources.counts import CountsPage, Span
from dashboard.sources.x_client import COUNT_POSTS, Client, Credentials, account_trouble

__all__ = ["Credentials", "X", "rows"]

X_API = "https://api.twitter.com"
REMEMBERED = 7 * 24 * 3600  # seconds that a look-up is
WINDOW = 3200  # posts of an account that X hands out, deleted ones counted
NEARLY_WINDOW = 3000  # so a window may end a little earlier
LARGEST_PAGE, SMALLEST_PAGE = 100, 5
FIRST_TIME = datetime(2010, 11, 6, tzinfo=UTC)  # X takes no earlier start_time
JUST_NOW = timedelta(seconds=15)  # X wants end_time at least 10 seconds ago
TWEET_FIELDS = ["created_at", "lang", "public_metrics", "entities", "referenced_tweets", "note_tweet"]
USER_FIELDS = ["public_metrics", "protected"]
CHARGE = "X charges for each post read."

_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_USER_ID = re.compile(r"[0-9]{1,20}")
_NO_LANG = re.compile(r"q[a-t][a-z]")  # X says so of posts that are only links, only tags, …
_REPOST_TEXT = re.compile(r"RT @\w")
_COUNTS = {
    "likes": ("like_count",),
    "reposts": ("retweet_count", "repost_count"),
    "replies": ("reply_count",),
    "quotes": ("quote_count",),
    "views": ("impression_count", "view_count"),
}


class X:
    """X by its API v2, with our own keys."""

    network: Network = "x"
    name = "X"
    resumes = True

    def __init__(self, credentials: Credentials | None, api_url: str = "", memory: "Memory | None" = None) -> None:
        self._credentials, self._api_url, self._memory = credentials or Credentials(), api_url or X_API, memory or Forgetful()

    def readiness(self) -> Readiness:
        """Say whether the keys for X are there; X itself is not asked."""
        problem = self._credentials.problem()
        return Readiness(not problem, f"{problem or 'X can be read.'} {CHARGE}")

    def pages(self, account: Account, wanted: Wanted, deadline: float) -> Generator[Page, None, None]:
        """Look the account up, then yield its timeline in pages of 100, newest first."""
        readiness = self.readiness()
        if not readiness.ready:
            raise SourceNotReady(str(account), f"{account.label} can't be read yet. {readiness.sentence}")
        with Client(self._credentials, self._api_url, account, deadline) as client:
            user, owed = self._known(account), dict[str, int]()
            if user is None:
                user, owed = _user(account, client.user(user_fields=USER_FIELDS)), {"user": 1}
                self._memory.put(_key(account), json.dumps(asdict(user)).encode(), REMEMBERED)
            try:
                for page in _timeline(client, account, user, wanted):
                    yield replace(page, bill={**page.bill, **owed})
                    owed = {}
            except SourceError as error:
                error.bill = owed
                if isinstance(error, (AccountNotFound, AccountSuspended)):
                    self._memory.put(_key(account), b"", 1)
                raise

    def at_most(self, account: Account, posts: int) -> Bill:
        """Return what reading so many posts is charged for: pages of at least five, and the look-up unless it is remembered."""
        whole, rest = divmod(posts, LARGEST_PAGE)
        count = whole * LARGEST_PAGE + (max(SMALLEST_PAGE, rest) if rest else 0)
        return {"post": count} | ({} if self._known(account) else {"user": 1})

    def counts_at_most(self, account: Account, span: Span) -> Bill:
        """Return what counting is charged for: pages of 31 days, and the look-up that is made when X counts nothing."""
        pages = x_counts.pages_at_most(span)
        return {"counts": pages, "user": 1} if pages else {}

    def counts(self, account: Account, span: Span, deadline: float) -> Generator[CountsPage, None, None]:
        """Yield X's own counts by the hour, newest first; they need the bearer token."""
        readiness = self.readiness()
        if not readiness.ready:
            raise SourceNotReady(str(account), f"{account.label} can't be counted yet. {readiness.sentence}")
        if not self._credentials.bearer:
            needs = f"X counts the posts of {account.label} only for X_BEARER_TOKEN, which is not set."
            raise SourceNotReady(str(account), needs, f"Whoever runs Chorus can set it. {COUNT_POSTS}")
        with Client(self._credentials, self._api_url, account, deadline) as client:
            yield from x_counts.counts(client, account, span, lambda: _seen(client, account))

    def _known(self, account: Account) -> "_User | None":
        """Return the look-up that is remembered: handles may change hands, ids never do, so it is made anew after some days."""
        kept = self._memory.get(_key(account))
        try:
            return _User(**json.loads(kept)) if kept else None
        except (ValueError, TypeError):
            return None


class Memory(Protocol):
    """Where look-ups are remembered."""

    def get(self, key: str) -> bytes | None:
        """Return what was put there."""
        ...

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for some seconds."""
        ...


class Forgetful:
    """A memory of nothing."""

    def get(self, key: str) -> None:
        """Return nothing."""

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep nothing."""


def _key(account: Account) -> str:
    return f"x-user:{account.name}"


@dataclass(frozen=True)
class _User:
    """What the look-up tells: the id to ask for, the handle as X spells it, and how many posts there are if X says so."""

    id: str
    handle: str
    posts: int | None
    protected: bool


def _user(account: Account, body: dict[str, Any]) -> _User:
    """Read a look-up; raise the noun for an account that can't be read."""
    found = mapping(body.get("data"))
    number, handle = str(found.get("id")), found.get("username")
    if not _USER_ID.fullmatch(number):
        raise account_trouble(account, body) or _odd(account)
    spelled = handle if isinstance(handle, str) and handle.lower() == account.name else account.name
    total = _either(mapping(found.get("public_metrics")), ("tweet_count", "post_count"))
    return _User(number, spelled, total, found.get("protected") is True)


def _seen(client: Client, account: Account) -> Bill:
    """Look up an account of which X counts nothing, and return the bill; raise the noun for one that is not to be seen."""
    if not _user(account, client.user(user_fields=USER_FIELDS)).protected:
        return {"user": 1}
    protected = AccountProtected(str(account), f"The posts of {account.label} are protected.")
    protected.bill = {"user": 1}
    raise protected


def _timeline(client: Client, account: Account, user: _User, wanted: Wanted) -> Iterator[Page]:
    """Yield pages until X names no next one: a short or an empty page ends nothing."""
    asked: dict[str, Any] = {"tweet_fields": TWEET_FIELDS} | _span(wanted)
    asked |= {name: value for name, value in (("since_id", wanted.newer_than), ("until_id", wanted.older_than)) if value}
    known, tokens = set[str](), set[str]()
    if not _possible(wanted):
        yield Page([])
        return
    while True:
        asked["max_results"] = max(SMALLEST_PAGE, min(LARGEST_PAGE, wanted.limit - len(known)))
        body = client.timeline(user.id, **asked)
        posts, token = _posts(account, body), _next_token(body)
        page, bill = rows(posts, user.handle), {"post": len(posts)}
        known.update(row["id"] for row in page if inside(row, wanted))
        if not token:
            yield _last(account, user, wanted, Page(page, bill=bill), len(known))
            return
        yield Page(page, bill=bill)
        if token in tokens:
            raise SourceUnavailable(str(account), f"X goes round in circles instead of giving older posts of {account.label}.")
        tokens.add(token)
        asked["pagination_token"] = token


def _last(account: Account, user: _User, wanted: Wanted, page: Page, given: int) -> Page:
    """Return the page that X ends a timeline with; silence about a protected account's whole timeline is a refusal."""
    part = wanted.since or wanted.until or wanted.newer_than or wanted.older_than
    if user.protected and not given and not part:
        raise AccountProtected(str(account), f"The posts of {account.label} are protected.")
    return replace(page, last=True, cut=not wanted.newer_than and _window_ended_it(user.posts, given, wanted))


def _posts(account: Account, body: dict[str, Any]) -> list[Any]:
    """Return the posts of a page as X gave them; raise the noun for a page that is none."""
    found = body.get("data")
    if isinstance(found, list):
        return found
    trouble = account_trouble(account, body)
    if trouble or found is not None or not isinstance(body.get("meta"), dict):
        raise trouble or _odd(account)
    return []


def _odd(account: Account) -> SourceUnavailable:
    return SourceUnavailable(str(account), f"X answered with something odd instead of the posts of {account.label}.")


def _next_token(body: dict[str, Any]) -> str | None:
    token = mapping(body.get("meta")).get("next_token")
    return token if isinstance(token, str) and token else None


def _possible(wanted: Wanted) -> bool:
    """Say whether there is any time in the wanted span that is past already; X refuses to be asked about others."""
    now = datetime.now(UTC)
    return wanted.since is None or wanted.since < min(wanted.until or now, now)


def _span(wanted: Wanted) -> dict[str, str]:
    """Return the wanted span as X takes it: whole seconds outwards, and only what X can know; `read` cuts the rest."""
    span = {}
    if wanted.since and wanted.since >= FIRST_TIME:
        span["start_time"] = _stamp(wanted.since)
    if wanted.until and wanted.until <= datetime.now(UTC) - JUST_NOW:
        span["end_time"] = _stamp(max(wanted.until + timedelta(microseconds=999_999), FIRST_TIME + timedelta(seconds=1)))
    return span


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _window_ended_it(total: int | None, given: int, wanted: Wanted) -> bool:
    """Say whether X's window of the newest 3,200 posts is why a timeline ended.

    With an end in the past the newest posts use the window up unseen, so fewer may come; a start that was reached after
    some posts is believed.
    """
    if given >= NEARLY_WINDOW:
        return total is None or total > given
    unseen = wanted.older_than is not None or (wanted.until is not None and (wanted.since is None or given == 0))
    return unseen and total is not None and total > WINDOW


# --- rows ------------------------------------------------------------------------------------------------------------


def rows(found: list[Any], handle: str) -> list[dict[str, Any]]:
    """Return posts of X as rows of posts.SCHEMA without `account`; only what has no id is left out."""
    return [row for post in found if (row := _row(mapping(post), handle))]


def _row(post: Mapping[str, Any], handle: str) -> dict[str, Any] | None:
    number = post.get("id")
    number = str(number) if isinstance(number, int) and not isinstance(number, bool) else number
    if not isinstance(number, str) or not _ID.fullmatch(number):
        return None
    text = posts.clean(_text(post), escaped=True)
    kind = _kind(post, text)
    metrics = {} if kind == "repost" else mapping(post.get("public_metrics"))  # X says 0 there; the reactions are the original's
    return {
        "id": number,
        "created_at": moment(post.get("created_at")),
        "text": text,
        "kind": kind,
        "lang": _lang(post.get("lang")),
        "url": f"https://x.com/{handle}/status/{number}",
    } | {name: _either(metrics, names) for name, names in _COUNTS.items()}


def _text(post: Mapping[str, Any]) -> str:
    """Return the whole text: past 280 characters it is in the note, and the post's own text is cut."""
    notes = (mapping(post.get(name)).get("text") for name in ("note_tweet", "note_post"))
    return next((text for text in (*notes, post.get("text")) if isinstance(text, str) and text), "")


def _kind(post: Mapping[str, Any], text: str) -> str:
    """Tell a post's kind by what it refers to; reposts from before X kept references begin with `RT @`."""
    references = [mapping(one).get("type") for name in ("referenced_tweets", "referenced_posts") for one in listing(post.get(name))]
    if any(one in ("retweeted", "reposted") for one in references):
        return "repost"
    if "replied_to" in references:
        return "reply"
    if "quoted" in references:
        return "quote"
    return "repost" if not references and _REPOST_TEXT.match(text) else "post"


def _lang(code: Any) -> str | None:
    """Return a language code; X's own codes for posts without words are none."""
    return None if isinstance(code, str) and _NO_LANG.fullmatch(code) else lang(code)


def _either(counts: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    """Return the first believable count of these names; None, never 0, if there is none."""
    return next((value for name in names if (value := count(counts.get(name))) is not None), None)
