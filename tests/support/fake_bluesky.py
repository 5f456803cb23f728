"""A fake of Bluesky's API: its routes, its format of posts and its errors."""

from typing import Any, ClassVar

from tests.support.fake_network import FakeAccount, FakeNetwork, FakePost, Request, Response, without_omitted


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
        account = next((account for account in self.accounts.values() if actor in (self.handle(account), self.did(account))), None)
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
        return Response(without_omitted(self.author_fields(account) | {"labels": labels, "postsCount": own} | account.profile_fields))

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
        return without_omitted(item | post.raw_fields)

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
