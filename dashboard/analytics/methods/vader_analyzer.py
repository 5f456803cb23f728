"""Ask VADER's own rules only where they can have an effect: equal to the authors' package to the last digit, in linear time.

The package lower-cases the whole text at every word of its lexicon, and looks for negations and idioms around each. But a word's valence
depends on at most three words before and two after it, so the rules get only these, and only if one of them is a word that the rules
know. No rule is written here.
"""

import re
from collections.abc import Sequence
from itertools import chain
from types import SimpleNamespace

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
    SentiText,
    allcap_differential,
    normalize,
)

_WORDS_BEFORE, _WORDS_AFTER = 3, 2  # that the rules look at
_COMPOUND_DIGITS = 4
# A phrase can only be in a text if its longest word is.
_PHRASE_WORDS = {max(phrase.split(), key=len) for phrase in chain(SPECIAL_CASES, BOOSTER_DICT)}
# Every rule needs one of these words, a word that ends in “n't”, or a word in capitals.
_RULE_WORDS = frozenset({*NEGATE, *BOOSTER_DICT, *_PHRASE_WORDS, "no", "least", "so", "this"})

_NON_ASCII = re.compile(r"[^\x00-\x7f]")


class VaderAnalyzer(SentimentIntensityAnalyzer):  # type: ignore[misc]  # the package has no types
    """The package's analyzer, with the same compound scores in a fraction of the time."""

    def compound(self, text: str) -> float:
        """Return the compound score (−1 … 1) that `polarity_scores` returns."""
        text = self._describe_emoji(text).strip()
        words = [word if word.isalpha() else SentiText._strip_punc_if_word(word) for word in text.split()]
        lowered = " ".join(words).lower().split(" ")
        hits = [index for index, word in enumerate(lowered) if word in self.lexicon and not _is_modifier(lowered, index)]
        if not hits:
            return 0.0
        is_cap_diff = any(map(str.isupper, words)) and allcap_differential(words)
        valences: list[float] = [0] * len(words)
        for hit in hits:
            valences[hit] = self._find_valence(words, lowered, hit, is_cap_diff)
        if "but" in lowered:
            valences = self._but_check(lowered, valences)
        total = float(sum(valences))
        emphasis: float = self._punctuation_emphasis(text)
        compound: float = normalize(total + emphasis if total > 0 else total - emphasis if total < 0 else total)
        return round(compound, _COMPOUND_DIGITS)

    def _find_valence(self, words: Sequence[str], lowered: Sequence[str], index: int, is_cap_diff: bool) -> float:
        start, end = max(0, index - _WORDS_BEFORE), index + _WORDS_AFTER + 1
        near = lowered[start:end]
        is_plain = _RULE_WORDS.isdisjoint(near) and "n't" not in " ".join(near) and not (is_cap_diff and words[index].isupper())
        if is_plain:
            return float(self.lexicon[lowered[index]])
        text = SimpleNamespace(words_and_emoticons=words[start:end], is_cap_diff=is_cap_diff)
        valences: list[float] = self.sentiment_valence(0, text, words[index], index - start, [])
        return valences[0]

    def _describe_emoji(self, text: str) -> str:
        """Return the text with its emoji replaced by their descriptions, each set apart by a space."""
        if text.isascii() or self.emojis.keys().isdisjoint(_NON_ASCII.findall(text)):
            return text
        return _NON_ASCII.sub(self._describe_character, text)

    def _describe_character(self, match: re.Match[str]) -> str:
        description = self.emojis.get(match[0])
        if description is None:
            return match[0]
        return description if match.string[match.start() - 1 : match.start()] in ("", " ") else f" {description}"


def _is_modifier(lowered: Sequence[str], index: int) -> bool:
    """Return whether a word only strengthens or weakens others, so that it has no valence of its own."""
    return lowered[index] in BOOSTER_DICT or lowered[index : index + 2] == ["kind", "of"]
