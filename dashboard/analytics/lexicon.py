"""Split posts into words, and count those that are in a lexicon. The lexicons themselves belong to the methods.

Tokens follow tidytext's `unnest_tokens`: lower case, Unicode word boundaries (UAX #29, as implemented by ICU 72), no punctuation, but
apostrophes, full stops and underscores inside words are kept. We add four rules: web addresses and mentions aren't words, styled
letters (𝗚𝗿𝗲𝗮𝘁) and ligatures are letters, and invisible characters aren't part of a word. `segmentation` separates what scripts join.
"""

from pathlib import Path

import polars as pl

from dashboard.analytics import segmentation
from dashboard.core import look_alikes
from dashboard.core.post_text import URL_PATTERN

LEXICON_DIR = Path(__file__).parents[2] / "lexicons"

# Unicode letters with their marks. ICU 72 treats @ as a letter, so a mention stays in one piece and is recognized by its first character.
_MARKS_PATTERN = r"[\p{M}\x{200D}[\p{Cf}--\x{200B}]]*"
_LETTER_PATTERN = r"[\p{Alphabetic}@]" + _MARKS_PATTERN
_DIGIT_PATTERN = r"\p{Nd}" + _MARKS_PATTERN
_WORD_PATTERN = rf"{_LETTER_PATTERN}(?:['’‘.·․﹒＇．‧]{_MARKS_PATTERN}{_LETTER_PATTERN})*"
_NUMBER_PATTERN = rf"{_DIGIT_PATTERN}(?:['’‘.․﹒＇．,;٬‚；]{_MARKS_PATTERN}{_DIGIT_PATTERN})*"
_TOKEN_PATTERN = rf"(?:{_WORD_PATTERN}|{_NUMBER_PATTERN}|_{_MARKS_PATTERN})+"
_WWW_PATTERN = r"[Ww][Ww][Ww]\."  # an address has this, or a slash
NON_WORD_PATTERN = r"^(@|_+$)"
MENTION_PATTERN = r"(^|[^\p{Alphabetic}\p{Nd}_])@[\p{Alphabetic}\p{Nd}_][\p{Alphabetic}\p{Nd}_.@-]*"


def extract_words(text: pl.Expr) -> pl.Expr:
    """Return the list of words of each text, in order; a null text stays null."""
    return tokenize(drop_addresses(text)).list.filter(~pl.element().str.contains(NON_WORD_PATTERN))


def list_words(posts: pl.DataFrame) -> pl.DataFrame:
    """Return `unique_words` and `repeated_words` (List(String)) of each post: each of its words once, and every further occurrence."""
    words, is_first = posts.select(words=extract_words(pl.col("text").fill_null(""))), pl.element().is_first_distinct()
    return words.select(
        unique_words=pl.col("words").list.eval(pl.element().filter(is_first)),
        repeated_words=pl.col("words").list.eval(pl.element().filter(~is_first)),
    )


def tokenize(text: pl.Expr) -> pl.Expr:
    """Return the list of tokens of each text, in lower case, including those that aren't words (NON_WORD_PATTERN)."""
    separated = fold_letters(text).map_batches(segmentation.separate_words, return_dtype=pl.String)
    return separated.str.to_lowercase().str.extract_all(_TOKEN_PATTERN)


def drop_addresses(text: pl.Expr) -> pl.Expr:
    """Return each text with a space in place of each web address."""
    return text.map_batches(_drop_addresses, return_dtype=pl.String)


def fold_letters(text: pl.Expr) -> pl.Expr:
    """Return each text with styled letters and ligatures as plain ones, and without invisible characters in words."""
    return text.map_batches(_fold_series, return_dtype=pl.String)


def fold_apostrophes(text: pl.Expr) -> pl.Expr:
    """Return each text with straight apostrophes, whatever was typed instead."""
    return text.str.replace_all(look_alikes.APOSTROPHE_PATTERN, "'").str.replace_all(look_alikes.ACCENT_PATTERN, "$1'$2")


def _drop_addresses(texts: pl.Series) -> pl.Series:
    """Search only those texts that may have an address, because searching takes as long as tokenizing."""
    may_have_any = (texts.str.contains("/", literal=True) | texts.str.contains(_WWW_PATTERN)).fill_null(value=False)
    if not may_have_any.any():
        return texts
    return texts.scatter(may_have_any.arg_true(), texts.filter(may_have_any).str.replace_all(URL_PATTERN, " "))


def _fold_series(texts: pl.Series) -> pl.Series:
    """Fold the letters of the texts that have any to fold, which are few."""
    is_styled = texts.str.contains(f"{look_alikes.STYLED_PATTERN}|{look_alikes.JOINED_PATTERN}").fill_null(value=False)
    if not is_styled.any():
        return texts
    folded = [look_alikes.join_letters(look_alikes.fold_letters(text)) for text in texts.filter(is_styled)]
    return texts.scatter(is_styled.arg_true(), folded)


def strip_unit(unit: pl.Expr) -> pl.Expr:
    """Return a unit as people write it: with a single space between the words of a phrase, and none around it."""
    return unit.str.strip_chars().str.replace_all("  ", " ", literal=True)


def count_matches(posts: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Add to each post `words`, `matched` (how many words are in `entries`; both Int64) and the sums of the other columns of `entries`.

    `hits` (List(String)) has the words that are in `entries`, in their order. `entries` has one row per word: `word`, then the Int64
    columns to sum. A post without text has 0 words.
    """
    sum_columns = [name for name in entries.columns if name != "word"]
    rows = posts.with_row_index("_row").with_columns(word=extract_words(pl.col("text").fill_null("")))
    hits = (
        rows.select("_row", "word")
        .explode("word")
        .join(entries, on="word", maintain_order="left")
        .group_by("_row", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("matched"), pl.col(sum_columns).sum(), pl.col("word").alias("hits"))
    )
    return (
        rows.with_columns(words=pl.col("word").list.len().cast(pl.Int64))
        .join(hits, on="_row", how="left", maintain_order="left")
        .with_columns(pl.col("matched", *sum_columns).fill_null(0), pl.col("hits").fill_null([]))
        .drop("_row", "word")
    )
