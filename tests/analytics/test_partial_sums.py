"""Sums of posts that are exact whatever the order in which they are added."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import partial_sums, sentiment
from tests.support.builders import build_posts, deterministic, parse_utc

SCORES = st.lists(st.tuples(st.integers(-10_000, 10_000), st.integers(0, 1), st.integers(0, 1)), max_size=40)


def scored(rows: list[tuple[int, int, int]]) -> pl.DataFrame:
    """Return scored posts of one account with such scores, in units of 0.0001, and labels."""
    columns = {"words": 3, "matched": 1, "positive": 0, "negative": 0, "score": 0.0}
    posts = [columns | {"positive": positive, "negative": negative, "score": score / 10_000} for score, positive, negative in rows]
    schema: dict[str, Any] = {name: pl.Float64 if name == "score" else pl.Int64 for name in columns}
    return pl.DataFrame(posts, schema=schema).with_columns(account=pl.lit("nasa"))


@deterministic
@given(SCORES, st.randoms(use_true_random=False), st.integers(1, 8))
def test_sums_are_the_same_in_any_order_and_in_any_parts(rows: list[tuple[int, int, int]], random: Any, part_count: int) -> None:
    """However posts are divided among files and machines, the last digit of every sum is the same."""
    shuffled = random.sample(rows, len(rows))
    parts = [partial_sums.merge_sums(scored(shuffled[number::part_count]), "account") for number in range(part_count)]
    merged = partial_sums.merge_sums(pl.concat(parts), "account")
    assert partial_sums.restore_scores(merged).rows() == sentiment.sum_scores(scored(rows), "account").rows()


def test_a_score_with_four_digits_is_summed_exactly() -> None:
    """Ten times 0.1 is 1, which it isn't if floating-point numbers are added."""
    sums = sentiment.sum_scores(scored([(1_000, 1, 0)] * 10), "account")
    assert sums["score"].to_list() == [1.0]
    assert sums["score_score"].to_list() == [0.1]


def test_the_number_of_matched_words_is_unknown_if_it_is_for_one_part() -> None:
    """A sum with an unknown part isn't known either."""
    known, unknown = scored([(1, 1, 0)]), scored([(1, 1, 0)]).with_columns(matched=pl.lit(None, pl.Int64))
    parts = pl.concat([partial_sums.merge_sums(frame, "account") for frame in (known, unknown)])
    assert partial_sums.merge_sums(parts, "account")["matched"].to_list() == [None]


@pytest.mark.parametrize("method", ["bing", "afinn", "vader"])
def test_each_post_is_a_sum_of_one_post(method: str) -> None:
    """Splitting posts into sums and merging them gives the sums of the posts."""
    posts = build_posts("Good, but not great!", "bad", {"text": "", "created_at": parse_utc(datetime(2026, 3, 1).isoformat())})
    scored_posts = sentiment.score_posts(posts, method)
    split = partial_sums.split_sums(scored_posts)
    assert split["posts"].to_list() == [1, 1, 1]
    assert sentiment.sum_scores(split, "account").rows() == sentiment.sum_scores(scored_posts, "account").rows()
