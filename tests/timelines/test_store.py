"""The timeline store: timelines are stored as one run, extended at either end, and no post is paid for twice."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.support import fake_networks
from tests.support.timeline_stores import (
    FREE_NASA,
    LOOKUP_MICRODOLLARS,
    POST_MICRODOLLARS,
    RecordingX,
    StoreHarness,
    list_bluesky_ids,
    list_ids,
    list_newest_ids,
    publish_posts,
)

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
    publish_posts(x, 3)
    desk.pass_time(minutes=61)
    before = len(x.requests)
    desk.ask(20)
    assert [(kept[0], None)] == [(request.params.get("since_id"), request.params.get("until_id")) for request in x.requests[before:]]


def test_after_an_hour_only_new_posts_are_paid_for(desk: StoreHarness, x: RecordingX) -> None:
    """Three new posts cost three posts, and the newest twenty are returned."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish_posts(x, 3)
    desk.pass_time(minutes=61)
    before = desk.spent()
    assert list_ids(desk.ask(20)) == list_newest_ids(x, 20)
    assert desk.spent() - before == 3 * POST_MICRODOLLARS


def test_newer_posts_are_joined_to_the_stored_ones(desk: StoreHarness, x: RecordingX) -> None:
    """Twenty stored and three new posts make twenty-three."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish_posts(x, 3)
    desk.pass_time(minutes=61)
    desk.ask(20)
    asked = len(x.requests)
    assert list_newest_ids(x, 23) == list_ids(desk.ask(23))
    assert asked == len(x.requests)


def test_an_account_without_new_posts_costs_nothing(desk: StoreHarness, x: RecordingX) -> None:
    """It is requested once per hour."""
    x.has("nasa", posts=60)
    desk.ask(20)
    desk.pass_time(minutes=61)
    before, asked = desk.spent(), len(x.requests)
    answers = [list_ids(desk.ask(20)) for _ in range(2)]
    assert [list_newest_ids(x, 20)] * 2 == answers
    assert before == desk.spent()
    assert asked + 1 == len(x.requests)


def test_requesting_more_posts_reads_only_older_ones(desk: StoreHarness, x: RecordingX) -> None:
    """X gets a request for posts before the oldest stored one, and only those are paid for."""
    x.has("nasa", posts=260)
    kept = list_ids(desk.ask(20))
    before, asked = desk.spent(), len(x.requests)
    answer = list_ids(desk.ask(250))
    assert answer == list_newest_ids(x, 250)
    assert desk.spent() - before == 230 * POST_MICRODOLLARS
    assert {(None, kept[-1])} == {(request.params.get("since_id"), request.params.get("until_id")) for request in x.requests[asked:]}


def test_posts_of_the_same_second_are_all_read(desk: StoreHarness, x: RecordingX) -> None:
    """A run that ends among them is continued without losing or repeating one."""
    x.has("nasa")
    for number in range(12):
        x.accounts["nasa"].posts.insert(0, fake_networks.FakePost(10**18 + number, "Again", fake_networks.NEWEST_POST_AT))
    desk.ask(6)
    assert list_newest_ids(x, 12) == list_ids(desk.ask(12))


def test_a_request_can_extend_both_ends(desk: StoreHarness, x: RecordingX) -> None:
    """After an hour and for more posts, no post is paid for twice."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish_posts(x, 3)
    desk.pass_time(minutes=61)
    answer = list_ids(desk.ask(50))
    assert answer == list_newest_ids(x, 50)
    assert [post_id for post_id, times in Counter(x.sold).items() if times > 1] == []


def test_newer_posts_reduce_the_older_ones_needed(desk: StoreHarness, x: RecordingX) -> None:
    """Twenty stored and thirty new posts make fifty, so nothing older is bought."""
    x.has("nasa", posts=100)
    desk.ask(20)
    publish_posts(x, 30)
    desk.pass_time(minutes=61)
    sold = len(x.sold)
    desk.ask(50)
    assert len(x.sold) - sold == 30


