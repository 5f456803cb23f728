"""One fake for the outside world: the networks' own routes on a loopback port, set up by methods that read like sentences.

    with World() as world:
        world.x.has("nasa", posts=250)
        world.x.fails("nasa", with_="rate limit", after_pages=1)

A network is one class with its routes, its format of posts and its errors. Accounts, paging and the failures that any server can have
are shared. A new network is such a class and one line in `World`. This uses only the standard library, and there is no test in here.
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

NEWEST_POST_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)  # of the newest post of `has`; the others are an hour apart
OMITTED: Any = object()  # as a value: the field is left out of the post
DRIP_SECONDS = 0.02  # between two bytes of a server that drips
PUBLIC_IP_ADDRESS = "93.184.215.14"  # a public address, which no test contacts
CERTIFICATE_PATH = Path(__file__).with_name("loopback.pem")  # of mastodon.example, social.example and domain.example, with its key


@dataclass(frozen=True)
class Request:
    """A request that a network received."""

    path: str
    params: dict[str, str]
    headers: Message
    url: str


@dataclass(frozen=True)
class Response:
    """A response of a network: bytes are sent as they are, anything else as JSON. `delivery` is how it is sent."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delivery: str = "whole"  # or: silence, drip, dripping headers, truncated, hang up

    @property
    def content(self) -> bytes:
        """Return the body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


# Failures that any server can have.
SERVER_FAULTS = {
    "broken": Response({"title": "Internal Server Error", "detail": "Something is broken.", "type": "about:blank", "status": 500}, 500),
    "overloaded": Response(b"<html>Service Unavailable</html>", 503, {"Content-Type": "text/html"}),
    "bad gateway": Response(b"<html>Bad Gateway</html>", 502, {"Content-Type": "text/html"}),
    "gateway timeout": Response({"message": "The upstream server is timing out"}, 504),
    "gateway problem": Response({"title": "Error 524", "detail": "Timed out.", "type": "https://gateway.example/524", "status": 524}, 524),
    "silence": Response(delivery="silence"),
    "drip": Response({"data": "x" * 1000}, delivery="drip"),
    "dripping headers": Response({}, delivery="dripping headers"),
    "truncated": Response({"data": []}, delivery="truncated"),
    "hang up": Response(delivery="hang up"),
    "no http": Response(b"\x00\x01\x02 nonsense\r\n\r\n", delivery="raw"),
    "html": Response(b"<html>Hello!</html>", headers={"Content-Type": "text/html"}),
    "nothing": Response(b""),
    "no object": Response("hello"),
    "deep": Response(b"[" * 200_000),
    "huge": Response(b" " * (9 * 2**20)),
    "bad gzip": Response(b"this is no gzip", headers={"Content-Encoding": "gzip"}),
    "redirect": Response(b"", 302, {"Location": "/somewhere/else"}),
}


@dataclass(frozen=True)
class FakePost:
    """A post on any network. Raw fields, in a network's own spelling, replace what it would serialize."""

    id: int
    text: str
    created_at: datetime
    kind: str = "post"
    raw_fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class PlannedFailure:
    """A failure that happens after some pages, a number of times or permanently."""

    response: Response | None  # None if `name` is a state of the account, which its network serializes
    name: str
    after_pages: int
    remaining_uses: float


@dataclass
class FakeAccount:
    """An account and its posts, newest first."""

    name: str
    numeric_id: int
    posts: list[FakePost] = field(default_factory=list)
    failures: list[PlannedFailure] = field(default_factory=list)
    raw_pages: list[Any] = field(default_factory=list)  # raw pages that replace those of the posts
    profile_fields: dict[str, Any] = field(default_factory=dict)  # raw fields of its profile
    repeats_first_page: bool = False
    is_endless: bool = False
    pages_served: int = 0  # so far
    page_requests: list[Request] = field(default_factory=list)  # for pages of its timeline


