"""Where the words that a method's list knows stand in a text, so that a reader sees what was counted. Tokens are the method's own."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.registry import METHODS
from dashboard.core.methods import Scorer

Polarity = Literal["", "up", "down"]
_NON_WORD_REGEX = re.compile(lexicon.NON_WORD_PATTERN)


@dataclass(frozen=True)
class TextSegment:
    """A stretch of a text: of a word that speaks for (`up`) or against (`down`), or of none; `meant` if it was asked for."""

    text: str
    polarity: Polarity = ""
    is_search_hit: bool = False


def filter_by_word(posts: pl.DataFrame, word: str, method: str) -> pl.DataFrame:
    """Return the posts in which a word stands as `method` finds words; a phrase of its list is one, its words apart by blanks."""
    units = METHODS[method].load_scorer().find_units()
    return posts.filter(units.list.eval(lexicon.strip_unit(pl.element())).list.contains(word.lower()))


def split_segments(texts: Sequence[str], method: str, searched_word: str = "") -> list[list[TextSegment]]:
    """Return each text in pieces that together are the text. A method without a list marks nothing but `searched_word`."""
    scorer = METHODS[method].load_scorer()
    folded = ["".join(map(_fold_case, scorer.blank_ignored_text(text))) for text in texts]
    tokens = pl.DataFrame({"text": folded}, schema={"text": pl.String}).select(lexicon.tokenize(pl.col("text")))["text"].to_list()
    polarities = _load_polarities(scorer)
    return [
        _split_text(text, _find_spans(plain, words, scorer.normalize_token), polarities, searched_word.lower())
        for text, plain, words in zip(texts, folded, tokens, strict=True)
    ]


def has_word_list(method: str) -> bool:
    """Say whether a method has a list whose words can be marked."""
    return METHODS[method].load_scorer().load_entries() is not None


@cache
def _load_polarities(scorer: Scorer) -> Mapping[str, Polarity]:
    """Return which way each entry of a method's list speaks; an entry on both sides speaks neither way."""
    entries = scorer.load_entries()
    rows = [] if entries is None else entries.group_by("word").agg(pl.col("points").sum()).iter_rows()
    return {word: "up" if points > 0 else "down" if points < 0 else "" for word, points in rows}


def _fold_case(char: str) -> str:
    """Return one lower-case letter, so that places stay: `İ`, which would become two, becomes `ı`, which no list has."""
    lower = char.lower()
    return lower if len(lower) == 1 else "ı"


def _find_spans(text: str, tokens: Iterable[str], normalize: Callable[[str], str]) -> list[tuple[int, int, str]]:
    """Return start, end and word of each word, the word as the method's list writes it.

    Nothing but tokens is made of letters, so each is the next of its kind.
    """
    spans, end = [], 0
    for token in tokens:
        start = text.find(token, end)
        if start < 0:
            continue
        end = start + len(token)
        spans += [(start, end, normalize(token))] * (not _NON_WORD_REGEX.search(token))
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
