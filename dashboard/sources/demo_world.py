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

from dashboard.sources.demo_text import PhraseDeck, PostWriter

YEAR_START = datetime(2025, 11, 1, tzinfo=UTC)  # the demo year, half-open: FIRST <= created_at < LAST
YEAR_END = datetime(2026, 11, 1, tzinfo=UTC)
YEAR_DAYS = (YEAR_END - YEAR_START).days

_PHRASES_FOLDER = Path(__file__).parent / "demo_phrases"
_ID_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # of the ids, which are milliseconds since then, shifted, like a network's own

RandomFloat = Callable[[], float]
Post = Mapping[str, Any]  # keys of posts.SCHEMA but `account`


@dataclass(frozen=True)
class Organisation:
    """One invented organisation; `reach` is the likes of a fair post, `views` whether its network counts views."""

    name: str
    title: str
    about: str
    post_count: int
    typical_likes: int
    has_views: bool


@dataclass(frozen=True)
class PostingRhythm:
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

    start: datetime
    end: datetime
    decks: list[str]
    volume_factor: float = 1.0
    event_share: float = 1.0
    engagement_factor: float = 1.0
    reply_factor: float = 1.0
    slots: Mapping[str, list[str]] | None = None


@cache
def load_organisations() -> tuple[Organisation, ...]:
    """Return who there is, in the order to show them."""
    return tuple(Organisation(**table) for table in _load_toml("organisations")["organisation"])


@cache
def build_timeline(name: str) -> tuple[Post, ...]:
    """Return the year of one organisation, newest first; `name` must be one of theirs. Callers copy what they change."""
    organisation = next(one for one in load_organisations() if one.name == name)
    script, common = _load_toml(name), _load_toml("common")
    chance = Random(f"chorus demo {name}").random
    events = [Event(**table) for table in script.get("events", [])]
    stage = _schedule_events(events)
    decks = {title: PhraseDeck(**table) for title, table in script["decks"].items()}
    writer = PostWriter(
        decks, {deck for event in events for deck in event.decks}, common["slots"] | script["slots"], common["calendar"], chance
    )
    posts = (
        _build_post(number, moment, organisation, stage[_hour_of_year(moment)], writer, chance)
        for number, moment in enumerate(_draw_timestamps(PostingRhythm(**script["rhythm"]), stage, organisation.post_count, chance))
    )
    return tuple(reversed(list(posts)))


def _load_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_PHRASES_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _hour_of_year(timestamp: datetime) -> int:
    """Return the number of the hour within the year."""
    return (timestamp - YEAR_START) // timedelta(hours=1)


def _schedule_events(events: list[Event]) -> list[Event | None]:
    """Return what happens in each hour of the year; later events win."""
    stage: list[Event | None] = [None] * (24 * YEAR_DAYS)
    for event in events:
        for hour in range(_hour_of_year(event.start), _hour_of_year(event.end)):
            stage[hour] = event
    return stage


def _draw_timestamps(
    rhythm: PostingRhythm, event_by_hour: list[Event | None], post_count: int, random_float: RandomFloat
) -> list[datetime]:
    """Draw `count` times in order: the year is cut into as many pieces of equal weight, and each gets one.

    The weights are added with accumulate, for sum() rounds differently since Python 3.12.
    """
    running = list(accumulate(_iter_hourly_weights(rhythm, event_by_hour, random_float)))
    piece = running[-1] / post_count
    hours = [min(bisect_right(running, (number + random_float()) * piece), len(running) - 1) for number in range(post_count)]
    return sorted(YEAR_START + timedelta(hours=hour, milliseconds=int(random_float() * 3_600_000)) for hour in hours)


def _iter_hourly_weights(rhythm: PostingRhythm, event_by_hour: list[Event | None], random_float: RandomFloat) -> Iterator[float]:
    for day in range(YEAR_DAYS):
        date = YEAR_START + timedelta(days=day)
        level = rhythm.weekdays[date.weekday()] * rhythm.months[date.month - 1] * (1 + rhythm.growth * day / YEAR_DAYS)
        level *= rhythm.holidays.get(f"{date:%m-%d}", 1.0) * (0.6 + 0.8 * random_float())
        for hour, weight in enumerate(rhythm.hours):
            event = event_by_hour[24 * day + hour]
            yield level * weight * (event.volume_factor if event else 1.0)


def _build_post(
    post_index: int, timestamp: datetime, organisation: Organisation, event: Event | None, writer: PostWriter, random_float: RandomFloat
) -> Post:
    staged = event is not None and random_float() < event.event_share
    deck, text = writer.write_post(timestamp, event.decks if event and staged else None, (event.slots if event else None) or {})
    about = event if staged else None
    return {
        "id": str(((timestamp - _ID_EPOCH) // timedelta(milliseconds=1) << 22) + post_index),
        "created_at": timestamp,
        "text": text,
        "kind": deck.kind,
        "lang": deck.lang,
        "url": None,
        **_draw_engagement(deck.kind, organisation, about, random_float),
    }


def _draw_engagement(kind: str, organisation: Organisation, event: Event | None, random_float: RandomFloat) -> dict[str, int | None]:
    """Return the numbers under a post: mostly small, now and then ten times that; replies are seen by few."""
    luck = (0.2 + 1.1 * random_float()) * (0.2 + 0.1 / (0.01 + random_float()))
    likes = organisation.typical_likes * luck * (0.05 if kind == "reply" else 1.0) * (event.engagement_factor if event else 1.0)
    anger = event.reply_factor if event else 1.0
    views = int(likes * (45 + 70 * random_float()) + 20 * anger + 9 * random_float()) if organisation.has_views else None
    return {
        "likes": int(likes),
        "reposts": int(likes * (0.08 + 0.14 * random_float())),
        "replies": int((likes + 4) * (0.03 + 0.09 * random_float()) * anger),
        "quotes": int(likes * 0.04 * random_float() * anger),
        "views": views,
    }
