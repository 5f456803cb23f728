"""A post as the classifier reads it: words, hashtags, emoji, emoticons and runs of punctuation, each with what befalls it."""

import html
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

NEGATED, CAPITALS, HASHTAG, STRETCHED, WORD, FACE = 1, 2, 4, 8, 16, 32  # what befalls a token, as bits
MOST = 5_000  # tokens of a text

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\bt\.co/\S+")
_STRAIGHT = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00b4": "'", "`": "'", "\u2026": "...", "\ufe0f": ""}
)
_EMOTICON = (
    r"(?:[<>]?[:;=8xX][\-o\*\']?[\)\]\(\[dDpP/\\}{@|3*]+(?![a-zA-Z0-9])|[\)\]\(\[/\\}{@|]+[\-o\*\']?[:;=8](?![a-zA-Z0-9])"
    r"|<3+|</3|\^_*\^|-_+-|[oO]_[oO]|[tT]_[tT])"
)
_EMOJI = (
    r"[\U0001F1E6-\U0001F1FF]{2}|[\u2190-\u2BFF\u3030\u303d\u3297\u3299\U0001F000-\U0001FAFF][\U0001F3FB-\U0001F3FF\u200d\u2640\u2642]*"
)
_TOKEN = re.compile(
    rf"(?P<face>{_EMOTICON}|{_EMOJI})|(?P<mention>@\w+)|(?P<hashtag>#\w+)|(?P<word>[^\W\d_]+(?:['\-*][^\W\d_]+)*)"
    r"|(?P<number>\d[\d.,:]*)|(?P<mark>!+|\?+|[!?]{2,}|\.{2,}|[.,;:\"()&%$/*~-])|(?P<other>\w+)"
)
_STRETCH = re.compile(r"(.)\1{2,}")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
NEGATORS = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nobody",
        "nothing",
        "neither",
        "nor",
        "nowhere",
        "cannot",
        "cant",
        "can't",
        "won't",
        "wont",
        "don't",
        "dont",
        "doesn't",
        "doesnt",
        "didn't",
        "didnt",
        "isn't",
        "isnt",
        "aren't",
        "arent",
        "wasn't",
        "wasnt",
        "weren't",
        "werent",
        "hasn't",
        "haven't",
        "hadn't",
        "shouldn't",
        "wouldn't",
        "couldn't",
        "ain't",
        "aint",
        "without",
        "hardly",
        "barely",
        "lack",
        "lacks",
        "n't",
    ]
)
_TURNS = frozenset(("but", "however", "though", "although"))


@dataclass(frozen=True)
class Texts:
    """Tokens of some texts, end to end: `vocabulary` the different ones, `ids` into it, `flags` of each, `text` the row it belongs to,
    `place` in its text, `lengths` in tokens of each text, `written` as it stood in the text.
    """

    vocabulary: list[str]
    ids: np.ndarray[Any, Any]
    flags: np.ndarray[Any, Any]
    text: np.ndarray[Any, Any]
    place: np.ndarray[Any, Any]
    lengths: np.ndarray[Any, Any]
    written: list[str]


def plain(text: str) -> str:
    """Return a text without entities, escapes, curly quotes, addresses and an unbalanced quote around it."""
    said = html.unescape(html.unescape(text))
    said = _ESCAPE.sub(_letter, said) if "\\u" in said else said
    said = _ADDRESS.sub(" ", said.translate(_STRAIGHT)).strip()
    return said.strip('"') if said.count('"') % 2 else said


def _letter(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return " " if 0xD800 <= code < 0xE000 else chr(code)


def tokens(text: str) -> list[tuple[str, int, str]]:
    """Return the tokens of a text with their flags and how they were written; after a negator words are NEGATED up to a mark or a “but”."""
    found: list[tuple[str, int, str]] = []
    negated = 0
    for match in _TOKEN.finditer(plain(text)):
        kind, said = match.lastgroup, match.group()
        if kind == "mark":
            found.append((_mark(said), 0, said))
            negated = 0 if said[0] in ".,;:!?" else negated
        elif kind == "mention":
            found.append(("@u", 0, said))
        elif kind == "number":
            found.append(("0", negated, said))
        elif kind == "hashtag":
            found += _hashtag(said, negated)
        elif kind == "face":
            found.append((said, negated | FACE, said))
        else:
            word, flags = _word(said)
            found.append((word, negated | flags, said))
            negated = 1 if word in NEGATORS or word.endswith("n't") else 0 if word in _TURNS else negated
        if len(found) >= MOST:
            break
    return found


def _mark(said: str) -> str:
    if said[0] in "!?":
        return said[:2]
    return ".." if said[0] == "." and len(said) > 1 else said


def _hashtag(said: str, negated: int) -> list[tuple[str, int, str]]:
    """Return a hashtag and, as words, its parts."""
    body = said[1:]
    parts = _CAMEL.findall(body) if body.lower() != body else [body]
    words = [(_STRETCH.sub(r"\1\1", part.lower()), negated | HASHTAG | WORD, said) for part in parts]
    return [("#" + body.lower(), negated | HASHTAG, said), *words]


def _word(said: str) -> tuple[str, int]:
    low = said.lower()
    short = _STRETCH.sub(r"\1\1", low)
    return short, WORD | CAPITALS * (len(said) > 1 and said.isupper()) | STRETCHED * (short != low)


def read(given: list[str]) -> Texts:
    """Return the tokens of texts."""
    places: dict[str, int] = {}
    ids, flags, written, lengths = [], [], [], []
    for text in given:
        found = tokens(text)
        lengths.append(len(found))
        for token, flag, said in found:
            ids.append(places.setdefault(token, len(places)))
            flags.append(flag)
            written.append(said)
    counts = np.array(lengths, dtype=np.int64)
    return Texts(
        list(places),
        np.array(ids, dtype=np.int64),
        np.array(flags, dtype=np.int64),
        np.repeat(np.arange(len(given)), counts),
        np.arange(len(ids)) - np.repeat(np.cumsum(counts) - counts, counts),
        counts,
        written,
    )
