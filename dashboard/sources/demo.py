"""The network that is not one: built-in timelines of invented organisations, for trying Chorus without a key.

Only the Source is here; who the organisations are and what they post is demo_world's. No chance, clock or file enters this room.
"""

from collections.abc import Generator

from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountNotFound
from dashboard.core.pricing import FREE, Bill
from dashboard.sources.base import Page, Readiness, Wanted
from dashboard.sources.demo_world import Organisation, Post, organisations, timeline

__all__ = ["Demo", "Organisation", "organisations"]

PAGE = 200  # posts of a page


class Demo:
    """The demo timelines, behind the same Protocol as a real network."""

    network: Network = "demo"
    name = "Demo"
    resumes = False

    def readiness(self) -> Readiness:
        """Say that nothing is needed."""
        return Readiness(True, "Built-in timelines of invented organisations: no key needed.")

    def at_most(self, account: Account, posts: int) -> Bill:
        """Return nothing: it is free."""
        return FREE

    def pages(self, account: Account, wanted: Wanted, deadline: float) -> Generator[Page, None, None]:
        """Yield the wanted span of the organisation's year, newest first, at most `wanted.limit` posts.

        Raises AccountNotFound, with the names there are, for any other name.
        """
        if account.name not in {organisation.name for organisation in organisations()}:
            raise AccountNotFound(str(account), f"There is no demo timeline called “{account.name}”.", _advice())
        rows = [dict(post) for post in timeline(account.name) if _within(post, wanted)][: wanted.limit]
        yield from (Page(rows[first : first + PAGE]) for first in range(0, len(rows), PAGE))


def _within(post: Post, wanted: Wanted) -> bool:
    after = wanted.since is None or post["created_at"] >= wanted.since
    return after and (wanted.until is None or post["created_at"] < wanted.until)


def _advice() -> str:
    names = [f"demo:{organisation.name}" for organisation in organisations()]
    return f"The demo timelines are {', '.join(names[:-1])} and {names[-1]}."
