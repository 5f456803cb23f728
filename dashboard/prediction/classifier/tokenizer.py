"""Splitting a post into tokens: words, hashtags, emoji, emoticons and runs of punctuation, with bits for how each is written.

Strings and regular expressions only. What is known about a token is in `token_lookup.py` and `token_columns.py`.
"""

import re
from typing import NamedTuple

from dashboard.core import look_alikes
from dashboard.core.html_entities import unescape_entities
from dashboard.core.post_text import BARE_DOMAIN_PATTERN, URL_PATTERN

ALL_CAPS_BIT, HASHTAG_BIT, ELONGATED_BIT, WORD_BIT, EMOJI_BIT = 2, 4, 8, 16, 32  # how a token is written
MAX_TOKENS_PER_TEXT = 5_000  # limits both the pieces of a text and the tokens made from them
MAX_WORDS_PER_HASHTAG = 12  # the longest hashtag in 230,000 posts has 12 words

_UNICODE_ESCAPE_REGEX = re.compile(r"\\u([0-9a-fA-F]{4})")
_URL_REGEX = re.compile(rf"https?://\S+|www\.\S+|{URL_PATTERN}")  # also those that follow a letter, as where a space is missing
_DOMAIN_END_REGEX = re.compile(r"\.(?:com|org|net|edu|gov|info|biz|io|tv|fm|co)\b", re.IGNORECASE)  # fast, because few texts have one
_BARE_DOMAIN_REGEX = re.compile(BARE_DOMAIN_PATTERN)  # otherwise “love.com” would be love
_PUNCTUATION_MAP = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u00b4": "'",
        "`": "'",
        "\u02bc": "'",
        "\uff07": "'",
        "\u2026": "...",
        "\ufe0f": "",
    }
)
_EMOTICON_PATTERN = (
    r"(?:[<>]?[:;=8xX][\-o\*\']?[\)\]\(\[dDpP/\\}{@|3*]{1,16}(?![a-zA-Z0-9])|[\)\]\(\[/\\}{@|]{1,16}[\-o\*\']?[:;=8](?![a-zA-Z0-9])"
    r"|<3{1,16}|</3|\^_*\^|-_+-|[oO]_[oO]|[tT]_[tT])"
)
_EMOJI_PATTERN = (
    r"[\U0001F1E6-\U0001F1FF]{2}|[\u2190-\u2BFF\u3030\u303d\u3297\u3299\U0001F000-\U0001FAFF][\U0001F3FB-\U0001F3FF\u200d\u2640\u2642]{0,8}"
)
PIECE_PATTERNS = {  # tried in this order; every repetition is bounded, so pieces stay short
    "face": rf"{_EMOTICON_PATTERN}|{_EMOJI_PATTERN}",
    "mention": r"@\w{1,64}",
    "hashtag": r"#\w{1,64}",
    "word": r"[^\W\d_]{1,64}(?:['\-*][^\W\d_]{1,32}){0,4}",
    "number": r"\d[\d.,:]{0,32}",
    "mark": r"!{1,64}|\?{1,64}|[!?]{2,64}|\.{2,64}|[.,;:\"()&%$/*~-]",
    "other": r"\w{1,64}",
}
_FAST_WORD_PATTERN = r"[A-NP-SU-WYZa-np-su-wyz][^\W\d_]{0,63}(?:['\-*][^\W\d_]{1,32}){0,4}"  # words with whose letter no emoticon begins
_PIECE_REGEX = re.compile("|".join(f"(?:{pattern})" for pattern in (_FAST_WORD_PATTERN, *PIECE_PATTERNS.values())))
_PIECE_KIND_REGEX = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PIECE_PATTERNS.items()))
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
    """The tokens of a piece of text, each with its bits, and how the piece affects negation.

    `negation` is True if the piece negates the words that follow, False if it ends a negation, None if it does neither.
    `ignores_negation` is True for punctuation and mentions, which can't be negated.
    """

    tokens: tuple[tuple[str, int], ...]
    negation: bool | None = None
    ignores_negation: bool = False


def normalize(text: str) -> str:
    """Return a text with entities and escapes decoded, quotes and styled letters as plain ones, without URLs and an odd outer quote."""
    text = unescape_entities(unescape_entities(text))
    if "\\u" in text:
        text = _UNICODE_ESCAPE_REGEX.sub(_decode_escape, text)
    if "`" in text or not text.isascii():
        text = look_alikes.join_letters(look_alikes.fold_letters(text))
        text = look_alikes.fold_apostrophes(text.translate(_PUNCTUATION_MAP))
    if "/" in text or "www." in text:
        text = _URL_REGEX.sub(" ", text)
    if _DOMAIN_END_REGEX.search(text):
        text = _BARE_DOMAIN_REGEX.sub(" ", text)
    text = text.strip()
    return text.strip('"') if text.count('"') % 2 else text


def _decode_escape(match: re.Match[str]) -> str:
    code_point = int(match[1], 16)
    is_surrogate = 0xD800 <= code_point < 0xE000
    return " " if is_surrogate else chr(code_point)


def split_into_pieces(text: str) -> list[str]:
    """Split a text, after normalizing it, into words, hashtags, emoji and so on, each as it was written."""
    return _PIECE_REGEX.findall(normalize(text))[:MAX_TOKENS_PER_TEXT]


def parse_piece(piece: str) -> ParsedPiece:
    """Parse a piece that `split_into_pieces` returned. The result doesn't depend on the piece's context."""
    match = _PIECE_KIND_REGEX.fullmatch(piece)
    kind = match.lastgroup if match else "other"
    if kind in ("word", "other"):
        word, bits = _parse_word(piece)
        negation = True if is_negator(word) else False if word in _NEGATION_ENDERS else None
        return ParsedPiece(((word, bits),), negation)
    if kind == "mark":
        negation = False if piece[0] in ".,;:!?" else None
        return ParsedPiece(((_normalize_punctuation(piece), 0),), negation, ignores_negation=True)
    if kind == "mention":
        return ParsedPiece((("@u", 0),), ignores_negation=True)
    if kind == "number":
        return ParsedPiece((("0", 0),))
    if kind == "hashtag":
        return ParsedPiece(_parse_hashtag(piece))
    return ParsedPiece(((piece, EMOJI_BIT),))


def is_negator(word: str) -> bool:
    """Return whether a word negates those that follow, up to the next punctuation mark or a “but”."""
    return word in NEGATORS or word.endswith("n't")


def _normalize_punctuation(piece: str) -> str:
    if piece[0] in "!?":
        return piece[:2]
    return ".." if piece[0] == "." and len(piece) > 1 else piece


def _parse_hashtag(piece: str) -> tuple[tuple[str, int], ...]:
    """Return a hashtag as a token, and then each of its words (`#BestDay`: best, day)."""
    body = piece[1:]
    words = _CAMEL_CASE_REGEX.findall(body)[:MAX_WORDS_PER_HASHTAG] if body.lower() != body else [body]
    return (
        ("#" + body.lower(), HASHTAG_BIT),
        *((_REPEATED_LETTER_REGEX.sub(r"\1\1", word.lower()), HASHTAG_BIT | WORD_BIT) for word in words),
    )


def _parse_word(piece: str) -> tuple[str, int]:
    """Return a word in lower case, without more than two equal letters in a row, and its bits."""
    lower = piece.lower()
    shortened = _REPEATED_LETTER_REGEX.sub(r"\1\1", lower)
    bits = WORD_BIT
    if len(piece) > 1 and piece.isupper():
        bits |= ALL_CAPS_BIT
    if shortened != lower:
        bits |= ELONGATED_BIT
    return shortened, bits
