"""Any requests to the timeline store, one after another: the newest posts are returned, and none of a run is bought twice."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import fake_networks
from tests.support.builders import deterministic
from tests.support.fault_suite import scale_examples
from tests.support.timeline_stores import StoreHarness, list_ids, list_newest_ids, publish_posts, record_charges

QUESTIONS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 40)), min_size=1, max_size=6)


def count_mistakes(world: fake_networks.World, questions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ask for n posts after so many new ones and an hour, again and again; return how often an answer was wrong, and a post paid twice.

    A dropped run may be paid for again, as what is dropped is not kept; within a run nothing may.
    """
    x, desk = record_charges(world), StoreHarness(world)
    x.has("nasa", posts=80)
    troubles = []
    for n, new in questions:
        publish_posts(x, new)
        desk.pass_time(minutes=61)
        wrong = list_ids(desk.ask(n)) != list_newest_ids(x, n)
        if new >= n:  # the run was dropped
            x.sold.clear()
        twice = [post_id for post_id, times in Counter(x.sold).items() if times > 1]
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
