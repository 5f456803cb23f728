"""Computes what is known of a post from its text and its language tag alone: its language, words, lexicon hits and scores.

Such facts never change as long as the code, the lexicon and the model that they come from stay the same, so they are computed once and
looked up afterwards. Keeping them belongs in `fact_tables`, and which groups of facts there are, in `reports.facts`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from dashboard.core.posts import iter_slices

KEY = "key"  # the column that identifies a post's text and tag within an account
_TEXT_COLUMNS = ("text", "lang")


class GroupId(NamedTuple):
    """The name of a group of facts, and a digest of everything that they depend on apart from the post."""

    name: str
    version: str


@dataclass(frozen=True)
class FactGroup:
    """Facts that are computed together.

    `compute` turns posts into a frame of the same height and order, which depends on their text and language tag alone.
    """

    id: GroupId
    compute: Callable[[pl.DataFrame], pl.DataFrame] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name of the group."""
        return self.id.name


def hash_posts(posts: pl.DataFrame) -> pl.Series:
    """Return the KEY of each post (UInt64): a hash of its account, text and language tag, the same with the same version of polars.

    Posts that have the column are hashed already.
    """
    if KEY in posts.columns:
        return posts[KEY]
    return posts.select(pl.struct("account", *_TEXT_COLUMNS).hash().alias(KEY)).to_series()


def compute_facts(group: FactGroup, posts: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of each post, in the order of the posts. Texts are split into words in slices, which limits the memory."""
    return pl.concat([group.compute(part) for part in iter_slices(posts)])
