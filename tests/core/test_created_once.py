"""Attributes that are created on first use, once, whatever the threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import pytest

from dashboard.core.created_once import created_once
from dashboard.sources.base import SourceContext
from dashboard.web.auth.access import _Access
from dashboard.web.services import Services, UploadStorage

THREADS = 8


class Shelf:
    """Something that takes time to open."""

    def __init__(self) -> None:
        self.opened_count = 0
        self.barrier = threading.Barrier(THREADS)

    @created_once
    def books(self) -> object:
        """The books."""
        self.opened_count += 1
        time.sleep(0.05)  # other threads get here meanwhile if nothing stops them
        return object()

    @created_once
    def first_book(self) -> object:
        """One of the books."""
        return self.books


def test_threads_that_come_at_the_same_moment_get_the_same_object() -> None:
    """It is created by one of them, and the others wait."""
    shelf = Shelf()

    def read() -> object:
        shelf.barrier.wait()
        return shelf.first_book

    with ThreadPoolExecutor(THREADS) as pool:
        books = {id(future.result()) for future in [pool.submit(read) for _ in range(THREADS)]}
    assert books == {id(shelf.books)}
    assert shelf.opened_count == 1


def test_each_object_has_its_own() -> None:
    """Nothing is shared between two of them."""
    assert Shelf().books is not Shelf().books


@pytest.mark.parametrize("shared", [Services, UploadStorage, SourceContext, _Access])
def test_what_all_threads_share_is_created_once(shared: type) -> None:
    """The application's services have no attribute that two threads could create twice."""
    created = [attribute for attribute in vars(shared).values() if isinstance(attribute, cached_property)]
    assert created
    assert [attribute for attribute in created if not isinstance(attribute, created_once)] == []
