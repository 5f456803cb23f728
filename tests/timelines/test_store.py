"""The library: what was read is kept as one run, continued at either end, and no post is paid for twice."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.core.accounts import Account
from dashboard.core.errors import RateLimited, SourceError, SourceUnavailable
from dashboard.core.posts import Timeline
from dashboard.sources.base import ProgressListener
from tests.support import fake_networks
from tests.support.builders import deterministic
from tests.support.paths import ROOT
from tests.support.redis_server import run_redis
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, POST_MICRODOLLARS, RecordingX, StoreHarness, list_ids, record_charges

FREE_NASA = Account("bluesky", "nasa.bsky.social")
GONE = ProgressListener(is_cancelled=lambda: True)  # a reader who left before the first page came


@pytest.fixture
def x(world: fake_networks.World) -> RecordingX:
    """X, which keeps a book."""
    return record_charges(world)


@pytest.fixture
def desk(world: fake_networks.World, x: RecordingX) -> StoreHarness:
    """A library with nothing on its shelf."""
    return StoreHarness(world)


def newest(network: fake_networks.FakeNetwork, n: int) -> list[str]:
    """Return the ids of the newest posts of @nasa."""
    return [str(post.id) for post in network.accounts["nasa"].posts[:n]]


def publish(network: fake_networks.FakeNetwork, count: int) -> None:
    """Let @nasa post so many times."""
    for number in range(count):
        network.post("nasa", f"new {number}")


def uris(timeline: Timeline) -> list[str]:
    """Return the ids of Bluesky posts without their address."""
    return [one.rpartition("/")[2] for one in list_ids(timeline)]


# --- one run ----------------------------------------------------------------------------------------------------------


def test_asking_again_within_an_hour_reads_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """What was read an instant ago comes off the shelf."""
    x.has("nasa", posts=60)
    first = desk.ask(40)
    asked = len(x.requests)
    assert list_ids(first) == list_ids(desk.ask(40))
    assert asked == len(x.requests)


def test_after_an_hour_only_what_is_newer_is_asked_for(desk: StoreHarness, x: RecordingX) -> None:
    """X is asked for what is newer than the newest kept post, and for nothing else."""
    x.has("nasa", posts=60)
    kept = list_ids(desk.ask(20))
    publish(x, 3)
    desk.pass_time(minutes=61)
    before = len(x.requests)
    desk.ask(20)
    assert [(kept[0], None)] == [(one.params.get("since_id"), one.params.get("until_id")) for one in x.requests[before:]]


def test_after_an_hour_only_new_posts_are_paid_for(desk: StoreHarness, x: RecordingX) -> None:
    """Three new posts cost three posts, and the answer is the newest twenty."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 3)
    desk.pass_time(minutes=61)
    before = desk.spent()
    assert list_ids(desk.ask(20)) == newest(x, 20)
    assert desk.spent() - before == 3 * POST_MICRODOLLARS


def test_what_is_newer_joins_what_is_kept(desk: StoreHarness, x: RecordingX) -> None:
    """Twenty kept and three new posts answer for twenty-three."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 3)
    desk.pass_time(minutes=61)
    desk.ask(20)
    asked = len(x.requests)
    assert newest(x, 23) == list_ids(desk.ask(23))
    assert asked == len(x.requests)


def test_nothing_new_costs_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """A silent account is asked after an hour, once, and charges nothing."""
    x.has("nasa", posts=60)
    desk.ask(20)
    desk.pass_time(minutes=61)
    before, asked = desk.spent(), len(x.requests)
    answers = [list_ids(desk.ask(20)) for _ in range(2)]
    assert [newest(x, 20)] * 2 == answers
    assert before == desk.spent()
    assert asked + 1 == len(x.requests)


def test_more_posts_read_only_what_is_older(desk: StoreHarness, x: RecordingX) -> None:
    """X is asked for what is older than the oldest kept post, and only that is paid for."""
    x.has("nasa", posts=260)
    kept = list_ids(desk.ask(20))
    before, asked = desk.spent(), len(x.requests)
    answer = list_ids(desk.ask(250))
    assert answer == newest(x, 250)
    assert desk.spent() - before == 230 * POST_MICRODOLLARS
    assert {(None, kept[-1])} == {(one.params.get("since_id"), one.params.get("until_id")) for one in x.requests[asked:]}


def test_posts_of_one_moment_are_all_read(desk: StoreHarness, x: RecordingX) -> None:
    """A run that ends among posts of the same second goes on without losing or doubling one."""
    x.has("nasa")
    for number in range(12):
        x.accounts["nasa"].posts.insert(0, fake_networks.FakePost(10**18 + number, "Again", fake_networks.NEWEST_POST_AT))
    desk.ask(6)
    assert newest(x, 12) == list_ids(desk.ask(12))


def test_newer_and_older_posts_are_read_for_one_question(desk: StoreHarness, x: RecordingX) -> None:
    """After an hour and for more posts, both ends are continued, and no post is paid for twice."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 3)
    desk.pass_time(minutes=61)
    answer = list_ids(desk.ask(50))
    assert answer == newest(x, 50)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_newer_posts_save_older_ones(desk: StoreHarness, x: RecordingX) -> None:
    """Twenty kept and thirty new posts answer for fifty: nothing older is bought."""
    x.has("nasa", posts=100)
    desk.ask(20)
    publish(x, 30)
    desk.pass_time(minutes=61)
    sold = len(x.sold)
    desk.ask(50)
    assert len(x.sold) - sold == 30