class FakeNetwork:
    """Accounts and their posts, and the methods by which tests set them up."""

    path_prefix: ClassVar[str | tuple[str, ...]]  # of its routes' paths
    error_responses: ClassVar[dict[str, Response]] = {}  # the network's own, by name, in addition to the shared ones
    account_states: ClassVar[set[str]] = set()  # states of accounts that `fails` accepts as well

    def __init__(self) -> None:
        self.accounts: dict[str, FakeAccount] = {}
        self.requests: list[Request] = []

    # --- set up by tests

    def has(self, name: str, /, *, posts: int = 0, **profile_fields: Any) -> FakeAccount:
        """Create an account with this many plain posts, an hour apart."""
        account = self.accounts.setdefault(name.lower(), FakeAccount(name, 10**9 + len(self.accounts)))
        account.posts = [
            FakePost(_snowflake_id(at), f"{name} says {posts - i}", at)
            for i in range(posts)
            for at in [NEWEST_POST_AT - timedelta(hours=i)]
        ]
        account.profile_fields = profile_fields
        return account

    def post(self, name: str, text: str = "Hello", *, at: datetime | None = None, kind: str = "post", **raw_fields: Any) -> FakePost:
        """Add a post that is newer than all others; fields in the network's own spelling replace what it would serialize."""
        account = self.accounts.get(name.lower()) or self.has(name)
        moment = at or (account.posts[0].created_at + timedelta(hours=1) if account.posts else NEWEST_POST_AT)
        account.posts.insert(0, FakePost(_snowflake_id(moment), text, moment, kind, raw_fields))
        return account.posts[0]

    def fails(
        self, name: str, *, with_: str | Response, after_pages: int = 0, times: float = float("inf"), headers: dict[str, str] | None = None
    ) -> None:
        """Make requests about an account fail, after this many pages of its timeline, this many times."""
        account = self.accounts.get(name.lower()) or self.has(name)
        answer = with_ if isinstance(with_, Response) else self.error_responses.get(with_) or SERVER_FAULTS.get(with_)
        if answer is None and with_ not in self.account_states:
            raise ValueError(f"{type(self).__name__} can't fail with {with_!r}")
        if answer and headers:
            answer = replace(answer, headers=answer.headers | headers)
        account.failures.append(PlannedFailure(answer, str(with_), after_pages, times))

    def returns_pages(self, name: str, *bodies: Any) -> None:
        """Return these bodies as the pages of an account's timeline, the last one repeatedly."""
        (self.accounts.get(name.lower()) or self.has(name)).raw_pages = list(bodies)

    def goes_in_circles(self, name: str) -> None:
        """Return the first page of an account repeatedly, each time with a new cursor."""
        self.accounts[name.lower()].repeats_first_page = True

    def never_ends(self, name: str) -> None:
        """Return empty pages with a cursor when there are no more posts."""
        self.accounts[name.lower()].is_endless = True

    def page_requests(self, name: str) -> list[Request]:
        """Return the requests for pages of an account's timeline."""
        return self.accounts[name.lower()].page_requests

    # --- requested by the program

    def receive(self, request: Request) -> Response:
        """Record a request and respond to it."""
        self.requests.append(request)
        return self.respond(request)

    def respond(self, request: Request) -> Response:
        """Respond to a request; each network has its own routes."""
        raise NotImplementedError

    def due_failure(self, account: FakeAccount) -> Response | None:
        """Return the response of the planned failure if it is due, None if there is none or it is a state of the account."""
        due = next(
            (one for one in account.failures if one.response and one.after_pages <= account.pages_served and one.remaining_uses > 0), None
        )
        if due is None:
            return None
        due.remaining_uses -= 1
        return due.response

    def account_state(self, account: FakeAccount) -> str | None:
        """Return the state of the account, if a test has set one."""
        return next((one.name for one in account.failures if not one.response and one.after_pages <= account.pages_served), None)

    def paginate(self, account: FakeAccount, posts: list[FakePost], start: int, size: int) -> tuple[list[FakePost], int | None]:
        """Return a page of posts and where the next one starts."""
        account.pages_served += 1
        begin = 0 if account.repeats_first_page else start
        more = account.is_endless or account.repeats_first_page or start + size < len(posts)
        return posts[begin : begin + size], start + size if more else None


