"""Splitting posts in several languages: what is a word, what is folded, and what negates."""

import pytest

from dashboard.prediction.multilingual.tokenizer import Tokenizer, fold


def tokens(language: str, text: str) -> list[str]:
    """Return the tokens of a text."""
    tokenizer = Tokenizer(language)
    return [token for piece in tokenizer.split_into_pieces(text) for token, _ in tokenizer.parse_piece(piece).tokens]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Schöne Grüße!", ["schone", "grusse", "!"]),
        ("pt", "Não é ótimo", ["nao", "e", "otimo"]),
        ("fr", "c’est l'été…", ["c'est", "l'ete", ".."]),
        ("es", "¿Qué tal? ¡Bien!", ["que", "tal", "?", "bien", "!"]),
        ("ar", "هَذَا جَمِيلٌ جـــدا؟", ["هذا", "جميل", "جدا", "?"]),
        ("ar", "إلى المدرسة", ["الي", "المدرسه"]),
        ("id", "Bagus bangeeeet, gan", ["bagus", "bangeet", ",", "gan"]),
        ("pt", "kkkkkkkk rsrsrsrs", ["kk", "rsrs"]),
        ("it", "@anna vedi http #BellaCiao", ["@u", "vedi", "#bellaciao", "bella", "ciao"]),
        ("ar", "#ريال_مدريد", ["#ريال_مدريد", "ريال", "مدريد"]),
    ],
)
def test_texts_are_split_and_folded(language: str, text: str, expected: list[str]) -> None:
    """Words keep their vowel signs together; accents, forms of letters and repetitions don't matter."""
    assert tokens(language, text) == expected


def test_pieces_stay_as_they_were_written() -> None:
    """Explanations show people their own spelling."""
    assert Tokenizer("de").split_into_pieces("Schöne Grüße") == ["Schöne", "Grüße"]


def test_decomposed_accents_are_the_same_as_composed_ones() -> None:
    """Some keyboards write an accent as a character of its own."""
    assert tokens("fr", "e\u0301te\u0301") == tokens("fr", "été")


@pytest.mark.parametrize(
    ("language", "word"),
    [("ar", "لا"), ("de", "nicht"), ("es", "nunca"), ("fr", "n'est"), ("id", "nggak"), ("it", "non"), ("pt", "não"), ("en", "don't")],
)
def test_each_language_has_its_own_negators(language: str, word: str) -> None:
    """A negator changes the words that follow."""
    assert Tokenizer(language).parse_piece(word).negation is True


def test_a_negator_of_another_language_is_a_word() -> None:
    """“No” is Spanish for no, but means nothing in German."""
    assert Tokenizer("de").parse_piece("no").negation is None


def test_a_contrast_ends_a_negation() -> None:
    """“Nicht schlecht, aber gut”."""
    assert Tokenizer("de").parse_piece("aber").negation is False


@pytest.mark.parametrize("text", ["", " ", "\ud800", "ـــ", "ًٌ", "👨‍👩‍👧‍👦", "#", "é" * 300, "\u0301" * 50])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_odd_texts_have_tokens_or_none(language: str, text: str) -> None:
    """Nothing raises an error."""
    assert all(isinstance(token, str) for token in tokens(language, text))


def test_folding_keeps_plain_text() -> None:
    """Only the case changes."""
    assert fold("Hello") == "hello"
