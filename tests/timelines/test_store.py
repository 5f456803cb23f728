"""The timeline store: timelines are stored as one run, extended at either end, and no post is paid for twice."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import RateLimited, SourceError, SourceUnavailable
from dashboard.sources.base import ProgressListener
from dashboard.timelines import hourly_counts
from dashboard.timelines.locks import LOCK_WAIT_SECONDS
from tests.support import fake_networks
from tests.support.builders import deterministic
from tests.support.fake_networks import NEWEST_POST_AT
from tests.support.fault_suite import scale_examples
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, NASA, POST_MICRODOLLARS, RecordingX, StoreHarness, list_ids, record_charges

FREE_NASA = Account("bluesky", "nasa.bsky.social")
GONE = ProgressListener(is_cancelled=lambda: True)  # a reader who left before the first page came


@pytest.fixture
def x(world: fake_networks.World) -> RecordingX:
    """X, which keeps a book."""
    return record_charges(world)


@pytest.fixture
def desk(world: fake_networks.World, x: RecordingX) -> StoreHarness:
    """A store without stored timelines."""
    return StoreHarness(world)


def newest(network: fake_networks.FakeNetwork, n: int) -> list[str]:
    """Return the IDs of the newest posts of @nasa."""
    return [str(post.id) for post in network.accounts["nasa"].posts[:n]]


def publish(network: fake_networks.FakeNetwork, count: int) -> None:
    """Let @nasa publish posts."""
    for number in range(count):
        network.post("nasa", f"new {number}")


def uris(timeline: Timeline) -> list[str]:
    """Return the IDs of Bluesky posts without the rest of their URIs."""
    return [one.rpartition("/")[2] for one in list_ids(timeline)]


# --- one run ----------------------------------------------------------------------------------------------------------


def test_repeating_a_request_within_an_hour_reads_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """The stored posts are returned."""
    x.has("nasa", posts=60)
    first = desk.ask(40)
    asked = len(x.requests)
    assert list_ids(first) == list_ids(desk.ask(40))
    assert asked == len(x.requests)


def test_after_an_hour_only_newer_posts_are_requested(desk: StoreHarness, x: RecordingX) -> None:
    """X gets a request for posts after the newest stored one."""
    x.has("nasa", posts=60)
    kept = list_ids(desk.ask(20))
    publish(x, 3)
    desk.pass_time(minutes=61)
    before = len(x.requests)
    desk.ask(20)
    assert [(kept[0], None)] == [(one.params.get("since_id"), one.params.get("until_id")) for one in x.requests[before:]]


def test_after_an_hour_only_new_posts_are_paid_for(desk: StoreHarness, x: RecordingX) -> None:
    """Three new posts cost three posts, and the newest twenty are returned."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 3)
    desk.pass_time(minutes=61)
    before = desk.spent()
    assert list_ids(desk.ask(20)) == newest(x, 20)
    assert desk.spent() - before == 3 * POST_MICRODOLLARS


def test_newer_posts_are_joined_to_the_stored_ones(desk: StoreHarness, x: RecordingX) -> None:
    """Twenty stored and three new posts make twenty-three."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 3)
    desk.pass_time(minutes=61)
    desk.ask(20)
    asked = len(x.requests)
    assert newest(x, 23) == list_ids(desk.ask(23))
    assert asked == len(x.requests)


def test_an_account_without_new_posts_costs_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """It is requested once per hour."""
    x.has("nasa", posts=60)
    desk.ask(20)
    desk.pass_time(minutes=61)
    before, asked = desk.spent(), len(x.requests)
    answers = [list_ids(desk.ask(20)) for _ in range(2)]
    assert [newest(x, 20)] * 2 == answers
    assert before == desk.spent()
    assert asked + 1 == len(x.requests)


def test_requesting_more_posts_reads_only_older_ones(desk: StoreHarness, x: RecordingX) -> None:
    """X gets a request for posts before the oldest stored one, and only those are paid for."""
    x.has("nasa", posts=260)
    kept = list_ids(desk.ask(20))
    before, asked = desk.spent(), len(x.requests)
    answer = list_ids(desk.ask(250))
    assert answer == newest(x, 250)
    assert desk.spent() - before == 230 * POST_MICRODOLLARS
    assert {(None, kept[-1])} == {(one.params.get("since_id"), one.params.get("until_id")) for one in x.requests[asked:]}


def test_posts_of_the_same_second_are_all_read(desk: StoreHarness, x: RecordingX) -> None:
    """A run that ends among them is continued without losing or repeating one."""
    x.has("nasa")
    for number in range(12):
        x.accounts["nasa"].posts.insert(0, fake_networks.FakePost(10**18 + number, "Again", fake_networks.NEWEST_POST_AT))
    desk.ask(6)
    assert newest(x, 12) == list_ids(desk.ask(12))


def test_a_request_can_extend_both_ends(desk: StoreHarness, x: RecordingX) -> None:
    """After an hour and for more posts, no post is paid for twice."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 3)
    desk.pass_time(minutes=61)
    answer = list_ids(desk.ask(50))
    assert answer == newest(x, 50)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_newer_posts_reduce_the_older_ones_needed(desk: StoreHarness, x: RecordingX) -> None:
    """Twenty stored and thirty new posts make fifty, so nothing older is bought."""
    x.has("nasa", posts=100)
    desk.ask(20)
    publish(x, 30)
    desk.pass_time(minutes=61)
    sold = len(x.sold)
    desk.ask(50)
    assert len(x.sold) - sold == 30