def test_a_gap_is_never_hidden(desk: StoreHarness, x: RecordingX) -> None:
    """When more is new than was asked for, later answers hold the posts between the new and the old ones."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 30)
    desk.pass_time(minutes=61)
    answers = [list_ids(desk.ask(n)) for n in (10, 45)]
    assert [newest(x, 10), newest(x, 45)] == answers


def test_a_gap_is_never_hidden_by_asking_for_more(desk: StoreHarness, x: RecordingX) -> None:
    """When more is new than was asked for, and more is asked for than was kept, no post between them is left out."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish(x, 100)
    desk.pass_time(minutes=61)
    answers = [list_ids(desk.ask(n)) for n in (30, 40)]
    assert [newest(x, 30), newest(x, 40)] == answers


def test_a_small_question_does_not_lose_a_large_run(desk: StoreHarness, x: RecordingX) -> None:
    """A few posts of a busy hour do not make the hundreds kept before be paid for again."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish(x, 10)
    desk.pass_time(minutes=61)
    desk.ask(5)
    assert list_ids(desk.ask(310)) == newest(x, 310)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_small_questions_day_after_day_do_not_lose_a_large_run(desk: StoreHarness, x: RecordingX) -> None:
    """Two busy hours with a small question each leave two gaps, and the hundreds behind them are still not paid for again."""
    x.has("nasa", posts=300)
    desk.ask(300)
    for _ in range(2):
        publish(x, 10)
        desk.pass_time(minutes=61)
        desk.ask(5)
    before = desk.spent()
    assert list_ids(desk.ask(320)) == newest(x, 320)
    assert desk.spent() - before <= 20 * POST_MICRODOLLARS


def test_as_many_new_posts_as_asked_for_join_the_run(desk: StoreHarness, x: RecordingX) -> None:
    """Ten new posts and a question for ten leave no gap, so the run is kept."""
    x.has("nasa", posts=50)
    desk.ask(50)
    publish(x, 10)
    desk.pass_time(minutes=61)
    desk.ask(10)
    desk.ask(60)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_a_whole_timeline_is_never_deepened(desk: StoreHarness, x: RecordingX) -> None:
    """A timeline that was read to its end answers any number."""
    x.has("nasa", posts=60)
    desk.ask(100)
    asked = len(x.requests)
    assert list_ids(timeline := desk.ask(3200)) == newest(x, 60)
    assert timeline.cut_by is None
    assert len(x.requests) == asked


def test_a_window_is_never_deepened(desk: StoreHarness, x: RecordingX) -> None:
    """Where X gives no older posts, none are asked for again."""
    x.max_timeline_posts = 120
    x.has("nasa", posts=130, public_metrics={"tweet_count": 5000})
    desk.ask(100)
    desk.ask(500)
    asked = len(x.requests)
    assert desk.ask(500).cut_by == "network"
    assert len(x.requests) == asked


def test_the_overshoot_of_the_last_page_is_kept(desk: StoreHarness, x: RecordingX) -> None:
    """X gives no page under five posts: 402 cost 405, and 405 are kept."""
    x.has("nasa", posts=500)
    answer = list_ids(desk.ask(402))
    before = desk.spent()
    more = list_ids(desk.ask(405))
    assert answer == newest(x, 402)
    assert more == newest(x, 405)
    assert before == LOOKUP_MICRODOLLARS + 405 * POST_MICRODOLLARS
    assert len(x.sold) == 405


def test_the_overshoot_of_an_older_page_is_kept(desk: StoreHarness, x: RecordingX) -> None:
    """Two posts more cost five, and the other three are there for the next question."""
    x.has("nasa", posts=500)
    desk.ask(10)
    desk.ask(12)
    before = desk.spent()
    assert newest(x, 15) == list_ids(desk.ask(15))
    assert before == desk.spent()


def test_a_free_network_is_read_again_after_an_hour(desk: StoreHarness, world: fake_networks.World) -> None:
    """A network that can't be asked for what is newer is read anew, and shows it."""
    world.bluesky.has("nasa", posts=60)
    desk.ask(20, FREE_NASA)
    publish(world.bluesky, 3)
    within = uris(desk.ask(20, FREE_NASA))
    desk.pass_time(minutes=61)
    assert newest(world.bluesky, 23)[3:] == within
    assert newest(world.bluesky, 20) == uris(desk.ask(20, FREE_NASA))


