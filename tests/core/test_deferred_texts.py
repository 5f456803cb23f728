"""Texts that are written in English and read in another language, perhaps after they were stored."""

import json

import pytest

from dashboard.core import messages
from dashboard.core.deferred_texts import defer_list, defer_quote, defer_sentences, dump_deferred, parse_deferred
from dashboard.core.messages import deferred, deferred_plural, translatable, translate


def read(text: str, language: str) -> str:
    """Return a text in a language, after it was stored as JSON."""
    with messages.use(language):
        return translate(parse_deferred(json.loads(json.dumps(dump_deferred(text)))))


def test_a_text_is_english_until_it_is_read() -> None:
    """It can be used as any other text."""
    text = deferred("The file has more than %(limit)s posts.", limit=1_000_000)
    assert text == "The file has more than 1,000,000 posts."
    assert read(text, "en") == text
    assert read(text, "de") == "Die Datei hat mehr als 1.000.000 Beiträge."


def test_a_text_that_is_built_while_another_language_is_active_is_english() -> None:
    """Logs and stored texts are English, and each reader gets the quotation marks, forms and digits of their own language."""
    with messages.use("de"):
        text = deferred(
            "The collection %(name)s has %(posts)s of %(accounts)s. All posts of the period count, not only the latest ones.",
            name=defer_quote("x"),
            posts=deferred_plural("%(count)s post", "%(count)s posts", 1_234_567),
            accounts=deferred_plural("%(count)s account", "%(count)s accounts", 2),
        )
    assert str(text).startswith("The collection “x” has 1,234,567 posts of 2 accounts.")
    assert read(text, "en") == text
    assert read(text, "de").startswith("Die Sammlung „x“ hat 1.234.567 Beiträge von 2 Konten.")
    french = read(text, "fr").replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert french.startswith("La collection « x » compte 1 234 567 publications de 2 comptes.")


def test_a_text_has_the_form_that_goes_with_its_count() -> None:
    """The count is written as the language does."""
    forms = "%(count)s repetition skipped", "%(count)s repetitions skipped"
    assert [str(deferred_plural(*forms, count)) for count in (1, 1500)] == ["1 repetition skipped", "1,500 repetitions skipped"]
    assert [read(deferred_plural(*forms, count), "es") for count in (1, 15_000)] == ["1 repetición omitida", "15.000 repeticiones omitidas"]


def test_values_are_translated_with_their_text() -> None:
    """Quotations and lists are written as the language does."""
    names = defer_list([defer_quote("date"), defer_quote("time"), defer_quote("day")])
    text = deferred("No date found in %(column)s.", column=names)
    assert text == "No date found in “date”, “time” and “day”."
    assert read(text, "de") == "In „date“, „time“ und „day“ wurde kein Datum gefunden."


def test_a_value_that_looks_like_a_text_of_ours_stays_as_it_is() -> None:
    """What a file contains isn't translated."""
    assert read(deferred("No date found in %(column)s.", column=defer_quote("Date")), "de") == "In „Date“ wurde kein Datum gefunden."


def test_sentences_follow_one_another() -> None:
    """Each is translated, and an empty one leaves no blank."""
    text = defer_sentences(translatable("It has no posts."), "", translatable("Check the link."))
    assert text == "It has no posts. Check the link."
    assert read(text, "de") == "Sie enthält keine Beiträge. Prüfen Sie den Link."


def test_many_sentences_are_read_again() -> None:
    """They are stored beside each other rather than within each other."""
    text = defer_sentences(*[translatable("It has no posts.")] * 100)
    assert text == " ".join(["It has no posts."] * 100)
    assert read(text, "de") == " ".join(["Sie enthält keine Beiträge."] * 100)


def test_sentences_that_were_stored_within_each_other_are_read() -> None:
    """Files that were uploaded before have such texts."""
    text = deferred("It has no posts.")
    for _ in range(29):
        text = deferred("%(first)s %(second)s", first=text, second=deferred("It has no posts."))
    assert read(text, "en") == " ".join(["It has no posts."] * 30)
    assert read(text, "de") == " ".join(["Sie enthält keine Beiträge."] * 30)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        {},
        {"message": 1, "plural": "", "count": 1, "values": {}},
        {"message": "a %(b)s", "plural": "", "count": 1, "values": {"c": 1}},
    ],
)
def test_what_is_damaged_is_refused(value: object) -> None:
    """Whoever reads a damaged file gets an error that they expect."""
    with pytest.raises((TypeError, KeyError, ValueError)):
        parse_deferred(value)


def test_endlessly_nested_texts_are_refused() -> None:
    """Recursion has a limit."""
    value: object = "end"
    for _ in range(50):
        value = {"message": "%(a)s", "plural": "", "count": 1, "values": {"a": value}}
    with pytest.raises(ValueError, match="too often"):
        parse_deferred(value)
