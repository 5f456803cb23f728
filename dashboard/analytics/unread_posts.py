"""Describe posts that no model reads without their sense: the words and the emoji that they use most, and how the emoji sound.

Which posts aren't read is decided elsewhere, and so is how this is worded.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from dashboard.analytics.stopwords import is_stopword
from dashboard.core.methods import METHODS

WordLister = Callable[[pl.DataFrame], pl.DataFrame]  # posts -> what lexicon.list_words returns for them

_MAX_WORDS, _MAX_EMOJI = 5, 3
_MIN_POSTS = 2  # that have a word
_MIN_WORD_LETTERS = 2
_EMOJI_PATTERN = r"\p{Extended_Pictographic}"
_EMOJI_METHOD = "vader"  # its lexicon has emoji, whose names don't depend on the language of the post


@dataclass(frozen=True)
class UnreadPosts:
    """What posts have in common: `words` and `emoji` with the number of posts that have them, the commonest first.

    `emoji_posts` is how many posts have emoji; `positive` and `negative` are those whose emoji alone sound so.
    """

    posts: int
    words: tuple[tuple[str, int], ...]
    emoji: tuple[tuple[str, int], ...]
    emoji_posts: int
    positive: int
    negative: int


def summarize_unread(posts: pl.DataFrame, list_words: WordLister) -> UnreadPosts:
    """Return what posts, of which there is at least one, have in common."""
    word = pl.col("word")
    words = list_words(posts).select(word="unique_words").explode("word")
    content_words = words.filter(word.str.len_chars() >= _MIN_WORD_LETTERS, word.str.contains(r"\p{Alphabetic}"), ~is_stopword(word))
    emoji = posts.with_columns(text=pl.col("text").fill_null("").str.extract_all(_EMOJI_PATTERN))
    with_emoji = emoji.filter(pl.col("text").list.len() > 0)
    scores = METHODS[_EMOJI_METHOD].load_scorer().score(with_emoji.with_columns(pl.col("text").list.join(" ")))
    positive, negative = (int((scores[side] > 0).sum()) for side in ("positive", "negative"))
    each_emoji = with_emoji.select(word=pl.col("text").list.unique()).explode("word")
    return UnreadPosts(
        posts.height, _count(content_words, _MAX_WORDS), _count(each_emoji, _MAX_EMOJI), with_emoji.height, positive, negative
    )


def _count(values: pl.DataFrame, limit: int) -> tuple[tuple[str, int], ...]:
    """Return the commonest of the values of the column `word` that are in several posts, with their numbers."""
    counts = values.group_by("word").len("posts").filter(pl.col("posts") >= _MIN_POSTS)
    return tuple(counts.sort(["posts", "word"], descending=[True, False]).head(limit).iter_rows())
