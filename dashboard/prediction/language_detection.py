"""Decides which language a text is in, from its letters, its words and what the network says. Nothing about sentiment goes here.

A network's language tag is evidence, not truth: Bluesky and Mastodon tag posts by the settings of an app. `weigh_evidence` is the only
rule for a text; where it isn't sure, `analytics.language_filter` asks what its author usually writes in. `bench/languages.py` measures the
errors of both. Loading py3langid takes 0.8 s and 100 MB, so it is loaded with the first text that is
in doubt: one in 300 of posts tagged as English.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from threading import Lock
from typing import Any, NamedTuple

from dashboard.core import languages, look_alikes
from dashboard.core.code_digest import digest_modules
from dashboard.core.languages import unify_language_code
from dashboard.core.look_alikes import fold_apostrophes, fold_letters, join_letters
from dashboard.prediction import language_letters, language_words
from dashboard.prediction.language_letters import LETTER_DETECTED_LANGUAGES, Likeness
from dashboard.prediction.language_words import ENGLISH_WORDS, LANGUAGE_BY_SCRIPT, LANGUAGES_BY_WORD

_MAX_PARSED_TAGS = 1_024  # kept, because a network has few
_MAX_CHARACTERS = 500  # the part of a text that is examined
_MIN_LETTERS = 20  # that the detector needs; below, it is right less often than a tag
_MIN_SCRIPT_LETTERS = 3  # of another script that are more than a symbol
_MIN_WORD_SHARE = 0.25  # of the words of a text that are plainly of one language
_MIN_WORDS_OF_NEAR_TIE = 3  # of a language; another one that has one word less may be the right one
_MIXED_FACTOR = 3  # as many foreign words as English ones has a text in two languages, which its tag calls English
_MIN_PROBABILITY = 0.5  # of the detected language, if the network names none
_MIN_PROBABILITY_AGAINST_TAG = 0.9  # of English, or of another language, if the network names a different one
_MIN_PROBABILITY_OF_SURE = 0.95  # of the detected language, below which the habit of the account is the better guess
_MAX_ENGLISH_PROBABILITY = 0.02  # of a text in another language
_MIN_LETTERS_WITHOUT_ENGLISH = 12  # that the detector needs for a text without any common English word
_MIN_PROBABILITY_WITHOUT_ENGLISH, _MAX_ENGLISH_PROBABILITY_WITHOUT_ENGLISH = 0.3, 0.1  # of such a text, if it isn't short
_NAMES_AND_EXCLAMATIONS = {"las", "los", "del", "san", "die", "des", "von", "van"}  # foreign words that English texts have, too
_UNSPECIFIC_TAGS = ("und", "zxx", "mul", "mis", "art")  # tags that don't name one language
_IGNORED_LANGUAGES = {"en", "pcm", "zxx"}  # on X, Nigerian Pidgin (pcm) is mostly English; zxx means no language
_DETECTED_LANGUAGES = re.findall(  # in Latin letters; with all 142 of py3langid, more short posts are mistaken for rare languages
    "[a-z]+",
    "en de fr es pt it nl id ms tr pl sv da no fi cs ro hu ca gl eu vi tl sw af hr sl sk lt lv et ga cy is sq mt eo ht xh zu",
)
_MIN_LIKENESS, _LIKENESS_PER_ENGLISH_WORD, _LIKENESS_AGAINST_ENGLISH_TAG = 1.5, 1.0, 1.5  # to one of these rather than English: log odds
_MIN_LEAD, _MIN_LEAD_AGAINST_WORDS, _MIN_LEAD_AGAINST_TAG = 1.0, 2.0, 3.0  # rather than any other language
_MIN_LIKENESS_OF_SURE = 5.0  # below which the habit of the account is the better guess
_LISTED_LANGUAGES = frozenset(language for languages in LANGUAGES_BY_WORD.values() for language in languages)
# Each alternative begins with a character, so that the engine skips all others; an address begins where a word does.
_NOISE = re.compile(r"[@#]\S+|&\w+;|h(?<!\wh)ttps?://\S+|w(?<!\ww)ww\.\S+")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ASCII_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")  # the same for lower-case ASCII, in two thirds of the time
_NOT_ASCII = re.compile(r"[^\0-\x7f]+")
_STRETCHED_WORD = re.compile(r"\w{0,30}(\w{1,2})\1\1\w{0,60}")  # laughter and shouts, which the detector takes for Swahili
_NOT_LATIN = re.compile(r"[^\0-\u036f\u1e00-\u1eff]")
_detector_lock = Lock()
_detectors: list[Any] = []  # holds the detector once it is loaded


class Evidence(NamedTuple):
    """What a text and its tag say about its language: a BCP 47 primary tag, `en` included, or None if they say nothing.

    If it isn't sure, the language that its author usually writes in is a better guess.
    """

    language: str | None
    is_sure: bool


def detect_languages(texts: Sequence[str], tags: Sequence[str | None] | None = None) -> list[str | None]:
    """Return the language of each text if it isn't English, otherwise None; `tags` are what the network says, None if it says nothing.

    Thread-safe. Takes 20 µs for most posts, 200 µs for those in doubt.
    """
    return [detect_language(text, tag) for text, tag in zip(texts, tags or [None] * len(texts), strict=True)]


def detect_language(text: str, tag: str | None = None) -> str | None:
    """Return the BCP 47 primary tag of a text's language, or None if it is English or nobody can tell."""
    language = weigh_evidence(text, tag).language
    return None if language == "en" else language


