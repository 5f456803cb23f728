"""One fake for the outside world: the networks' own routes on a loopback port, told in sentences what to do.

    with World() as world:
        world.x.has("nasa", posts=250)
        world.x.fails("nasa", with_="rate limit", after_pages=1)

A network is one class: its routes, its way to write a post, its refusals; accounts, paging and every trouble that any
server can have are shared. A new network is such a class and one line in `World`. Standard library only, no test in here.
"""

import contextlib
import html
import json
import re
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

NEWEST = datetime(2026, 1, 31, 12, tzinfo=UTC)  # the time of the newest post of `has`; the others follow an hour apart
GONE: Any = object()  # as a field of a post: leave it out
DRIP_SECONDS = 0.02  # between two bytes of a server that drips
PUBLIC = "93.184.215.14"  # an address of the open internet, which no test reaches
CERTIFICATE = Path(__file__).with_name("loopback.pem")  # of mastodon.example, social.example and domain.example, with its key


@dataclass(frozen=True)
class Request:
    """A question that a network was asked."""

    path: str
    params: dict[str, str]
    headers: Message
    url: str


@dataclass(frozen=True)
class Answer:
    """What a network answers: bytes as they are, anything else as JSON; `manner` is how it goes over the wire."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    manner: str = "whole"  # or: silence, drip, dripping headers, truncated, hang up

    @property
    def content(self) -> bytes:
        """Return the body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


# What any server can do, whatever its network.
TROUBLES = {
    "broken": Answer({"title": "Internal Server Error"}, 500),
    "overloaded": Answer(b"<html>Service Unavailable</html>", 503, {"Content-Type": "text/html"}),
    "silence": Answer(manner="silence"),
    "drip": Answer({"data": "x" * 1000}, manner="drip"),
    "dripping headers": Answer({}, manner="dripping headers"),
    "truncated": Answer({"data": []}, manner="truncated"),
    "hang up": Answer(manner="hang up"),
    "no http": Answer(b"\x00\x01\x02 nonsense\r\n\r\n", manner="raw"),
    "html": Answer(b"<html>Hello!</html>", headers={"Content-Type": "text/html"}),
    "nothing": Answer(b""),
    "no object": Answer("hello"),
    "deep": Answer(b"[" * 200_000),
    "huge": Answer(b" " * (9 * 2**20)),
    "bad gzip": Answer(b"this is no gzip", headers={"Content-Encoding": "gzip"}),
    "redirect": Answer(b"", 302, {"Location": "/somewhere/else"}),
}


@dataclass(frozen=True)
class FakePost:
    """A post between all networks; `raw` are fields in a network's own spelling that replace what it would write."""

    id: int
    text: str
    at: datetime
    kind: str = "post"
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass
class Failure:
    """A trouble to come: after some pages, for some times or for good."""

    answer: Answer | None  # None: `name` is a state of the account, which its network knows how to tell
    name: str
    after_pages: int
    times: float


@dataclass
class FakeAccount:
    """An account and its posts, newest first."""

    name: str
    number: int
    posts: list[FakePost] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    given: list[Any] = field(default_factory=list)  # raw pages that replace what the posts would give
    user: dict[str, Any] = field(default_factory=dict)  # raw fields of its profile
    circles: bool = False
    endless: bool = False
    pages: int = 0  # given so far
    asked: list[Request] = field(default_factory=list)  # for pages of its timeline