def test_a_gap_is_never_hidden(desk: StoreHarness, x: RecordingX) -> None:
    """If more posts are new than requested, later responses include those in between."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 30)
    desk.pass_time(minutes=61)
    answers = [list_ids(desk.ask(n)) for n in (10, 45)]
    assert [newest(x, 10), newest(x, 45)] == answers


def test_a_gap_is_never_hidden_by_requesting_more(desk: StoreHarness, x: RecordingX) -> None:
    """Even if more posts are requested than stored, none in between is left out."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 100)
    desk.pass_time(minutes=61)
    answers = [list_ids(desk.ask(n)) for n in (30, 40)]
    assert [newest(x, 30), newest(x, 40)] == answers


def test_a_small_request_does_not_lose_a_large_run(desk: StoreHarness, x: RecordingX) -> None:
    """A few posts of a busy hour don't make hundreds of stored posts be paid for again."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish(x, 10)
    desk.pass_time(minutes=61)
    desk.ask(5)
    assert list_ids(desk.ask(310)) == newest(x, 310)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_small_requests_on_several_days_do_not_lose_a_large_run(desk: StoreHarness, x: RecordingX) -> None:
    """Two gaps don't make hundreds of stored posts be paid for again."""
    x.has("nasa", posts=300)
    desk.ask(300)
    for _ in range(2):
        publish(x, 10)
        desk.pass_time(minutes=61)
        desk.ask(5)
    before = desk.spent()
    assert list_ids(desk.ask(320)) == newest(x, 320)
    assert desk.spent() - before <= 20 * POST_MICRODOLLARS


def test_as_many_new_posts_as_requested_join_the_run(desk: StoreHarness, x: RecordingX) -> None:
    """Ten new posts and a request for ten leave no gap."""
    x.has("nasa", posts=50)
    desk.ask(50)
    publish(x, 10)
    desk.pass_time(minutes=61)
    desk.ask(10)
    desk.ask(60)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_a_complete_timeline_is_never_extended(desk: StoreHarness, x: RecordingX) -> None:
    """It has all posts for any request."""
    x.has("nasa", posts=60)
    desk.ask(100)
    asked = len(x.requests)
    assert list_ids(timeline := desk.ask(3200)) == newest(x, 60)
    assert timeline.cut_by is None
    assert len(x.requests) == asked


def test_a_timeline_cut_by_the_network_is_never_extended(desk: StoreHarness, x: RecordingX) -> None:
    """X provides no older posts."""
    x.max_timeline_posts = 120
    x.has("nasa", posts=130, public_metrics={"tweet_count": 5000})
    desk.ask(100)
    desk.ask(500)
    asked = len(x.requests)
    assert desk.ask(500).cut_by == "network"
    assert len(x.requests) == asked


def test_extra_posts_of_the_last_page_are_stored(desk: StoreHarness, x: RecordingX) -> None:
    """X has no page with fewer than five posts, so 402 cost 405, and 405 are stored."""
    x.has("nasa", posts=500)
    answer = list_ids(desk.ask(402))
    before = desk.spent()
    more = list_ids(desk.ask(405))
    assert answer == newest(x, 402)
    assert more == newest(x, 405)
    assert before == LOOKUP_MICRODOLLARS + 405 * POST_MICRODOLLARS
    assert len(x.sold) == 405


def test_extra_posts_of_an_older_page_are_stored(desk: StoreHarness, x: RecordingX) -> None:
    """Two more posts cost five, and the other three are there for the next request."""
    x.has("nasa", posts=500)
    desk.ask(10)
    desk.ask(12)
    before = desk.spent()
    assert newest(x, 15) == list_ids(desk.ask(15))
    assert before == desk.spent()


