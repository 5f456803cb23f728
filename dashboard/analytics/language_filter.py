"""Find posts that aren't in English, which English lexicons can't score.

The rule that decides about a text and its tag belongs to the detector that the caller passes in.
"""

from collections.abc import Callable, Sequence

import polars as pl

# texts and the network's tags -> the language of each, None if it is English or can't be determined
LanguageDetector = Callable[[Sequence[str], Sequence[str | None]], Sequence[str | None]]


def find_languages(posts: pl.DataFrame, detector: LanguageDetector) -> pl.Series:
    """Return the language of each post (String), null if it is English or can't be determined.

    `detector` gets each distinct text with its tag once. A text without letters has no language, whatever its tag.
    """
    pairs = posts.select("text", "lang")
    distinct = pairs.filter(pl.col("text").str.contains(r"\p{Alphabetic}")).unique(maintain_order=True)
    languages = detector(distinct["text"].to_list(), distinct["lang"].to_list())
    detected = distinct.with_columns(language=pl.Series(languages, dtype=pl.String))
    return pairs.join(detected, on=["text", "lang"], how="left", nulls_equal=True, maintain_order="left")["language"]
