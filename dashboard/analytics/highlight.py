"""Find the words of a method's lexicon in a text, so that a reader sees what was counted.

The text is split by the method's own tokenizer. HTML and colours belong in the templates.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

from dashboard.analytics import lexicon
from dashboard.core import look_alikes
from dashboard.core.methods import METHODS, Scorer

Polarity = Literal["", "up", "down"]
_NON_WORD_REGEX = re.compile(lexicon.NON_WORD_PATTERN)


@dataclass(frozen=True)
class TextSegment:
    """A piece of a text: a positive (`up`) or negative (`down`) word, or anything else. `is_search_hit`: it is the word searched for."""

    text: str
    polarity: Polarity = ""
    is_search_hit: bool = False


def filter_by_word(posts: pl.DataFrame, word: str, method: str) -> pl.DataFrame:
    """Return the posts that contain a word, or a phrase of the lexicon with one space between its words, as `method` tokenizes them."""
    scorer = METHODS[method].load_scorer()
    units = scorer.find_units().list.eval(lexicon.strip_unit(pl.element()))
    return posts.filter(units.list.contains(_fold_word(word, scorer)))


def split_segments(texts: Sequence[str], method: str, searched_word: str = "") -> list[list[TextSegment]]:
    """Split each text into segments, which joined give the text again. A method without a lexicon marks only `searched_word`."""
    scorer = METHODS[method].load_scorer()
    blanked = [scorer.blank_ignored_text(text) for text in texts]
    folded = ["".join(map(_fold_case, look_alikes.join_letters(text))) for text in blanked]
    tokens = pl.DataFrame({"text": folded}, schema={"text": pl.String}).select(lexicon.tokenize(pl.col("text")))["text"].to_list()
    polarities = _load_polarities(scorer)
    return [
        _split_text(
            text,
            _find_spans(folded_text, words, look_alikes.locate_joined_letters(blanked_text)),
            polarities,
            _fold_word(searched_word, scorer),
        )
        for text, blanked_text, folded_text, words in zip(texts, blanked, folded, tokens, strict=True)
    ]


def has_word_list(method: str) -> bool:
    """Return whether a method has a lexicon whose words can be marked."""
    return METHODS[method].load_scorer().load_entries() is not None


@cache
def _load_polarities(scorer: Scorer) -> Mapping[str, Polarity]:
    """Return the polarity of each entry of the scorer's lexicon, empty for an entry that is as positive as negative."""
    entries = scorer.load_entries()
    rows = [] if entries is None else entries.group_by("word").agg(pl.col("points").sum()).iter_rows()
    return {word: "up" if points > 0 else "down" if points < 0 else "" for word, points in rows}


def _fold_word(word: str, scorer: Scorer) -> str:
    """Return a word as the scorer's tokens are written."""
    return look_alikes.join_letters(scorer.blank_ignored_text(word)).lower()


def _fold_case(char: str) -> str:
    """Return one lower-case character, so that positions don't shift: `İ`, whose lower case has two, becomes `ı`, which no lexicon has."""
    lower = char.lower()
    return lower if len(lower) == 1 else "ı"


def _find_spans(text: str, tokens: Iterable[str], positions: Sequence[int]) -> list[tuple[int, int, str]]:
    """Return the start and the end of each word of a text, and the word. `positions` has those in the text as it was written.

    Letters occur only in tokens, so each token is found at its next occurrence.
    """
    spans, end = [], 0
    for token in tokens:
        start = text.find(token, end)
        if start < 0:
            continue
        end = start + len(token)
        spans += [(positions[start], positions[end], token)] * (not _NON_WORD_REGEX.search(token))
    return spans


def _split_text(
    text: str, spans: Sequence[tuple[int, int, str]], polarities: Mapping[str, Polarity], searched_word: str
) -> list[TextSegment]:
    segments, end = list[TextSegment](), 0
    for start, stop, word in _longest_matches(spans, polarities, searched_word):
        is_search_hit = word == searched_word
        if (polarity := polarities.get(word, "")) or is_search_hit:
            segments += [TextSegment(text[end:start]), TextSegment(text[start:stop], polarity, is_search_hit)]
            end = stop
    return [segment for segment in [*segments, TextSegment(text[end:])] if segment.text]


def _longest_matches(
    spans: Sequence[tuple[int, int, str]], polarities: Mapping[str, Polarity], searched_word: str
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and entry from left to right: the longest lexicon entry that begins at a word, otherwise the word itself."""
    max_words, index = max((entry.count(" ") + 1 for entry in [*_phrases(polarities), searched_word] if entry), default=1), 0
    while index < len(spans):
        sizes = range(min(max_words, len(spans) - index), 0, -1)
        candidates = ((size, " ".join(word for _, _, word in spans[index : index + size])) for size in sizes)
        size, entry = next((size, entry) for size, entry in candidates if size == 1 or entry in polarities)
        yield spans[index][0], spans[index + size - 1][1], entry
        index += size


def _phrases(polarities: Mapping[str, Polarity]) -> Iterator[str]:
    return (entry for entry in polarities if " " in entry)
