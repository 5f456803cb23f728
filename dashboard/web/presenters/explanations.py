"""Explanations of predictions: words highlighted in the text, and a short table of weights.

What is said about them is in `explanation_sentences.py`.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from dashboard.core.messages import gettext, translatable
from dashboard.core.polarities import name_polarity_within_sentence
from dashboard.prediction.protocols import Explanation, TermWeight
from dashboard.web.presenters.explanation_sentences import describe_odds, describe_terms, truncate_term

_MAX_TABLE_TERMS = 10  # terms with their own row; the others are added up
_MAX_HIGHLIGHTED_TERMS = 30  # terms highlighted in the text
_MIN_RELATIVE_WEIGHT = 0.05  # of the largest weight; lighter terms are neither highlighted nor named in the sentence
_MIN_RELATIVE_WEIGHT_IN_POSTS = 0.25  # of the largest weight; lighter terms aren't highlighted in a list of posts
_TONE_BY_LABEL = {"positive": "up", "negative": "down"}
_EMOJI_VARIATION_SELECTOR = "\ufe0f"  # makes the preceding character an emoji
_NON_WORD_NAMES = {  # names on pages of the parts that the built-in classifier can't attribute to a word
    "(any text)": translatable("Baseline"),
    "(company of words)": translatable("Context"),
    "(look of the text)": translatable("Style: capitals, punctuation, length"),
}


@dataclass(frozen=True)
class TextSegment:
    """A part of a text. `css_class` is `for` or `against` with a strength of 1 to 3, or empty if it isn't highlighted."""

    text: str
    css_class: str = ""
    weight: float = 0.0


@dataclass(frozen=True)
class WeightRow:
    """A row of the table; `bar_percent` is the length of its bar as a percentage of the longest."""

    term: str
    weight: float
    bar_percent: float


@dataclass(frozen=True)
class ExplanationView:
    """Why a text got its label. `other_terms` sums up the terms without a row; `non_word_rows` are parts that belong to no word."""

    sentence: Markup
    odds_sentence: str
    runner_up: str
    margin: float
    segments: Sequence[TextSegment]
    rows: Sequence[WeightRow]
    other_term_count: int
    other_terms: WeightRow
    non_word_rows: Sequence[WeightRow]

    @property
    def has_highlights(self) -> bool:
        """Return whether anything is highlighted in the text."""
        return any(segment.css_class for segment in self.segments)


def build_explanation(text: str, explanation: Explanation) -> ExplanationView:
    """Return an explanation as a page shows it. Repeated terms share one row with the sum of their weights."""
    terms = _merge_terms(term for term in explanation.terms if not _is_non_word(term))
    non_words = [TermWeight(_name_non_word(term.term), term.weight) for term in explanation.terms if _is_non_word(term)]
    max_weight = max((abs(term.weight) for term in [*terms, *non_words]), default=0.0) or 1.0
    relevant_terms = [term for term in terms if abs(term.weight) >= _MIN_RELATIVE_WEIGHT * max_weight]
    label, runner_up = (name_polarity_within_sentence(str(name)) for name in (explanation.label, explanation.runner_up))
    return ExplanationView(
        describe_terms(label, runner_up, relevant_terms),
        describe_odds(label, runner_up, explanation.margin),
        runner_up,
        explanation.margin,
        _split_segments(text, relevant_terms[:_MAX_HIGHLIGHTED_TERMS]),
        [_build_row(term, max_weight) for term in terms[:_MAX_TABLE_TERMS]],
        len(terms[_MAX_TABLE_TERMS:]),
        _build_row(TermWeight("", math.fsum(term.weight for term in terms[_MAX_TABLE_TERMS:])), max_weight),
        [_build_row(term, max_weight) for term in non_words],
    )


