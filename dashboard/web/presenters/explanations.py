"""The words that decided, for people: marked in their text, in a short table, and in one sentence."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from dashboard.core.formatting import format_list, quote, truncate
from dashboard.prediction.protocols import Explanation, TermWeight

_MAX_TABLE_TERMS = 10  # terms with a line of their own; the others are added up
_MAX_HIGHLIGHTED_TERMS = 30  # terms that are marked in the text
_MIN_RELATIVE_WEIGHT = 0.05  # of the heaviest weight: what is lighter is not marked, nor named in the sentence
_MIN_RELATIVE_WEIGHT_IN_POSTS = 0.25  # of the heaviest weight: what is lighter is not marked among many posts
_MAX_TERM_LENGTH = 31  # characters of a term that the sentence and the table show, with the ellipsis of a longer one
_TONE_BY_LABEL = {"positive": "up", "negative": "down"}
_EMOJI_VARIATION_SELECTOR = "\ufe0f"  # after a sign: draw it as an emoji
_NON_WORD_NAMES = {  # how a page names the parts that the built-in classifier can't give to a word
    "(any text)": "Baseline",
    "(company of words)": "Context",
    "(look of the text)": "Style: capitals, punctuation, length",
}


@dataclass(frozen=True)
class TextSegment:
    """A stretch of a text; `mark` is how it is marked: `for` or `against` with a strength of 1 … 3, empty if it did not decide."""

    text: str
    css_class: str = ""
    weight: float = 0.0


@dataclass(frozen=True)
class WeightRow:
    """A line of the table; `width` is the length of its bar in per cent of the longest."""

    term: str
    weight: float
    bar_percent: float


@dataclass(frozen=True)
class ExplanationView:
    """Why a text got its label. The `rest` is all terms without a line, `more` of them; `remainders` are what no word carries."""

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
        """Say whether anything is marked in the text."""
        return any(piece.css_class for piece in self.segments)


def build_explanation(text: str, explanation: Explanation) -> ExplanationView:
    """Return an explanation as a page shows it. A term that stands in the text more than once is one line, with its weights added."""
    terms = _merge_terms(term for term in explanation.terms if not _is_non_word(term))
    remainders = [TermWeight(_name_non_word(term.term), term.weight) for term in explanation.terms if _is_non_word(term)]
    heaviest = max((abs(term.weight) for term in [*terms, *remainders]), default=0.0) or 1.0
    clear = [term for term in terms if abs(term.weight) >= _MIN_RELATIVE_WEIGHT * heaviest]
    label, runner_up = str(explanation.label), str(explanation.runner_up)
    return ExplanationView(
        _format_sentence(label, runner_up, clear),
        _format_odds(label, runner_up, explanation.margin),
        runner_up,
        explanation.margin,
        _split_segments(text, clear[:_MAX_HIGHLIGHTED_TERMS]),
        [_build_row(term, heaviest) for term in terms[:_MAX_TABLE_TERMS]],
        len(terms[_MAX_TABLE_TERMS:]),
        _build_row(TermWeight("", math.fsum(term.weight for term in terms[_MAX_TABLE_TERMS:])), heaviest),
        [_build_row(term, heaviest) for term in remainders],
    )


def highlight_polarity(text: str, explanation: Explanation) -> list[TextSegment]:
    """Return a text whose marks say whether a term speaks for positive (`up`) or for negative (`down`), whatever the label."""
    heaviest = max((abs(term.weight) for term in explanation.terms), default=0.0) or 1.0
    terms = _merge_terms(term for term in explanation.terms if not _is_non_word(term))
    pieces = _split_segments(
        text, [term for term in terms if abs(term.weight) >= _MIN_RELATIVE_WEIGHT_IN_POSTS * heaviest][:_MAX_HIGHLIGHTED_TERMS]
    )
    towards = {True: _TONE_BY_LABEL.get(str(explanation.label), ""), False: _TONE_BY_LABEL.get(str(explanation.runner_up), "")}
    return [TextSegment(piece.text, towards[piece.weight > 0] if piece.css_class else "", piece.weight) for piece in pieces]


def _is_non_word(term: TermWeight) -> bool:
    """Say whether a term is no piece of the text but named in parentheses, such as `(prior)`."""
    return bool(re.fullmatch(r"\(\w.*\w\)", term.term, re.DOTALL))


def _name_non_word(term: str) -> str:
    """Return what a page calls a part of the decision that no word carries."""
    return _NON_WORD_NAMES.get(term, term.strip("()"))


def _normalize_term(term: str) -> str:
    """Return what equal terms share, however they are written."""
    return " ".join(term.casefold().replace("’", "'").replace(_EMOJI_VARIATION_SELECTOR, "").split())


def _merge_terms(terms: Iterable[TermWeight]) -> list[TermWeight]:
    """Return terms with each written once, heaviest first."""
    by_key: dict[str, TermWeight] = {}
    for term in terms:
        held = by_key.get(_normalize_term(term.term), TermWeight(term.term, 0.0))
        by_key[_normalize_term(term.term)] = TermWeight(held.term, held.weight + term.weight)
    return sorted(by_key.values(), key=lambda term: -abs(term.weight))


def _build_row(term: TermWeight, max_weight: float) -> WeightRow:
    return WeightRow(_truncate_term(term.term), term.weight, min(100.0, 100 * abs(term.weight) / max_weight))


def _truncate_term(term: str) -> str:
    return truncate(term, _MAX_TERM_LENGTH)


def _split_segments(text: str, terms: Sequence[TermWeight]) -> list[TextSegment]:
    """Return the text in pieces, each occurrence of a term marked by its direction and strength; joined they are the text."""
    weights = {key: term.weight for term in terms if (key := _normalize_term(term.term))}
    if not weights:
        return [TextSegment(text)]
    heaviest = max(map(abs, weights.values())) or 1.0
    pattern = re.compile("|".join(_term_pattern(key) for key in sorted(weights, key=len, reverse=True)), re.IGNORECASE)
    pieces, end = [], 0
    for found in pattern.finditer(text):
        weight = weights.get(_normalize_term(found[0]), 0.0)
        pieces += [TextSegment(text[end : found.start()]), TextSegment(found[0], _highlight_class(weight, heaviest), weight)]
        end = found.end()
    return [piece for piece in [*pieces, TextSegment(text[end:])] if piece.text]


def _term_pattern(normalized_term: str) -> str:
    """Return the expression that finds a term where it stands alone: no part of a word, no part of a longer run of the same sign."""
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


def _format_sentence(label: str, runner_up: str, terms: Sequence[TermWeight]) -> Markup:
    """Say in a line which words spoke for the label and which against."""
    spoke = [_quote_terms(term for term in terms if term.weight > 0)[:3], _quote_terms(term for term in terms if term.weight < 0)[:2]]
    said = [_join_terms(names) for names in spoke]
    if all(said):
        verdict = Markup("{} pulled towards it, {} away from it.").format(*said)
    elif said[0]:
        verdict = Markup("{} pulled towards it, and little pulled away.").format(said[0])
    elif said[1]:
        verdict = Markup("{} pulled away from it, but not enough.").format(said[1])
    else:
        verdict = Markup("no single word stands out, so the model falls back on its most common answer.")
    return Markup("{} rather than {}: {}").format(label[:1].upper() + label[1:], runner_up, verdict)


def _quote_terms(terms: Iterable[TermWeight]) -> list[Markup]:
    return [Markup(quote("<bdi>{}</bdi>")).format(_truncate_term(term.term)) for term in terms]


def _join_terms(quoted_terms: Sequence[Markup]) -> Markup:
    return Markup(format_list(quoted_terms))


def _format_odds(label: str, runner_up: str, margin: float) -> str:
    """Say how far ahead the label is."""
    times = math.exp(min(abs(margin), 20.0))
    if times < 1.2:
        return f"It was close: {label} and {runner_up} are almost equally likely."
    size = "more than 1,000" if times > 1_000 else f"about {times:.0f}" if times >= 10 else f"about {times:.1f}"
    return f"The model considers {label} {size} times as likely as {runner_up}."
