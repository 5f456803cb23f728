"""What must still be read to answer a request, how two reads join, and which part of the result answers the request."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.core.posts import CutReason, Timeline
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.core.source_errors import RateLimited, SourceError, SourceUnavailable
from dashboard.sources.base import TimelineRequest
from dashboard.timelines import incremental
from dashboard.timelines.incremental import MAX_BACKOFF, MAX_FRESH_AGE, MIN_BACKOFF, ReadStep
from tests.support.builders import build_posts

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
STALE = NOW - MAX_FRESH_AGE
UNAVAILABLE = SourceUnavailable("nasa", "Bluesky does not answer.")


def build_run(*ids: int, cut_by: CutReason | None = "n", read_at: datetime = NOW, **fields: object) -> Timeline:
    """Return a run of posts with these ids; post 100 was written an hour before NOW, and every lower id an hour earlier."""
    rows = [{"id": str(number), "created_at": hours_before(101 - number)} for number in ids]
    return Timeline("nasa", build_posts(*rows), cut_by, read_at, **fields)  # type: ignore[arg-type]


def hours_before(hours: int) -> datetime:
    """Return the time that many hours before NOW."""
    return NOW - timedelta(hours=hours)


def rate_limited(resets_at: datetime | None) -> RateLimited:
    """Return X's refusal of more requests until a time."""
    return RateLimited("nasa", "X asks us to wait.", resets_at=resets_at)


def list_ids(timeline: Timeline) -> list[int]:
    """Return the ids of the posts, newest first."""
    return [int(post_id) for post_id in timeline.posts["id"]]


def plan(
    newest_run: Timeline | None, request: TimelineRequest, older_run: Timeline | None = None, *, can_resume: bool = True
) -> ReadStep | None:
    """Plan the next read at NOW."""
    return incremental.plan_next_read(newest_run, older_run, request, NOW, can_resume=can_resume)


# --- the next read ----------------------------------------------------------------------------------------------------


def test_the_first_request_reads_everything_it_asks_for() -> None:
    """Without a stored run, the read is the request itself."""
    assert plan(None, TimelineRequest(3)) == ReadStep(TimelineRequest(3), "all")


def test_a_fresh_run_with_enough_posts_needs_no_read() -> None:
    """Nothing is paid for within the hour."""
    assert plan(build_run(100, 99, 98), TimelineRequest(3)) is None


def test_a_run_is_fresh_until_the_hour_is_over() -> None:
    """One microsecond decides between a free answer and a paid read."""
    just_fresh = build_run(100, 99, read_at=STALE + timedelta(microseconds=1))
    assert plan(just_fresh, TimelineRequest(2)) is None
    assert plan(build_run(100, 99, read_at=STALE), TimelineRequest(2)) == ReadStep(TimelineRequest(2, newer_than="100"), "newer")


def test_more_posts_are_read_from_the_oldest_stored_post_on() -> None:
    """Only the missing posts are requested, including others of the oldest post's moment."""
    step = plan(build_run(100, 99), TimelineRequest(5))
    until = hours_before(2) + timedelta(microseconds=1)
    assert step == ReadStep(TimelineRequest(3, older_than="99", until=until), "older")


def test_reading_older_posts_stops_at_the_older_run() -> None:
    """Posts on the far side of the gap aren't paid for again."""
    step = plan(build_run(100, 99), TimelineRequest(5), build_run(96, 95))
    assert step is not None
    assert step.request.newer_than == "96"


def test_an_empty_older_run_is_no_place_to_stop() -> None:
    """There is no post to stop at."""
    step = plan(build_run(100, 99), TimelineRequest(5), build_run())
    assert step is not None
    assert step.request.newer_than is None


def test_a_complete_timeline_is_never_deepened() -> None:
    """An account with two posts has no third, whatever is requested."""
    assert plan(build_run(100, 99, cut_by=None), TimelineRequest(50)) is None
    assert plan(build_run(100, 99, cut_by="network"), TimelineRequest(50)) is None


def test_a_run_that_reaches_the_start_of_the_window_is_not_deepened() -> None:
    """A post before the window proves that nothing is missing in it."""
    assert plan(build_run(100, 99, 98), TimelineRequest(50, since=hours_before(2))) is None


def test_a_past_window_is_not_refreshed() -> None:
    """What was written before the last read doesn't change with new posts."""
    stale = build_run(100, 99, read_at=STALE)
    assert plan(stale, TimelineRequest(1, until=STALE)) is None
    assert plan(stale, TimelineRequest(1, until=STALE + timedelta(microseconds=1))) is not None


