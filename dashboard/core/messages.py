"""Texts in the reader's language: English in the code, the other languages in `dashboard/translations`.

Everything that a person reads goes through `gettext` or `ngettext` as a whole sentence with named placeholders. The language is that of
the current context, English unless `activate` or `use` says otherwise, so data, logs and the API need nothing. Which language a request
has is decided in `web/languages.py`, and how numbers and dates are written in `core/formatting`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:  # loading it takes longer than starting without it
    from babel import Locale
    from babel.support import Translations

SOURCE_LANGUAGE = "en"
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português (Brasil)",
}  # codes and own names
TRANSLATIONS_FOLDER = Path(__file__).parents[1] / "translations"
_TERRITORIES = {"es": "es_ES", "pt": "pt_BR"}  # whose way of writing numbers and dates is used; others have one of their own
_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


def current_language() -> str:
    """Return the code of the language that texts are in."""
    return _language.get()


def is_translated() -> bool:
    """Return whether texts are in another language than the code's."""
    return _language.get() != SOURCE_LANGUAGE


def activate(language: str) -> None:
    """Let the texts of this context be in a language. Raises KeyError if there is no such language."""
    LANGUAGES[language]
    _language.set(language)


@contextmanager
def use(language: str) -> Iterator[None]:
    """Let texts be in a language for as long as the context lasts."""
    LANGUAGES[language]
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, /, **values: object) -> str:
    """Return a message in the current language, with `%(name)s` replaced by its value. Without values, percent signs are plain text."""
    language = _language.get()
    text = message if language == SOURCE_LANGUAGE else _load_catalog(language).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, count: float, /, **values: object) -> str:
    """Return the form of a message that goes with a count, with `%(name)s` replaced by its value."""
    language = _language.get()
    if language == SOURCE_LANGUAGE:
        text = singular if count == 1 else plural
    else:
        text = _load_catalog(language).ngettext(singular, plural, count)  # type: ignore[arg-type]
    return text % values if values else text


def pgettext(context: str, message: str, /, **values: object) -> str:
    """Return a message as `gettext` does; `context` tells it apart from others with the same English text."""
    language = _language.get()
    text = message if language == SOURCE_LANGUAGE else str(_load_catalog(language).pgettext(context, message))
    return text % values if values else text


def npgettext(context: str, singular: str, plural: str, count: float, /, **values: object) -> str:
    """Return a message as `ngettext` does, in a context as for `pgettext`."""
    language = _language.get()
    if language == SOURCE_LANGUAGE:
        text = singular if count == 1 else plural
    else:
        text = _load_catalog(language).npgettext(context, singular, plural, count)  # type: ignore[arg-type]
    return text % values if values else text


def translatable(message: str) -> str:
    """Return a message as it is. It marks a text of a table that is translated where it's used, so that it gets into the catalogs."""
    return message


def translatable_plural(singular: str, plural: str) -> tuple[str, str]:
    """Return the two forms of a message as they are, marked as by `translatable`."""
    return singular, plural


class Deferred(str):
    """A text in English that knows its message and values, for what is said in one place and read in another, such as an error.

    `plural` is empty if the message has one form. Values are texts, whole numbers, and lists of texts, which are joined by commas.
    """

    message: str
    plural: str
    number: int  # that decides about the form
    values: Mapping[str, object]


def deferred(message: str, /, **values: object) -> str:
    """Return a message in English that `translate` returns in the current language, even if another thread wrote it."""
    return build_deferred(message, "", 1, values)


def deferred_plural(singular: str, plural: str, count: int, /, **values: object) -> str:
    """Return the form of a message that goes with a count, like `deferred`. The count is a value, too: `%(count)s`."""
    return build_deferred(singular, plural, count, {"count": count, **values})


def build_deferred(message: str, plural: str, count: int, values: Mapping[str, object]) -> Deferred:
    """Return a deferred text of its parts, in English whatever the current language is. `plural` is empty for one form."""
    english = message if count == 1 or not plural else plural
    with use(SOURCE_LANGUAGE):
        text = Deferred(english % _write_values(values) if values else english)
    text.message, text.plural, text.number, text.values = message, plural, count, values
    return text


def _write_values(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a deferred text in the current language."""
    return {name: _write_value(value) for name, value in values.items()}


def _write_value(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        from dashboard.core.formatting.digits import localize_digits

        return localize_digits(f"{value:,}")
    if isinstance(value, list | tuple):
        return ", ".join(str(_write_value(item)) for item in value)
    return translate(value) if isinstance(value, Deferred) else value


def translate(text: str) -> str:
    """Return a text of `deferred` or `translatable` in the current language; any other text as it is."""
    if not text or not is_translated():
        return text
    if not isinstance(text, Deferred):
        return gettext(text)
    values = _write_values(text.values)
    return ngettext(text.message, text.plural, text.number, **values) if text.plural else gettext(text.message, **values)


class Translated:
    """A field of a dataclass whose text is stored in English and read in the current language."""

    def __init__(self, default: str | None = None) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        """Store the English text beside the field."""
        self._stored_name = f"_{name}_in_english"

    @overload
    def __get__(self, instance: None, owner: type) -> str: ...
    @overload
    def __get__(self, instance: object, owner: type) -> str: ...
    def __get__(self, instance: object | None, owner: type) -> str:
        """Return the text, "" staying empty. Of the class, that is the default."""
        if instance is None:
            if self._default is None:
                raise AttributeError("has no default")
            return self._default
        text: str = getattr(instance, self._stored_name)
        return gettext(text) if text else text

    def __set__(self, instance: object, text: str) -> None:
        """Store the English text."""
        object.__setattr__(instance, self._stored_name, text)


@cache
def load_locale(language: str) -> "Locale":
    """Return how a language writes numbers and dates."""
    from babel import Locale

    return Locale.parse(_TERRITORIES.get(language, language))


@cache
def _load_catalog(language: str) -> "Translations":
    """Return the translations into a language. They are compiled when they are first needed, in a tenth of a second."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    with (TRANSLATIONS_FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
