"""The texts of the interface as the code and the templates have them, and their translations."""

from configparser import ConfigParser
from functools import cache

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from dashboard.core.messages import LANGUAGES, SOURCE_LANGUAGE, TRANSLATIONS_FOLDER
from tests.support.paths import ROOT

TRANSLATED_LANGUAGES = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
KEYWORDS = {**DEFAULT_KEYWORDS, "translatable": None, "deferred": None, "translatable_plural": (1, 2), "deferred_plural": (1, 2)}


@cache
def extract_messages() -> Catalog:
    """Return what `make translations` would extract from the code and the templates."""
    settings = ConfigParser(interpolation=None)
    settings.read(ROOT / "babel.cfg")
    methods = [tuple(section.split(": ")[::-1]) for section in settings.sections()]
    options = {pattern: dict(settings[f"{method}: {pattern}"]) for pattern, method in methods}
    catalog = Catalog()
    for folder in ("dashboard", "templates"):
        folder_methods = [(pattern.partition("/")[2], method) for pattern, method in methods if pattern.startswith(f"{folder}/")]
        folder_options = {pattern.partition("/")[2]: options[pattern] for pattern in options if pattern.startswith(f"{folder}/")}
        for name, line, text, _, context in extract_from_dir(ROOT / folder, folder_methods, folder_options, KEYWORDS):
            catalog.add(text, locations=[(f"{folder}/{name}", line)], context=context)
    return catalog


@cache
def load_catalog(language: str) -> Catalog:
    """Return the translations into a language."""
    with (TRANSLATIONS_FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=language)


def list_messages() -> list[Message]:
    """Return the extracted messages, without the header."""
    return [message for message in extract_messages() if message.id]


def find_translation(message: Message, language: str) -> Message | None:
    """Return the entry of a message in a catalog, None if it has none."""
    return load_catalog(language).get(first_form(message), message.context)


def first_form(message: Message) -> str:
    """Return the English text of a message, of one with a plural the singular."""
    return message.id if isinstance(message.id, str) else message.id[0]


def list_forms(message: Message) -> list[tuple[str, str]]:
    """Return the English text of a message with its translation, of one with a plural every form."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    singular, plural = message.id
    first, *others = message.string
    return [(singular, first), *((plural, other) for other in others)]
