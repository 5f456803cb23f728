"""The timeline store with readers who leave, and with several at once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dashboard.core.accounts import Account
from dashboard.timelines import hourly_counts
from dashboard.timelines.locks import LOCK_WAIT_SECONDS
from tests.support import fake_networks
from tests.support.fake_networks import NEWEST_POST_AT
from tests.support.timeline_stores import (
    FREE_NASA,
    LEFT,
    LOOKUP_MICRODOLLARS,
    NASA,
    POST_MICRODOLLARS,
    RecordingX,
    StoreHarness,
    list_bluesky_ids,
    list_ids,
    list_newest_ids,
    publish_posts,
)

# --- readers who leave ------------------------------------------------------------------------------------------------


def test_a_cancelled_read_ends_at_the_next_page(desk: StoreHarness, x: RecordingX) -> None:
    """The page that was read is stored."""
    x.has("nasa", posts=350)
    timeline = desk.ask(300, listener=LEFT)
    assert list_ids(timeline) == list_newest_ids(x, 100)
    assert timeline.cut_by == "stopped"
    assert len(x.sold) == 100


def test_a_cancelled_read_is_continued(desk: StoreHarness, x: RecordingX) -> None:
    """The next reader pays only for the rest."""
    x.has("nasa", posts=350)
    desk.ask(300, listener=LEFT)
    before = desk.spent()
    assert list_ids(desk.ask(300)) == list_newest_ids(x, 300)
    assert desk.spent() - before == 200 * POST_MICRODOLLARS


def test_a_cancelled_read_of_a_free_network_is_repeated(desk: StoreHarness, world: fake_networks.World) -> None:
    """The next reader gets everything."""
    world.bluesky.has("nasa", posts=350)
    stopped = len(list_bluesky_ids(desk.ask(300, FREE_NASA, listener=LEFT)))
    assert stopped == 100
    assert list_bluesky_ids(desk.ask(300, FREE_NASA)) == list_newest_ids(world.bluesky, 300)


def test_a_read_cancelled_among_newer_posts_loses_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """Posts that were paid for stay stored."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish_posts(x, 150)
    desk.pass_time(minutes=61)
    desk.ask(300, listener=LEFT)
    assert list_ids(desk.ask(450)) == list_newest_ids(x, 450)
    assert [post_id for post_id, times in Counter(x.sold).items() if times > 1] == []


def test_a_read_cancelled_before_its_span_is_not_called_empty(desk: StoreHarness, world: fake_networks.World) -> None:
    """The next reader reads the span."""
    world.bluesky.has("nasa", posts=300)
    span = {"since": fake_networks.NEWEST_POST_AT - timedelta(hours=220), "until": fake_networks.NEWEST_POST_AT - timedelta(hours=209)}
    desk.ask(50, FREE_NASA, listener=LEFT, **span)
    assert list_newest_ids(world.bluesky, 221)[210:] == list_bluesky_ids(desk.ask(50, FREE_NASA, **span))


# --- concurrent readers -----------------------------------------------------------------------------------------------


def test_two_threads_cause_one_read(desk: StoreHarness, x: RecordingX) -> None:
    """The second one waits and gets the same posts."""
    x.has("nasa", posts=350)
    start, results = threading.Barrier(2), list[list[str]]()

    def ask() -> None:
        start.wait()
        results.append(list_ids(desk.ask(300)))

    readers = [threading.Thread(target=ask) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert results == [list_newest_ids(x, 300)] * 2
    assert len(x.sold) == 300
    assert desk.spent() == LOOKUP_MICRODOLLARS + 300 * POST_MICRODOLLARS


@pytest.mark.parametrize("account", [NASA, FREE_NASA], ids=["paid", "free"])
def test_stored_posts_do_not_wait_for_another_reader(world: fake_networks.World, desk: StoreHarness, account: Account) -> None:
    """Whatever another reader of the account still waits for, a question that is already answered is answered at once."""
    world.x.has("nasa", posts=60)
    world.bluesky.has("nasa.bsky.social", posts=60)
    desk.ask(20, account)
    storage = desk.durable_store if account == NASA else desk.cache
    with storage.lock(f"timeline:{account.network}:{account.name}::"), ThreadPoolExecutor() as readers:
        answer = readers.submit(desk.ask, 20, account).result(timeout=LOCK_WAIT_SECONDS / 2)
    assert answer.posts.height == 20


def test_stored_counts_do_not_wait_for_another_reader(world: fake_networks.World, desk: StoreHarness) -> None:
    """Counts are answered like posts."""
    world.x.has("nasa", posts=60)
    since, until = NEWEST_POST_AT - timedelta(days=20), NEWEST_POST_AT
    hourly_counts.load_counts(desk.library, NASA, since, until)
    with desk.durable_store.lock("counts:x:nasa"), ThreadPoolExecutor() as readers:
        answer = readers.submit(hourly_counts.load_counts, desk.library, NASA, since, until).result(timeout=LOCK_WAIT_SECONDS / 2)
    assert answer.until == until