def test_a_gap_is_never_hidden(desk: StoreHarness, x: RecordingX) -> None:
    """If more posts are new than requested, later responses include those in between."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish_posts(x, 30)
    desk.pass_time(minutes=61)
    answers = [list_ids(desk.ask(n)) for n in (10, 45)]
    assert [list_newest_ids(x, 10), list_newest_ids(x, 45)] == answers


def test_a_gap_is_never_hidden_by_requesting_more(desk: StoreHarness, x: RecordingX) -> None:
    """Even if more posts are requested than stored, none in between is left out."""
    x.has("nasa", posts=60)
    desk.ask(20)
    publish_posts(x, 100)
    desk.pass_time(minutes=61)
    answers = [list_ids(desk.ask(n)) for n in (30, 40)]
    assert [list_newest_ids(x, 30), list_newest_ids(x, 40)] == answers


def test_a_small_request_does_not_lose_a_large_run(desk: StoreHarness, x: RecordingX) -> None:
    """A few posts of a busy hour don't make hundreds of stored posts be paid for again."""
    x.has("nasa", posts=300)
    desk.ask(300)
    publish_posts(x, 10)
    desk.pass_time(minutes=61)
    desk.ask(5)
    assert list_ids(desk.ask(310)) == list_newest_ids(x, 310)
    assert [post_id for post_id, times in Counter(x.sold).items() if times > 1] == []


def test_small_requests_on_several_days_do_not_lose_a_large_run(desk: StoreHarness, x: RecordingX) -> None:
    """Two gaps don't make hundreds of stored posts be paid for again."""
    x.has("nasa", posts=300)
    desk.ask(300)
    for _ in range(2):
        publish_posts(x, 10)
        desk.pass_time(minutes=61)
        desk.ask(5)
    before = desk.spent()
    assert list_ids(desk.ask(320)) == list_newest_ids(x, 320)
    assert desk.spent() - before <= 20 * POST_MICRODOLLARS


def test_as_many_new_posts_as_requested_join_the_run(desk: StoreHarness, x: RecordingX) -> None:
    """Ten new posts and a request for ten leave no gap."""
    x.has("nasa", posts=50)
    desk.ask(50)
    publish_posts(x, 10)
    desk.pass_time(minutes=61)
    desk.ask(10)
    desk.ask(60)
    assert [post_id for post_id, times in Counter(x.sold).items() if times > 1] == []


def test_a_complete_timeline_is_never_extended(desk: StoreHarness, x: RecordingX) -> None:
    """It has all posts for any request."""
    x.has("nasa", posts=60)
    desk.ask(100)
    asked = len(x.requests)
    assert list_ids(timeline := desk.ask(3200)) == list_newest_ids(x, 60)
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
    assert answer == list_newest_ids(x, 402)
    assert more == list_newest_ids(x, 405)
    assert before == LOOKUP_MICRODOLLARS + 405 * POST_MICRODOLLARS
    assert len(x.sold) == 405


def test_extra_posts_of_an_older_page_are_stored(desk: StoreHarness, x: RecordingX) -> None:
    """Two more posts cost five, and the other three are there for the next request."""
    x.has("nasa", posts=500)
    desk.ask(10)
    desk.ask(12)
    before = desk.spent()
    assert list_newest_ids(x, 15) == list_ids(desk.ask(15))
    assert before == desk.spent()


def test_a_free_network_is_read_again_after_an_hour(desk: StoreHarness, world: fake_networks.World) -> None:
    """It can't be asked for only newer posts."""
    world.bluesky.has("nasa", posts=60)
    desk.ask(20, FREE_NASA)
    publish_posts(world.bluesky, 3)
    within = list_bluesky_ids(desk.ask(20, FREE_NASA))
    desk.pass_time(minutes=61)
    assert list_newest_ids(world.bluesky, 23)[3:] == within
    assert list_newest_ids(world.bluesky, 20) == list_bluesky_ids(desk.ask(20, FREE_NASA))


@pytest.mark.slow
def test_a_run_that_exceeds_the_cap_says_so(desk: StoreHarness, x: RecordingX) -> None:
    """A complete timeline of 3,190 posts and twenty new ones aren't called complete."""
    x.has("nasa", posts=3190)
    desk.ask(3200)
    publish_posts(x, 20)
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
    assert list_ids(timeline) == list_newest_ids(x, 11)[6:]
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
    assert list_newest_ids(x, 41)[31:] == list_ids(timeline)
    assert asked + 1 == len(x.requests)
    assert list_newest_ids(x, 20) == list_ids(desk.ask(20))
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
    assert list_ids(desk.ask(30, **span)) == list_newest_ids(x, 41)[11:]
    assert len(x.sold) - sold == 0
