"""A fake of Mastodon servers and their relatives: their routes, their format of posts and their errors."""

import html
import re
from dataclasses import replace
from typing import Any, ClassVar

from tests.support.fake_network import FakeAccount, FakeNetwork, FakePost, Request, Response, without_omitted


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
            return self._respond_statuses(self.find_account(int(match[1])), request)
        return self.error_responses["no such page"]

    def _respond_account_lookup(self, account: FakeAccount | None) -> Response:
        if account and (failure := self.due_failure(account)):
            return failure
        if account is None or self.account_state(account) == "unknown":
            return self.error_responses["unknown"]
        profile = {"id": str(account.numeric_id), "acct": account.name, "locked": self.account_state(account) == "protected"}
        profile |= {"statuses_count": len(account.posts)} | ({"suspended": True} if self.account_state(account) == "suspended" else {})
        return Response(without_omitted(profile | account.profile_fields))

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
        return without_omitted(status | post.raw_fields)
