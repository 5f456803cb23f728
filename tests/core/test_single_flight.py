"""Identical work that is asked for at the same time is done once."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from dashboard.core.single_flight import SingleFlight

END_SECONDS = 120  # generous: it bounds a hang, and no test is about the time


class Work:
    """Work that takes until it's told its result."""

    def __init__(self) -> None:
        self.result: Future[str] = Future()
        self.has_begun = threading.Event()
        self.count = 0

    def __call__(self) -> str:
        """Do the work."""
        self.count += 1
        self.has_begun.set()
        return self.result.result(END_SECONDS)


def ask(flights: SingleFlight, work: Work, pool: ThreadPoolExecutor, count: int) -> "list[Future[str]]":
    """Ask for the same work several times, and return when all but the first one wait for it."""
    waiting = threading.Semaphore(0)

    class Waiting:
        def __enter__(self) -> None:
            waiting.release()

        def __exit__(self, *_: object) -> None: ...

    first = pool.submit(flights.do, "key", work, Waiting)
    assert work.has_begun.wait(END_SECONDS)
    others = [pool.submit(flights.do, "key", work, Waiting) for _ in range(count - 1)]
    for _ in others:
        assert waiting.acquire(timeout=END_SECONDS)
    return [first, *others]


def test_everybody_gets_the_result_of_one() -> None:
    """The work is done once."""
    flights, work = SingleFlight(), Work()
    with ThreadPoolExecutor(4) as pool:
        futures = ask(flights, work, pool, 4)
        work.result.set_result("done")
        assert [future.result(END_SECONDS) for future in futures] == ["done"] * 4
    assert work.count == 1


def test_everybody_gets_the_error_of_one() -> None:
    """Nobody tries again at the same moment."""
    flights, work = SingleFlight(), Work()
    with ThreadPoolExecutor(3) as pool:
        futures = ask(flights, work, pool, 3)
        work.result.set_exception(ValueError("no"))
        assert [str(future.exception(END_SECONDS)) for future in futures] == ["no"] * 3
    assert work.count == 1


def test_nothing_is_kept() -> None:
    """Whoever asks later gets new work, also after an error."""
    flights = SingleFlight()
    with pytest.raises(ZeroDivisionError):
        flights.do("key", lambda: 1 // 0)
    assert flights.do("key", lambda: 1) == 1
    assert flights.do("key", lambda: 2) == 2


def test_different_work_does_not_wait() -> None:
    """Only the same key means the same work."""
    flights, work = SingleFlight(), Work()
    with ThreadPoolExecutor(1) as pool:
        (future,) = ask(flights, work, pool, 1)
        assert flights.do("another key", lambda: "at once") == "at once"
        work.result.set_result("done")
        assert future.result(END_SECONDS) == "done"
