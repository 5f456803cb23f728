"""The foreign names of months are those of the CLDR, and none of them depends on the language."""

from collections import defaultdict

import pytest
from babel import Locale

from dashboard.sources.files.times.foreign_names import translate_names

LANGUAGES = [
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "cs",
    "sk",
    "hu",
    "ro",
    "tr",
    "ca",
    "hr",
    "sl",
    "lt",
    "lv",
    "et",
    "id",
    "el",
    "ru",
    "uk",
    "bg",
]
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def list_months() -> dict[str, set[int]]:
    """Return the numbers of each name, in any of the languages."""
    numbers = defaultdict[str, set[int]](set)
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale(language).months[context][width].items():
                    numbers[name.strip(". ")].add(number)
    return {name: number for name, number in numbers.items() if name.isalpha() and len(name) > 2}


def test_every_clear_name_is_translated() -> None:
    """A name that means two months, in any case, isn't."""
    months = list_months()
    by_folded_name = defaultdict[str, set[int]](set)
    for name, numbers in months.items():
        by_folded_name[name.casefold()] |= numbers
    for name in months:
        numbers = by_folded_name[name.casefold()]
        expected = f"2 {ENGLISH[min(numbers) - 1]} 2026" if len(numbers) == 1 else None
        assert translate_names(f"2 {name} 2026") == expected, name


@pytest.mark.parametrize("text", ["2 Foo 2026", "", "12:00", "mai bis juni 2026"])
def test_other_texts_are_left_alone(text: str) -> None:
    """Exactly one month makes a date."""
    assert translate_names(text) is None
