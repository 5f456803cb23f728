"""Stored timelines that were parsed are kept by the digests of their entries; and timelines have versions that others don't have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cachelib import SimpleCache

from dashboard.core import posts
from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.pricing import X_PRICES
from dashboard.core.source_errors import SourceError
from dashboard.sources.base import ProgressListener, TimelineRequest
from dashboard.sources.demo import DemoSource
from dashboard.timelines import serialization
from dashboard.timelines.budget import Budget
from dashboard.timelines.cache import SharedCache
from dashboard.timelines.kept_runs import KeptRuns
from dashboard.timelines.ledger import Ledger
from dashboard.timelines.sqlite_store import SqliteStore
from dashboard.timelines.store import TimelineStore
from tests.support.fake_clock import FakeClock
from tests.support.timeline_stores import FREE_NASA, StoreHarness

NOW = datetime(2026, 11, 2, 12, 0, 30, tzinfo=UTC)
ASTER = Account("demo", "aster-air")


def make_run(name: str = "nasa", count: int = 1) -> Timeline:
    """Return a timeline with some posts."""
    frame = posts.build_frame({"account": name, "id": str(number), "created_at": NOW, "text": "Hello"} for number in range(count))
    return Timeline(name, frame, None, NOW)


def open_demo(clock: FakeClock) -> TimelineStore:
    """Return a store that has the demo."""
    store = SqliteStore(None)
    return TimelineStore({"demo": DemoSource(clock)}, SharedCache(SimpleCache()), store, Budget(0, Ledger(store)), X_PRICES, clock=clock)


# --- kept runs --------------------------------------------------------------------------------------------------------


def test_an_entry_is_parsed_once() -> None:
    """The second time its posts come from memory, also if the storage returns another copy."""
    kept, entry = KeptRuns(), serialization.dump_timeline(make_run())
    first, second = kept.parse(entry), kept.parse(bytes(bytearray(entry)))
    assert first is not None
    assert second is first


def test_another_entry_is_parsed_on_its_own() -> None:
    """Its posts are others."""
    kept = KeptRuns()
    runs = [kept.parse(serialization.dump_timeline(make_run(name))) for name in ("nasa", "esa")]
    assert [run and run.account for run in runs] == ["nasa", "esa"]


@pytest.mark.parametrize("entry", [None, b"", serialization.dump_timeline(make_run())[:-1]], ids=["none", "empty", "damaged"])
def test_an_entry_that_cannot_be_parsed_is_none(entry: bytes | None) -> None:
    """As without keeping."""
    kept = KeptRuns()
    kept.parse(serialization.dump_timeline(make_run()))
    assert kept.parse(entry) is None


def test_the_run_that_was_used_longest_ago_goes_first() -> None:
    """When the posts take more memory than they may."""
    entries = [serialization.dump_timeline(make_run(name, 100)) for name in ("nasa", "esa", "jaxa")]
    kept = KeptRuns(max_bytes=int(2.5 * make_run("nasa", 100).posts.estimated_size()))
    runs = [kept.parse(entry) for entry in entries]
    assert kept.parse(entries[2]) is runs[2]
    assert kept.parse(entries[1]) is runs[1]
    assert kept.parse(entries[0]) is not runs[0]


def test_a_run_with_an_error_is_parsed_each_time() -> None:
    """Whoever raises the error adds to it."""
    kept = KeptRuns()
    entry = serialization.dump_timeline(replace(make_run(), failure=SourceError("nasa", "Too slow.")))
    first, second = kept.parse(entry), kept.parse(entry)
    assert first is not None and second is not None
    assert first.failure is not second.failure


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_part_of_a_timeline_does_not_have_its_version() -> None:
    """Nobody has to think of it."""
    run = make_run(count=2).with_version("1")
    assert run.version == "1"
    assert replace(run, posts=run.posts.head(1)).version == ""


def test_a_stored_timeline_has_the_version_that_it_had_when_it_was_read(desk: StoreHarness) -> None:
    """Each number of posts and each period has one of its own, and so has what was read again."""
    desk.world.bluesky.has("nasa", posts=30)
    read = desk.ask(20, FREE_NASA)
    stored = desk.ask(20, FREE_NASA)
    assert read.version
    assert stored.version == read.version
    others = [desk.ask(19, FREE_NASA), desk.ask(18, FREE_NASA, since=read.posts["created_at"][9])]
    desk.pass_time(hours=2)
    versions = {timeline.version for timeline in (read, *others, desk.ask(20, FREE_NASA))}
    assert len(versions) == 4
    assert "" not in versions


def test_the_version_of_the_demo_is_known_without_reading() -> None:
    """It's that of what is read in the same week."""
    clock = FakeClock(NOW)
    store, request = open_demo(clock), TimelineRequest(20)
    expected = store.find_versions([ASTER], request)[ASTER]
    assert store.load_timeline(ASTER, request).version == expected
    clock.advance(timedelta(hours=1))
    assert store.find_versions([ASTER], request)[ASTER] == expected
    clock.advance(timedelta(weeks=1))
    assert store.find_versions([ASTER], request)[ASTER] != expected


@pytest.mark.parametrize("account", [Account("demo", "nobody"), Account("bluesky", "nasa")])
def test_what_has_to_be_read_has_no_version_before(account: Account) -> None:
    """An account that doesn't exist, and one whose network isn't read here."""
    assert open_demo(FakeClock(NOW)).find_versions([account], TimelineRequest(20)) == {}


def test_what_changed_while_it_was_read_has_no_version() -> None:
    """It may be a mixture of both."""
    clock = FakeClock(NOW)
    listener = ProgressListener(on_progress=lambda _: clock.advance(timedelta(weeks=1)))
    assert open_demo(clock).load_timeline(ASTER, TimelineRequest(20), listener=listener).version == ""


def test_what_was_not_read_to_its_end_has_no_version() -> None:
    """Its reader left."""
    listener = ProgressListener(is_cancelled=lambda: True)
    timeline = open_demo(FakeClock(NOW)).load_timeline(ASTER, TimelineRequest(3200), listener=listener)
    assert timeline.cut_by == "stopped"
    assert timeline.version == ""
