"""Decide which language each post is in: by its text and its tag where they are clear, otherwise by what its account usually posts in.

How clear a text and its tag are belongs to the detector that the caller passes in.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import polars as pl

from dashboard.analytics.partial_sums import count_each

# texts and the network's tags -> the likeliest language of each (`en` included, None if nothing is known), and whether it is sure
LanguageDetector = Callable[[Sequence[str], Sequence[str | None]], Sequence[tuple[str | None, bool]]]

MIN_HABIT_POSTS = 5  # of an account whose language is sure, from which it has a habit
MIN_HABIT_SHARE = 0.8  # of these posts in one language; an account that posts in two has no habit
_EVIDENCE_SCHEMA = {"language": pl.String, "is_sure": pl.Boolean}


def find_evidence(posts: pl.DataFrame, detector: LanguageDetector) -> pl.DataFrame:
    """Return `language` (String, null if nothing is known) and `is_sure` (Boolean) of each post, judged by its text and tag alone.

    `detector` gets each distinct text with its tag once. A text without letters has no language, whatever its tag.
    """
    pairs = posts[["text", "lang"]]
    distinct = pairs.filter(pl.col("text").str.contains(r"\p{Alphabetic}")).unique(maintain_order=True)
    evidence = pl.DataFrame(
        detector(distinct["text"].to_list(), distinct["lang"].to_list()) if distinct.height else [], schema=_EVIDENCE_SCHEMA, orient="row"
    )
    joined = pairs.join(distinct.hstack(evidence), on=["text", "lang"], how="left", nulls_equal=True, maintain_order="left")
    return joined.select("language", pl.col("is_sure").fill_null(value=False))


def find_habits(posts: pl.DataFrame) -> pl.DataFrame:
    """Return `account` and `habit`, the language that it usually posts in, for each account that has one.

    `posts` has account, kind, what `find_evidence` returns, and `posts` if a row stands for several. Reposts don't count, because somebody
    else wrote them.
    """
    groups = count_each(posts).group_by("account", "language", "is_sure", "kind").agg(pl.col("posts").sum()).rows()
    counts, totals = Counter[tuple[str, str | None]](), Counter[str]()
    for account, language, is_sure, kind, posts_of_group in groups:
        if is_sure and kind is not None and kind != "repost":
            counts[account, language] += posts_of_group
            totals[account] += posts_of_group
    habits = [
        (account, language)
        for (account, language), posts_in_language in counts.items()
        if totals[account] >= MIN_HABIT_POSTS and posts_in_language >= MIN_HABIT_SHARE * totals[account]
    ]
    return pl.DataFrame(habits, schema={"account": pl.String, "habit": pl.String}, orient="row")


def decide_languages(posts: pl.DataFrame, habits: pl.DataFrame) -> pl.Series:
    """Return the language of each post (String), null if it is English or can't be determined.

    `posts` has account and what `find_evidence` returns; `habits` is of `find_habits`.
    """
    known = posts[["account", "language", "is_sure"]].join(habits, on="account", how="left", maintain_order="left")
    language = pl.when("is_sure").then("language").otherwise(pl.coalesce("habit", "language"))
    return known.select(language=pl.when(language != "en").then(language))["language"]