def test_a_run_that_grows_past_the_cap_says_so(desk: StoreHarness, x: RecordingX) -> None:
    """A whole timeline of 3,190 posts and twenty new ones are more than Chorus reads, and the answer is not called whole."""
    x.has("nasa", posts=3190)
    desk.ask(3200)
    publish(x, 20)
    desk.pass_time(minutes=61)
    assert desk.ask(3200).cut_by == "cap"


# --- spans ------------------------------------------------------------------------------------------------------------


def test_a_span_within_the_run_reads_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """What the newest posts cover is not asked for again."""
    x.has("nasa", posts=100)
    desk.ask(60)
    asked = len(x.requests)
    timeline = desk.ask(
        60, since=fake_networks.NEWEST_POST_AT - timedelta(hours=10), until=fake_networks.NEWEST_POST_AT - timedelta(hours=5)
    )
    assert list_ids(timeline) == newest(x, 11)[6:]
    assert timeline.cut_by is None
    assert len(x.requests) == asked


def test_a_span_before_the_run_is_read_for_itself(desk: StoreHarness, x: RecordingX) -> None:
    """What lies further back than the run is asked for with its times, and the run stays as it was."""
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
    """Nothing new comes to a span that is over."""
    x.has("nasa", posts=100)
    span = {"since": fake_networks.NEWEST_POST_AT - timedelta(hours=40), "until": fake_networks.NEWEST_POST_AT - timedelta(hours=30)}
    first = list_ids(desk.ask(60, **span))
    desk.pass_time(days=2)
    asked = len(x.requests)
    assert first == list_ids(desk.ask(60, **span))
    assert asked == len(x.requests)


def test_a_span_that_the_run_came_to_cover_is_not_bought_again(desk: StoreHarness, x: RecordingX) -> None:
    """A few posts of a span were read once, then everything: more of the span costs nothing."""
    x.has("nasa", posts=100)
    span = {"since": fake_networks.NEWEST_POST_AT - timedelta(hours=50), "until": fake_networks.NEWEST_POST_AT - timedelta(hours=10)}
    desk.ask(10, **span)
    desk.ask(100)
    sold = len(x.sold)
    assert list_ids(desk.ask(30, **span)) == newest(x, 41)[11:]
    assert len(x.sold) - sold == 0


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_failure_on_the_way_to_older_posts_shows_what_is_kept(desk: StoreHarness, x: RecordingX) -> None:
    """The kept posts come with the reason why there are no more, and cost nothing."""
    x.has("nasa", posts=250)
    desk.ask(100)
    before = desk.spent()
    x.fails("nasa", with_="rate limit")
    timeline = desk.ask(200)
    assert newest(x, 100) == list_ids(timeline)
    assert type(timeline.failure) is RateLimited
    assert before == desk.spent()


def test_after_a_failure_on_the_way_reading_goes_on(desk: StoreHarness, x: RecordingX) -> None:
    """What came before the failure is kept, and the rest is read from there once the network may be asked."""
    x.has("nasa", posts=350)
    x.fails("nasa", with_="overloaded", after_pages=1, times=2)
    reads = [list_ids(desk.ask(300))]
    desk.pass_time(seconds=31)
    reads.append(list_ids(desk.ask(300)))
    assert reads == [newest(x, 100), newest(x, 300)]
    assert len(x.sold) == 300


def test_a_failure_without_posts_is_remembered(desk: StoreHarness, x: RecordingX) -> None:
    """A network that is down is left alone for half a minute, then asked again."""
    x.has("nasa", posts=20)
    x.fails("nasa", with_="overloaded", times=2)
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            desk.ask(20)
    asked = len(x.requests)
    desk.pass_time(seconds=31)
    assert list_ids(desk.ask(20)) == newest(x, 20)
    assert asked == 2