def test_a_free_network_is_read_again_after_an_hour(desk: StoreHarness, world: fake_networks.World) -> None:
    """It can't be asked for only newer posts."""
    world.bluesky.has("nasa", posts=60)
    desk.ask(20, FREE_NASA)
    publish(world.bluesky, 3)
    within = uris(desk.ask(20, FREE_NASA))
    desk.pass_time(minutes=61)
    assert newest(world.bluesky, 23)[3:] == within
    assert newest(world.bluesky, 20) == uris(desk.ask(20, FREE_NASA))


@pytest.mark.slow
def test_a_run_that_exceeds_the_cap_says_so(desk: StoreHarness, x: RecordingX) -> None:
    """A complete timeline of 3,190 posts and twenty new ones aren't called complete."""
    x.has("nasa", posts=3190)
    desk.ask(3200)
    publish(x, 20)
    desk.pass_time(minutes=61)
    assert desk.ask(3200).cut_by == "cap"


# --- spans ------------------------------------------------------------------------------------------------------------


def test_a_span_within_the_run_reads_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """The stored posts cover it."""
    x.has("nasa", posts=100)
    desk.ask(60)
    asked = len(x.requests)
    timeline = desk.ask(
        60, since=fake_networks.NEWEST_POST_AT - timedelta(hours=10), until=fake_networks.NEWEST_POST_AT - timedelta(hours=5)
    )
    assert list_ids(timeline) == newest(x, 11)[6:]
    assert timeline.cut_by is None
    assert len(x.requests) == asked


def test_a_span_before_the_run_is_read_separately(desk: StoreHarness, x: RecordingX) -> None:
    """It is requested with its times, and the run stays the same."""
    x.has("nasa", posts=100)
    desk.ask(20)
    asked = len(x.requests)
    timeline = desk.ask(
        60, since=fake_networks.NEWEST_POST_AT - timedelta(hours=40), until=fake_networks.NEWEST_POST_AT - timedelta(hours=30)
    )
    assert newest(x, 41)[31:] == list_ids(timeline)
    assert asked + 1 == len(x.requests)
    assert newest(x, 20) == list_ids(desk.ask(20))
    assert asked + 1 == len(x.requests)


def test_a_past_span_is_not_read_again_after_an_hour(desk: StoreHarness, x: RecordingX) -> None:
    """No new post can belong to it."""
    x.has("nasa", posts=100)
    span = {"since": fake_networks.NEWEST_POST_AT - timedelta(hours=40), "until": fake_networks.NEWEST_POST_AT - timedelta(hours=30)}
    first = list_ids(desk.ask(60, **span))
    desk.pass_time(days=2)
    asked = len(x.requests)
    assert first == list_ids(desk.ask(60, **span))
    assert asked == len(x.requests)


def test_a_span_that_the_run_came_to_cover_is_not_bought_again(desk: StoreHarness, x: RecordingX) -> None:
    """More posts of it cost nothing."""
    x.has("nasa", posts=100)
    span = {"since": fake_networks.NEWEST_POST_AT - timedelta(hours=50), "until": fake_networks.NEWEST_POST_AT - timedelta(hours=10)}
    desk.ask(10, **span)
    desk.ask(100)
    sold = len(x.sold)
    assert list_ids(desk.ask(30, **span)) == newest(x, 41)[11:]
    assert len(x.sold) - sold == 0


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_failure_while_reading_older_posts_returns_the_stored_ones(desk: StoreHarness, x: RecordingX) -> None:
    """They come with the reason and cost nothing."""
    x.has("nasa", posts=250)
    desk.ask(100)
    before = desk.spent()
    x.fails("nasa", with_="rate limit")
    timeline = desk.ask(200)
    assert newest(x, 100) == list_ids(timeline)
    assert type(timeline.failure) is RateLimited
    assert before == desk.spent()


def test_an_interrupted_read_is_continued(desk: StoreHarness, x: RecordingX) -> None:
    """The posts before the failure are stored, and the rest is read once the network may be contacted."""
    x.has("nasa", posts=350)
    x.fails("nasa", with_="overloaded", after_pages=1, times=2)
    reads = [list_ids(desk.ask(300))]
    desk.pass_time(seconds=31)
    reads.append(list_ids(desk.ask(300)))
    assert reads == [newest(x, 100), newest(x, 300)]
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
    assert list_ids(desk.ask(20)) == newest(x, 20)
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
    assert list_ids(desk.ask(20)) == newest(x, 20)
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
    publish(x, 3)
    desk.pass_time(minutes=61)
    x.fails("nasa", with_="rate limit", times=1)
    assert desk.ask(200).failure is not None