class Network:
    """Accounts and their posts, and the words in which a test speaks of them."""

    prefix: ClassVar[str | tuple[str, ...]]  # of its routes' paths
    refusals: ClassVar[dict[str, Answer]] = {}  # its own, by name; TROUBLES are everybody's
    states: ClassVar[set[str]] = set()  # of accounts, that `fails` takes as well

    def __init__(self) -> None:
        self.accounts: dict[str, FakeAccount] = {}
        self.requests: list[Request] = []

    # --- told by a test

    def has(self, name: str, *, posts: int = 0, **user: Any) -> FakeAccount:
        """Have an account with so many plain posts, an hour apart."""
        account = self.accounts.setdefault(name.lower(), FakeAccount(name, 10**9 + len(self.accounts)))
        account.posts = [
            FakePost(_number(at), f"{name} says {posts - i}", at) for i in range(posts) for at in [NEWEST - timedelta(hours=i)]
        ]
        account.user = user
        return account

    def post(self, name: str, text: str = "Hello", *, at: datetime | None = None, kind: str = "post", **raw: Any) -> FakePost:
        """Let an account post, after all it has posted; fields in the network's own spelling replace what it would write."""
        account = self.accounts.get(name.lower()) or self.has(name)
        moment = at or (account.posts[0].at + timedelta(hours=1) if account.posts else NEWEST)
        account.posts.insert(0, FakePost(_number(moment), text, moment, kind, raw))
        return account.posts[0]

    def fails(
        self, name: str, *, with_: str | Answer, after_pages: int = 0, times: float = float("inf"), headers: dict[str, str] | None = None
    ) -> None:
        """Let questions about an account fail, once so many pages of its timeline were given, so many times."""
        account = self.accounts.get(name.lower()) or self.has(name)
        answer = with_ if isinstance(with_, Answer) else self.refusals.get(with_) or TROUBLES.get(with_)
        if answer is None and with_ not in self.states:
            raise ValueError(f"{type(self).__name__} can't fail with {with_!r}")
        if answer and headers:
            answer = replace(answer, headers=answer.headers | headers)
        account.failures.append(Failure(answer, str(with_), after_pages, times))

    def gives(self, name: str, *bodies: Any) -> None:
        """Give these bodies as the pages of an account's timeline, the last one again and again."""
        (self.accounts.get(name.lower()) or self.has(name)).given = list(bodies)

    def goes_in_circles(self, name: str) -> None:
        """Give the first page of an account again and again, each time with a new way on."""
        self.accounts[name.lower()].circles = True

    def never_ends(self, name: str) -> None:
        """Give empty pages and a way on when there are no more posts."""
        self.accounts[name.lower()].endless = True

    def asked(self, name: str) -> list[Request]:
        """Return the questions for pages of an account's timeline."""
        return self.accounts[name.lower()].asked

    # --- asked by the program

    def answer(self, request: Request) -> Answer:
        """Answer a question; each network has its own routes."""
        raise NotImplementedError

    def trouble(self, account: FakeAccount) -> Answer | None:
        """Return the failure that is due, if it is one of answers, not of states."""
        due = next((one for one in account.failures if one.answer and one.after_pages <= account.pages and one.times > 0), None)
        if due is None:
            return None
        due.times -= 1
        return due.answer

    def state(self, account: FakeAccount) -> str | None:
        """Return the state the account is in, if it is told to be in one."""
        return next((one.name for one in account.failures if not one.answer and one.after_pages <= account.pages), None)

    def page(self, account: FakeAccount, posts: list[FakePost], start: int, size: int) -> tuple[list[FakePost], int | None]:
        """Return a page of posts and where the next one starts."""
        account.pages += 1
        begin = 0 if account.circles else start
        more = account.endless or account.circles or start + size < len(posts)
        return posts[begin : begin + size], start + size if more else None


