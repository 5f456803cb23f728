"""Apostrophes and quotation marks: one kind in the texts of the interface, and in translations those of the language.

Names are never placed where French would need an apostrophe.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.app import create_app
from tests.support.catalogs import list_forms, load_catalog

_TAG = re.compile(r"<[^>]*>")
_MARKS = re.compile("['\"`´‘’‚‛“”„‟«»‹›]")  # any that are used as apostrophe or as quotation mark somewhere
_MARKS_OF_LANGUAGES = {"de": "„“", "es": "«»", "fr": "’«»", "pt": "“”"}


def test_english_texts_have_curly_apostrophes_and_quotation_marks() -> None:
    """Straight ones are left to markup, and single ones aren't used for quotations. Each text is in each language's catalog."""
    texts = [text for entry in load_catalog("de") if entry.id for text, _ in list_forms(entry)]
    assert [text for text in texts if list_marks(text) - set("’“”")] == []


@pytest.mark.parametrize("language", _MARKS_OF_LANGUAGES)
def test_translations_have_the_marks_of_their_language(language: str) -> None:
    """German has „…“, French « … » and its apostrophe, Spanish «…» and Portuguese “…”."""
    texts = [text for entry in load_catalog(language) if entry.id for _, text in list_forms(entry)]
    assert [text for text in texts if list_marks(text) - set(_MARKS_OF_LANGUAGES[language])] == []


def test_french_quotation_marks_are_separated_by_a_blank_that_never_breaks() -> None:
    """Otherwise a mark could stand alone at the end of a line."""
    texts = [text for entry in load_catalog("fr") if entry.id for _, text in list_forms(entry)]
    assert [text for text in texts if re.search("«[^\u00a0]|[^\u00a0]»", text)] == []


def test_french_names_follow_no_word_that_is_shortened_before_vowels() -> None:
    """“de Aster Air” would be wrong, and so would “d’Harbour News”, so it's “du compte Aster Air”."""
    name = r"\b(?:de|que|jusque|lorsque|puisque) %\((?:account|file|title|list|author|name)\)s"
    texts = [text for entry in load_catalog("fr") if entry.id for _, text in list_forms(entry)]
    assert [text for text in texts if re.search(name, text)] == []


def test_the_documentation_of_the_api_has_curly_apostrophes() -> None:
    """Its page shows the descriptions and summaries of the paths in the OpenAPI document."""
    document = create_app().test_client().get("/openapi.json").get_json()
    descriptions = list(iter_descriptions(document["paths"]))
    assert len(descriptions) > 100
    assert [text for text in descriptions if re.search(r"\w'\w|s' ", text)] == []


def list_marks(text: str) -> set[str]:
    """Return the apostrophes and quotation marks of a text without its tags."""
    return set(_MARKS.findall(_TAG.sub("", text)))


def iter_descriptions(part: Any) -> Iterator[str]:
    """Yield every description and summary in a part of the document."""
    if isinstance(part, dict):
        yield from (text for name, text in part.items() if name in {"description", "summary"} and isinstance(text, str))
        part = list(part.values())
    if isinstance(part, list):
        for element in part:
            yield from iter_descriptions(element)