def test_a_network_that_cannot_resume_is_read_from_the_start() -> None:
    """A stale run and a request for more both read everything; a fresh answer reads nothing."""
    assert plan(build_run(100, 99, read_at=STALE), TimelineRequest(2), can_resume=False) == ReadStep(TimelineRequest(2), "all")
    assert plan(build_run(100, 99), TimelineRequest(5), can_resume=False) == ReadStep(TimelineRequest(5), "all")
    assert plan(build_run(100, 99), TimelineRequest(2), can_resume=False) is None


def test_an_empty_timeline_is_read_again_only_when_it_is_stale_or_failed() -> None:
    """An account without posts costs one read per hour."""
    failed_before = NOW - MIN_BACKOFF
    assert plan(build_run(cut_by=None), TimelineRequest(2)) is None
    assert plan(build_run(cut_by=None, read_at=STALE), TimelineRequest(2)) == ReadStep(TimelineRequest(2), "all")
    failed = build_run(cut_by=None, failure=UNAVAILABLE, failed_at=failed_before)
    assert plan(failed, TimelineRequest(2)) == ReadStep(TimelineRequest(2), "all")


def test_nothing_is_read_while_the_network_is_left_alone() -> None:
    """A failed read isn't repeated for thirty seconds, whatever is missing."""
    failed = build_run(100, failure=UNAVAILABLE, failed_at=NOW)
    assert plan(failed, TimelineRequest(50)) is None


# --- joining reads ----------------------------------------------------------------------------------------------------


def merge(newest_run: Timeline | None, fetched: Timeline, step: ReadStep, older_run: Timeline | None = None) -> tuple[Timeline, object]:
    """Merge a read into what is stored."""
    return incremental.merge_read(newest_run, older_run, fetched, step)


ALL, NEWER = ReadStep(TimelineRequest(9), "all"), ReadStep(TimelineRequest(9, newer_than="99"), "newer")
OLDER = ReadStep(TimelineRequest(9, older_than="99"), "older")
UP_TO_THE_OLDER_RUN = ReadStep(TimelineRequest(9, older_than="99", newer_than="96"), "older")


def test_the_first_read_becomes_the_run() -> None:
    """There is nothing to join it to."""
    fetched = build_run(100, 99)
    assert merge(None, fetched, ALL) == (fetched, None)


def test_newer_posts_join_the_run() -> None:
    """The run is as fresh as the read, ends where it ended, and forgets its failure."""
    stored = build_run(99, 98, read_at=STALE, failure=UNAVAILABLE, failed_at=STALE)
    run, older_run = merge(stored, build_run(100, cut_by=None), NEWER)
    assert list_ids(run) == [100, 99, 98]
    assert run.cut_by == "n"
    assert run.fetched_at == NOW
    assert run.failure is None
    assert run.failed_at is None
    assert older_run is None


def test_newer_posts_that_do_not_reach_the_run_leave_a_gap() -> None:
    """The read becomes the newest run, and the stored one is kept beyond the gap."""
    stored = build_run(90, 89)
    fetched = build_run(100, 99, cut_by="n")
    assert merge(stored, fetched, NEWER) == (fetched, stored)


def test_of_two_runs_beyond_a_gap_the_longer_is_kept() -> None:
    """Longer runs cost more to read again."""
    longer, shorter, fetched = build_run(80, 79, 78), build_run(90, 89), build_run(100, cut_by="n")
    assert merge(shorter, fetched, NEWER, longer)[1] is longer
    assert merge(longer, fetched, NEWER, shorter)[1] is longer


def test_a_failure_before_the_first_newer_post_keeps_the_run() -> None:
    """The posts stay, with the failure and its time beside them."""
    stored = build_run(99, 98, read_at=STALE)
    run, _ = merge(stored, build_run(cut_by="failure", failure=UNAVAILABLE), NEWER)
    assert list_ids(run) == [99, 98]
    assert run.fetched_at == STALE
    assert run.failure is UNAVAILABLE
    assert run.failed_at == NOW


def test_older_posts_join_the_run_without_making_it_fresher() -> None:
    """The newest post was believed to be the newest when it was read, not now."""
    run, older_run = merge(build_run(100, 99, read_at=STALE), build_run(98, 97, cut_by=None), OLDER)
    assert list_ids(run) == [100, 99, 98, 97]
    assert run.cut_by is None
    assert run.fetched_at == STALE
    assert older_run is None


def test_older_posts_that_reach_the_older_run_close_the_gap() -> None:
    """The two runs become one that ends where the older one ends."""
    run, older_run = merge(build_run(100, 99), build_run(98, 97, cut_by=None), UP_TO_THE_OLDER_RUN, build_run(96, 95, cut_by="network"))
    assert list_ids(run) == [100, 99, 98, 97, 96, 95]
    assert run.cut_by == "network"
    assert older_run is None


def test_older_posts_that_stop_in_the_gap_keep_the_older_run() -> None:
    """The gap has become smaller and is still there."""
    beyond = build_run(96, 95)
    run, older_run = merge(build_run(100, 99), build_run(98, cut_by="n"), UP_TO_THE_OLDER_RUN, beyond)
    assert list_ids(run) == [100, 99, 98]
    assert older_run is beyond


