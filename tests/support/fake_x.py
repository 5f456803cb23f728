"""A fake of X's API v2: its routes, its format of posts, its counts, its usage and its errors."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from tests.support.fake_network import SERVER_FAULTS, FakeAccount, FakeNetwork, FakePost, Request, Response, without_omitted


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
            return self._respond_timeline(self.find_account(int(match[1])), request)
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
        return Response({"data": without_omitted(user | account.profile_fields)})

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
        return without_omitted(body | ({"referenced_tweets": [{"type": reference, "id": "1"}]} if reference else {}) | post.raw_fields)

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


def _usage_rows(posts: Any) -> list[dict[str, Any]]:
    """Return yesterday and today of an app as X sends them."""
    now = datetime.now(UTC)
    return [{"date": f"{day:%Y-%m-%d}T00:00:00.000Z", "usage": usage} for day, usage in ((now - timedelta(days=1), "7"), (now, posts))]


def _start_of_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
