"""Texts as cells: nothing that a spreadsheet might run, and the same text again when it is read back."""

import unicodedata

import pytest
from hypothesis import given, strategies

from dashboard.core.spreadsheet_cells import guard_formula, unguard_formula

SIGNS = [*"=+-@", *"⁺⁼₊₌⩵⩶﬩﹢﹣﹦﹫＋－＝＠"]  # all whose NFKC form begins with one of the first four
INVISIBLE = [" ", "\u00a0", "\u3000", "\u200b", "\u200e", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u034f", "\ufe0f", "\u3164", "\u2800"]
INVISIBLE += ["\x00", "\x0b", "\x85", "\u2028", "\U000e0020"]


@pytest.mark.slow
def test_the_signs_are_complete() -> None:
    """No other character is a form of = + - @."""
    characters = [chr(point) for point in range(0x110000)]
    assert [sign for sign in characters if unicodedata.normalize("NFKC", sign)[:1] in set("=+-@")] == sorted(SIGNS)


@pytest.mark.parametrize("sign", SIGNS)
def test_no_text_begins_with_a_sign_of_a_formula(sign: str) -> None:
    """This holds for = + - @ and for every other form of them, such as full-width ones."""
    assert guard_formula(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("control", ["\t", "\r", "\n"])
def test_no_text_begins_with_a_tab_or_line_break(control: str) -> None:
    """Spreadsheets drop them and read what follows."""
    assert guard_formula(f"{control}fog") == f"'{control}fog"


@pytest.mark.parametrize("invisible", INVISIBLE)
@pytest.mark.parametrize("count", [1, 3, 5_000])
def test_invisible_characters_hide_no_sign(invisible: str, count: int) -> None:
    """Blanks, controls, marks and fillers before a sign don't count as a beginning."""
    assert guard_formula(f"{invisible * count}=1") == f"'{invisible * count}=1"


@pytest.mark.parametrize("text", ["", "fog", "a=1", "1-1", "é+", "  fog", "'fog'", "“=1”", "(-1)", "#1", "−1", "–", "🙂="])
def test_other_texts_stay_as_they_are(text: str) -> None:
    """Nothing is added to a text that can't be a formula."""
    assert guard_formula(text) == text


@given(strategies.text("'=+-@ \t\n\u200bax＝", max_size=6))
def test_a_guarded_text_is_restored(text: str) -> None:
    """Whatever the text, importing an export gives it back."""
    assert unguard_formula(guard_formula(text)) == text