def test_a_failure_among_older_posts_keeps_what_was_read() -> None:
    """Posts that were paid for are never thrown away."""
    run, _ = merge(build_run(100, 99), build_run(98, cut_by="failure", failure=UNAVAILABLE), OLDER)
    assert list_ids(run) == [100, 99, 98]
    assert run.cut_by == "failure"
    assert run.failure is UNAVAILABLE


@pytest.mark.parametrize("cut_by", ["rate_limit", "failure", "deadline", "repeats", "stopped"])
def test_a_read_that_was_interrupted_does_not_replace_a_longer_run(cut_by: CutReason) -> None:
    """A network without resuming that fails halfway leaves the stored posts alone."""
    stored = build_run(100, 99, 98)
    run, _ = merge(stored, build_run(100, cut_by=cut_by, failure=UNAVAILABLE), ALL)
    assert list_ids(run) == [100, 99, 98]
    assert run.failure is UNAVAILABLE


def test_an_interruption_without_an_error_leaves_the_longer_run_as_it_was() -> None:
    """A reader who closes the page isn't a failure of the network."""
    stored = build_run(100, 99, 98)
    assert merge(stored, build_run(100, cut_by="stopped"), ALL)[0] is stored


def test_a_shorter_read_that_was_not_interrupted_replaces_the_run() -> None:
    """Deleted posts disappear."""
    fetched = build_run(100, cut_by=None)
    assert merge(build_run(100, 99, 98), fetched, ALL)[0] is fetched


def test_a_post_that_is_in_both_reads_is_kept_once_as_last_read() -> None:
    """The newer read knows the newer counts."""
    older = build_run(99)
    newer = build_run(100, 99, cut_by=None)
    run, _ = merge(older, newer, NEWER)
    assert list_ids(run) == [100, 99]


def test_a_joined_run_is_no_longer_than_the_cap() -> None:
    """The oldest posts are dropped, and the run says so."""
    stored = build_run(*range(99, 99 - MAX_POSTS_PER_ACCOUNT, -1))
    run, _ = merge(stored, build_run(100, cut_by=None), NEWER)
    assert run.posts.height == MAX_POSTS_PER_ACCOUNT
    assert run.posts["id"][0] == "100"
    assert run.cut_by == "cap"


# --- the answer -------------------------------------------------------------------------------------------------------


def select(timeline: Timeline, limit: int, **window: datetime) -> Timeline:
    """Select what a request at NOW is answered with."""
    return incremental.select_requested(timeline, TimelineRequest(limit, **window), NOW)


def test_the_newest_posts_answer_and_the_answer_says_that_there_are_more() -> None:
    """The run is longer than the request, or its end isn't the timeline's."""
    answer = select(build_run(100, 99, 98), 2)
    assert list_ids(answer) == [100, 99]
    assert answer.cut_by == "n"
    assert select(build_run(100, 99), 2).cut_by == "n"


def test_a_whole_timeline_answers_without_a_cut() -> None:
    """Exactly as many posts as requested, and no more exist."""
    assert select(build_run(100, 99, cut_by=None), 2).cut_by is None
    assert select(build_run(100, 99, cut_by="network"), 2).cut_by is None


def test_the_most_that_can_be_requested_is_cut_by_the_cap() -> None:
    """Requesting more wouldn't help."""
    run = build_run(*range(100, 100 - MAX_POSTS_PER_ACCOUNT, -1), cut_by="cap")
    assert select(run, MAX_POSTS_PER_ACCOUNT).cut_by == "cap"


def test_a_failure_beyond_the_requested_posts_does_not_matter_while_they_are_fresh() -> None:
    """It does when the posts are outdated, because newer ones may be missing."""
    fresh = build_run(100, 99, failure=UNAVAILABLE)
    assert select(fresh, 2).failure is None
    assert select(build_run(100, 99, read_at=STALE, failure=UNAVAILABLE), 2).failure is UNAVAILABLE


def test_a_window_has_its_posts_from_its_start_to_before_its_end() -> None:
    """Windows are half-open, and complete when the run reaches beyond their start."""
    answer = select(build_run(100, 99, 98, 97), 50, since=hours_before(3), until=hours_before(1))
    assert list_ids(answer) == [99, 98]
    assert answer.cut_by is None


def test_a_window_that_the_run_does_not_reach_keeps_its_cut() -> None:
    """Posts at its start may be missing."""
    answer = select(build_run(100, 99), 50, since=hours_before(50))
    assert list_ids(answer) == [100, 99]
    assert answer.cut_by == "n"


