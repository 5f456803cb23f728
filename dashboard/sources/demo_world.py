"""The demo world: which invented organisations there are, when they post through their year, and how much echo they get.

The same posts on every machine and every Python: chance is `Random(name).random()` and plain arithmetic, nothing else. What is
said lies in demo_phrases/, and how it is put together in demo_grammar. No clock, locale, network or real name enters here, and
no file is read before the first question.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from dashboard.sources.demo_text import Deck, Writer

FIRST = datetime(2025, 11, 1, tzinfo=UTC)  # the demo year, half-open: FIRST <= created_at < LAST
LAST = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = (LAST - FIRST).days

_PHRASES = Path(__file__).parent / "demo_phrases"
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # of the ids, which are milliseconds since then, shifted, like a network's own

Chance = Callable[[], float]
Post = Mapping[str, Any]  # keys of posts.SCHEMA but `account`


@dataclass(frozen=True)
class Organisation:
    """One invented organisation; `reach` is the likes of a fair post, `views` whether its network counts views."""

    name: str
    title: str
    about: str
    posts: int
    reach: int
    views: bool


@dataclass(frozen=True)
class Rhythm:
    """How likely a post is: weights by hour, weekday (from Monday), month (from January) and day ("12-25"), and growth over the year."""

    hours: list[float]
    weekdays: list[float]
    months: list[float]
    holidays: dict[str, float]
    growth: float = 0.0


@dataclass(frozen=True)
class Event:
    """Something that happens from `first` until `last`: `volume` times the posts, a `share` of them from the event's own decks.

    `heat` multiplies likes and views, `anger` replies and quotes; `slots` are words that hold for this event only.
    """

    first: datetime
    last: datetime
    decks: list[str]
    volume: float = 1.0
    share: float = 1.0
    heat: float = 1.0
    anger: float = 1.0
    slots: Mapping[str, list[str]] | None = None


@cache
def organisations() -> tuple[Organisation, ...]:
    """Return who there is, in the order to show them."""
    return tuple(Organisation(**table) for table in _read("organisations")["organisation"])


@cache
def timeline(name: str) -> tuple[Post, ...]:
    """Return the year of one organisation, newest first; `name` must be one of theirs. Callers copy what they change."""
    organisation = next(one for one in organisations() if one.name == name)
    script, common = _read(name), _read("common")
    chance = Random(f"chorus demo {name}").random
    events = [Event(**table) for table in script.get("events", [])]
    stage = _stage(events)
    decks = {title: Deck(**table) for title, table in script["decks"].items()}
    writer = Writer(
        decks, {deck for event in events for deck in event.decks}, common["slots"] | script["slots"], common["calendar"], chance
    )
    posts = (
        _post(number, moment, organisation, stage[_hour(moment)], writer, chance)
        for number, moment in enumerate(_moments(Rhythm(**script["rhythm"]), stage, organisation.posts, chance))
    )
    return tuple(reversed(list(posts)))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_PHRASES / f"{name}.toml").read_text(encoding="utf-8"))


def _hour(moment: datetime) -> int:
    """Return the number of the hour within the year."""
    return (moment - FIRST) // timedelta(hours=1)


def _stage(events: list[Event]) -> list[Event | None]:
    """Return what happens in each hour of the year; later events win."""
    stage: list[Event | None] = [None] * (24 * DAYS)
    for event in events:
        for hour in range(_hour(event.first), _hour(event.last)):
            stage[hour] = event
    return stage


def _moments(rhythm: Rhythm, stage: list[Event | None], count: int, chance: Chance) -> list[datetime]:
    """Draw `count` times in order: the year is cut into as many pieces of equal weight, and each gets one.

    The weights are added with accumulate, for sum() rounds differently since Python 3.12.
    """
    running = list(accumulate(_weights(rhythm, stage, chance)))
    piece = running[-1] / count
    hours = [min(bisect_right(running, (number + chance()) * piece), len(running) - 1) for number in range(count)]
    return sorted(FIRST + timedelta(hours=hour, milliseconds=int(chance() * 3_600_000)) for hour in hours)


def _weights(rhythm: Rhythm, stage: list[Event | None], chance: Chance) -> Iterator[float]:
    for day in range(DAYS):
        date = FIRST + timedelta(days=day)
        level = rhythm.weekdays[date.weekday()] * rhythm.months[date.month - 1] * (1 + rhythm.growth * day / DAYS)
        level *= rhythm.holidays.get(f"{date:%m-%d}", 1.0) * (0.6 + 0.8 * chance())
        for hour, weight in enumerate(rhythm.hours):
            event = stage[24 * day + hour]
            yield level * weight * (event.volume if event else 1.0)


def _post(number: int, moment: datetime, organisation: Organisation, event: Event | None, writer: Writer, chance: Chance) -> Post:
    staged = event is not None and chance() < event.share
    deck, text = writer.write(moment, event.decks if event and staged else None, (event.slots if event else None) or {})
    about = event if staged else None
    return {
        "id": str(((moment - _EPOCH) // timedelta(milliseconds=1) << 22) + number),
        "created_at": moment,
        "text": text,
        "kind": deck.kind,
        "lang": deck.lang,
        "url": None,
        **_echo(deck.kind, organisation, about, chance),
    }


def _echo(kind: str, organisation: Organisation, event: Event | None, chance: Chance) -> dict[str, int | None]:
    """Return the numbers under a post: mostly small, now and then ten times that; replies are seen by few."""
    luck = (0.2 + 1.1 * chance()) * (0.2 + 0.1 / (0.01 + chance()))
    likes = organisation.reach * luck * (0.05 if kind == "reply" else 1.0) * (event.heat if event else 1.0)
    anger = event.anger if event else 1.0
    views = int(likes * (45 + 70 * chance()) + 20 * anger + 9 * chance()) if organisation.views else None
    return {
        "likes": int(likes),
        "reposts": int(likes * (0.08 + 0.14 * chance())),
        "replies": int((likes + 4) * (0.03 + 0.09 * chance()) * anger),
        "quotes": int(likes * 0.04 * chance() * anger),
        "views": views,
    }
