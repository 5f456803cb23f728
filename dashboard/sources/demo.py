"""The demo: a network of invented organisations, for trying Chorus without a key.

Only the network and its source are here. Who the organisations are and what they post is in `demo_world.py`. Nothing depends on chance;
only the clock's week decides on which days the posts are.
"""

import difflib
import re
from collections.abc import Generator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from dashboard.core.account_problems import suggest_on_network
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.deferred_texts import defer_list
from dashboard.core.messages import deferred, gettext, translatable
from dashboard.core.source_errors import AccountNotFound
from dashboard.sources.base import Page, ReadableNetwork, Readiness, Source, SourceContext, TimelineRequest
from dashboard.sources.demo_world import YEAR_END, Organisation, build_timeline, find_shift, load_organisations

if TYPE_CHECKING:
    import polars as pl

__all__ = ["DEMO", "DemoSource", "Organisation", "load_organisations"]

_MIN_SIMILARITY = 0.75  # of a text and what it may mean, from 0 to 1
_MAX_KEPT_FRAMES = 14  # of all organisations in two weeks
_PREFIX_OF_TITLE = re.compile(r"demo:\s*(?=\S+\s)", re.IGNORECASE)  # of one that has a space, unlike a name
_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


class DemoNetwork(ReadableNetwork):
    """The demo timelines: `demo:aster-air`."""

    name = "demo"
    title = "Demo"
    title_in_notes = translatable("the demo")
    example = "demo:NAME"
    handle_advice = translatable("“{}” isn’t a valid demo account. Demo accounts look like demo:aster-air.")
    handle_pattern = rf"demo:{_NAME_PATTERN.pattern}"
    is_prefix_required = True
    is_live = False
    notice = translatable("Demo data – these organisations and posts are made up.")

    def parse_name(self, text: str) -> str | None:
        """Return the name if it has the form of a demo account's name."""
        return text if _NAME_PATTERN.fullmatch(text) else None

    def format_label(self, name: str) -> str:
        """Return the title of an organisation, or the account if there is none."""
        titles = (organisation.title for organisation in load_organisations() if organisation.name == name)
        return next(titles, self.format_account(name))

    def format_handle(self, name: str) -> str:
        """Return the name, without the network that a page says once."""
        return name

    def find_account_by_title(self, title: str) -> str:
        """Return the organisation with this title, with or without `demo:` before it; `and` and `&` are the same."""
        names = {_simplify(organisation.title): organisation.name for organisation in load_organisations()}
        return names.get(_simplify(_PREFIX_OF_TITLE.sub("", title)), "")

    def suggest_account(self, text: str) -> str:
        """Return the organisation whose name or title is close to a text."""
        names = {_simplify(key): organisation.name for organisation in load_organisations() for key in _list_keys(organisation)}
        near = difflib.get_close_matches(_simplify(text), names, n=1, cutoff=_MIN_SIMILARITY)
        return f"demo:{names[near[0]]}" if near else ""

    def build_source(self, context: SourceContext) -> Source:
        """Return the demo timelines."""
        return DemoSource(context.clock)


DEMO = DemoNetwork()


class DemoSource(Source):
    """The demo timelines, read like those of a real network: a year of posts that ends with the last whole week before the clock."""

    network = DEMO
    is_cached = False  # it's made in memory anyway

    def __init__(self, clock: Clock = system_clock) -> None:
        self._clock = clock

    def readiness(self) -> Readiness:
        """Return that the demo is always ready."""
        return Readiness(True, gettext("Eight made-up organisations to try things out."))

    def find_last_change(self, account: Account) -> datetime:
        """Return the end of the demo year."""
        return YEAR_END + find_shift(self._clock())

    def find_last_day(self, account: Account, zone: tzinfo) -> date:
        """Return the day of the end of the demo year, which is the last moment (UTC) of the Saturday of the last whole week."""
        return (YEAR_END + find_shift(self._clock()) - timedelta.resolution).astimezone(zone).date()

    def find_versions(self, accounts: Sequence[Account], request: TimelineRequest) -> dict[Account, str]:
        """Return by how many days the year is moved, and the request."""
        version = repr((find_shift(self._clock()).days, request.limit, request.since, request.until))
        return {account: version for account in accounts if _find_organisation(account)}

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Yield the requested span of the organisation's year, newest first, at most `request.limit` posts.

        Raises AccountNotFound, with the existing names, for any other name.
        """
        organisation = _find_organisation(account)
        if organisation is None:
            suggestions = suggest_on_network(account.name, DEMO)
            advice = "" if suggestions else _accounts_advice()
            raise AccountNotFound(str(account), deferred("There’s no demo account “%(name)s”.", name=account.name), advice, suggestions)
        frame = _build_frame(account, find_shift(self._clock()))
        if request.since:
            frame = frame.filter(frame["created_at"] >= request.since)
        if request.until:
            frame = frame.filter(frame["created_at"] < request.until)
        yield Page(frame=frame.head(request.limit), name=organisation.title)


def _find_organisation(account: Account) -> Organisation | None:
    return next((candidate for candidate in load_organisations() if candidate.name == account.name), None)


@lru_cache(_MAX_KEPT_FRAMES)
def _build_frame(account: Account, shift: timedelta) -> "pl.DataFrame":
    """Return the posts of an organisation's year, moved by `shift`, newest first."""
    from dashboard.core import posts

    return posts.build_frame({**post, "account": str(account)} for post in build_timeline(account.name, shift))


def _list_keys(organisation: Organisation) -> list[str]:
    """Return what people write for an organisation: its name, its title, and the first word of the title."""
    return [organisation.name, organisation.title, organisation.title.split()[0]]


def _simplify(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("&", " and ")))


def _accounts_advice() -> str:
    names = [f"demo:{organisation.name}" for organisation in load_organisations()]
    return deferred("The demo accounts are %(accounts)s.", accounts=defer_list(names))
