"""Which language a text is in, as far as it matters here: English, or surely another one. Knows nothing of any model of sentiment.

py3langid knows the languages. Loading it takes 0.8 s and 100 MB, so it is loaded with the first text that is not plainly English.
"""

import re
from collections.abc import Sequence
from threading import Lock
from typing import Any

_MAX_CHARACTERS = 500  # characters of a text
_MIN_LETTER_BYTES = 20  # bytes of letters as UTF-8: 20 Latin ones, 10 Cyrillic or Arabic, 7 Japanese
_MIN_PROBABILITY, _MAX_ENGLISH_PROBABILITY = (
    0.5,
    0.02,
)  # least probability of the language, and most of English: of 15,800 English posts 3 are taken for foreign ones
_IGNORED_LANGUAGES = {"en", "pcm", "zxx"}  # Nigerian Pidgin is mostly English on X, zxx is no language
_NOISE = re.compile(r"https?://\S+|[@#]\S+|&\w+;")
_ENGLISH_FUNCTION_WORDS = frozenset(  # small words that no other language writes alike, or few
    re.findall(
        r"\S+",
        "the and you your this that it's i'm i've don't can't with not just what they have from about would been there will when who which "
        "because than their my is was it of to for are be at we how if but i on get its",
    )
)
_detector_lock = Lock()
_detectors: list[Any] = []  # the detector, once it is loaded


def detect_languages(texts: Sequence[str]) -> list[str | None]:
    """Return for each text the BCP 47 primary tag of its language if that is surely not English, None for every other text.

    Short texts, names, emoji and mixtures are None. Safe to use from several threads; 4 µs for a plainly English post, 90 µs for another.
    """
    return [_detect_language(text[:_MAX_CHARACTERS]) for text in texts]


def _detect_language(text: str) -> str | None:
    said = _NOISE.sub(" ", text)
    if _is_plainly_english(said) or len("".join(filter(str.isalpha, said)).encode()) < _MIN_LETTER_BYTES:
        return None
    ranked = _load_detector().rank(said)
    language, probability = ranked[0]
    if language in _IGNORED_LANGUAGES or probability < _MIN_PROBABILITY or dict(ranked)["en"] > _MAX_ENGLISH_PROBABILITY:
        return None
    return str(language)


def _is_plainly_english(text: str) -> bool:
    """Say whether a quarter of the words, and at least two different ones, are small words of English."""
    words = text.lower().split()
    small = [word for word in words if word in _ENGLISH_FUNCTION_WORDS]
    return len(small) * 4 >= len(words) and len(set(small)) > 1


def _load_detector() -> Any:
    with _detector_lock:
        if not _detectors:
            from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

            _detectors.append(LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True))
    return _detectors[0]