def test_a_window_that_the_run_reaches_keeps_a_failure_as_its_cut() -> None:
    """A failed read says so even if nothing of the window is missing."""
    answer = select(build_run(100, 99, 98, cut_by="failure", failure=UNAVAILABLE), 50, since=hours_before(2))
    assert list_ids(answer) == [100, 99]
    assert answer.cut_by == "failure"


@pytest.mark.parametrize(("failure", "cut_by"), [(rate_limited(None), "rate_limit"), (UNAVAILABLE, "failure")])
def test_too_few_posts_after_a_failure_are_cut_by_it(failure: SourceError, cut_by: str) -> None:
    """The reason isn't the number that was requested before."""
    assert select(build_run(100, 99, failure=failure), 50).cut_by == cut_by


def test_a_failure_after_a_stopped_read_is_the_reason() -> None:
    """Otherwise a refused price would be reported as a page that was closed."""
    assert select(build_run(100, 99, cut_by="stopped", failure=UNAVAILABLE), 50).cut_by == "failure"


# --- coverage and backing off -----------------------------------------------------------------------------------------


def test_a_run_covers_a_window_that_it_reaches_or_fills() -> None:
    """It must also be up to date at the window's end."""
    run = build_run(100, 99, 98)
    assert incremental.covers_request(run, TimelineRequest(50, since=hours_before(2)), NOW)
    assert incremental.covers_request(run, TimelineRequest(3, since=hours_before(50)), NOW)
    assert not incremental.covers_request(run, TimelineRequest(4, since=hours_before(50)), NOW)
    assert incremental.covers_request(build_run(100, cut_by=None), TimelineRequest(50, since=hours_before(50)), NOW)


def test_a_stale_run_covers_only_windows_that_ended_before_it_was_read() -> None:
    """Later posts are unknown."""
    stale = build_run(100, 99, 98, read_at=STALE)
    assert not incremental.covers_request(stale, TimelineRequest(1, since=hours_before(2)), NOW)
    assert incremental.covers_request(stale, TimelineRequest(1, since=hours_before(2), until=STALE), NOW)


def test_without_a_start_nothing_reaches_it() -> None:
    """An open window goes back to the first post of the account."""
    assert not incremental.reaches_start(build_run(100, 99), TimelineRequest(2))


def test_an_empty_run_reaches_no_start() -> None:
    """There is no post before the window."""
    assert not incremental.reaches_start(build_run(), TimelineRequest(2, since=hours_before(2)))


def test_a_post_at_the_start_does_not_reach_beyond_it() -> None:
    """Another post of that moment may be missing."""
    assert not incremental.reaches_start(build_run(100, 99), TimelineRequest(2, since=hours_before(2)))


def test_a_failed_network_is_left_alone_for_thirty_seconds() -> None:
    """Counted from the failure, not from the last successful read."""
    failed = build_run(100, read_at=STALE, failure=UNAVAILABLE, failed_at=NOW)
    assert incremental.is_backing_off(failed, NOW + MIN_BACKOFF - timedelta(microseconds=1))
    assert not incremental.is_backing_off(failed, NOW + MIN_BACKOFF)


def test_without_a_failure_nothing_is_left_alone() -> None:
    """A fresh run is free to be continued."""
    assert not incremental.is_backing_off(build_run(100), NOW)


@pytest.mark.parametrize(
    ("resets_in", "backoff"),
    [
        (timedelta(minutes=5), timedelta(minutes=5)),
        (timedelta(hours=1), MAX_BACKOFF),
        (timedelta(seconds=1), MIN_BACKOFF),
        (-timedelta(hours=1), MIN_BACKOFF),
    ],
)
def test_a_rate_limit_is_respected_within_bounds(resets_in: timedelta, backoff: timedelta) -> None:
    """At least thirty seconds and at most a quarter of an hour, whatever the network says."""
    assert incremental.backoff_duration(rate_limited(NOW + resets_in), NOW) == backoff


def test_a_rate_limit_without_a_reset_is_a_failure_like_others() -> None:
    """The network didn't say how long."""
    assert incremental.backoff_duration(rate_limited(None), NOW) == MIN_BACKOFF


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["newer", "older", "all"])
def test_the_name_that_was_read_last_stays(direction: str) -> None:
    """People rename their accounts, and a read in either direction brings the present name."""
    stored, fetched = build_run(100, 99, name="Old name"), build_run(98, name="New name")
    run, _ = incremental.merge_read(stored, None, fetched, ReadStep(TimelineRequest(3), direction))
    assert run.name == "New name"


@pytest.mark.parametrize("direction", ["newer", "older", "all"])
def test_a_read_without_a_name_keeps_the_stored_one(direction: str) -> None:
    """Not every answer has one."""
    run, _ = incremental.merge_read(build_run(100, 99, name="NASA"), None, build_run(98), ReadStep(TimelineRequest(3), direction))
    assert run.name == "NASA"
