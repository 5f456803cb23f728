"""Characters that look like letters or apostrophes are replaced with the plain ones, at the same positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.look_alikes import fold_apostrophes, fold_letters, join_letters, locate_joined_letters
from tests.support.builders import deterministic

STYLES = {
    "bold": "𝗚𝗿𝗲𝗮𝘁",
    "script": "𝓖𝓻𝓮𝓪𝓽",
    "fraktur": "𝕲𝖗𝖊𝖆𝖙",
    "double-struck": "𝔾𝕣𝕖𝕒𝕥",
    "monospace": "𝙶𝚛𝚎𝚊𝚝",
    "fullwidth": "Ｇｒｅａｔ",
    "circled": "Ⓖⓡⓔⓐⓣ",
    "modifier": "ᴳʳᵉᵃᵗ",
}


@pytest.mark.parametrize("styled", STYLES.values(), ids=STYLES.keys())
def test_styled_letters_become_plain_ones(styled: str) -> None:
    """They are of the same case."""
    assert fold_letters(f"So {styled}!") == "So Great!"


@pytest.mark.parametrize(
    ("styled", "plain"),
    [
        ("ɢʀᴇᴀᴛ", "great"),
        ("🄶🅁🄴🄰🅃", "GREAT"),
        ("🅶🆁🅴🅰🆃", "GREAT"),
        ("🅖🅡🅔🅐🅣", "GREAT"),
        ("ℎ𝑎𝑡𝑒", "hate"),
        ("ℋ𝒶𝓉ℯ", "Hate"),
        ("𝟚𝟘𝟚𝟞", "2026"),
    ],
)
def test_alphabets_that_are_completed_from_other_blocks_are_read_whole(styled: str, plain: str) -> None:
    """Unicode has some letters of a style elsewhere: the italic h is Planck's constant, and the squared A is an emoji."""
    assert fold_letters(styled) == plain


@pytest.mark.parametrize("text", ["ℹ️ 🅰️ 🅱 🅾 🅿️ Ⓜ️", "m² 1º 3ª x³", "Ελλάδα Привет 日本 ｶﾀｶﾅ", "🇬🇷🇪", "ﬁne", "😀", ""])
def test_emoji_exponents_and_other_scripts_stay(text: str) -> None:
    """They mean what they are."""
    assert fold_letters(text) == text


@pytest.mark.parametrize("apostrophe", "'’‘‛ʼʹʻ＇′´`")
def test_whatever_is_typed_for_an_apostrophe_becomes_one(apostrophe: str) -> None:
    """Phones, word processors and keyboards of other languages type different characters."""
    assert fold_apostrophes(f"I don{apostrophe}t") == "I don't"


@pytest.mark.parametrize("text", ["`code`", "a ` b", "“quoted” «so»", "´ tis"])
def test_other_quotation_marks_stay(text: str) -> None:
    """A backtick or an accent is an apostrophe only between letters."""
    assert fold_apostrophes(text) == text


@deterministic
@given(st.text(st.sampled_from("aZ𝗚ｇⒼᴳ🅰🅶ℹ’´`' é😀\u200d\n")))
def test_positions_do_not_shift(text: str) -> None:
    """Marks in a text rely on it."""
    assert len(fold_letters(text)) == len(text)
    assert len(fold_apostrophes(text)) == len(text)


@pytest.mark.slow
def test_a_text_of_emoji_that_are_letters_is_folded_in_linear_time() -> None:
    """Each is looked at once: with a time that grows with the square, this test would take a day."""
    assert fold_letters("Ⓜ" * 500_000) == "Ⓜ" * 500_000
    assert fold_letters("Ⓜ" * 500_000 + "𝗮Ⓜ") == "M" * 500_000 + "aM"


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ("gr\u00adeat", "great"),
        ("ter\u2060rible", "terrible"),
        ("aw\u2060ful", "awful"),
        ("g\u200do\u200do\u200dd\u200f!", "good!"),
        ("caf\ufeffé\u00ad", "café"),
        ("ﬁne, ﬂat, eﬃcient", "fine, flat, efficient"),
    ],
)
def test_invisible_characters_and_ligatures_in_words_become_letters(written: str, joined: str) -> None:
    """A soft hyphen is where a program may break the line, and PDF files have ligatures."""
    assert join_letters(written) == joined


@pytest.mark.parametrize("text", ["👩\u200d🔬", "می\u200cخواهم", "క\u200cరి", "good\u200bbad", "plain"])
def test_what_joins_emoji_and_letters_of_other_scripts_stays(text: str) -> None:
    """There, the characters change what is seen."""
    assert join_letters(text) == text


@given(st.text(st.sampled_from("aZé\u00ad\u2060\u200dﬁﬃ👩 \n")))
@deterministic
def test_every_joined_letter_is_found_where_it_was_written(text: str) -> None:
    """The positions ascend, and the last one is the end of the text."""
    joined, positions = join_letters(text), list(locate_joined_letters(text))
    assert len(positions) == len(joined) + 1
    assert positions == sorted(positions)
    assert positions[-1] == len(text)
    assert all(
        join_letters(text[position])[:1] == letter or text[position] in "ﬁﬃ"
        for letter, position in zip(joined, positions[:-1], strict=True)
    )