def test_a_rate_limit_is_kept_to_until_its_reset(desk: StoreHarness, x: RecordingX) -> None:
    """Ten minutes to wait are ten minutes, whoever asks in between."""
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


def test_a_rate_limit_on_the_way_is_kept_to(desk: StoreHarness, x: RecordingX) -> None:
    """A timeline that ended at a rate limit is not continued before its reset."""
    x.has("nasa", posts=350)
    x.fails("nasa", with_="rate limit", after_pages=1, headers={"x-rate-limit-reset": fake_networks.epoch_in_minutes(10)})
    desk.ask(300)
    desk.pass_time(minutes=8)
    asked = len(x.requests)
    assert type(desk.ask(300).failure) is RateLimited
    assert asked == len(x.requests)


@pytest.mark.parametrize("ask", [100, 200], ids=["newer", "older"])
def test_a_failure_beside_kept_posts_is_remembered(desk: StoreHarness, x: RecordingX, ask: int) -> None:
    """A network that asked us to wait is not asked at every reload, even if there is something to show."""
    x.has("nasa", posts=250)
    desk.ask(100)
    desk.pass_time(minutes=61 if ask == 100 else 40)
    x.fails("nasa", with_="rate limit", headers={"x-rate-limit-reset": fake_networks.epoch_in_minutes(10)})
    desk.ask(ask)
    asked = len(x.requests)
    desk.ask(ask)
    assert asked == len(x.requests)


def test_posts_that_could_not_be_renewed_are_not_shown_as_new(desk: StoreHarness, x: RecordingX) -> None:
    """Enough posts of yesterday come with the reason why there are none of today."""
    x.has("nasa", posts=250)
    desk.ask(100)
    desk.pass_time(days=1)
    x.fails("nasa", with_="rate limit")
    assert type(desk.ask(100).failure) is RateLimited


def test_a_failure_beside_kept_posts_is_the_cut(desk: StoreHarness, x: RecordingX) -> None:
    """A hundred of two hundred posts because of a rate limit are not cut by the number asked for."""
    x.has("nasa", posts=250)
    desk.ask(100)
    x.fails("nasa", with_="rate limit")
    assert desk.ask(200).cut_by == "rate_limit"


def test_a_failure_on_the_way_to_newer_posts_is_told(desk: StoreHarness, x: RecordingX) -> None:
    """Older posts that came do not hide that the newest ones could not be had."""
    x.has("nasa", posts=250)
    desk.ask(100)
    publish(x, 3)
    desk.pass_time(minutes=61)
    x.fails("nasa", with_="rate limit", times=1)
    assert desk.ask(200).failure is not None


def test_a_failure_among_newer_posts_loses_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """A network that fails on the second page of what is new takes away nothing that was paid for."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish(x, 150)
    desk.pass_time(minutes=61)
    x.fails("nasa", with_="overloaded", after_pages=4, times=2)
    desk.ask(300)
    desk.pass_time(minutes=2)
    assert list_ids(desk.ask(450)) == newest(x, 450)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_reading_again_loses_no_posts_to_a_failure(desk: StoreHarness, world: fake_networks.World) -> None:
    """A free network that fails on its second page shows no fewer posts than before."""
    world.bluesky.has("nasa", posts=300)
    desk.ask(300, FREE_NASA)
    desk.pass_time(minutes=61)
    world.bluesky.fails("nasa", with_="overloaded", after_pages=4)
    assert newest(world.bluesky, 300) == uris(desk.ask(300, FREE_NASA))


# --- readers who leave ------------------------------------------------------------------------------------------------


def test_a_reader_who_leaves_stops_at_the_next_page(desk: StoreHarness, x: RecordingX) -> None:
    """One page was asked for, and it is kept."""
    x.has("nasa", posts=350)
    timeline = desk.ask(300, listener=GONE)
    assert list_ids(timeline) == newest(x, 100)
    assert timeline.cut_by == "stopped"
    assert len(x.sold) == 100


def test_what_a_reader_left_is_continued(desk: StoreHarness, x: RecordingX) -> None:
    """The next reader pays for the rest alone."""
    x.has("nasa", posts=350)
    desk.ask(300, listener=GONE)
    before = desk.spent()
    assert list_ids(desk.ask(300)) == newest(x, 300)
    assert desk.spent() - before == 200 * POST_MICRODOLLARS


def test_a_free_network_that_a_reader_left_is_read_whole(desk: StoreHarness, world: fake_networks.World) -> None:
    """The next reader gets everything."""
    world.bluesky.has("nasa", posts=350)
    stopped = len(uris(desk.ask(300, FREE_NASA, listener=GONE)))
    assert stopped == 100
    assert uris(desk.ask(300, FREE_NASA)) == newest(world.bluesky, 300)


def test_a_reader_who_leaves_among_newer_posts_loses_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """Closing the page while what is new is read takes away nothing that was paid for."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish(x, 150)
    desk.pass_time(minutes=61)
    desk.ask(300, listener=GONE)
    assert list_ids(desk.ask(450)) == newest(x, 450)
    assert [one for one, times in Counter(x.sold).items() if times > 1] == []


