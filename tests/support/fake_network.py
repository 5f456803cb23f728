"""What all fake networks share: accounts and their posts, paging, and the failures that any server can have.

Routes and formats belong in the module of each network, such as `fake_x.py`.
"""

import json
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any, ClassVar

NEWEST_POST_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)  # of the newest post of `has`; the others are an hour apart
OMITTED: Any = object()  # as a value: the field is left out of the post


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
            FakePost(snowflake_id(at), f"{name} says {posts - i}", at) for i in range(posts) for at in [NEWEST_POST_AT - timedelta(hours=i)]
        ]
        account.profile_fields = profile_fields
        return account

    def post(self, name: str, text: str = "Hello", *, at: datetime | None = None, kind: str = "post", **raw_fields: Any) -> FakePost:
        """Add a post that is newer than all others; fields in the network's own spelling replace what it would serialize."""
        account = self.accounts.get(name.lower()) or self.has(name)
        moment = at or (account.posts[0].created_at + timedelta(hours=1) if account.posts else NEWEST_POST_AT)
        account.posts.insert(0, FakePost(snowflake_id(moment), text, moment, kind, raw_fields))
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

    def find_account(self, numeric_id: int) -> FakeAccount:
        """Return the account with an ID."""
        return next(account for account in self.accounts.values() if account.numeric_id == numeric_id)

    def due_failure(self, account: FakeAccount) -> Response | None:
        """Return the response of the planned failure if it is due, None if there is none or it is a state of the account."""
        due = next(
            (plan for plan in account.failures if plan.response and plan.after_pages <= account.pages_served and plan.remaining_uses > 0),
            None,
        )
        if due is None:
            return None
        due.remaining_uses -= 1
        return due.response

    def account_state(self, account: FakeAccount) -> str | None:
        """Return the state of the account, if a test has set one."""
        return next((plan.name for plan in account.failures if not plan.response and plan.after_pages <= account.pages_served), None)

    def paginate(self, account: FakeAccount, posts: list[FakePost], start: int, size: int) -> tuple[list[FakePost], int | None]:
        """Return a page of posts and where the next one starts."""
        account.pages_served += 1
        begin = 0 if account.repeats_first_page else start
        more = account.is_endless or account.repeats_first_page or start + size < len(posts)
        return posts[begin : begin + size], start + size if more else None


def snowflake_id(at: datetime) -> int:
    """Return an ID that contains its time, like X's, beyond 2**53."""
    return (int(at.timestamp() * 1000) - 1288834974657) << 22


def without_omitted(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not OMITTED}


def epoch_in_minutes(minutes: float) -> str:
    """Return the epoch seconds this many minutes from now, as in a header."""
    return str(int(time.time() + minutes * 60))