def weigh_all(texts: Sequence[str], tags: Sequence[str | None]) -> list[Evidence]:
    """Return the evidence of each text and its tag."""
    return [weigh_evidence(text, tag) for text, tag in zip(texts, tags, strict=True)]


def weigh_evidence(text: str, tag: str | None = None) -> Evidence:
    """Return the likeliest language of a text, and whether its author's other posts needn't be asked.

    The script decides first: a text in another one than the Latin isn't English. Then common words of English, groups of letters, words
    that only one other language has, and the network's tag if the detector doesn't contradict it. Short texts, names and emoji without a
    tag have none. Hindi is `hi` in either script, as it is for networks, because no model reads either.
    """
    prose = _clean(text)
    tagged = _parse_tag(tag)
    foreign_tag = tagged if tagged != "en" else None
    if script_language := _find_script_language(prose):
        return Evidence(foreign_tag if foreign_tag and foreign_tag not in _DETECTED_LANGUAGES else script_language, True)
    words = _list_words(prose.lower())
    english_words = list(filter(ENGLISH_WORDS.__contains__, words))
    is_plainly_english = _is_plain(english_words, words)
    if is_plainly_english and len(english_words) > sum(map(LANGUAGES_BY_WORD.__contains__, words)):
        return _ENGLISH  # as most posts are, whichever language has the other words
    language, foreign_words = _find_foreign_words(words)
    if is_plainly_english and len(english_words) > len(foreign_words):
        return _ENGLISH
    factor = _MIXED_FACTOR if tagged == "en" else 2
    is_plainly_foreign = _is_plain(foreign_words, words) and len(foreign_words) > factor * len(english_words)
    other_words = 0 if language in LETTER_DETECTED_LANGUAGES else len(foreign_words)
    if evidence := _detect_by_letters(words, tagged, len(english_words), other_words, is_plainly_foreign=is_plainly_foreign):
        return evidence
    if is_plainly_foreign:
        if foreign_tag and _is_possible(foreign_tag, foreign_words):
            return Evidence(foreign_tag, True)
        return Evidence(_settle_tie(language, words, prose), _is_most_common(language, foreign_words, words))
    letter_count = _count_letters(words)
    if foreign_tag:
        is_sure = letter_count >= _MIN_LETTERS or any(foreign_tag in LANGUAGES_BY_WORD[word] for word in foreign_words)
        return _ENGLISH if _is_english_after_all(prose, words, english_words, foreign_words) else Evidence(foreign_tag, is_sure)
    if not english_words and not tagged:
        is_clear = _is_clear(foreign_words, words)
        return _detect_without_english(prose, words, _settle_tie(language, words, prose) if is_clear else None)
    is_unclear = not english_words or not tagged
    if is_unclear and letter_count >= _MIN_LETTERS and (detected := _detect_foreign(prose, has_tag=bool(tagged))):
        return Evidence(detected, True)
    return _ENGLISH if _is_share(english_words, words) and not foreign_words else _UNKNOWN


_ENGLISH, _UNKNOWN = Evidence("en", True), Evidence(None, False)


@cache
def digest() -> str:
    """Return a digest of everything that a text's language depends on apart from the text and its tag."""
    code = [sys.modules[__name__], languages, language_letters, language_words, look_alikes]
    return digest_modules(code, language_letters.digest(), version("py3langid"), unicodedata.unidata_version)


@lru_cache(maxsize=_MAX_PARSED_TAGS)
def _parse_tag(tag: str | None) -> str | None:
    """Return the primary language of a tag, None if it names none."""
    if not tag:
        return None
    primary = re.split("[-_]", tag.lower())[0]
    primary = unify_language_code(primary)
    return primary if re.fullmatch("[a-z]+", primary) and primary not in _UNSPECIFIC_TAGS else None


