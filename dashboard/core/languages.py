"""The names of languages, for sentences. Deciding which language a text is in doesn't belong here."""

from functools import lru_cache

from dashboard.core.formatting.texts import quote
from dashboard.core.messages import current_language, gettext, is_translated, load_locale, translatable

_NAMES = {
    "af": "Afrikaans",
    "am": "Amharic",
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "gl": "Galician",
    "ha": "Hausa",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "ig": "Igbo",
    "in": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "iw": "Hebrew",
    "ja": "Japanese",
    "ka": "Georgian",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "mr": "Marathi",
    "nb": "Norwegian",
    "ne": "Nepali",
    "nl": "Dutch",
    "nn": "Norwegian",
    "no": "Norwegian",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "rw": "Kinyarwanda",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "ts": "Tsonga",
    "tw": "Twi",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "yo": "Yoruba",
    "zh": "Chinese",
}
_LEGACY_CODES = {
    "in": "id",
    "iw": "he",
    "ji": "yi",
    "nb": "no",
    "nn": "no",
    "fil": "tl",
}  # that networks still use, or more exact than ours
_MAX_REMEMBERED_CODES = 1_024  # networks send a few, but may send anything
_OTHER = translatable("another language")


def name_chosen_language(code: str) -> str:
    """Return the name of a language that somebody asked for; its tag in quotation marks if it has no name here."""
    return name_language(code) if code in _NAMES else quote(code)


def name_language(code: str) -> str:
    """Return the name of a language by its BCP 47 primary tag; “another language” if it has no name here."""
    if code not in _NAMES:
        return gettext(_OTHER)
    return str(load_locale(current_language()).languages.get(_LEGACY_CODES.get(code, code), code)) if is_translated() else _NAMES[code]


@lru_cache(_MAX_REMEMBERED_CODES)
def unify_language_code(code: str) -> str:
    """Return the one code that is used here for a language, given one of two or three letters in lower case (`deu`, `ger` and `de`).

    A code without an equivalent is returned unchanged. CLDR, which maps three-letter codes, is loaded only when one of them comes up.
    """
    if len(code) == 3:
        from babel.core import get_global

        alias = str(get_global("language_aliases").get(code, code)).partition("_")[0]
        code = alias if len(alias) == 2 or alias in _LEGACY_CODES else code
    return _LEGACY_CODES.get(code, code)


def find_language_code(name: str) -> str:
    """Return the code of a language by its English name; "" if there is none."""
    return next((code for code, language in _NAMES.items() if language.lower() == name.strip().lower()), "")