def highlight_polarity(text: str, explanation: Explanation) -> list[TextSegment]:
    """Return a text with terms highlighted as positive (`up`) or negative (`down`), whatever the label."""
    max_weight = max((abs(term.weight) for term in explanation.terms), default=0.0) or 1.0
    terms = _merge_terms(term for term in explanation.terms if not _is_non_word(term))
    segments = _split_segments(
        text, [term for term in terms if abs(term.weight) >= _MIN_RELATIVE_WEIGHT_IN_POSTS * max_weight][:_MAX_HIGHLIGHTED_TERMS]
    )
    tone_by_direction = {True: _TONE_BY_LABEL.get(str(explanation.label), ""), False: _TONE_BY_LABEL.get(str(explanation.runner_up), "")}
    return [
        TextSegment(segment.text, tone_by_direction[segment.weight > 0] if segment.css_class else "", segment.weight)
        for segment in segments
    ]


def _is_non_word(term: TermWeight) -> bool:
    """Return whether a term isn't part of the text but a name in parentheses, such as `(prior)`."""
    return bool(re.fullmatch(r"\(\w.*\w\)", term.term, re.DOTALL))


def _name_non_word(term: str) -> str:
    """Return the name of a part of the decision that belongs to no word."""
    return gettext(_NON_WORD_NAMES[term]) if term in _NON_WORD_NAMES else term.strip("()")


def _normalize_term(term: str) -> str:
    """Return a term in a form that is the same for all of its spellings."""
    return " ".join(term.casefold().replace("’", "'").replace(_EMOJI_VARIATION_SELECTOR, "").split())


def _merge_terms(terms: Iterable[TermWeight]) -> list[TermWeight]:
    """Return each term once, largest weight first."""
    by_key: dict[str, TermWeight] = {}
    for term in terms:
        merged = by_key.get(_normalize_term(term.term), TermWeight(term.term, 0.0))
        by_key[_normalize_term(term.term)] = TermWeight(merged.term, merged.weight + term.weight)
    return sorted(by_key.values(), key=lambda term: -abs(term.weight))


def _build_row(term: TermWeight, max_weight: float) -> WeightRow:
    return WeightRow(truncate_term(term.term), term.weight, min(100.0, 100 * abs(term.weight) / max_weight))


def _split_segments(text: str, terms: Sequence[TermWeight]) -> list[TextSegment]:
    """Return the text in segments that add up to it, with each occurrence of a term highlighted by direction and strength."""
    weights = {key: term.weight for term in terms if (key := _normalize_term(term.term))}
    if not weights:
        return [TextSegment(text)]
    max_weight = max(map(abs, weights.values())) or 1.0
    pattern = re.compile("|".join(_term_pattern(key) for key in sorted(weights, key=len, reverse=True)), re.IGNORECASE)
    segments, end = [], 0
    for match in pattern.finditer(text):
        weight = weights.get(_normalize_term(match[0]), 0.0)
        segments += [TextSegment(text[end : match.start()]), TextSegment(match[0], _highlight_class(weight, max_weight), weight)]
        end = match.end()
    return [segment for segment in [*segments, TextSegment(text[end:])] if segment.text]


def _term_pattern(normalized_term: str) -> str:
    """Return a regular expression that finds a term on its own, not inside a word or a longer run of the same character."""
    before = r"(?<!\w)" if normalized_term[0].isalnum() or normalized_term[0] == "_" else f"(?<!{re.escape(normalized_term[0])})"
    after = (
        r"(?!\w)"
        if normalized_term[-1].isalnum() or normalized_term[-1] == "_"
        else f"{_EMOJI_VARIATION_SELECTOR}?(?!{re.escape(normalized_term[-1])})"
    )
    return before + re.escape(normalized_term).replace(r"\ ", r"\s+").replace("'", "['’]") + after


def _highlight_class(weight: float, max_weight: float) -> str:
    if not weight:
        return ""
    strength = min(3, 1 + int(3 * abs(weight) / max_weight))
    return f"{'for' if weight > 0 else 'against'} strength-{strength}"
