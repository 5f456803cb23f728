"""The words of posts as numbers: the same counts as from texts."""

import numpy as np
import polars as pl
import pytest

from dashboard.analytics import lexicon
from dashboard.analytics.post_facts import KEY, hash_posts
from dashboard.analytics.word_index import WordIndex, index_words
from tests.support.builders import build_posts

TEXTS = ("storm in the harbour", "storm, storm!", "", "a 1 ok")


@pytest.fixture
def posts() -> pl.DataFrame:
    """Return posts with their keys."""
    frame = build_posts(*TEXTS)
    return frame.with_columns(hash_posts(frame))


def build_index(posts: pl.DataFrame) -> WordIndex:
    """Return the index of the words of posts."""
    return index_words(posts.select(KEY).hstack(lexicon.list_words(posts)))


def count_words(index: WordIndex, keys: pl.Series) -> dict[str, int]:
    """Return in how many of these posts each word is."""
    places = index.find(keys.to_numpy())
    assert places is not None
    return {word: count for word, count in zip(index.words, index.count(places).tolist(), strict=True) if count}


def test_a_word_counts_once_in_each_post(posts: pl.DataFrame) -> None:
    """A post may have none."""
    counts = {"storm": 2, "in": 1, "the": 1, "harbour": 1, "a": 1, "1": 1, "ok": 1}
    assert count_words(build_index(posts), posts[KEY]) == counts


def test_equal_posts_count_each(posts: pl.DataFrame) -> None:
    """They are one entry of the index."""
    index = build_index(pl.concat([posts, posts]))
    assert index.keys.size == len(TEXTS)
    assert count_words(index, pl.concat([posts[KEY][1:2], posts[KEY][1:2]])) == {"storm": 2}


def test_a_post_that_is_not_in_the_index_is_not_found(posts: pl.DataFrame) -> None:
    """Neither is any in an empty index."""
    keys = posts[KEY].to_numpy()
    assert build_index(posts.head(2)).find(keys) is None
    assert build_index(posts.head(0)).find(keys) is None


def test_telling_words_have_letters_and_are_no_words_of_grammar(posts: pl.DataFrame) -> None:
    """Numbers and short words say little by themselves."""
    index = build_index(posts)
    assert sorted(index.words.filter(pl.Series(index.is_telling))) == ["harbour", "storm"]
    assert index.is_telling.dtype == np.bool_
