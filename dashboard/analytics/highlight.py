"""Where the words that a method's list knows stand in a text, so that a reader sees what was counted. Tokens are the method's own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods import afinn, bing, vader
from dashboard.analytics.sentiment import Method

Polarity = Literal["", "up", "down"]
_MENTION_REGEX = re.compile(r"(?<!\w)@\w[\w.@-]*")  # as lexicon.MENTION has it
_NON_WORD_REGEX = re.compile(lexicon.NON_WORD_PATTERN)


@dataclass(frozen=True)
class TextSegment:
    """A stretch of a text: of a word that speaks for (`up`) or against (`down`), or of none; `meant` if it was asked for."""

    text: str
    polarity: Polarity = ""
    is_search_hit: bool = False


def filter_by_word(posts: pl.DataFrame, word: str, method: Method) -> pl.DataFrame:
    """Return the posts in which a word stands as `method` finds words; a phrase of AFINN's is one, its words apart by blanks."""
    return posts.filter(_lexicon_terms(method).list.contains(word.lower()))


def split_segments(texts: Sequence[str], method: Method, searched_word: str = "") -> list[list[TextSegment]]:
    """Return each text in pieces that together are the text. A model has no list, so for it only `meant` is marked."""
    folded = ["".join(map(_fold_case, _blank_ignored_text(text, method))) for text in texts]
    found = pl.DataFrame({"text": folded}, schema={"text": pl.String}).select(lexicon.tokenize(pl.col("text")))["text"].to_list()
    listed = {} if method == "model" else _load_polarities(method)
    straight = method == "afinn"
    return [
        _split_text(text, _find_spans(plain, tokens, straighten_apostrophes=straight), listed, searched_word.lower())
        for text, plain, tokens in zip(texts, folded, found, strict=True)
    ]


def _lexicon_terms(method: Method) -> pl.Expr:
    """Return the list of what is looked up in each text, as people write it."""
    text = vader.clean_text() if method == "vader" else pl.col("text").fill_null("")
    words = lexicon.extract_words(text)
    shown = pl.element().str.strip_chars().str.replace_all("  ", " ", literal=True)
    return afinn.merge_phrases(words).list.eval(shown) if method == "afinn" else words


@cache
def _load_polarities(method: Method) -> Mapping[str, Polarity]:
    """Return which way each entry of a method's list speaks; an entry on both sides speaks neither way."""
    if method == "vader":
        single = vader.load_lexicon().filter(~pl.col("word").str.contains(" ", literal=True))
        rows: Iterable[tuple[str, float]] = single.select("word", "valence").iter_rows()
    elif method == "afinn":
        unit = pl.col("unit").str.strip_chars().str.replace_all("  ", " ", literal=True)
        rows = afinn.load_lexicon().select(unit, points=pl.col("positive") - pl.col("negative")).iter_rows()
    else:
        rows = bing.load_lexicon().select("word", points=pl.col("positive") - pl.col("negative")).iter_rows()
    return {word: "up" if points > 0 else "down" if points < 0 else "" for word, points in rows}


def _blank_ignored_text(text: str, method: Method) -> str:
    """Return a text of the same length in which whatever the method does not read is blank."""
    read = text[: vader.MAX_CHARS] if method == "vader" else text
    plain = re.sub(lexicon.URL_PATTERN, _blank_match, read)
    return _MENTION_REGEX.sub(_blank_match, plain) if method == "vader" else plain


def _blank_match(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _fold_case(char: str) -> str:
    """Return one lower-case letter, so that places stay: `İ`, which would become two, becomes `ı`, which no list has."""
    lower = char.lower()
    return lower if len(lower) == 1 else "ı"


def _find_spans(text: str, tokens: Iterable[str], *, straighten_apostrophes: bool) -> list[tuple[int, int, str]]:
    """Return start, end and word of each word, its apostrophes `straight` or as they are.

    Nothing but tokens is made of letters, so each is the next of its kind.
    """
    spans, end = [], 0
    for token in tokens:
        start = text.find(token, end)
        if start < 0:
            continue
        end = start + len(token)
        spans += [(start, end, token.replace("’", "'") if straighten_apostrophes else token)] * (not _NON_WORD_REGEX.search(token))
    return spans


def _split_text(
    text: str, spans: Sequence[tuple[int, int, str]], polarities: Mapping[str, Polarity], searched_word: str
) -> list[TextSegment]:
    cut, end = list[TextSegment](), 0
    for start, stop, word in _longest_matches(spans, polarities, searched_word):
        asked = word == searched_word
        if (tone := polarities.get(word, "")) or asked:
            cut += [TextSegment(text[end:start]), TextSegment(text[start:stop], tone, asked)]
            end = stop
    return [piece for piece in [*cut, TextSegment(text[end:])] if piece.text]


def _longest_matches(
    spans: Sequence[tuple[int, int, str]], polarities: Mapping[str, Polarity], searched_word: str
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and entry from left to right, the longest entry that begins at a word, else the word."""
    most, place = max((entry.count(" ") + 1 for entry in [*_phrases(polarities), searched_word] if entry), default=1), 0
    while place < len(spans):
        sizes = range(min(most, len(spans) - place), 0, -1)
        entries = ((size, " ".join(word for _, _, word in spans[place : place + size])) for size in sizes)
        size, entry = next(each for each in entries if each[0] == 1 or each[1] in polarities)
        yield spans[place][0], spans[place + size - 1][1], entry
        place += size


def _phrases(polarities: Mapping[str, Polarity]) -> Iterator[str]:
    return (entry for entry in polarities if " " in entry)