def list_latin_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without mentions and addresses; none if its letters are mostly of another script."""
    prose = _clean(text)
    return [] if _find_script_language(prose) else _list_words(prose.lower())


def _clean(text: str) -> str:
    """Return the part of a text that is examined, with plain letters and apostrophes, without what isn't prose."""
    return fold_apostrophes(_remove_noise(join_letters(fold_letters(text[:_MAX_CHARACTERS]))))


def _remove_noise(text: str) -> str:
    """Return the text without mentions, hashtags, entities and addresses."""
    has_noise = "@" in text or "#" in text or "&" in text or "http" in text or "www." in text
    return _NOISE.sub(" ", text) if has_noise else text


def _detect_by_letters(
    words: Sequence[str], tagged: str | None, english_words: int, other_words: int, *, is_plainly_foreign: bool
) -> Evidence | None:
    """Return the language that only letters show, None if it's none of these; the numbers are those of common words of other languages."""
    likeness = language_letters.compare(words, min_hints=max(english_words, other_words) // 2 + 1)
    if not likeness or not _is_likely_by_letters(likeness, tagged, english_words, is_plainly_foreign=is_plainly_foreign):
        return None
    is_clear = _count_letters(words) >= _MIN_LETTERS and likeness.over_english >= _MIN_LIKENESS_OF_SURE
    return Evidence(likeness.language, is_clear or tagged == likeness.language)


def _is_likely_by_letters(likeness: Likeness, tagged: str | None, english_words: int, *, is_plainly_foreign: bool) -> bool:
    """Return whether a text is in a language that neither common words nor the detector know well enough.

    It has to look the more like that language, the more common English words it has; and if its tag or its words name another one that
    was compared, clearly more than like that one, too. A tag of a language that wasn't compared is right.
    """
    min_likeness = _MIN_LIKENESS + _LIKENESS_PER_ENGLISH_WORD * english_words + (_LIKENESS_AGAINST_ENGLISH_TAG if tagged == "en" else 0)
    min_lead = _MIN_LEAD_AGAINST_WORDS if is_plainly_foreign else _MIN_LEAD
    if tagged not in (None, "en", likeness.language):
        if tagged not in language_letters.list_compared_languages():
            return False
        min_lead = _MIN_LEAD_AGAINST_TAG
    return likeness.language in LETTER_DETECTED_LANGUAGES and likeness.over_english >= min_likeness and likeness.over_others >= min_lead


def _list_words(text: str) -> list[str]:
    """Return the words of a lower-case text; emoji and dashes separate words, and needn't slow down texts that are ASCII otherwise."""
    if not text.isascii():
        if any(map(str.isalnum, "".join(_NOT_ASCII.findall(text)))):
            return _WORD.findall(text)
        text = _NOT_ASCII.sub(" ", text)
    return _ASCII_WORD.findall(text)


def _find_script_language(text: str) -> str | None:
    """Return the likeliest language of a text whose letters are mostly of another script than the Latin one."""
    if text.isascii():
        return None
    others = [letter for letter in _NOT_LATIN.findall(text) if letter.isalpha()]
    if len(others) < _MIN_SCRIPT_LETTERS or 2 * len(others) <= sum(map(str.isalpha, text)):
        return None
    scripts = Counter(re.split("[ -]", unicodedata.name(letter, ""))[0] for letter in others)
    script = next((kana for kana in ("HIRAGANA", "KATAKANA") if scripts[kana]), scripts.most_common(1)[0][0])
    return LANGUAGE_BY_SCRIPT.get(script, "und")


def _find_foreign_words(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the language that has most of the words, with these words."""
    foreign_words = [word for word in words if word in LANGUAGES_BY_WORD]
    if not foreign_words:
        return "", []
    language = _count_languages(foreign_words).most_common(1)[0][0]
    return language, [word for word in foreign_words if language in LANGUAGES_BY_WORD[word]]


def _count_languages(words: Sequence[str]) -> Counter[str]:
    """Return how many of the words each language has."""
    return Counter(language for word in words for language in LANGUAGES_BY_WORD.get(word, ()))


def _settle_tie(language: str, words: Sequence[str], prose: str) -> str:
    """Return `language`, which has most of the words, or what the detector takes for likelier of others that have nearly as many."""
    counts = _count_languages(words)
    min_count = counts[language] - (1 if counts[language] >= _MIN_WORDS_OF_NEAR_TIE else 0)
    tied = [other for other, count in counts.items() if count >= min_count]
    if len(tied) == 1 or language not in _DETECTED_LANGUAGES:
        return language
    probabilities = _rank_languages(_STRETCHED_WORD.sub(" ", prose))
    return max(tied, key=lambda other: probabilities.get(other, 0.0))


def _is_plain(known_words: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether at least two different words, and a good part of all, are of the language."""
    return len(set(known_words)) > 1 and _is_share(known_words, words)


def _is_clear(foreign_words: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether a good part of all words is of another language, and not only words such as “no” and “los”."""
    return _is_share(foreign_words, words) and any(len(word) > 2 and word not in _NAMES_AND_EXCLAMATIONS for word in foreign_words)


def _is_most_common(language: str, foreign_words: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether a text has clearly more words of a language than of any other; the first are `foreign_words`."""
    counts = Counter(other for word in words for other in LANGUAGES_BY_WORD.get(word, ()) if other != language)
    return len(foreign_words) > 1 + max(counts.values(), default=0)


def _is_possible(tag: str, foreign_words: Sequence[str]) -> bool:
    """Return whether a text with these words of another language may be in the one of its tag, because that has one of them, or no list."""
    return tag not in _LISTED_LANGUAGES or any(tag in LANGUAGES_BY_WORD[word] for word in foreign_words)


def _is_share(known_words: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether a good part of all words, of which there are several, are of the language."""
    return len(words) > 1 and bool(known_words) and len(known_words) >= _MIN_WORD_SHARE * len(words)


def _is_english_after_all(prose: str, words: Sequence[str], english_words: Sequence[str], foreign_words: Sequence[str]) -> bool:
    """Return whether a text is English although the network names another language."""
    if not words or (foreign_words and len(foreign_words) >= len(english_words)):
        return False
    if _count_letters(words) < _MIN_LETTERS:
        return 2 * len(english_words) >= len(words)
    is_possible = prose.isascii() or bool(english_words)
    return is_possible and _rank_languages(prose)["en"] >= _MIN_PROBABILITY_AGAINST_TAG


def _detect_without_english(prose: str, words: Sequence[str], word_language: str | None) -> Evidence:
    """Return the language of a text without a tag and without any common English word, none if it may be English, or is a name.

    `word_language` is that of a good part of its words. The detector only has to be sure that it isn't English.
    """
    if word_language:
        return Evidence(word_language, False)
    letters, prose = _count_letters([word for word in words if not _STRETCHED_WORD.search(word)]), _STRETCHED_WORD.sub(" ", prose)
    if letters < _MIN_LETTERS_WITHOUT_ENGLISH:
        return _UNKNOWN
    probabilities = _rank_languages(prose)
    language, is_short = max(probabilities, key=probabilities.__getitem__), letters < _MIN_LETTERS and prose.isascii()
    min_probability = _MIN_PROBABILITY_AGAINST_TAG if is_short else _MIN_PROBABILITY_WITHOUT_ENGLISH
    max_english = _MAX_ENGLISH_PROBABILITY if is_short else _MAX_ENGLISH_PROBABILITY_WITHOUT_ENGLISH
    is_foreign = probabilities[language] >= min_probability and probabilities["en"] <= max_english
    if not is_foreign or language in _IGNORED_LANGUAGES:
        return _UNKNOWN
    return Evidence(language, letters >= _MIN_LETTERS and probabilities[language] >= _MIN_PROBABILITY_OF_SURE)


def _detect_foreign(prose: str, *, has_tag: bool) -> str | None:
    """Return the language that the detector is sure of, None if it is English or unclear. `has_tag`: the network says English."""
    probabilities = _rank_languages(prose)
    language = max(probabilities, key=probabilities.__getitem__)
    is_sure = probabilities[language] >= (_MIN_PROBABILITY_AGAINST_TAG if has_tag else _MIN_PROBABILITY)
    return language if is_sure and language not in _IGNORED_LANGUAGES and probabilities["en"] <= _MAX_ENGLISH_PROBABILITY else None


def _count_letters(words: Sequence[str]) -> int:
    return sum(map(len, words))


def _rank_languages(prose: str) -> Mapping[str, float]:
    """Return the detector's probability of each language that it knows."""
    return dict(_load_detector().rank(prose))


def _load_detector() -> Any:
    with _detector_lock:
        if not _detectors:
            from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

            detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
            detector.set_languages(_DETECTED_LANGUAGES)
            _detectors.append(detector)
    return _detectors[0]
