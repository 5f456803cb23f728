"""Rewrites dates and times of day as other languages write them: 下午9:15, 2026年11月2日, 9 Uhr, 21 h 15, 9:15 μ.μ., 12 noon.

The result is English with colons, for `grammar.py`. Names of months and weekdays belong in `foreign_names.py`.
"""

import re
import unicodedata
from collections.abc import Callable

_BEFORE_NOON = "上午|午前|오전|凌晨|早上|清晨|पूर्वाह्न|π\\.? ?μ\\.?|ق\\.? ?ظ\\.?|ص|дп|пр\\. ?об\\.|ÖÖ|öö|üzeri"
_AFTER_NOON = "下午|午後|오후|中午|अपराह्न|μ\\.? ?μ\\.?|ب\\.? ?ظ\\.?|م|пп|сл\\. ?об\\.|ÖS|ös"
_WORDS_BEFORE_NOON = r"vorm(?:\.|ittags)|morgens|fm|de\.|dop\.|ap\.|SA|du matin|de la mañana|da manhã"
_WORDS_AFTER_NOON = r"nachm(?:\.|ittags)|abends|em|du\.|odp\.|ip\.|CH|de l'après-midi|du soir|de la tarde|da tarde|da noite|noon"
_CLOCK = r"\d{1,2}(?::\d\d(?::\d\d)?)?"
_HINT = re.compile(
    rf"\d ?(?:Uhr|h(?!rs)|{_WORDS_BEFORE_NOON}|{_WORDS_AFTER_NOON}|midnight|[AaPp](?![A-Za-z.]))"
    r"|(?:d[eu]|dop|odp)\. ?\d|\d{8} \d{4}|[AP]M \d"
)
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u3000\u200e\u200f]+")

_STEPS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(
            r"[(（][一二三四五六日月火水木金土월화수목금토일天][)）]|(?:星期|週|周)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일"
        ),
        " ",
    ),
    (re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일號号]?"), r"\1-\2-\3 "),
    (re.compile(r"(\d{1,2}) ?[時时點点시] ?(\d{1,2}) ?[分분](?: ?(\d{1,2}) ?[秒초])?"), lambda match: _join_clock(match)),
    (re.compile(r"(\d{1,2}) ?[時时點点시](?=\Z| )"), r"\1:00"),
    (re.compile(rf"({_BEFORE_NOON}) ?(?=\d)|(?<=\d) ?({_BEFORE_NOON})(?=\Z| )"), " AM "),
    (re.compile(rf"(?:{_AFTER_NOON}) ?00?(?=:)"), " PM 12"),  # noon is 午後0:00 in Japanese
    (re.compile(rf"({_AFTER_NOON}) ?(?=\d)|(?<=\d) ?({_AFTER_NOON})(?=\Z| )"), " PM "),
    (re.compile(r"\A(\d{8}) (\d\d)(\d\d)(\d\d)?\Z"), lambda match: f"{match[1]} {_join_clock(match, 2)}"),
    (re.compile(r"(?<=[\d,à] )(\d{1,2}) ?h(?: ?(\d\d))?(?=\Z| )"), lambda match: _join_clock(match)),
    (re.compile(r"(?<=[\d,] )(\d{1,2})\.(\d\d)(?:\.(\d\d))?(?= ?[A-Za-z])"), lambda match: _join_clock(match)),
    (re.compile(r"(?<=[\d,] )(\d{1,2}) ?Uhr\b"), r"\1:00"),
    (re.compile(r"(?<=:\d\d) ?Uhr\b"), ""),
    (re.compile(rf"({_CLOCK}) *(?:{_WORDS_BEFORE_NOON}|midnight)(?=\Z| |,)"), r"\1 AM"),
    (re.compile(rf"({_CLOCK}) *(?:{_WORDS_AFTER_NOON})(?=\Z| |,)"), r"\1 PM"),
    (re.compile(rf"\b(?:de|dop)\. ?({_CLOCK})"), r"\1 AM"),
    (re.compile(rf"\b(?:du|odp)\. ?({_CLOCK})"), r"\1 PM"),
    (re.compile(r"(?<=:\d\d) ?([AaPp])(?=\Z| )"), r" \1M"),
    (re.compile(rf"\b([AP]M) ({_CLOCK})(?![\d:])(?! ?[AaPp]\.?[Mm])"), r"\2 \1 "),
)


def translate_clock(text: str) -> str:
    """Return a written time with its numbers and time of day as in English, or as it is if nothing is written otherwise."""
    if text.isascii() and not _HINT.search(text):
        return text
    translated = _SPACES.sub(" ", "".join(map(_to_ascii_digit, text))).strip()
    for pattern, replacement in _STEPS:
        translated = pattern.sub(replacement, translated)
    return _SPACES.sub(" ", translated).strip()


def _to_ascii_digit(character: str) -> str:
    """Return a digit of any script as one of ASCII, and any other character as it is."""
    return character if character.isascii() or not character.isdecimal() else str(unicodedata.decimal(character))


def _join_clock(match: re.Match[str], first: int = 1) -> str:
    parts = [part for part in match.groups()[first - 1 :] if part]
    return ":".join(part.zfill(2) for part in (parts if len(parts) > 1 else [*parts, "00"])) + " "
