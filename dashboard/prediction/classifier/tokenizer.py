"""A post as the classifier reads it: words, hashtags, emoji, emoticons and runs of punctuation, each with what befalls it."""

import re
from typing import NamedTuple

from dashboard.core.html_entities import unescaped

CAPITALS, HASHTAG, STRETCHED, WORD, FACE = 2, 4, 8, 16, 32  # what befalls a token, as bits
MOST = 5_000  # pieces of a text that are read, and tokens that they may give
PARTS = 12  # of a hashtag that are read as words; the longest that people wrote in 230,000 posts has 12

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\bt\.co/\S+")
_STRAIGHT = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00b4": "'", "`": "'", "\u2026": "...", "\ufe0f": ""}
)
_EMOTICON = (
    r"(?:[<>]?[:;=8xX][\-o\*\']?[\)\]\(\[dDpP/\\}{@|3*]{1,16}(?![a-zA-Z0-9])|[\)\]\(\[/\\}{@|]{1,16}[\-o\*\']?[:;=8](?![a-zA-Z0-9])"
    r"|<3{1,16}|</3|\^_*\^|-_+-|[oO]_[oO]|[tT]_[tT])"
)
_EMOJI = (
    r"[\U0001F1E6-\U0001F1FF]{2}|[\u2190-\u2BFF\u3030\u303d\u3297\u3299\U0001F000-\U0001FAFF][\U0001F3FB-\U0001F3FF\u200d\u2640\u2642]{0,8}"
)
_KINDS = {  # tried in this order; bounded, so that no piece is longer than a line
    "face": rf"{_EMOTICON}|{_EMOJI}",
    "mention": r"@\w{1,64}",
    "hashtag": r"#\w{1,64}",
    "word": r"[^\W\d_]{1,64}(?:['\-*][^\W\d_]{1,32}){0,4}",
    "number": r"\d[\d.,:]{0,32}",
    "mark": r"!{1,64}|\?{1,64}|[!?]{2,64}|\.{2,64}|[.,;:\"()&%$/*~-]",
    "other": r"\w{1,64}",
}
_PIECE = re.compile("|".join(f"(?:{each})" for each in _KINDS.values()))
_KIND = re.compile("|".join(f"(?P<{name}>{each})" for name, each in _KINDS.items()))
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


class Meaning(NamedTuple):
    """What a piece of a text says: tokens with their bits, and what it does to the words that follow: `negates` them, or no more, or
    (None) nothing.
    """

    tokens: tuple[tuple[str, int], ...]
    negates: bool | None = None
    deaf: bool = False  # marks and mentions are not themselves negated


def plain(text: str) -> str:
    """Return a text without entities, escapes, curly quotes, addresses and an unbalanced quote around it."""
    said = unescaped(unescaped(text))
    said = _ESCAPE.sub(_letter, said) if "\\u" in said else said
    said = said if said.isascii() and "`" not in said else said.translate(_STRAIGHT)
    said = (_ADDRESS.sub(" ", said) if "/" in said or "www." in said else said).strip()
    return said.strip('"') if said.count('"') % 2 else said


def _letter(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return " " if 0xD800 <= code < 0xE000 else chr(code)


def pieces(text: str) -> list[str]:
    """Return a text cut into what has a meaning of its own, as it was written."""
    return _PIECE.findall(plain(text))[:MOST]


def meaning(piece: str) -> Meaning:
    """Return what a piece that `pieces` gave says, wherever it stands."""
    found = _KIND.fullmatch(piece)
    kind = found.lastgroup if found else "other"
    if kind in ("word", "other"):
        word, bits = _word(piece)
        return Meaning(((word, bits),), True if negates(word) else False if word in _TURNS else None)
    if kind == "mark":
        return Meaning(((_mark(piece), 0),), False if piece[0] in ".,;:!?" else None, deaf=True)
    if kind == "mention":
        return Meaning((("@u", 0),), deaf=True)
    if kind == "number":
        return Meaning((("0", 0),))
    if kind == "hashtag":
        return Meaning(_hashtag(piece))
    return Meaning(((piece, FACE),))


def negates(word: str) -> bool:
    """Say whether what follows a word is negated, up to the next mark or a “but”."""
    return word in NEGATORS or word.endswith("n't")


def _mark(said: str) -> str:
    if said[0] in "!?":
        return said[:2]
    return ".." if said[0] == "." and len(said) > 1 else said


def _hashtag(said: str) -> tuple[tuple[str, int], ...]:
    """Return a hashtag and, as words, its parts."""
    body = said[1:]
    parts = _CAMEL.findall(body)[:PARTS] if body.lower() != body else [body]
    return (("#" + body.lower(), HASHTAG), *((_STRETCH.sub(r"\1\1", part.lower()), HASHTAG | WORD) for part in parts))


def _word(said: str) -> tuple[str, int]:
    low = said.lower()
    short = _STRETCH.sub(r"\1\1", low)
    return short, WORD | CAPITALS * (len(said) > 1 and said.isupper()) | STRETCHED * (short != low)
