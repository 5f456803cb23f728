"""Display names: whatever a network sends becomes a short, visible line of text, or nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.display_names import MAX_NAME_CHARACTERS, abbreviate, abbreviate_all, clean_display_name
from tests.support.builders import deterministic


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("NASA", "NASA"),
        ("  Harbour \t\n News  ", "Harbour News"),
        ("Na\x00\x1b[31msa", "Na [31msa"),
        ("\u202eASAN\u202c", "ASAN"),
        ("\u2067NASA\u2069\u200f", "NASA"),
        ("N\u200bA\u200dS\ufeffA", "NASA"),
        ("\u3164\u2800NASA\uffa0", "NASA"),
        ("<b>NASA</b>", "<b>NASA</b>"),
        ("Zu\u0308rich", "Zürich"),
        ("Z" + "\u0335" * 60 + "algo", "Z" + "\u0335" * 3 + "algo"),
        ("أخبار الميناء", "أخبار الميناء"),
        ("❤️ Berlin", "❤️ Berlin"),
        ("\ud83d", ""),
        ("\u200b \u3164", ""),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_name_is_cleaned(written: str, cleaned: str) -> None:
    """What can't be seen, or changes how its surroundings look, is removed; markup is text like any other."""
    assert clean_display_name(written) == cleaned


def test_a_long_name_is_cut() -> None:
    """An ellipsis shows that something is missing."""
    name = clean_display_name("N" * 10_000)
    assert len(name) == MAX_NAME_CHARACTERS
    assert name.endswith("…")


@deterministic
@given(st.text(alphabet=st.characters(), max_size=80))
def test_no_name_is_harmful(written: str) -> None:
    """Whatever is sent, the result fits on one line, has nothing invisible and is stable."""
    name = clean_display_name(written)
    assert len(name) <= MAX_NAME_CHARACTERS
    assert {unicodedata.category(character) for character in name} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} == set()
    assert clean_display_name(name) == name


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Harbour News", "HN"),
        ("Museum of Small Clocks", "MO"),
        ("NASA", "N"),
        ("@nasa", "N"),
        ("nasa.bsky.social", "N"),
        ("mastodon@mastodon.social", "M"),
        ("moss & kettle", "MK"),
        ("hotel01", "H1"),
        ("Hotel 09 (file d39f)", "H9"),
        ("Hotel 12", "12"),
        ("hotel2.bsky.social", "H2"),
        ("1908", "1"),
        ("\u2068אבג דה\u2069", "אד"),
        ("ßeta", "S"),
        ("🚀🚀", "🚀"),
        ("", ""),
    ],
)
def test_initials_stand_for_a_name(name: str, initials: str) -> None:
    """They fit on a small disc."""
    assert abbreviate(name) == initials


def test_accounts_of_one_report_have_different_abbreviations() -> None:
    """The first keeps its initials, and a name without other letters has a number."""
    assert abbreviate_all(["Harbour News", "Hilltop News", "Harbour Notes", "@a", "@a"]) == ["HN", "Hi", "Ha", "A", "A2"]


def test_twenty_equal_initials_are_told_apart() -> None:
    """Names of towns that begin with the same letter."""
    names = [f"{town} Council" for town in ("Callow", "Carden", "Cedar", "Cinder", "Clough", "Corby", "Crewe", "Culver", "Cyan", "Cheam")]
    assert len(set(abbreviate_all(names))) == len(names)