class FakeX(Network):
    """X's API v2: the look-up of a user, and a user's timeline. As strict as X about parameters and keys."""

    prefix = "/2/"
    window = 3200
    states: ClassVar = {"suspended", "protected", "unknown"}
    refusals: ClassVar = {
        "rate limit": Answer({"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}, 429),
        "usage cap": Answer(
            {"title": "UsageCapExceeded", "detail": "Usage cap exceeded", "type": "https://api.twitter.com/2/problems/usage-capped"},
            429,
            {"x-rate-limit-remaining": "9999"},
        ),
        "no credits": Answer({"title": "CreditsDepleted", "type": "https://api.x.com/2/problems/credits"}, 402),
        "spend cap": Answer({"title": "SpendCapReached", "type": "https://api.x.com/2/problems/credits"}, 403),
        "wrong key": Answer({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401),
        "no plan": Answer(
            {"title": "Client Forbidden", "reason": "client-not-enrolled", "type": "https://api.x.com/2/problems/client-forbidden"}, 403
        ),
        "wrong kind of key": Answer(
            {"title": "Unsupported Authentication", "type": "https://api.x.com/2/problems/unsupported-authentication"}, 403
        ),
        "forbidden": Answer({"title": "Forbidden", "type": "about:blank", "detail": "Forbidden"}, 403),
        "bad request": Answer(
            {"title": "Invalid Request", "errors": [{"message": "no"}], "type": "https://api.x.com/2/problems/invalid-request"}, 400
        ),
        "no such route": Answer(b"", 404),
    }
    counts_page: ClassVar = timedelta(days=31)
    _counts_parameters: ClassVar = {"query", "granularity", "start_time", "end_time", "next_token", "since_id", "until_id"}
    _look_up_parameters: ClassVar = {"user.fields", "tweet.fields", "expansions"}
    counted_as = "tweet_count"  # or post_count, as X lately says
    no_counts: tuple[Any, int] = (None, 0)
    counts_given: Any = ()
    _timeline_parameters: ClassVar = {
        "max_results",
        "pagination_token",
        "start_time",
        "end_time",
        "since_id",
        "until_id",
        "exclude",
    } | _look_up_parameters

    def answer(self, request: Request) -> Answer:
        """Answer a look-up or a question for a page."""
        if not re.fullmatch(r"Bearer (?!None)\S+|OAuth \S.*", request.headers.get("Authorization", "")):
            return self.refusals["wrong key"]
        if match := re.fullmatch(r"/2/users/by/username/(\w{1,15})", request.path):
            return self._look_up(match[1], request)
        if match := re.fullmatch(r"/2/users/(\d{1,19})/tweets", request.path):
            return self._timeline(next(one for one in self.accounts.values() if one.number == int(match[1])), request)
        if request.path == "/2/tweets/counts/all":
            return self._counts(request)
        return self.refusals["no such route"]

    def counts(self) -> list[Request]:
        """Return the questions for pages of counts."""
        return [request for request in self.requests if request.path.startswith("/2/tweets/counts/")]

    def cannot_count(self, with_: str | Answer, *, after_pages: int = 0) -> None:
        """Let questions for counts fail, once so many pages of them were given; look-ups and timelines do not."""
        self.no_counts = (self.refusals.get(str(with_)) or TROUBLES.get(str(with_)) or with_, after_pages)

    def gives_counts(self, *bodies: Any) -> None:
        """Give these bodies as the pages of counts, the last one again and again."""
        self.counts_given = list(bodies)

    def _counts(self, request: Request) -> Answer:
        """Count posts by the UTC hour, 31 days a page, the newest page first, the outer hours cut by the span."""
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return self.refusals["wrong kind of key"]
        trouble, after = self.no_counts
        if trouble and len(self.counts()) > after:
            return trouble
        if self.counts_given:
            return Answer(self.counts_given[min(len(self.counts()), len(self.counts_given)) - 1])
        match, span = re.fullmatch(r"from:(\w{1,15})", request.params.get("query", "")), self._span(request.params, "2006-03-21")
        if not match or span is None or set(request.params) - self._counts_parameters or request.params.get("granularity") != "hour":
            return self.refusals["bad request"]
        account = self.accounts.get(match[1].lower())
        if account is None or self.state(account) in ("unknown", "suspended"):
            return Answer({"meta": {f"total_{self.counted_as}": 0}})
        end = datetime.fromtimestamp(int(request.params["next_token"][1:]), UTC) if "next_token" in request.params else span[1]
        start = max(span[0], end.replace(hour=0, minute=0, second=0) + timedelta(days=end.time() != datetime.min.time()) - self.counts_page)
        posts = [] if self.state(account) == "protected" else [post.at for post in account.posts if start <= post.at < end]
        meta = {f"total_{self.counted_as}": len(posts)} | ({"next_token": f"c{int(start.timestamp())}"} if start > span[0] else {})
        return Answer({"data": self._buckets(posts, start, end), "meta": meta})

    def _buckets(self, posts: list[datetime], start: datetime, end: datetime) -> list[dict[str, Any]]:
        found, hour, buckets = Counter(_hour(at) for at in posts), _hour(start), list[dict[str, Any]]()
        while hour < end:
            ends = {"start": max(start, hour), "end": min(end, hour + timedelta(hours=1))}
            buckets.append({name: f"{at:%Y-%m-%dT%H:%M:%S}.000Z" for name, at in ends.items()} | {self.counted_as: found[hour]})
            hour += timedelta(hours=1)
        return buckets

    def _look_up(self, name: str, request: Request) -> Answer:
        account = self.accounts.get(name.lower())
        if account and (trouble := self.trouble(account)):
            return trouble
        if set(request.params) - self._look_up_parameters:
            return self.refusals["bad request"]
        state = self.state(account) if account else "unknown"
        if account is None or state == "unknown":
            return self._error("Not Found Error", f"Could not find user with username: [{name}].", "username", name, "resource-not-found")
        if state == "suspended":
            return self._error("Forbidden", f"User has been suspended: [{name}].", "username", name, "resource-not-found")
        metrics = {"followers_count": 7, "tweet_count": len(account.posts)}
        user = {"id": str(account.number), "username": account.name, "protected": state == "protected", "public_metrics": metrics}
        return Answer({"data": _kept(user | account.user)})

    def _timeline(self, account: FakeAccount, request: Request) -> Answer:
        account.asked.append(request)
        number = str(account.number)
        if trouble := self.trouble(account):
            return trouble
        if state := self.state(account):
            told = {
                "protected": (
                    "Authorization Error",
                    f"Sorry, you are not authorized to see the user with id: [{number}].",
                    "not-authorized-for-resource",
                ),
                "suspended": ("Forbidden", f"User has been suspended: [{number}].", "resource-not-found"),
                "unknown": ("Not Found Error", f"Could not find user with id: [{number}].", "resource-not-found"),
            }[state]
            return self._error(*told[:2], "id", number, told[2])
        if account.given:
            account.pages += 1
            return Answer(account.given[min(account.pages, len(account.given)) - 1])
        size, span = int(request.params.get("max_results", 10)), self._span(request.params)
        if not 5 <= size <= 100 or span is None or set(request.params) - self._timeline_parameters:
            return self.refusals["bad request"]
        low, high = int(request.params.get("since_id", 0)), int(request.params.get("until_id", 2**63))
        posts = [post for post in account.posts[: self.window] if span[0] <= post.at < span[1] and low < int(post.id) < high]
        page, after = self.page(account, posts, int(request.params.get("pagination_token", "t0")[1:]), size)
        meta = {"result_count": len(page)} | ({"next_token": f"t{after}"} if after is not None else {})
        return Answer(({"data": [self.written(post) for post in page]} if page else {}) | {"meta": meta})

    @staticmethod
    def written(post: FakePost) -> dict[str, Any]:
        """Write a post as X does."""
        reference = {"repost": "retweeted", "quote": "quoted", "reply": "replied_to"}.get(post.kind)
        metrics = {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "bookmark_count": 5, "impression_count": 6}
        body = {"id": str(post.id), "text": post.text, "edit_history_tweet_ids": [str(post.id)], "lang": "en", "public_metrics": metrics}
        body["created_at"] = post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return _kept(body | ({"referenced_tweets": [{"type": reference, "id": "1"}]} if reference else {}) | post.raw)

    @staticmethod
    def _span(params: dict[str, str], earliest: str = "2010-11-06") -> tuple[datetime, datetime] | None:
        """Return the span asked for; None if X would refuse it."""
        now = datetime.now(UTC)
        first = f"{earliest}T00:00:00Z"
        written = params.get("start_time", first), params.get("end_time", f"{now:%Y-%m-%dT%H:%M:%SZ}")
        if not all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one) for one in written):
            return None
        start, end = map(datetime.fromisoformat, written)
        asked_too_late = "end_time" in params and end > now - timedelta(seconds=10)
        return None if start >= end or asked_too_late or start < datetime.fromisoformat(first) else (start, end)

    @staticmethod
    def _error(title: str, detail: str, parameter: str, value: str, kind: str) -> Answer:
        problem = {"title": title, "detail": detail, "parameter": parameter, "value": value, "resource_id": value, "resource_type": "user"}
        return Answer({"errors": [problem | {"type": f"https://api.twitter.com/2/problems/{kind}"}]})


class FakeBluesky(Network):
    """Bluesky's public AppView: profiles and author feeds. `nasa` is nasa.bsky.social there, as long as its name has no dot."""

    prefix = "/xrpc/"
    states: ClassVar = {"suspended", "protected", "unknown", "deactivated"}
    refusals: ClassVar = {
        "rate limit": Answer({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429),
        "unknown actor": Answer({"error": "InvalidRequest", "message": "Profile not found"}, 400),
        "bad request": Answer({"error": "InvalidRequest", "message": "Error: limit must be an integer"}, 400),
        "blocked": Answer({"error": "BlockedActor", "message": "Requester has blocked actor"}, 400),
        "forbidden": Answer(b"<html>403 Forbidden</html>", 403, {"Content-Type": "text/html"}),
        "login": Answer({"error": "AuthMissing", "message": "Authentication Required"}, 401),
    }
    _feed_parameters: ClassVar = {"actor", "limit", "cursor", "filter", "includePins"}

    def answer(self, request: Request) -> Answer:
        """Answer a question for a profile or for a page of a feed."""
        actor = request.params.get("actor", "").lower()
        account = next((one for one in self.accounts.values() if actor in (self.handle(one), self.did(one))), None)
        if account and request.path.endswith("getAuthorFeed"):
            account.asked.append(request)
        if account and (trouble := self.trouble(account)):
            return trouble
        if account is None or self.state(account) == "unknown":
            return self.refusals["unknown actor"]
        if request.path == "/xrpc/app.bsky.actor.getProfile":
            return self._profile(account)
        if request.path == "/xrpc/app.bsky.feed.getAuthorFeed":
            return self._feed(account, request)
        return Answer({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)

    def _profile(self, account: FakeAccount) -> Answer:
        state = self.state(account)
        if state == "suspended":
            return Answer({"error": "AccountTakedown", "message": "Account has been suspended"}, 400)
        if state == "deactivated":
            return Answer({"error": "AccountDeactivated", "message": "Account is deactivated"}, 400)
        labels = [{"val": "!no-unauthenticated", "src": self.did(account), "uri": "at://"}] if state == "protected" else []
        own = sum(post.kind != "repost" for post in account.posts)
        return Answer(_kept(self.author(account) | {"labels": labels, "postsCount": own} | account.user))

    def _feed(self, account: FakeAccount, request: Request) -> Answer:
        if account.given:
            account.pages += 1
            return Answer(account.given[min(account.pages, len(account.given)) - 1])
        size = int(request.params.get("limit", 50))
        if not 1 <= size <= 100 or set(request.params) - self._feed_parameters:
            return self.refusals["bad request"]
        page, after = self.page(account, account.posts, int(request.params.get("cursor", "c0")[1:]), size)
        feed = [self.written(post, account) for post in page]
        return Answer({"feed": feed} | ({"cursor": f"c{after}"} if after is not None else {}))

    def written(self, post: FakePost, account: FakeAccount) -> dict[str, Any]:
        """Write an item of a feed as Bluesky does; the raw fields of a post replace the item's."""
        author = {"did": "did:plc:someone", "handle": "someone.example"} if post.kind == "repost" else self.author(account)
        at = post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        other = {"uri": "at://did:plc:other/app.bsky.feed.post/1", "cid": "c"}
        record: dict[str, Any] = {"$type": "app.bsky.feed.post", "createdAt": at, "langs": ["en"], "text": post.text}
        record |= {"reply": {"root": other, "parent": other}} if post.kind == "reply" else {}
        record |= {"embed": {"$type": "app.bsky.embed.record", "record": other}} if post.kind == "quote" else {}
        counts = {"replyCount": 2, "repostCount": 1, "likeCount": 3, "quoteCount": 4, "bookmarkCount": 5}
        uri = f"at://{author['did']}/app.bsky.feed.post/{post.id}"
        item: dict[str, Any] = {"post": {"uri": uri, "cid": "c", "author": author, "record": record, "indexedAt": at} | counts}
        if post.kind == "repost":
            item["reason"] = {"$type": "app.bsky.feed.defs#reasonRepost", "by": self.author(account), "indexedAt": at}
        return _kept(item | post.raw)

    def author(self, account: FakeAccount) -> dict[str, Any]:
        """Return how an account signs its posts."""
        return {"did": self.did(account), "handle": self.handle(account), "displayName": account.name}

    @staticmethod
    def handle(account: FakeAccount) -> str:
        """Return an account's handle."""
        return account.name.lower() if "." in account.name else f"{account.name.lower()}.bsky.social"

    @staticmethod
    def did(account: FakeAccount) -> str:
        """Return an account's lasting id."""
        return f"did:plc:{account.number}"


class FakeMastodon(Network):
    """A Mastodon server, under whatever name it is asked: look-ups, public posts, and WebFinger for domains without one."""

    prefix = ("/api/v1/", "/.well-known/webfinger")
    states: ClassVar = {"suspended", "protected", "unknown"}
    refusals: ClassVar = {
        "rate limit": Answer({"error": "Too many requests"}, 429),
        "unknown": Answer({"error": "Record not found"}, 404),
        "gone": Answer({"error": "Gone"}, 410),
        "login": Answer({"error": "This method requires an authenticated user"}, 422),
        "secure": Answer({"error": "Unauthorized: token not supplied"}, 401),
        "forbidden": Answer({"error": "This action is not allowed"}, 403),
        "no such page": Answer(b"<html>Not found</html>", 404, {"Content-Type": "text/html"}),
    }

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere: dict[str, Answer] = {}

    def lives_elsewhere(self, host: str, webfinger: Answer) -> None:
        """Let a host be no Mastodon server; this is what it says to WebFinger."""
        self.elsewhere[host] = webfinger

    def answer(self, request: Request) -> Answer:
        """Answer a look-up, a question for a page of posts, or one of WebFinger's."""
        host = request.headers.get("Host", "")
        if host in self.elsewhere:
            return self.elsewhere[host] if request.path.startswith("/.well-known/") else self.refusals["no such page"]
        if request.path == "/api/v1/accounts/lookup":
            return self._look_up(self.accounts.get(request.params.get("acct", "").lower()))
        if match := re.fullmatch(r"/api/v1/accounts/(\d+)/statuses", request.path):
            return self._statuses(next(one for one in self.accounts.values() if one.number == int(match[1])), request)
        return self.refusals["no such page"]

    def _look_up(self, account: FakeAccount | None) -> Answer:
        if account and (trouble := self.trouble(account)):
            return trouble
        if account is None or self.state(account) == "unknown":
            return self.refusals["unknown"]
        found = {"id": str(account.number), "acct": account.name, "locked": self.state(account) == "protected"}
        found |= {"statuses_count": len(account.posts)} | ({"suspended": True} if self.state(account) == "suspended" else {})
        return Answer(_kept(found | account.user))

    def _statuses(self, account: FakeAccount, request: Request) -> Answer:
        account.asked.append(request)
        if trouble := self.trouble(account):
            return trouble
        if self.state(account):
            return Answer([])
        if account.given:
            account.pages += 1
            given = account.given[min(account.pages, len(account.given)) - 1]
            return given if isinstance(given, Answer) else Answer(given)
        size, older = min(40, int(request.params.get("limit", 20))), request.params.get("max_id")
        newer = [post for post in account.posts if older and post.id >= int(older)]
        page, after = self.page(account, account.posts, len(newer), size)
        lowest = page[-1].id if page else int(older or 10**18) - 1
        link = f'<https://elsewhere.example/api?limit={size}&max_id={lowest}>; rel="next", <https://elsewhere.example/>; rel="prev"'
        return Answer([self.written(post) for post in page], headers={"Link": link} if after is not None else {})

    @classmethod
    def written(cls, post: FakePost) -> dict[str, Any]:
        """Write a status as Mastodon does."""
        content = f"<p>{html.escape(post.text)}</p>".replace("\n", "<br />")
        status: dict[str, Any] = {"id": str(post.id), "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "content": content}
        status |= {"language": "en", "spoiler_text": "", "visibility": "public", "in_reply_to_id": None, "reblog": None, "quote": None}
        status |= {"url": f"https://mastodon.example/@someone/{post.id}", "uri": f"https://mastodon.example/users/someone/{post.id}"}
        status |= {"replies_count": 2, "reblogs_count": 1, "favourites_count": 3, "quotes_count": 4}
        if post.kind == "repost":
            status |= {"content": "", "reblog": cls.written(replace(post, id=post.id - 1, kind="post", raw={}))}
        if post.kind == "reply":
            status["in_reply_to_id"] = "1"
        if post.kind == "quote":
            status["quote"] = {"state": "accepted", "quoted_status": cls.written(FakePost(1, "Quoted", post.at))}
        return _kept(status | post.raw)


class World:
    """The outside world: all networks behind one loopback address, from `with` to its end; with `tls` it speaks https, by CERTIFICATE."""

    def __init__(self, *, tls: bool = False) -> None:
        self.x, self.bluesky, self.mastodon = FakeX(), FakeBluesky(), FakeMastodon()
        self.networks: list[Network] = [self.x, self.bluesky, self.mastodon]
        self._tls = tls
        self.closing = threading.Event()
        self.connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.world = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        for connection in list(self.connections):
            _shut(connection)
        self._server.server_close()  # waits for the threads of the connections

    def answer(self, request: Request) -> Answer:
        """Let the network whose route it is answer."""
        with self._lock:
            network = next((one for one in self.networks if request.path.startswith(one.prefix)), None)
            if network is None:
                return Answer({"error": "no such route"}, 404)
            network.requests.append(request)
            return network.answer(request)


class Names:
    """The outside world's names: a resolver that answers what it is told, call after call, and a dialler that ends at loopback."""

    def __init__(self, *answers: list[str] | OSError, port: int = 0) -> None:
        self._answers, self._port = list(answers), port
        self.asked: list[str] = []
        self.dialled: list[tuple[str, int]] = []

    def resolve(self, name: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked.append(name)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, OSError):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]

    def dial(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """Connect to loopback, in a socket that says it is connected to what was asked for."""
        self.dialled.append(address)
        sock = _Pretending(address)
        sock.settimeout(timeout)
        try:
            sock.connect(("127.0.0.1", self._port))
        except OSError:
            sock.close()
            raise
        return sock


class _Pretending(socket.socket):
    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._address = address

    def getpeername(self) -> tuple[str, int]:
        return self._address


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    world: World

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client leaves early: many tests make it do so."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.world.connections.add(self.connection)

    def finish(self) -> None:
        self.server.world.connections.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        url = f"http://{self.headers.get('Host')}{self.path}"
        answer = self.server.world.answer(Request(parts.path, dict(parse_qsl(parts.query)), self.headers, url))
        head, content = self._head(answer), answer.content
        self.close_connection = answer.manner != "whole"
        if answer.manner == "whole":
            self.wfile.write(head + content)
        elif answer.manner == "truncated":
            self.wfile.write(head + content[:-1])
        elif answer.manner == "raw":
            self.wfile.write(content)
        elif answer.manner == "drip":
            self._drip(content, at_once=head)
        elif answer.manner == "dripping headers":
            self._drip(head + content)
        elif answer.manner == "silence":
            self.server.world.closing.wait()

    def _head(self, answer: Answer) -> bytes:
        fields = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(answer.content))} | answer.headers
        lines = [f"HTTP/1.1 {answer.status} Whatever", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def _drip(self, content: bytes, at_once: bytes = b"") -> None:
        self.wfile.write(at_once)
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.server.world.closing.wait(DRIP_SECONDS):
                return


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _number(at: datetime) -> int:
    """Return an id that carries its time, as X's do: past 2^53."""
    return (int(at.timestamp() * 1000) - 1288834974657) << 22


def _kept(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not GONE}


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client may be faster
        connection.shutdown(socket.SHUT_RDWR)


def in_minutes(minutes: float) -> str:
    """Return the epoch seconds so many minutes from now, as headers write them."""
    return str(int(time.time() + minutes * 60))
