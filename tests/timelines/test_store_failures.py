"""The timeline store when reading fails: what was stored stays, and the failure is remembered."""

from collections import Counter

import pytest

from dashboard.core.source_errors import RateLimited, SourceError, SourceUnavailable
from tests.support import fake_networks
from tests.support.timeline_stores import FREE_NASA, RecordingX, StoreHarness, list_bluesky_ids, list_ids, list_newest_ids, publish_posts


def test_a_failure_while_reading_older_posts_returns_the_stored_ones(desk: StoreHarness, x: RecordingX) -> None:
    """They come with the reason and cost nothing."""
    x.has("nasa", posts=250)
    desk.ask(100)
    before = desk.spent()
    x.fails("nasa", with_="rate limit")
    timeline = desk.ask(200)
    assert list_newest_ids(x, 100) == list_ids(timeline)
    assert type(timeline.failure) is RateLimited
    assert before == desk.spent()


@pytest.mark.slow
def test_an_interrupted_read_is_continued(desk: StoreHarness, x: RecordingX) -> None:
    """The posts before the failure are stored, and the rest is read once the network may be contacted."""
    x.has("nasa", posts=350)
    x.fails("nasa", with_="overloaded", after_pages=1, times=2)
    reads = [list_ids(desk.ask(300))]
    desk.pass_time(seconds=31)
    reads.append(list_ids(desk.ask(300)))
    assert reads == [list_newest_ids(x, 100), list_newest_ids(x, 300)]
    assert len(x.sold) == 300


def test_a_failure_without_posts_is_remembered(desk: StoreHarness, x: RecordingX) -> None:
    """A network that is down is contacted again after half a minute."""
    x.has("nasa", posts=20)
    x.fails("nasa", with_="overloaded", times=2)
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            desk.ask(20)
    asked = len(x.requests)
    desk.pass_time(seconds=31)
    assert list_ids(desk.ask(20)) == list_newest_ids(x, 20)
    assert asked == 2


def test_a_rate_limit_is_respected_until_its_reset(desk: StoreHarness, x: RecordingX) -> None:
    """Ten minutes apply to every request in between."""
    x.has("nasa", posts=20)
    x.fails("nasa", with_="rate limit", times=1, headers={"x-rate-limit-reset": fake_networks.epoch_in_minutes(10)})
    for _ in range(2):
        with pytest.raises(RateLimited):
            desk.ask(20)
        desk.pass_time(minutes=4)
    asked = len(x.requests)
    desk.pass_time(minutes=3)
    assert list_ids(desk.ask(20)) == list_newest_ids(x, 20)
    assert asked == 1


def test_a_later_rate_limit_is_respected(desk: StoreHarness, x: RecordingX) -> None:
    """A timeline that ended at a rate limit isn't continued before its reset."""
    x.has("nasa", posts=350)
    x.fails("nasa", with_="rate limit", after_pages=1, headers={"x-rate-limit-reset": fake_networks.epoch_in_minutes(10)})
    desk.ask(300)
    desk.pass_time(minutes=8)
    asked = len(x.requests)
    assert type(desk.ask(300).failure) is RateLimited
    assert asked == len(x.requests)


@pytest.mark.parametrize("ask", [100, 200], ids=["newer", "older"])
def test_a_failure_next_to_stored_posts_is_remembered(desk: StoreHarness, x: RecordingX, ask: int) -> None:
    """Reloading doesn't contact a network that asked us to wait."""
    x.has("nasa", posts=250)
    desk.ask(100)
    desk.pass_time(minutes=61 if ask == 100 else 40)
    x.fails("nasa", with_="rate limit", headers={"x-rate-limit-reset": fake_networks.epoch_in_minutes(10)})
    desk.ask(ask)
    asked = len(x.requests)
    desk.ask(ask)
    assert asked == len(x.requests)


def test_outdated_posts_are_not_shown_as_new(desk: StoreHarness, x: RecordingX) -> None:
    """Enough posts of yesterday come with the reason why there are none of today."""
    x.has("nasa", posts=250)
    desk.ask(100)
    desk.pass_time(days=1)
    x.fails("nasa", with_="rate limit")
    assert type(desk.ask(100).failure) is RateLimited


def test_a_failure_next_to_stored_posts_is_the_cut(desk: StoreHarness, x: RecordingX) -> None:
    """The number requested isn't the reason."""
    x.has("nasa", posts=250)
    desk.ask(100)
    x.fails("nasa", with_="rate limit")
    assert desk.ask(200).cut_by == "rate_limit"


def test_a_failure_while_reading_newer_posts_is_reported(desk: StoreHarness, x: RecordingX) -> None:
    """Older posts don't hide that the newest ones are missing."""
    x.has("nasa", posts=250)
    desk.ask(100)
    publish_posts(x, 3)
    desk.pass_time(minutes=61)
    x.fails("nasa", with_="rate limit", times=1)
    assert desk.ask(200).failure is not None


@pytest.mark.slow
def test_a_failure_among_newer_posts_loses_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """Posts that were paid for stay stored."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish_posts(x, 150)
    desk.pass_time(minutes=61)
    x.fails("nasa", with_="overloaded", after_pages=4, times=2)
    desk.ask(300)
    desk.pass_time(minutes=2)
    assert list_ids(desk.ask(450)) == list_newest_ids(x, 450)
    assert [post_id for post_id, times in Counter(x.sold).items() if times > 1] == []


@pytest.mark.slow
def test_a_failure_while_reading_again_loses_no_posts(desk: StoreHarness, world: fake_networks.World) -> None:
    """A free network that fails on its second page doesn't reduce the stored posts."""
    world.bluesky.has("nasa", posts=300)
    desk.ask(300, FREE_NASA)
    desk.pass_time(minutes=61)
    world.bluesky.fails("nasa", with_="overloaded", after_pages=4)
    assert list_newest_ids(world.bluesky, 300) == list_bluesky_ids(desk.ask(300, FREE_NASA))


def test_an_unknown_account_is_reported_each_time(desk: StoreHarness, x: RecordingX) -> None:
    """The failure is remembered for a while, and its lookup costs nothing."""
    messages = []
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            desk.ask(20)
        messages.append(type(caught.value).__name__)
    assert messages == ["AccountNotFound"] * 2
    assert len(x.requests) == 1
    assert desk.spent() == 0
