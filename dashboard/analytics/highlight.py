"""Where the words that a method's list knows stand in a text, so that a reader sees what was counted. Tokens are the method's own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

from dashboard.analytics import afinn, lexicon, vader
from dashboard.analytics.sentiment import Method

Tone = Literal["", "up", "down"]
_MENTION = re.compile(r"(?<!\w)@\w[\w.@-]*")  # as lexicon.MENTION has it
_NO_WORD = re.compile(lexicon.NO_WORD)


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: of a word that speaks for (`up`) or against (`down`), or of none; `meant` if it was asked for."""

    text: str
    tone: Tone = ""
    meant: bool = False


def holding(posts: pl.DataFrame, word: str, method: Method) -> pl.DataFrame:
    """Return the posts in which a word stands as `method` finds words; a phrase of AFINN's is one, its words apart by blanks."""
    return posts.filter(_units(method).list.contains(word.lower()))


def pieces(texts: Sequence[str], method: Method, meant: str = "") -> list[list[Piece]]:
    """Return each text in pieces that together are the text. A model has no list, so for it only `meant` is marked."""
    folded = ["".join(map(_folded, _blanked(text, method))) for text in texts]
    found = pl.DataFrame({"text": folded}, schema={"text": pl.String}).select(lexicon.tokens(pl.col("text")))["text"].to_list()
    listed = {} if method == "model" else _tones(method)
    straight = method == "afinn"
    return [
        _cut(text, _spans(plain, tokens, straight=straight), listed, meant.lower())
        for text, plain, tokens in zip(texts, folded, found, strict=True)
    ]


def _units(method: Method) -> pl.Expr:
    """Return the list of what is looked up in each text, as people write it."""
    text = vader.readable() if method == "vader" else pl.col("text").fill_null("")
    words = lexicon.words(text)
    shown = pl.element().str.strip_chars().str.replace_all("  ", " ", literal=True)
    return afinn.units(words).list.eval(shown) if method == "afinn" else words


@cache
def _tones(method: Method) -> Mapping[str, Tone]:
    """Return which way each entry of a method's list speaks; an entry on both sides speaks neither way."""
    if method == "vader":
        single = vader.valences().filter(~pl.col("word").str.contains(" ", literal=True))
        rows: Iterable[tuple[str, float]] = single.select("word", "valence").iter_rows()
    elif method == "afinn":
        unit = pl.col("unit").str.strip_chars().str.replace_all("  ", " ", literal=True)
        rows = afinn.listed().select(unit, points=pl.col("positive") - pl.col("negative")).iter_rows()
    else:
        rows = lexicon.bing().select("word", points=pl.col("positive") - pl.col("negative")).iter_rows()
    return {word: "up" if points > 0 else "down" if points < 0 else "" for word, points in rows}


def _blanked(text: str, method: Method) -> str:
    """Return a text of the same length in which whatever the method does not read is blank."""
    read = text[: vader.READS] if method == "vader" else text
    plain = re.sub(lexicon.ADDRESS, _blank, read)
    return _MENTION.sub(_blank, plain) if method == "vader" else plain


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _folded(letter: str) -> str:
    """Return a letter in lower case, as it is if it would become two."""
    lower = letter.lower()
    return lower if len(lower) == 1 else letter


def _spans(plain: str, tokens: Iterable[str], *, straight: bool) -> list[tuple[int, int, str]]:
    """Return start, end and word of each word, its apostrophes `straight` or as they are.

    Nothing but tokens is made of letters, so each is the next of its kind.
    """
    spans, end = [], 0
    for token in tokens:
        start = plain.find(token, end)
        if start < 0:
            continue
        end = start + len(token)
        spans += [(start, end, token.replace("’", "'") if straight else token)] * (not _NO_WORD.search(token))
    return spans


def _cut(text: str, spans: Sequence[tuple[int, int, str]], listed: Mapping[str, Tone], meant: str) -> list[Piece]:
    cut, end = list[Piece](), 0
    for start, stop, word in _longest(spans, listed, meant):
        asked = word == meant
        if (tone := listed.get(word, "")) or asked:
            cut += [Piece(text[end:start]), Piece(text[start:stop], tone, asked)]
            end = stop
    return [piece for piece in [*cut, Piece(text[end:])] if piece.text]


def _longest(spans: Sequence[tuple[int, int, str]], listed: Mapping[str, Tone], meant: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and entry from left to right, the longest entry that begins at a word, else the word."""
    most, place = max((entry.count(" ") + 1 for entry in [*_phrases(listed), meant] if entry), default=1), 0
    while place < len(spans):
        sizes = range(min(most, len(spans) - place), 0, -1)
        entries = ((size, " ".join(word for _, _, word in spans[place : place + size])) for size in sizes)
        size, entry = next(each for each in entries if each[0] == 1 or each[1] in listed)
        yield spans[place][0], spans[place + size - 1][1], entry
        place += size


def _phrases(listed: Mapping[str, Tone]) -> Iterator[str]:
    return (entry for entry in listed if " " in entry)
