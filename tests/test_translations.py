"""Every text of the interface is translated into every language, completely and with the same placeholders."""

import re

import pytest

from dashboard.core import messages
from dashboard.web.languages import SCRIPT_MESSAGES
from tests.support.catalogs import (
    TRANSLATED_LANGUAGES,
    extract_messages,
    find_translation,
    first_form,
    list_forms,
    list_messages,
    load_catalog,
)
from tests.support.paths import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")
SCRIPT_MESSAGE = re.compile(r'translate\("([^"]+)"\)')
HINT = "Run `make translations` and fill in the empty texts in dashboard/translations."

IN_F_STRING = re.compile(r"""\{(?:n?p?gettext|deferred|translatable)(?:_plural)?\(['"]""")  # where texts aren't extracted from

pytestmark = pytest.mark.parametrize("language", TRANSLATED_LANGUAGES)


@pytest.mark.slow
def test_every_text_has_a_translation(language: str) -> None:
    """A text that is new in the code or a template has one in all languages, with all of its plural forms."""
    entries = [(message, find_translation(message, language)) for message in list_messages()]
    missing = [first_form(message) for message, entry in entries if not entry or not all(text for _, text in list_forms(entry))]
    assert missing == [], HINT


def test_every_text_is_found(language: str) -> None:
    """Texts inside f-strings aren't extracted, so they would stay English without a failing test."""
    code = [path.read_text() for path in (ROOT / "dashboard").rglob("*.py")]
    assert [text for source in code for text in IN_F_STRING.findall(source)] == [], language


def test_no_translation_is_a_guess(language: str) -> None:
    """Entries that a tool has guessed are marked as fuzzy, and must be checked."""
    assert [entry.id for entry in load_catalog(language) if entry.id and entry.fuzzy] == []


@pytest.mark.slow
def test_no_translation_is_left_over(language: str) -> None:
    """What the code no longer says has no translation."""
    texts = {(first_form(message), message.context) for message in list_messages()}
    assert [entry.id for entry in load_catalog(language) if entry.id and (first_form(entry), entry.context) not in texts] == [], HINT


def test_a_translation_has_the_placeholders_of_its_text(language: str) -> None:
    """Each value appears as often as in English; a singular may leave its count out."""
    forms = [(entry, *form) for entry in load_catalog(language) if entry.id for form in list_forms(entry)]
    wrong = [
        (english, text)
        for entry, english, text in forms
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(english)) and not _is_singular_without_count(entry.id, text)
    ]
    assert wrong == []


def _is_singular_without_count(texts: object, translation: str) -> bool:
    return isinstance(texts, tuple) and set(PLACEHOLDER.findall(translation)) | {"%(count)s"} == set(PLACEHOLDER.findall(texts[1]))


def test_a_translation_has_the_tags_of_its_text(language: str) -> None:
    """Markup is the same, and there is no quotation mark or bracket that would end an attribute or begin a tag."""
    forms = [form for entry in load_catalog(language) if entry.id for form in list_forms(entry)]
    assert [text for english, text in forms if list_tags(text) != list_tags(english)] == []
    assert [text for english, text in forms if re.search('["<>]', TAG.sub("", text)) and not re.search('["<>]', TAG.sub("", english))] == []


def list_tags(text: str) -> list[str]:
    """Return the tags of a text without their titles, which are translated too."""
    return sorted(re.sub(' title="[^"]*"', " title", tag) for tag in TAG.findall(text))


def test_a_percent_sign_is_written_as_in_its_text(language: str) -> None:
    """Where values are filled in, it's doubled."""
    forms = [form for entry in load_catalog(language) if entry.id for form in list_forms(entry)]
    plain = [(PLACEHOLDER.sub("", english), PLACEHOLDER.sub("", text)) for english, text in forms]
    assert [text for english, text in plain if english.count("%") != text.count("%")] == []


def test_a_sentence_ends_as_its_text_does(language: str) -> None:
    """No full stop or question mark is lost."""
    forms = [form for entry in load_catalog(language) if entry.id for form in list_forms(entry)]
    assert [text for english, text in forms if english[-1] in ".?:…" and text[-1] != english[-1]] == []


def test_a_translation_begins_with_a_blank_if_its_text_follows_a_word(language: str) -> None:
    """Texts such as “, then choose the file again.” are appended to others."""
    forms = [form for entry in load_catalog(language) if entry.id for form in list_forms(entry)]
    appended = [text for english, text in forms if english[0] in " ,:" and english != ", unclear"]
    assert [text for text in appended if text[0] not in " ,:\N{NO-BREAK SPACE}"] == []


def test_a_translation_has_no_double_blank(language: str) -> None:
    """Nor one at its end that its text hasn't."""
    forms = [form for entry in load_catalog(language) if entry.id for form in list_forms(entry)]
    assert [text for _, text in forms if "  " in text] == []
    assert [text for english, text in forms if text[-1].isspace() and not english[-1].isspace()] == []


def test_quotation_marks_are_those_of_the_language(language: str) -> None:
    """Straight ones are only in markup."""
    texts = [TAG.sub("", text) for entry in load_catalog(language) if entry.id for _, text in list_forms(entry)]
    foreign = {"de": "«»'\"", "fr": "„“”'\"", "es": "„“”'\"", "pt": "„«»'\""}[language]
    assert [text for text in texts if set(text) & set(foreign)] == []
    pairs = {"de": "„“", "fr": "«»", "es": "«»", "pt": "“”"}[language]
    assert [text for text in texts if text.count(pairs[0]) != text.count(pairs[1])] == []


def test_french_has_its_blanks_before_punctuation(language: str) -> None:
    """A narrow one before ; ! ? and %, a wide one before : and inside quotation marks; none of them may break a line."""
    if language != "fr":
        pytest.skip("only French has these blanks")
    texts = [TAG.sub("", text) for entry in load_catalog(language) if entry.id for _, text in list_forms(entry)]
    narrow, wide = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
    assert [text for text in texts if re.search(rf"[^{narrow}][;!?]|[^{narrow}%]%%?(?![(%])", PLACEHOLDER.sub("x", text))] == []
    assert [
        text for text in texts if re.search(rf"[^{wide}\d]:(?!//|\w)|[^{wide}]»|«[^{wide}]", text) and "Authorization" not in text
    ] == []


def test_scripts_say_what_is_translated(language: str) -> None:
    """Every text in a script that is translated there is sent with the page."""
    script_messages = {text for path in (ROOT / "static").glob("*.js") for text in SCRIPT_MESSAGE.findall(path.read_text("utf-8"))}
    assert script_messages == set(SCRIPT_MESSAGES)
    with messages.use(language):
        assert [text for text in SCRIPT_MESSAGES if not messages.gettext(text)] == []


def test_texts_are_found_where_they_are(language: str) -> None:
    """The extraction covers code and templates."""
    folders = {location[0].partition("/")[0] for message in extract_messages() for location in message.locations}
    assert folders == {"dashboard", "templates"}
