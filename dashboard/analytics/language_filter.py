"""Find posts that aren't in English, which English lexicons can't score.

The network's language tag decides. Posts without a tag go to the detector that the caller passes in; detection itself doesn't belong here.
"""

from collections.abc import Callable, Sequence

import polars as pl

# texts -> the language of each, None if it is English or can't be determined
LanguageDetector = Callable[[Sequence[str]], Sequence[str | None]]
_UNSPECIFIC_CODES = ("und", "zxx", "mul", "mis", "art")  # codes that don't name one language


def is_foreign(posts: pl.DataFrame, detector: LanguageDetector) -> pl.Series:
    """Return a Boolean series: for each post, whether it is certainly in a language other than English.

    A language tag from the network decides. `detector` gets the texts without a tag, each distinct text once; a text whose language it
    can't determine isn't foreign.
    """
    tag = pl.col("lang").str.to_lowercase().str.extract(r"^([a-z]+)", 1)
    tagged = posts.select("text", tag=pl.when(~tag.is_in(_UNSPECIFIC_CODES)).then(tag))
    untagged = tagged.filter(pl.col("tag").is_null() & pl.col("text").str.contains(r"\p{Alphabetic}"))["text"].unique(maintain_order=True)
    foreign_texts = [text for text, language in zip(untagged, detector(untagged.to_list()), strict=True) if language]
    detected = pl.col("text").is_in(pl.Series(foreign_texts, dtype=pl.String).implode())
    return tagged.select(foreign=pl.when(pl.col("tag").is_null()).then(detected.fill_null(False)).otherwise(pl.col("tag") != "en"))[
        "foreign"
    ]
