"""A thread that waits gives its turn to another one, and shares bound what is done and what waits."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from dashboard.core.errors import ServerBusy
from dashboard.web.network_waits import NetworkWaits
from dashboard.web.shares import Share
from dashboard.web.turns import Turns, give_away

END_SECONDS = 120  # generous: it bounds a hang, and no test is about the time


@contextmanager
def hold_turn(turns: Turns) -> Iterator[None]:
    """Have a turn during the block."""
    with turns.may_begin:
        turns.may_begin.wait_for(lambda: turns.is_free)
        turns.begin()
    yield
    turns.end()


def is_free(turns: Turns) -> bool:
    """Return whether a turn is free."""
    with turns.may_begin:
        return turns.is_free


def test_a_turn_is_free_while_its_thread_waits() -> None:
    """Afterwards, the thread has a turn again."""
    turns = Turns(1, lambda: False)
    with hold_turn(turns):
        assert not is_free(turns)
        with give_away():
            assert is_free(turns)
        assert not is_free(turns)
    assert is_free(turns)


def test_a_thread_that_comes_back_waits_for_a_turn() -> None:
    """It waits until another thread ends its turn, so there are never more turns than there should be."""
    turns, has_given = Turns(1, lambda: True), threading.Event()
    may_return: Future[None] = Future()

    def wait_and_return() -> str:
        with hold_turn(turns), give_away():
            has_given.set()
            may_return.result(END_SECONDS)
        return "returned"

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(wait_and_return)
        assert has_given.wait(END_SECONDS)
        with hold_turn(turns):
            may_return.set_result(None)
            assert not future.done()
        assert future.result(END_SECONDS) == "returned"


def test_a_thread_without_a_turn_is_never_held_up() -> None:
    """Tests, commands and other servers have no turns."""
    with give_away():
        pass


@pytest.mark.slow
def test_the_time_spent_waiting_is_not_counted() -> None:
    """Only the time with a turn says how busy the server is."""
    turns = Turns(1, lambda: False)
    with turns.may_begin:
        turns.begin()
    with give_away():
        threading.Event().wait(1)
    assert turns.end() < 1


def test_a_share_bounds_what_is_done_and_what_waits() -> None:
    """Anything beyond both bounds is refused at once, because the server is busy."""
    share, has_begun, may_end = Share(1, 1), threading.Semaphore(0), threading.Event()

    def work() -> None:
        with share.take():
            has_begun.release()
            may_end.wait(END_SECONDS)

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(work) for _ in range(2)]
        assert has_begun.acquire(timeout=END_SECONDS)
        while share.present_count < 2:
            assert not futures[1].done()
        with pytest.raises(ServerBusy, match="large"), share.take():
            raise AssertionError("there is no room")
        may_end.set()
        for future in futures:
            future.result(END_SECONDS)
    with share.take():
        assert share.present_count == 1


def test_work_can_have_a_slot_instead_of_a_turn() -> None:
    """Meanwhile others can be served, and afterwards the thread has a turn again."""
    turns, share = Turns(1, lambda: False), Share(1, 1)
    with hold_turn(turns):
        with share.take_instead_of_turn():
            assert is_free(turns)
            assert share.present_count == 1
        assert not is_free(turns)
        assert share.present_count == 0


def test_nobody_waits_for_a_slot_that_comes_too_late() -> None:
    """The expected wait is bounded as well as the number of those who wait."""
    share = Share(1, 10, "There is too much to do.", max_wait_seconds=0.0)
    with share.take():
        threading.Event().wait(0.01)
    with share.take(), pytest.raises(ServerBusy, match="too much to do"), share.take():
        raise AssertionError("it would take too long")


def test_reads_are_bounded_per_network_and_in_all() -> None:
    """A network that hangs leaves room for the others."""
    waits = NetworkWaits(max_reads=10, max_per_network=6)
    assert waits.begin("x", 6)
    assert not waits.begin("x", 1)
    assert waits.begin("bluesky", 4)
    assert not waits.begin("mastodon", 1)
    waits.end("x")
    assert waits.begin("mastodon", 1)
