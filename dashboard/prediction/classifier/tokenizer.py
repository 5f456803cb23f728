"""A post as the classifier reads it: words, hashtags, emoji, emoticons and runs of punctuation, each with what befalls it."""

import re
from typing import NamedTuple

from dashboard.core.html_entities import unescape_entities

ALL_CAPS_BIT, HASHTAG_BIT, ELONGATED_BIT, WORD_BIT, EMOJI_BIT = 2, 4, 8, 16, 32  # what befalls a token, as bits
MAX_TOKENS_PER_TEXT = 5_000  # pieces of a text that are read, and tokens that they may give
MAX_WORDS_PER_HASHTAG = 12  # of a hashtag that are read as words; the longest that people wrote in 230,000 posts has 12

_UNICODE_ESCAPE_REGEX = re.compile(r"\\u([0-9a-fA-F]{4})")
_URL_REGEX = re.compile(r"https?://\S+|www\.\S+|\bt\.co/\S+")
_PUNCTUATION_MAP = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00b4": "'", "`": "'", "\u2026": "...", "\ufe0f": ""}
)
_EMOTICON_PATTERN = (
    r"(?:[<>]?[:;=8xX][\-o\*\']?[\)\]\(\[dDpP/\\}{@|3*]{1,16}(?![a-zA-Z0-9])|[\)\]\(\[/\\}{@|]{1,16}[\-o\*\']?[:;=8](?![a-zA-Z0-9])"
    r"|<3{1,16}|</3|\^_*\^|-_+-|[oO]_[oO]|[tT]_[tT])"
)
_EMOJI_PATTERN = (
    r"[\U0001F1E6-\U0001F1FF]{2}|[\u2190-\u2BFF\u3030\u303d\u3297\u3299\U0001F000-\U0001FAFF][\U0001F3FB-\U0001F3FF\u200d\u2640\u2642]{0,8}"
)
_PIECE_PATTERNS = {  # tried in this order; bounded, so that no piece is longer than a line
    "face": rf"{_EMOTICON_PATTERN}|{_EMOJI_PATTERN}",
    "mention": r"@\w{1,64}",
    "hashtag": r"#\w{1,64}",
    "word": r"[^\W\d_]{1,64}(?:['\-*][^\W\d_]{1,32}){0,4}",
    "number": r"\d[\d.,:]{0,32}",
    "mark": r"!{1,64}|\?{1,64}|[!?]{2,64}|\.{2,64}|[.,;:\"()&%$/*~-]",
    "other": r"\w{1,64}",
}
_PIECE_REGEX = re.compile("|".join(f"(?:{each})" for each in _PIECE_PATTERNS.values()))
_PIECE_KIND_REGEX = re.compile("|".join(f"(?P<{name}>{each})" for name, each in _PIECE_PATTERNS.items()))
_REPEATED_LETTER_REGEX = re.compile(r"(.)\1{2,}")
_CAMEL_CASE_REGEX = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
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
_NEGATION_ENDERS = frozenset(("but", "however", "though", "although"))


class ParsedPiece(NamedTuple):
    """What a piece of a text says: tokens with their bits, and what it does to the words that follow: `negates` them, or no more, or
    (None) nothing.
    """

    tokens: tuple[tuple[str, int], ...]
    negation: bool | None = None
    ignores_negation: bool = False  # marks and mentions are not themselves negated


def normalize(text: str) -> str:
    """Return a text without entities, escapes, curly quotes, addresses and an unbalanced quote around it."""
    said = unescape_entities(unescape_entities(text))
    said = _UNICODE_ESCAPE_REGEX.sub(_decode_escape, said) if "\\u" in said else said
    said = said if said.isascii() and "`" not in said else said.translate(_PUNCTUATION_MAP)
    said = (_URL_REGEX.sub(" ", said) if "/" in said or "www." in said else said).strip()
    return said.strip('"') if said.count('"') % 2 else said


def _decode_escape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return " " if 0xD800 <= code < 0xE000 else chr(code)


def split_into_pieces(text: str) -> list[str]:
    """Return a text cut into what has a meaning of its own, as it was written."""
    return _PIECE_REGEX.findall(normalize(text))[:MAX_TOKENS_PER_TEXT]


def parse_piece(piece: str) -> ParsedPiece:
    """Return what a piece that `pieces` gave says, wherever it stands."""
    found = _PIECE_KIND_REGEX.fullmatch(piece)
    kind = found.lastgroup if found else "other"
    if kind in ("word", "other"):
        word, bits = _parse_word(piece)
        return ParsedPiece(((word, bits),), True if is_negator(word) else False if word in _NEGATION_ENDERS else None)
    if kind == "mark":
        return ParsedPiece(((_normalize_punctuation(piece), 0),), False if piece[0] in ".,;:!?" else None, ignores_negation=True)
    if kind == "mention":
        return ParsedPiece((("@u", 0),), ignores_negation=True)
    if kind == "number":
        return ParsedPiece((("0", 0),))
    if kind == "hashtag":
        return ParsedPiece(_parse_hashtag(piece))
    return ParsedPiece(((piece, EMOJI_BIT),))


def is_negator(word: str) -> bool:
    """Say whether what follows a word is negated, up to the next mark or a “but”."""
    return word in NEGATORS or word.endswith("n't")


def _normalize_punctuation(piece: str) -> str:
    if piece[0] in "!?":
        return piece[:2]
    return ".." if piece[0] == "." and len(piece) > 1 else piece


def _parse_hashtag(piece: str) -> tuple[tuple[str, int], ...]:
    """Return a hashtag and, as words, its parts."""
    body = piece[1:]
    parts = _CAMEL_CASE_REGEX.findall(body)[:MAX_WORDS_PER_HASHTAG] if body.lower() != body else [body]
    return (
        ("#" + body.lower(), HASHTAG_BIT),
        *((_REPEATED_LETTER_REGEX.sub(r"\1\1", part.lower()), HASHTAG_BIT | WORD_BIT) for part in parts),
    )


def _parse_word(piece: str) -> tuple[str, int]:
    low = piece.lower()
    short = _REPEATED_LETTER_REGEX.sub(r"\1\1", low)
    return short, WORD_BIT | ALL_CAPS_BIT * (len(piece) > 1 and piece.isupper()) | ELONGATED_BIT * (short != low)
