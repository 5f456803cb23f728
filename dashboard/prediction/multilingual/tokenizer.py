"""Splitting posts in several languages into tokens, like the English tokenizer, but with accents, vowel signs and other scripts folded.

Strings and regular expressions only. Which words negate is in `languages.py`.
"""

import re
import unicodedata

from dashboard.prediction.classifier import tokenizer as english
from dashboard.prediction.classifier.tokenizer import ALL_CAPS_BIT, ELONGATED_BIT, HASHTAG_BIT, WORD_BIT, ParsedPiece
from dashboard.prediction.multilingual.languages import CONTRASTS, ELIDED_NEGATOR, NEGATORS

_MARK = r"\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640"  # accents and Arabic vowel signs; part of a word
_LETTERS = rf"(?:[^\W\d_]|[{_MARK}])"
_PIECE_PATTERNS = english.PIECE_PATTERNS | {
    "mention": r"@\w{1,64}",
    "hashtag": rf"#(?:\w|[{_MARK}]){{1,64}}",
    "word": rf"[^\W\d_]{_LETTERS}{{0,63}}(?:['\-*]{_LETTERS}{{1,32}}){{0,4}}",
}
_PIECE_REGEX = re.compile("|".join(f"(?:{pattern})" for pattern in _PIECE_PATTERNS.values()))
_PIECE_KIND_REGEX = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PIECE_PATTERNS.items()))
_PUNCTUATION = str.maketrans("؟！？،؛。、…“”„«»¡¿", '?!?,;.,."""""  ')
_ARABIC_LETTERS = str.maketrans("أإآٱىئؤة", "ااااييوه", "\u0640")
_OTHER_LETTERS = str.maketrans({"ı": "i", "ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe"})
_MASKED_LINK = re.compile(r"\bhttps?\b(?!:)")  # as some datasets write links
_REPEATED_LETTER = re.compile(r"(.)\1{2,}")
_REPEATED_SYLLABLE = re.compile(r"([^\W\d_]{2,3}?)\1{2,}")
_MIN_REPEATED_CHARACTERS = 6  # of three syllables
_HASHTAG_WORD = re.compile(r"[^\W\d_a-z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")


def fold(text: str) -> str:
    """Return a text in lower case, without accents and Arabic vowel signs, with the forms of an Arabic letter as one."""
    lower = text.lower()
    if lower.isascii():
        return lower
    decomposed = unicodedata.normalize("NFD", lower.translate(_ARABIC_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character)).translate(_OTHER_LETTERS)


class Tokenizer:
    """The tokenizer of one language."""

    def __init__(self, language: str) -> None:
        self._negators, self._contrasts = NEGATORS[language], CONTRASTS[language]
        self._elides_negators = language == "fr"

    def split_into_pieces(self, text: str) -> list[str]:
        """Split a text, after normalizing it, into words, hashtags, emoji and so on, each as it was written."""
        normalized = english.normalize(text)
        if not normalized.isascii():
            normalized = unicodedata.normalize("NFC", normalized).translate(_PUNCTUATION)
        if "http" in normalized:
            normalized = _MASKED_LINK.sub(" ", normalized)
        return _PIECE_REGEX.findall(normalized)[: english.MAX_TOKENS_PER_TEXT]

    def parse_piece(self, piece: str) -> ParsedPiece:
        """Parse a piece that `split_into_pieces` returned. The result doesn't depend on the piece's context."""
        match = _PIECE_KIND_REGEX.fullmatch(piece)
        kind = match.lastgroup if match else "other"
        if kind in ("word", "other"):
            word, bits = _parse_word(piece)
            negation = True if self.is_negator(word) else False if word in self._contrasts else None
            return ParsedPiece(((word, bits),), negation)
        if kind == "hashtag":
            return ParsedPiece(_parse_hashtag(piece))
        return english.parse_piece(piece)

    def is_negator(self, word: str) -> bool:
        """Return whether a word negates those that follow, up to the next punctuation mark or a “but”."""
        return word in self._negators or (self._elides_negators and bool(ELIDED_NEGATOR.match(word)))


def _shorten(word: str) -> str:
    """Return a word without more than two equal letters or syllables in a row: soo, jaja."""
    shortened = _REPEATED_LETTER.sub(r"\1\1", word)
    return _REPEATED_SYLLABLE.sub(r"\1\1", shortened) if len(shortened) >= _MIN_REPEATED_CHARACTERS else shortened


def _parse_hashtag(piece: str) -> tuple[tuple[str, int], ...]:
    body = piece[1:]
    folded = fold(body)
    words = _HASHTAG_WORD.findall(body)[: english.MAX_WORDS_PER_HASHTAG] if body.lower() != body or "_" in body else [body]
    return (
        ("#" + folded, HASHTAG_BIT),
        *((_shorten(fold(word)), HASHTAG_BIT | WORD_BIT) for word in words),
    )


def _parse_word(piece: str) -> tuple[str, int]:
    folded = fold(piece)
    shortened = _shorten(folded)
    bits = WORD_BIT
    if len(piece) > 1 and piece.isupper():
        bits |= ALL_CAPS_BIT
    if shortened != folded:
        bits |= ELONGATED_BIT
    return shortened, bits
