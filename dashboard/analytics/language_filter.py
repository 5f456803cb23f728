"""Posts in languages that English words can't read: told by their network, or where it is silent by a detector that the caller gives."""

from collections.abc import Callable, Sequence

import polars as pl

LanguageDetector = Callable[[Sequence[str]], Sequence[str | None]]  # texts -> the language of each, None if it is English or can't be told
_UNSPECIFIC_CODES = ("und", "zxx", "mul", "mis", "art")  # codes that name no single language


def is_foreign(posts: pl.DataFrame, detector: LanguageDetector) -> pl.Series:
    """Return for each post whether it is surely in another language than English.

    What its network says holds. Only posts it says nothing of are given to `detector`, equal texts once; what that can't tell is kept.
    """
    tag = pl.col("lang").str.to_lowercase().str.extract(r"^([a-z]+)", 1)
    said = posts.select("text", tag=pl.when(~tag.is_in(_UNSPECIFIC_CODES)).then(tag))
    silent = said.filter(pl.col("tag").is_null() & pl.col("text").str.contains(r"\p{Alphabetic}"))["text"].unique(maintain_order=True)
    told = [text for text, language in zip(silent, detector(silent.to_list()), strict=True) if language]
    heard = pl.col("text").is_in(pl.Series(told, dtype=pl.String).implode())
    return said.select(foreign=pl.when(pl.col("tag").is_null()).then(heard.fill_null(False)).otherwise(pl.col("tag") != "en"))["foreign"]