class FakeX(FakeNetwork):
    """X's API v2: lookups of users, and timelines. It is as strict as X about parameters and keys."""

    path_prefix = "/2/"
    max_timeline_posts = 3200
    account_states: ClassVar = {"suspended", "protected", "unknown"}
    error_responses: ClassVar = {
        "rate limit": Response({"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}, 429),
        "overloaded": Response(
            {"title": "Service Unavailable", "detail": "Service Unavailable", "type": "about:blank", "status": 503}, 503
        ),
        "usage cap": Response(
            {"title": "UsageCapExceeded", "detail": "Usage cap exceeded", "type": "https://api.twitter.com/2/problems/usage-capped"},
            429,
            {"x-rate-limit-remaining": "9999"},
        ),
        "no credits": Response({"title": "CreditsDepleted", "type": "https://api.x.com/2/problems/credits"}, 402),
        "spend cap": Response({"title": "SpendCapReached", "type": "https://api.x.com/2/problems/credits"}, 403),
        "wrong key": Response({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401),
        "no plan": Response(
            {"title": "Client Forbidden", "reason": "client-not-enrolled", "type": "https://api.x.com/2/problems/client-forbidden"}, 403
        ),
        "wrong kind of key": Response(
            {"title": "Unsupported Authentication", "type": "https://api.x.com/2/problems/unsupported-authentication"}, 403
        ),
        "forbidden": Response({"title": "Forbidden", "type": "about:blank", "detail": "Forbidden"}, 403),
        "bad request": Response(
            {"title": "Invalid Request", "errors": [{"message": "no"}], "type": "https://api.x.com/2/problems/invalid-request"}, 400
        ),
        "no such route": Response(b"", 404),
    }
    counts_page_span: ClassVar = timedelta(days=31)
    _counts_parameters: ClassVar = {"query", "granularity", "start_time", "end_time", "next_token", "since_id", "until_id"}
    _lookup_parameters: ClassVar = {"user.fields", "tweet.fields", "expansions"}
    count_field = "tweet_count"  # or post_count, X's newer name
    counts_failure: tuple[Any, int] = (None, 0)
    raw_counts_pages: Any = ()
    _timeline_parameters: ClassVar = {
        "max_results",
        "pagination_token",
        "start_time",
        "end_time",
        "since_id",
        "until_id",
        "exclude",
    } | _lookup_parameters

    def __init__(self) -> None:
        super().__init__()
        self.usage_requests: list[Request] = []  # apart from the others, because they are free and come at any time
        self.usage_response = self.error_responses["no such route"]

    def counts_usage(self, *posts_by_app: Any) -> None:
        """Say how many posts each app of the project has read today."""
        apps = [{"client_app_id": f"{i}", "usage": _usage_rows(posts)} for i, posts in enumerate(posts_by_app, 1)]
        self.usage_response = Response({"data": {"daily_client_app_usage": apps, "daily_project_usage": {"project_id": "9", "usage": []}}})

    def receive(self, request: Request) -> Response:
        """Respond to a request for the usage of today; record and respond to any other."""
        if request.path != "/2/usage/tweets":
            return super().receive(request)
        self.usage_requests.append(request)
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return self.error_responses["wrong kind of key"]
        return self.error_responses["bad request"] if set(request.params) - {"days", "usage.fields"} else self.usage_response

    def respond(self, request: Request) -> Response:
        """Respond to a lookup or to a request for a page."""
        if not re.fullmatch(r"Bearer (?!None)\S+|OAuth \S.*", request.headers.get("Authorization", "")):
            return self.error_responses["wrong key"]
        if match := re.fullmatch(r"/2/users/by/username/(\w{1,15})", request.path):
            return self._respond_user_lookup(match[1], request)
        if match := re.fullmatch(r"/2/users/(\d{1,19})/tweets", request.path):
            return self._respond_timeline(next(one for one in self.accounts.values() if one.numeric_id == int(match[1])), request)
        if request.path == "/2/tweets/counts/all":
            return self._respond_counts(request)
        return self.error_responses["no such route"]

    def counts_requests(self) -> list[Request]:
        """Return the requests for pages of counts."""
        return [request for request in self.requests if request.path.startswith("/2/tweets/counts/")]

    def fails_to_count(self, with_: str | Response, *, after_pages: int = 0) -> None:
        """Make requests for counts fail, after this many pages of them; lookups and timelines don't fail."""
        self.counts_failure = (self.error_responses.get(str(with_)) or SERVER_FAULTS.get(str(with_)) or with_, after_pages)

    def returns_counts(self, *bodies: Any) -> None:
        """Return these bodies as the pages of counts, the last one repeatedly."""
        self.raw_counts_pages = list(bodies)

    def _respond_counts(self, request: Request) -> Response:
        """Count posts by UTC hour in pages of 31 days, newest first, with the first and last hour limited to the span."""
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return self.error_responses["wrong kind of key"]
        failure, after = self.counts_failure
        if failure and len(self.counts_requests()) > after:
            return failure
        if self.raw_counts_pages:
            return Response(self.raw_counts_pages[min(len(self.counts_requests()), len(self.raw_counts_pages)) - 1])
        match, span = re.fullmatch(r"from:(\w{1,15})", request.params.get("query", "")), self._parse_span(request.params, "2006-03-21")
        if not match or span is None or set(request.params) - self._counts_parameters or request.params.get("granularity") != "hour":
            return self.error_responses["bad request"]
        account = self.accounts.get(match[1].lower())
        if account is None or self.account_state(account) in ("unknown", "suspended"):
            return Response({"meta": {f"total_{self.count_field}": 0}})
        end = datetime.fromtimestamp(int(request.params["next_token"][1:]), UTC) if "next_token" in request.params else span[1]
        start = max(
            span[0], end.replace(hour=0, minute=0, second=0) + timedelta(days=end.time() != datetime.min.time()) - self.counts_page_span
        )
        posts = (
            []
            if self.account_state(account) == "protected"
            else [post.created_at for post in account.posts if start <= post.created_at < end]
        )
        meta = {f"total_{self.count_field}": len(posts)} | ({"next_token": f"c{int(start.timestamp())}"} if start > span[0] else {})
        return Response({"data": self._build_hour_buckets(posts, start, end), "meta": meta})

    def _build_hour_buckets(self, posts: list[datetime], start: datetime, end: datetime) -> list[dict[str, Any]]:
        posts_by_hour, hour, buckets = Counter(_start_of_hour(at) for at in posts), _start_of_hour(start), list[dict[str, Any]]()
        while hour < end:
            ends = {"start": max(start, hour), "end": min(end, hour + timedelta(hours=1))}
            buckets.append({name: f"{at:%Y-%m-%dT%H:%M:%S}.000Z" for name, at in ends.items()} | {self.count_field: posts_by_hour[hour]})
            hour += timedelta(hours=1)
        return buckets

    def _respond_user_lookup(self, name: str, request: Request) -> Response:
        account = self.accounts.get(name.lower())
        if account and (failure := self.due_failure(account)):
            return failure
        if set(request.params) - self._lookup_parameters:
            return self.error_responses["bad request"]
        state = self.account_state(account) if account else "unknown"
        if account is None or state == "unknown":
            return self._error_response(
                "Not Found Error", f"Could not find user with username: [{name}].", "username", name, "resource-not-found"
            )
        if state == "suspended":
            return self._error_response("Forbidden", f"User has been suspended: [{name}].", "username", name, "resource-not-found")
        metrics = {"followers_count": 7, "tweet_count": len(account.posts)}
        user = {"id": str(account.numeric_id), "username": account.name, "protected": state == "protected", "public_metrics": metrics}
        return Response({"data": _without_omitted(user | account.profile_fields)})

    def _respond_timeline(self, account: FakeAccount, request: Request) -> Response:
        account.page_requests.append(request)
        number = str(account.numeric_id)
        if failure := self.due_failure(account):
            return failure
        if state := self.account_state(account):
            errors_by_state = {
                "protected": (
                    "Authorization Error",
                    f"Sorry, you are not authorized to see the user with id: [{number}].",
                    "not-authorized-for-resource",
                ),
                "suspended": ("Forbidden", f"User has been suspended: [{number}].", "resource-not-found"),
                "unknown": ("Not Found Error", f"Could not find user with id: [{number}].", "resource-not-found"),
            }[state]
            return self._error_response(*errors_by_state[:2], "id", number, errors_by_state[2])
        if account.raw_pages:
            account.pages_served += 1
            return Response(account.raw_pages[min(account.pages_served, len(account.raw_pages)) - 1])
        size, span = int(request.params.get("max_results", 10)), self._parse_span(request.params)
        if not 5 <= size <= 100 or span is None or set(request.params) - self._timeline_parameters:
            return self.error_responses["bad request"]
        low, high = int(request.params.get("since_id", 0)), int(request.params.get("until_id", 2**63))
        posts = [
            post for post in account.posts[: self.max_timeline_posts] if span[0] <= post.created_at < span[1] and low < int(post.id) < high
        ]
        page, after = self.paginate(account, posts, int(request.params.get("pagination_token", "t0")[1:]), size)
        meta = {"result_count": len(page)} | ({"next_token": f"t{after}"} if after is not None else {})
        return Response(({"data": [self.serialize_post(post) for post in page]} if page else {}) | {"meta": meta})

    @staticmethod
    def serialize_post(post: FakePost) -> dict[str, Any]:
        """Serialize a post as X does."""
        reference = {"repost": "retweeted", "quote": "quoted", "reply": "replied_to"}.get(post.kind)
        metrics = {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "bookmark_count": 5, "impression_count": 6}
        body = {"id": str(post.id), "text": post.text, "edit_history_tweet_ids": [str(post.id)], "lang": "en", "public_metrics": metrics}
        body["created_at"] = post.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return _without_omitted(body | ({"referenced_tweets": [{"type": reference, "id": "1"}]} if reference else {}) | post.raw_fields)

    @staticmethod
    def _parse_span(params: dict[str, str], earliest: str = "2010-11-06") -> tuple[datetime, datetime] | None:
        """Return the requested span; None if X would refuse it."""
        now = datetime.now(UTC)
        first = f"{earliest}T00:00:00Z"
        written = params.get("start_time", first), params.get("end_time", f"{now:%Y-%m-%dT%H:%M:%SZ}")
        if not all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one) for one in written):
            return None
        start, end = map(datetime.fromisoformat, written)
        asked_too_late = "end_time" in params and end > now - timedelta(seconds=10)
        return None if start >= end or asked_too_late or start < datetime.fromisoformat(first) else (start, end)

    @staticmethod
    def _error_response(title: str, detail: str, parameter: str, value: str, kind: str) -> Response:
        problem = {"title": title, "detail": detail, "parameter": parameter, "value": value, "resource_id": value, "resource_type": "user"}
        return Response({"errors": [problem | {"type": f"https://api.twitter.com/2/problems/{kind}"}]})


class FakeBluesky(FakeNetwork):
    """Bluesky's public AppView: profiles and author feeds. `nasa` is nasa.bsky.social there, unless its name contains a dot."""

    path_prefix = "/xrpc/"
    account_states: ClassVar = {"suspended", "protected", "unknown", "deactivated"}
    error_responses: ClassVar = {
        "rate limit": Response({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429),
        "unknown actor": Response({"error": "InvalidRequest", "message": "Profile not found"}, 400),
        "bad request": Response({"error": "InvalidRequest", "message": "Error: limit must be an integer"}, 400),
        "blocked": Response({"error": "BlockedActor", "message": "Requester has blocked actor"}, 400),
        "forbidden": Response(b"<html>403 Forbidden</html>", 403, {"Content-Type": "text/html"}),
        "login": Response({"error": "AuthMissing", "message": "Authentication Required"}, 401),
    }
    _feed_parameters: ClassVar = {"actor", "limit", "cursor", "filter", "includePins"}

    def respond(self, request: Request) -> Response:
        """Respond to a request for a profile or for a page of a feed."""
        actor = request.params.get("actor", "").lower()
        account = next((one for one in self.accounts.values() if actor in (self.handle(one), self.did(one))), None)
        if account and request.path.endswith("getAuthorFeed"):
            account.page_requests.append(request)
        if account and (failure := self.due_failure(account)):
            return failure
        if account is None or self.account_state(account) == "unknown":
            return self.error_responses["unknown actor"]
        if request.path == "/xrpc/app.bsky.actor.getProfile":
            return self._respond_profile(account)
        if request.path == "/xrpc/app.bsky.feed.getAuthorFeed":
            return self._respond_feed(account, request)
        return Response({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)

    def _respond_profile(self, account: FakeAccount) -> Response:
        state = self.account_state(account)
        if state == "suspended":
            return Response({"error": "AccountTakedown", "message": "Account has been suspended"}, 400)
        if state == "deactivated":
            return Response({"error": "AccountDeactivated", "message": "Account is deactivated"}, 400)
        labels = [{"val": "!no-unauthenticated", "src": self.did(account), "uri": "at://"}] if state == "protected" else []
        own = sum(post.kind != "repost" for post in account.posts)
        return Response(_without_omitted(self.author_fields(account) | {"labels": labels, "postsCount": own} | account.profile_fields))

    def _respond_feed(self, account: FakeAccount, request: Request) -> Response:
        if account.raw_pages:
            account.pages_served += 1
            return Response(account.raw_pages[min(account.pages_served, len(account.raw_pages)) - 1])
        size = int(request.params.get("limit", 50))
        if not 1 <= size <= 100 or set(request.params) - self._feed_parameters:
            return self.error_responses["bad request"]
        page, after = self.paginate(account, account.posts, int(request.params.get("cursor", "c0")[1:]), size)
        feed = [self.serialize_post(post, account) for post in page]
        return Response({"feed": feed} | ({"cursor": f"c{after}"} if after is not None else {}))

    def serialize_post(self, post: FakePost, account: FakeAccount) -> dict[str, Any]:
        """Serialize an item of a feed as Bluesky does; raw fields of a post replace those of the item."""
        author = {"did": "did:plc:someone", "handle": "someone.example"} if post.kind == "repost" else self.author_fields(account)
        at = post.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        other = {"uri": "at://did:plc:other/app.bsky.feed.post/1", "cid": "c"}
        record: dict[str, Any] = {"$type": "app.bsky.feed.post", "createdAt": at, "langs": ["en"], "text": post.text}
        record |= {"reply": {"root": other, "parent": other}} if post.kind == "reply" else {}
        record |= {"embed": {"$type": "app.bsky.embed.record", "record": other}} if post.kind == "quote" else {}
        counts = {"replyCount": 2, "repostCount": 1, "likeCount": 3, "quoteCount": 4, "bookmarkCount": 5}
        uri = f"at://{author['did']}/app.bsky.feed.post/{post.id}"
        item: dict[str, Any] = {"post": {"uri": uri, "cid": "c", "author": author, "record": record, "indexedAt": at} | counts}
        if post.kind == "repost":
            item["reason"] = {"$type": "app.bsky.feed.defs#reasonRepost", "by": self.author_fields(account), "indexedAt": at}
        return _without_omitted(item | post.raw_fields)

    def author_fields(self, account: FakeAccount) -> dict[str, Any]:
        """Return the author of an account's posts."""
        return {"did": self.did(account), "handle": self.handle(account)}

    @staticmethod
    def handle(account: FakeAccount) -> str:
        """Return an account's handle."""
        return account.name.lower() if "." in account.name else f"{account.name.lower()}.bsky.social"

    @staticmethod
    def did(account: FakeAccount) -> str:
        """Return an account's permanent ID."""
        return f"did:plc:{account.numeric_id}"


class FakeMastodon(FakeNetwork):
    """A Mastodon server under any name: lookups, public posts, and WebFinger for domains without a server."""

    path_prefix = ("/api/v1/", "/api/v2/", "/.well-known/webfinger")
    account_states: ClassVar = {"suspended", "protected", "unknown"}
    error_responses: ClassVar = {
        "rate limit": Response({"error": "Too many requests"}, 429),
        "unknown": Response({"error": "Record not found"}, 404),
        "gone": Response({"error": "Gone"}, 410),
        "login": Response({"error": "This method requires an authenticated user"}, 422),
        "secure": Response({"error": "Unauthorized: token not supplied"}, 401),
        "forbidden": Response({"error": "This action is not allowed"}, 403),
        "firewall": Response(b"<html>Attention Required!</html>", 403, {"Content-Type": "text/html"}),
        "no such page": Response(b"<html>Not found</html>", 404, {"Content-Type": "text/html"}),
    }

    def __init__(self) -> None:
        super().__init__()
        self.webfinger_responses: dict[str, Response] = {}
        self.special_routes: dict[str, Response] = {}

    def is_hosted_elsewhere(self, host: str, webfinger: Response) -> None:
        """Make a host respond only to WebFinger, because it isn't a Mastodon server."""
        self.webfinger_responses[host] = webfinger

    def lacks_lookup(self, response: Response, *, way: str = "", **account: Any) -> None:
        """Answer every lookup with a response, as other software does. `way` is the path that finds accounts, with `account` as answer."""
        self.special_routes = {"/api/v1/accounts/lookup": response}
        if way:
            profile = {"id": "1000000000", "acct": "nasa"} | account
            self.special_routes[way] = Response(
                {"accounts": [profile]} if "v2" in way else [profile] if way.endswith("search") else profile
            )

    def knows(self, webfinger: Response) -> None:
        """Answer WebFinger."""
        self.special_routes["/.well-known/webfinger"] = webfinger

    def respond(self, request: Request) -> Response:
        """Respond to a lookup, to a request for a page of posts, or to WebFinger."""
        host = request.headers.get("Host", "")
        if request.path in self.special_routes:
            return self.special_routes[request.path]
        if host in self.webfinger_responses:
            return self.webfinger_responses[host] if request.path.startswith("/.well-known/") else self.error_responses["no such page"]
        if request.path == "/api/v1/accounts/lookup":
            return self._respond_account_lookup(self.accounts.get(request.params.get("acct", "").lower()))
        if match := re.fullmatch(r"/api/v1/accounts/(\d+)/statuses", request.path):
            return self._respond_statuses(next(one for one in self.accounts.values() if one.numeric_id == int(match[1])), request)
        return self.error_responses["no such page"]

    def _respond_account_lookup(self, account: FakeAccount | None) -> Response:
        if account and (failure := self.due_failure(account)):
            return failure
        if account is None or self.account_state(account) == "unknown":
            return self.error_responses["unknown"]
        profile = {"id": str(account.numeric_id), "acct": account.name, "locked": self.account_state(account) == "protected"}
        profile |= {"statuses_count": len(account.posts)} | ({"suspended": True} if self.account_state(account) == "suspended" else {})
        return Response(_without_omitted(profile | account.profile_fields))

    def _respond_statuses(self, account: FakeAccount, request: Request) -> Response:
        account.page_requests.append(request)
        if failure := self.due_failure(account):
            return failure
        if self.account_state(account):
            return Response([])
        if account.raw_pages:
            account.pages_served += 1
            page = account.raw_pages[min(account.pages_served, len(account.raw_pages)) - 1]
            return page if isinstance(page, Response) else Response(page)
        size, older = min(40, int(request.params.get("limit", 20))), request.params.get("max_id")
        newer = [post for post in account.posts if older and post.id >= int(older)]
        page, after = self.paginate(account, account.posts, len(newer), size)
        lowest = page[-1].id if page else int(older or 10**18) - 1
        link = f'<https://elsewhere.example/api?limit={size}&max_id={lowest}>; rel="next", <https://elsewhere.example/>; rel="prev"'
        return Response([self.serialize_post(post) for post in page], headers={"Link": link} if after is not None else {})

    @classmethod
    def serialize_post(cls, post: FakePost) -> dict[str, Any]:
        """Serialize a status as Mastodon does."""
        content = f"<p>{html.escape(post.text)}</p>".replace("\n", "<br />")
        status: dict[str, Any] = {"id": str(post.id), "created_at": post.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "content": content}
        status |= {"language": "en", "spoiler_text": "", "visibility": "public", "in_reply_to_id": None, "reblog": None, "quote": None}
        status |= {"url": f"https://mastodon.example/@someone/{post.id}", "uri": f"https://mastodon.example/users/someone/{post.id}"}
        status |= {"replies_count": 2, "reblogs_count": 1, "favourites_count": 3, "quotes_count": 4}
        if post.kind == "repost":
            status |= {"content": "", "reblog": cls.serialize_post(replace(post, id=post.id - 1, kind="post", raw_fields={}))}
        if post.kind == "reply":
            status["in_reply_to_id"] = "1"
        if post.kind == "quote":
            status["quote"] = {"state": "accepted", "quoted_status": cls.serialize_post(FakePost(1, "Quoted", post.created_at))}
        return _without_omitted(status | post.raw_fields)


class World:
    """All fake networks behind one loopback URL, inside a `with` statement; with `tls` it uses HTTPS and CERTIFICATE_PATH."""

    def __init__(self, *, tls: bool = False) -> None:
        self.x, self.bluesky, self.mastodon = FakeX(), FakeBluesky(), FakeMastodon()
        self.networks: list[FakeNetwork] = [self.x, self.bluesky, self.mastodon]
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
            context.load_cert_chain(CERTIFICATE_PATH)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.002})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        for connection in list(self.connections):
            _shut_down(connection)
        self._server.server_close()  # waits for the threads of the connections

    def respond(self, request: Request) -> Response:
        """Return the response of the network that has this route."""
        with self._lock:
            network = next((one for one in self.networks if request.path.startswith(one.path_prefix)), None)
            if network is None:
                return Response({"error": "no such route"}, 404)
            return network.receive(request)


class SlowWorld(World):
    """Fake networks that take `seconds` for every response."""

    def __init__(self, seconds: float = 0.45) -> None:
        super().__init__()
        self.seconds = seconds

    def respond(self, request: Request) -> Response:
        """Respond after a delay, or at once when the world is closed."""
        self.closing.wait(self.seconds)
        return super().respond(request)


class FakeDns:
    """A fake resolver that returns the given results one after another, and a function that connects to loopback."""

    def __init__(self, *results: list[str] | OSError, port: int = 0) -> None:
        self._results, self._port = list(results), port
        self.resolved_names: list[str] = []
        self.dialed_addresses: list[tuple[str, int]] = []

    def resolve(self, name: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.resolved_names.append(name)
        answer = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        if isinstance(answer, OSError):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]

    def dial(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """Connect to loopback, with a socket that reports the requested address as its peer."""
        self.dialed_addresses.append(address)
        sock = _RedirectedSocket(address)
        sock.settimeout(timeout)
        try:
            sock.connect(("127.0.0.1", self._port))
        except OSError:
            sock.close()
            raise
        return sock


class _RedirectedSocket(socket.socket):
    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._address = address

    def getpeername(self) -> tuple[str, int]:
        return self._address


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    world: World

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect early, because many tests do."""


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
        """Write no log."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        url = f"http://{self.headers.get('Host')}{self.path}"
        answer = self.server.world.respond(Request(parts.path, dict(parse_qsl(parts.query)), self.headers, url))
        head, content = self._encode_head(answer), answer.content
        self.close_connection = answer.delivery != "whole"
        if answer.delivery == "whole":
            self.wfile.write(head + content)
        elif answer.delivery == "truncated":
            self.wfile.write(head + content[:-1])
        elif answer.delivery == "raw":
            self.wfile.write(content)
        elif answer.delivery == "drip":
            self._drip(content, immediate=head)
        elif answer.delivery == "dripping headers":
            self._drip(head + content)
        elif answer.delivery == "silence":
            self.server.world.closing.wait()

    def _encode_head(self, response: Response) -> bytes:
        fields = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(response.content))} | response.headers
        lines = [f"HTTP/1.1 {response.status} Whatever", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def _drip(self, content: bytes, immediate: bytes = b"") -> None:
        self.wfile.write(immediate)
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.server.world.closing.wait(DRIP_SECONDS):
                return


def _usage_rows(posts: Any) -> list[dict[str, Any]]:
    """Return yesterday and today of an app as X sends them."""
    now = datetime.now(UTC)
    return [{"date": f"{day:%Y-%m-%d}T00:00:00.000Z", "usage": usage} for day, usage in ((now - timedelta(days=1), "7"), (now, posts))]


def _start_of_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _snowflake_id(at: datetime) -> int:
    """Return an ID that contains its time, like X's, beyond 2**53."""
    return (int(at.timestamp() * 1000) - 1288834974657) << 22


def _without_omitted(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not OMITTED}


def _shut_down(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client may already have closed the connection
        connection.shutdown(socket.SHUT_RDWR)


def epoch_in_minutes(minutes: float) -> str:
    """Return the epoch seconds this many minutes from now, as in a header."""
    return str(int(time.time() + minutes * 60))
