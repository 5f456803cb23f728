"""The network that is not one: built-in timelines of invented organisations, for trying Chorus without a key.

Only the Source is here; who the organisations are and what they post is demo_world's. No chance, clock or file enters this room.
"""

from collections.abc import Generator

from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountNotFound
from dashboard.core.formatting import format_list
from dashboard.core.pricing import EMPTY_BILL, Bill
from dashboard.sources.base import Page, Readiness, TimelineRequest
from dashboard.sources.demo_world import Organisation, Post, build_timeline, load_organisations

__all__ = ["DemoSource", "Organisation", "load_organisations"]

POSTS_PER_PAGE = 200  # posts of a page


class DemoSource:
    """The demo timelines, behind the same Protocol as a real network."""

    network: Network = "demo"
    name = "Demo"
    supports_incremental = False

    def readiness(self) -> Readiness:
        """Say that nothing is needed."""
        return Readiness(True, "Built-in timelines of invented organisations: no key needed.")

    def max_bill(self, account: Account, post_count: int) -> Bill:
        """Return nothing: it is free."""
        return EMPTY_BILL

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Yield the wanted span of the organisation's year, newest first, at most `wanted.limit` posts.

        Raises AccountNotFound, with the names there are, for any other name.
        """
        if account.name not in {organisation.name for organisation in load_organisations()}:
            raise AccountNotFound(str(account), f"There is no demo timeline called “{account.name}”.", _accounts_advice())
        rows = [dict(post) for post in build_timeline(account.name) if _is_in_span(post, request)][: request.limit]
        yield from (Page(rows[first : first + POSTS_PER_PAGE]) for first in range(0, len(rows), POSTS_PER_PAGE))


def _is_in_span(post: Post, request: TimelineRequest) -> bool:
    after = request.since is None or post["created_at"] >= request.since
    return after and (request.until is None or post["created_at"] < request.until)


def _accounts_advice() -> str:
    names = [f"demo:{organisation.name}" for organisation in load_organisations()]
    return f"The demo timelines are {format_list(names)}."