def test_a_failure_among_newer_posts_loses_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """Posts that were paid for stay stored."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish(x, 150)
    desk.pass_time(minutes=61)
    x.fails("nasa", with_="overloaded", after_pages=4, times=2)
    desk.ask(300)
    desk.pass_time(minutes=2)
    assert list_ids(desk.ask(450)) == newest(x, 450)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_a_failure_while_reading_again_loses_no_posts(desk: StoreHarness, world: fake_networks.World) -> None:
    """A free network that fails on its second page doesn't reduce the stored posts."""
    world.bluesky.has("nasa", posts=300)
    desk.ask(300, FREE_NASA)
    desk.pass_time(minutes=61)
    world.bluesky.fails("nasa", with_="overloaded", after_pages=4)
    assert newest(world.bluesky, 300) == uris(desk.ask(300, FREE_NASA))


# --- readers who leave ------------------------------------------------------------------------------------------------


def test_a_cancelled_read_ends_at_the_next_page(desk: StoreHarness, x: RecordingX) -> None:
    """The page that was read is stored."""
    x.has("nasa", posts=350)
    timeline = desk.ask(300, listener=GONE)
    assert list_ids(timeline) == newest(x, 100)
    assert timeline.cut_by == "stopped"
    assert len(x.sold) == 100


def test_a_cancelled_read_is_continued(desk: StoreHarness, x: RecordingX) -> None:
    """The next reader pays only for the rest."""
    x.has("nasa", posts=350)
    desk.ask(300, listener=GONE)
    before = desk.spent()
    assert list_ids(desk.ask(300)) == newest(x, 300)
    assert desk.spent() - before == 200 * POST_MICRODOLLARS


def test_a_cancelled_read_of_a_free_network_is_repeated(desk: StoreHarness, world: fake_networks.World) -> None:
    """The next reader gets everything."""
    world.bluesky.has("nasa", posts=350)
    stopped = len(uris(desk.ask(300, FREE_NASA, listener=GONE)))
    assert stopped == 100
    assert uris(desk.ask(300, FREE_NASA)) == newest(world.bluesky, 300)


def test_a_read_cancelled_among_newer_posts_loses_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """Posts that were paid for stay stored."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish(x, 150)
    desk.pass_time(minutes=61)
    desk.ask(300, listener=GONE)
    assert list_ids(desk.ask(450)) == newest(x, 450)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_a_read_cancelled_before_its_span_is_not_called_empty(desk: StoreHarness, world: fake_networks.World) -> None:
    """The next reader reads the span."""
    world.bluesky.has("nasa", posts=300)
    span = {"since": fake_networks.NEWEST_POST_AT - timedelta(hours=220), "until": fake_networks.NEWEST_POST_AT - timedelta(hours=209)}
    desk.ask(50, FREE_NASA, listener=GONE, **span)
    assert newest(world.bluesky, 221)[210:] == uris(desk.ask(50, FREE_NASA, **span))


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
    assert results == [newest(x, 300)] * 2
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


# --- any requests -----------------------------------------------------------------------------------------------------

QUESTIONS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 40)), min_size=1, max_size=6)


def count_mistakes(world: fake_networks.World, questions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ask for n posts after so many new ones and an hour, again and again; return how often an answer was wrong, and a post paid twice.

    A dropped run may be paid for again, as what is dropped is not kept; within a run nothing may.
    """
    x, desk = record_charges(world), StoreHarness(world)
    x.has("nasa", posts=80)
    troubles = []
    for n, new in questions:
        publish(x, new)
        desk.pass_time(minutes=61)
        wrong = list_ids(desk.ask(n)) != newest(x, n)
        if new >= n:  # the run was dropped
            x.sold.clear()
        twice = [one for one, times in Counter(x.sold).items() if times > 1]
        if wrong or twice:
            troubles.append((n, len(twice)))
    return troubles


@pytest.fixture(scope="module")
def lasting() -> Iterator[fake_networks.World]:
    """Fake networks for many examples."""
    with fake_networks.World() as outside:
        yield outside


@pytest.mark.faults
@settings(deterministic, max_examples=scale_examples(20))
@given(questions=QUESTIONS)
@example(questions=[(10, 0), (20, 40), (50, 0)])
def test_any_requests_are_answered_correctly_without_paying_twice(lasting: fake_networks.World, questions: list[tuple[int, int]]) -> None:
    """For any requests with hours and new posts in between, the newest n posts are returned, and no post of a run is bought twice."""
    assert count_mistakes(lasting, questions) == []


@pytest.mark.faults
@settings(deterministic, max_examples=scale_examples(20))
@given(numbers=st.lists(st.integers(1, 120), min_size=1, max_size=6))
def test_any_numbers_within_an_hour_cost_as_much_as_the_largest(lasting: fake_networks.World, numbers: list[int]) -> None:
    """The smallest page of each step may be added."""
    assert count_mistakes(lasting, [(n, 0) for n in numbers]) == []


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
