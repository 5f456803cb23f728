"""Parses the languages that files name: by a code, by a list of codes, or by their English name. Languages aren't detected here."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dashboard.core.messages import current_language, is_translated, load_locale

if TYPE_CHECKING:
    from dashboard.sources.files.readers.raw_posts import RawPosts

_CODE_PATTERN = re.compile(r"(?!und|zxx|q[a-t][a-z])[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)  # X's qaa to qtz aren't languages
_LIST_PATTERN = re.compile(r"[\[({c]*\s*[\"']([A-Za-z0-9_-]{2,12})[\"']")  # of Python, JSON or R
_CODE_BY_NAME = {
    "arabic": "ar",
    "bulgarian": "bg",
    "bengali": "bn",
    "catalan": "ca",
    "czech": "cs",
    "welsh": "cy",
    "danish": "da",
    "german": "de",
    "greek": "el",
    "english": "en",
    "spanish": "es",
    "estonian": "et",
    "basque": "eu",
    "persian": "fa",
    "finnish": "fi",
    "french": "fr",
    "irish": "ga",
    "galician": "gl",
    "hebrew": "he",
    "hindi": "hi",
    "croatian": "hr",
    "hungarian": "hu",
    "indonesian": "id",
    "icelandic": "is",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "lithuanian": "lt",
    "latvian": "lv",
    "malay": "ms",
    "dutch": "nl",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "slovak": "sk",
    "slovenian": "sl",
    "serbian": "sr",
    "swedish": "sv",
    "tamil": "ta",
    "telugu": "te",
    "thai": "th",
    "tagalog": "tl",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "vietnamese": "vi",
    "chinese": "zh",
}

_NAME_BY_CODE = {code: name.capitalize() for name, code in _CODE_BY_NAME.items()}


def format_language(code: str) -> str:
    """Return the name of a language by its code, with or without a region, or the code itself if its name isn't known."""
    tag = re.split(r"[-_]", code.lower(), maxsplit=1)[0]
    name = _NAME_BY_CODE.get(tag, code)
    return str(load_locale(current_language()).languages.get(tag, name)) if is_translated() else name


def parse_languages(batch: "RawPosts") -> Sequence[str | None]:
    """Return the language codes of posts: of each post the first one that `parse_language` finds."""
    codes = [_parse_column(column) for column in batch.list_columns("lang")] or [[None] * len(batch)]
    return codes[0] if len(codes) == 1 else [next(filter(None, row), None) for row in zip(*codes, strict=True)]


def _parse_column(column: Sequence[Any]) -> list[str | None]:
    try:
        code_by_value = {value: parse_language(value) for value in set(column)}
    except TypeError:  # lists can't be in a set
        return [parse_language(value) for value in column]
    return [code_by_value[value] for value in column]


def parse_language(value: Any) -> str | None:
    """Return a language code, the first of several, or None if the value isn't one or stands for an unknown language (`und`, `zxx`)."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, str) or len(value) > 200:
        return None
    if _CODE_PATTERN.fullmatch(value):
        return value.replace("_", "-")
    if match := _LIST_PATTERN.match(value):
        return match[1] if _CODE_PATTERN.fullmatch(match[1]) else None
    return _CODE_BY_NAME.get(re.split(r"[ (,;]", value.strip().lower(), maxsplit=1)[0])
