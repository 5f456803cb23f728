"""Findings that compare accounts over the period that is known of all of them."""

from typing import Any

from dashboard.core.posts import Timeline
from tests.support.builders import build_query
from tests.support.findings import BAD, GOOD, build_daily_timeline, find_sentences

TWO, THREE = (build_query(users, interval="day") for users in ("demo:one,demo:two", "demo:one,demo:two,demo:three"))
DAYS = 28


def build_account(name: str, positive: int, *, days: int = DAYS, **fields: Any) -> Timeline:
    """Return an account with ten posts a day, so many of which have a positive word and all others a negative one."""
    texts = [GOOD] * positive + [BAD] * (10 - positive)
    return build_daily_timeline([10] * days, f"demo:{name}", dict.fromkeys(range(days), texts), **fields)


def test_the_more_positive_of_two_accounts_is_told_with_both_shares() -> None:
    """Seventy percent of one's words are positive, forty percent of the other's."""
    assert find_sentences("level", TWO, build_account("one", 7), build_account("two", 4)) == [
        "demo:one is the more positive of the two: 70% positive words, against 40%."
    ]


def test_the_most_positive_of_three_is_compared_with_the_next() -> None:
    """The third is even further away."""
    accounts = [build_account("one", 3), build_account("two", 5), build_account("three", 8)]
    assert find_sentences("level", THREE, *accounts) == [
        "demo:three is the most positive: 80% positive words, against 50% for demo:two, the next."
    ]


def test_the_least_positive_is_told_if_nobody_is_clearly_the_most() -> None:
    """Two accounts are equally positive, and the third is far behind."""
    accounts = [build_account("one", 8), build_account("two", 8), build_account("three", 2)]
    assert find_sentences("level", THREE, *accounts) == [
        "demo:three is the least positive: 20% positive words, against 80% for demo:two, the next."
    ]


def test_shares_whose_intervals_overlap_are_not_compared() -> None:
    """Sixty and fifty percent of ten words can't be told apart."""
    accounts = [build_account("one", 6, days=1), build_account("two", 5, days=1)]
    assert find_sentences("level", TWO, *accounts) == []


def test_a_shared_period_that_is_shorter_than_the_report_is_named() -> None:
    """Only the last twelve days of the first account's are known, because reading it ended at the number asked for."""
    one = build_daily_timeline([0] * 16 + [10] * 12, "demo:one", dict.fromkeys(range(DAYS), (GOOD,)), cut_by="n")
    two = build_account("two", 2)
    assert find_sentences("level", TWO, one, two) == [
        "demo:one has been the more positive of the two since 18 March: 100% positive words, against 20%."
    ]


def test_the_ratio_of_posts_is_told_in_words() -> None:
    """Six posts a day against two."""
    timelines = [build_daily_timeline([6] * DAYS, "demo:one"), build_daily_timeline([2] * DAYS, "demo:two")]
    assert find_sentences("volume", TWO, *timelines) == [
        "demo:one posts about three times as often as demo:two: 6.0 posts a day against 2.0."
    ]


def test_the_account_that_posts_most_of_three_is_compared_with_the_next() -> None:
    """Six posts a day, against three and one."""
    timelines = [build_daily_timeline([count] * DAYS, f"demo:{name}") for name, count in (("one", 1), ("two", 6), ("three", 3))]
    assert find_sentences("volume", THREE, *timelines) == [
        "demo:two posts most often: 6.0 posts a day, about twice as many as demo:three, the next (3.0)."
    ]


def test_few_posts_are_not_compared() -> None:
    """Three posts against one may be chance."""
    assert find_sentences("volume", TWO, build_daily_timeline([3], "demo:one"), build_daily_timeline([1], "demo:two")) == []


def test_many_accounts_together_are_not_compared_with_one() -> None:
    """The accounts of a collection that aren't the largest are one series, which posts more often than any account."""
    query = build_query("file:a/one,file:a/two,file:a/*rest", interval="day")
    posts_per_day = {"one": 6, "two": 2, "*rest": 20}
    timelines = [build_daily_timeline([count] * DAYS, f"file:a/{name}") for name, count in posts_per_day.items()]
    sentences = find_sentences("volume", query, *timelines)
    assert len(sentences) == 1
    assert sentences[0].startswith("one")
