"""Writes timelines to measure with: the demo's texts in another order, on busy and quiet days. The same arguments give the same bytes."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS = ("screen_name", "created_at", "text", "id")
ACCOUNTS = tuple(f"account_{number}" for number in range(10))
POSTS_PER_ACCOUNT = 3200
_NEWEST = datetime(2026, 10, 31, 20, tzinfo=UTC)
_MEAN_HOURS = 2.6  # between two posts
_BUSY_SHARE = 0.005  # of the posts that begin a busy time
_BUSY_POSTS, _BUSY_FACTOR = 40, 12  # in a busy time, and how many times as often they come


def write_timelines(path: Path, accounts: int = len(ACCOUNTS), posts_per_account: int = POSTS_PER_ACCOUNT) -> None:
    """Write a CSV file with the timelines of some accounts, each from its newest post to its oldest."""
    texts, generator = load_texts(), random.Random(7)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for account in range(accounts):
            times = _iter_times(generator)
            for number in range(posts_per_account):
                post_id = 1_900_000_000_000_000_000 - account * 10**12 - number * 10**6
                writer.writerow([f"account_{account}", f"{next(times):%Y-%m-%dT%H:%M:%SZ}", generator.choice(texts), post_id])


def load_texts() -> list[str]:
    """Return the different texts of the demo, in the same mixed order every time."""
    from dashboard.sources.demo import build_timeline, load_organisations

    texts = [str(post["text"]) for organisation in load_organisations() for post in build_timeline(organisation.name)]
    return sorted(dict.fromkeys(texts), key=lambda text: text[::-1])


def _iter_times(generator: random.Random) -> Iterator[datetime]:
    """Yield times from the newest to older ones, with a busy day now and then."""
    time, busy_posts = _NEWEST, 0
    while True:
        yield time
        if not busy_posts and generator.random() < _BUSY_SHARE:
            busy_posts = _BUSY_POSTS
        hours = generator.expovariate(1 / _MEAN_HOURS) / (_BUSY_FACTOR if busy_posts else 1)
        busy_posts = max(0, busy_posts - 1)
        time -= timedelta(hours=hours)
