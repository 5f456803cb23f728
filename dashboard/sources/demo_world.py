"""The demo world: the invented organisations, when they post during their year, and how much engagement their posts get.

The posts are the same on every machine and every Python version, because all randomness comes from `Random(name).random()` and plain
arithmetic. The phrases are in demo_phrases/; `demo_text.py` combines them into posts. The year is written once and then moved by whole
weeks, so weekdays, hours and ids stay. Nothing in here asks for the time, locale or network, or uses a real name, and no file is read
before the first request.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from dashboard.sources.demo_text import PhraseDeck, PostWriter, write_dates

YEAR_START = datetime(2025, 11, 1, tzinfo=UTC)  # the demo year as written: YEAR_START <= created_at < YEAR_END
YEAR_END = datetime(2026, 11, 1, tzinfo=UTC)
YEAR_DAYS = (YEAR_END - YEAR_START).days

_MONDAY_AFTER_YEAR = datetime(2026, 11, 2, tzinfo=UTC)
_MAX_KEPT_TIMELINES = 14  # of all organisations in two weeks
_PHRASES_FOLDER = Path(__file__).parent / "demo_phrases"
_ID_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # IDs are milliseconds since then, shifted as in a real network's IDs

RandomFloat = Callable[[], float]
Post = Mapping[str, Any]  # keys of posts.SCHEMA except `account`


@dataclass(frozen=True)
class Organisation:
    """An invented organisation. `typical_likes` are the likes of an average post, `has_views` is whether its network counts views.

    `language` is the code of the language that it usually posts in.
    """

    name: str
    title: str
    about: str
    post_count: int
    typical_likes: int
    has_views: bool
    language: str = "en"


@dataclass(frozen=True)
class PostingRhythm:
    """How likely a post is at a given time: weights by hour, weekday (from Monday), month (from January) and day ("12-25").

    `growth` is how much the weight increases over the year.
    """

    hours: list[float]
    weekdays: list[float]
    months: list[float]
    holidays: dict[str, float]
    growth: float = 0.0


@dataclass(frozen=True)
class Event:
    """Something that happens from `start` until `end`: `volume_factor` times the posts, `event_share` of them from the event's own decks.

    `engagement_factor` multiplies likes and views, `reply_factor` replies and quotes. `slots` are words that apply to this event only.
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
    """Return the organisations, in display order."""
    return tuple(Organisation(**table) for table in _load_toml("organisations")["organisation"])


def find_shift(now: datetime) -> timedelta:
    """Return by how many whole weeks the year is later than written, so that its last week is the last whole week (UTC) before a time."""
    return (now - _MONDAY_AFTER_YEAR) // timedelta(weeks=1) * timedelta(weeks=1)


@lru_cache(_MAX_KEPT_TIMELINES)
def build_timeline(name: str, shift: timedelta = timedelta(0)) -> tuple[Post, ...]:
    """Return the posts of one organisation's year, moved by `shift`, newest first. Callers must copy posts before they change them."""
    calendar = _load_toml("common")["calendar"]
    return tuple(
        {**post, "created_at": post["created_at"] + shift, "text": write_dates(post["text"], calendar, shift)} for post in _write_year(name)
    )


@cache
def _write_year(name: str) -> tuple[Post, ...]:
    """Return the posts of one organisation's year as written, newest first, with open dates in their texts."""
    organisation = next(candidate for candidate in load_organisations() if candidate.name == name)
    script, common = _load_toml(name), _load_toml("common")
    random_float = Random(f"chorus demo {name}").random
    events = [Event(**table) for table in script.get("events", [])]
    event_by_hour = _schedule_events(events)
    decks = {title: PhraseDeck(**table) for title, table in script["decks"].items()}
    writer = PostWriter(
        decks, {deck for event in events for deck in event.decks}, common["slots"] | script["slots"], common["calendar"], random_float
    )
    posts = (
        _build_post(post_index, timestamp, organisation, event_by_hour[_hour_of_year(timestamp)], writer, random_float)
        for post_index, timestamp in enumerate(
            _draw_timestamps(PostingRhythm(**script["rhythm"]), event_by_hour, organisation.post_count, random_float)
        )
    )
    return tuple(reversed(list(posts)))


def _load_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_PHRASES_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _hour_of_year(timestamp: datetime) -> int:
    """Return the number of the hour within the year."""
    return (timestamp - YEAR_START) // timedelta(hours=1)


def _schedule_events(events: list[Event]) -> list[Event | None]:
    """Return the event of each hour of the year; where events overlap, the later one in the list wins."""
    event_by_hour: list[Event | None] = [None] * (24 * YEAR_DAYS)
    for event in events:
        for hour in range(_hour_of_year(event.start), _hour_of_year(event.end)):
            event_by_hour[hour] = event
    return event_by_hour


def _draw_timestamps(
    rhythm: PostingRhythm, event_by_hour: list[Event | None], post_count: int, random_float: RandomFloat
) -> list[datetime]:
    """Return `post_count` times in order: the year is split into that many parts of equal weight, and each part gets one time.

    The weights are added with accumulate, because sum() rounds differently since Python 3.12.
    """
    cumulative_weights = list(accumulate(_iter_hourly_weights(rhythm, event_by_hour, random_float)))
    weight_per_post = cumulative_weights[-1] / post_count
    hours = [
        min(bisect_right(cumulative_weights, (post_index + random_float()) * weight_per_post), len(cumulative_weights) - 1)
        for post_index in range(post_count)
    ]
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
    is_about_event = event is not None and random_float() < event.event_share
    deck, text = writer.write_post(timestamp, event.decks if event and is_about_event else None, (event.slots if event else None) or {})
    post_event = event if is_about_event else None
    return {
        "id": str(((timestamp - _ID_EPOCH) // timedelta(milliseconds=1) << 22) + post_index),
        "created_at": timestamp,
        "text": text,
        "kind": deck.kind,
        "lang": deck.lang,
        "url": None,
        **_draw_engagement(deck.kind, organisation, post_event, random_float),
    }


def _draw_engagement(kind: str, organisation: Organisation, event: Event | None, random_float: RandomFloat) -> dict[str, int | None]:
    """Return a post's engagement counts: mostly small, occasionally ten times that, and low for replies."""
    luck = (0.2 + 1.1 * random_float()) * (0.2 + 0.1 / (0.01 + random_float()))
    likes = organisation.typical_likes * luck * (0.05 if kind == "reply" else 1.0) * (event.engagement_factor if event else 1.0)
    reply_factor = event.reply_factor if event else 1.0
    views = int(likes * (45 + 70 * random_float()) + 20 * reply_factor + 9 * random_float()) if organisation.has_views else None
    return {
        "likes": int(likes),
        "reposts": int(likes * (0.08 + 0.14 * random_float())),
        "replies": int((likes + 4) * (0.03 + 0.09 * random_float()) * reply_factor),
        "quotes": int(likes * 0.04 * random_float() * reply_factor),
        "views": views,
    }