def test_a_reader_who_leaves_before_the_span_came_leaves_no_empty_timeline(desk: StoreHarness, world: fake_networks.World) -> None:
    """A span further back than the first page is read by the next reader, not called empty for an hour."""
    world.bluesky.has("nasa", posts=300)
    span = {"since": fake_networks.NEWEST_POST_AT - timedelta(hours=220), "until": fake_networks.NEWEST_POST_AT - timedelta(hours=209)}
    desk.ask(50, FREE_NASA, listener=GONE, **span)
    assert newest(world.bluesky, 221)[210:] == uris(desk.ask(50, FREE_NASA, **span))


# --- two at once ------------------------------------------------------------------------------------------------------


def test_two_threads_cause_one_read(desk: StoreHarness, x: RecordingX) -> None:
    """Who asks while another reads waits, and gets what was read."""
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


PROCESS = """
import sys
from tests.support.redis_server import connect_to_redis
from tests.support.timeline_stores import RecordingCache, StoreHarness, list_ids
class World: url = sys.argv[1]
desk = StoreHarness(World, RecordingCache(connect_to_redis(sys.argv[2])))
desk.budget.remaining_microdollars()
print("ready", flush=True)
sys.stdin.readline()
print(len(list_ids(desk.ask(300))))
"""


class SlowLedger(RecordingX):
    """X that takes a moment for a page, so that two processes meet."""

    seconds: ClassVar = 0.2

    def respond(self, request: fake_networks.Request) -> fake_networks.Response:
        """Answer after a moment."""
        threading.Event().wait(self.seconds)
        return super().respond(request)


def test_two_processes_cause_one_read(world: fake_networks.World) -> None:
    """Two servers with one Redis read a timeline once, and both answer with it."""
    world.x = world.networks[0] = slow = SlowLedger()
    slow.has("nasa", posts=350)
    with run_redis() as url:
        command = [sys.executable, "-c", PROCESS, world.url, url]
        options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
        options["env"] = {"PYTHONPATH": "."}
        both = [subprocess.Popen(command, **options) for _ in range(2)]
        assert [one.stdout.readline() for one in both if one.stdout] == ["ready\n"] * 2
        for one in both:
            assert one.stdin
            one.stdin.write("\n")
            one.stdin.flush()
        outputs = [one.communicate(timeout=30)[0] for one in both]
    assert outputs == ["300\n"] * 2
    assert len(slow.sold) == 300


# --- whatever is asked ------------------------------------------------------------------------------------------------

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
    """A world for many examples."""
    with fake_networks.World() as outside:
        yield outside


@deterministic
@given(questions=QUESTIONS)
@example(questions=[(10, 0), (20, 40), (50, 0)])
def test_whatever_is_asked_answers_are_right_and_nothing_is_paid_twice(
    lasting: fake_networks.World, questions: list[tuple[int, int]]
) -> None:
    """For any questions, hours and new posts apart, the answer is the newest n of the timeline, and no post of a run was bought twice."""
    assert count_mistakes(lasting, questions) == []


@deterministic
@given(numbers=st.lists(st.integers(1, 120), min_size=1, max_size=6))
def test_whatever_numbers_are_asked_nothing_is_paid_twice(lasting: fake_networks.World, numbers: list[int]) -> None:
    """Within an hour, any numbers in any order cost what the largest one costs, up to the smallest page at each step."""
    assert count_mistakes(lasting, [(n, 0) for n in numbers]) == []


def test_an_account_that_is_unknown_is_told_each_time(desk: StoreHarness, x: RecordingX) -> None:
    """A name that nobody has is remembered as such for a while, and its look-up costs nothing."""
    messages = []
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            desk.ask(20)
        messages.append(type(caught.value).__name__)
    assert messages == ["AccountNotFound"] * 2
    assert len(x.requests) == 1
    assert desk.spent() == 0
