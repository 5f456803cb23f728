"""The words that decided, for people: marked in their text, in a short table, and in one sentence."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from dashboard.prediction.protocols import Explanation, TermWeight

_IN_TABLE = 10  # terms with a line of their own; the others are added up
_MARKED = 30  # terms that are marked in the text
_FAINT = 0.05  # of the heaviest weight: what is lighter is not marked, nor named in the sentence
_CLEAR = 0.25  # of the heaviest weight: what is lighter is not marked among many posts
_NAMED = 30  # characters of a term that the sentence and the table show
_TONES = {"positive": "up", "negative": "down"}
_VARIANT = "\ufe0f"  # after a sign: draw it as an emoji


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `mark` is how it is marked: `for` or `against` with a strength of 1 … 3, empty if it did not decide."""

    text: str
    mark: str = ""
    weight: float = 0.0


@dataclass(frozen=True)
class Line:
    """A line of the table; `width` is the length of its bar in per cent of the longest."""

    term: str
    weight: float
    width: float


@dataclass(frozen=True)
class Why:
    """Why a text got its label. The `rest` is all terms without a line, `more` of them; `remainders` are what no word carries."""

    sentence: Markup
    odds: str
    runner_up: str
    margin: float
    pieces: Sequence[Piece]
    lines: Sequence[Line]
    more: int
    rest: Line
    remainders: Sequence[Line]

    @property
    def marked(self) -> bool:
        """Say whether anything is marked in the text."""
        return any(piece.mark for piece in self.pieces)


def explained(text: str, explanation: Explanation) -> Why:
    """Return an explanation as a page shows it. A term that stands in the text more than once is one line, with its weights added."""
    terms = _added_up(term for term in explanation.terms if not _is_remainder(term))
    remainders = [TermWeight(term.term.strip("()"), term.weight) for term in explanation.terms if _is_remainder(term)]
    heaviest = max((abs(term.weight) for term in [*terms, *remainders]), default=0.0) or 1.0
    clear = [term for term in terms if abs(term.weight) >= _FAINT * heaviest]
    label, runner_up = str(explanation.label), str(explanation.runner_up)
    return Why(
        _sentence(label, runner_up, clear),
        _odds(label, runner_up, explanation.margin),
        runner_up,
        explanation.margin,
        _pieces(text, clear[:_MARKED]),
        [_line(term, heaviest) for term in terms[:_IN_TABLE]],
        len(terms[_IN_TABLE:]),
        _line(TermWeight("", math.fsum(term.weight for term in terms[_IN_TABLE:])), heaviest),
        [_line(term, heaviest) for term in remainders],
    )


def toned(text: str, explanation: Explanation) -> list[Piece]:
    """Return a text whose marks say whether a term speaks for positive (`up`) or for negative (`down`), whatever the label."""
    heaviest = max((abs(term.weight) for term in explanation.terms), default=0.0) or 1.0
    terms = _added_up(term for term in explanation.terms if not _is_remainder(term))
    pieces = _pieces(text, [term for term in terms if abs(term.weight) >= _CLEAR * heaviest][:_MARKED])
    towards = {True: _TONES.get(str(explanation.label), ""), False: _TONES.get(str(explanation.runner_up), "")}
    return [Piece(piece.text, towards[piece.weight > 0] if piece.mark else "", piece.weight) for piece in pieces]


def _is_remainder(term: TermWeight) -> bool:
    """Say whether a term is no piece of the text but named in parentheses, such as `(prior)`."""
    return bool(re.fullmatch(r"\(\w.*\w\)", term.term, re.DOTALL))


def _key(term: str) -> str:
    """Return what equal terms share, however they are written."""
    return " ".join(term.casefold().replace("’", "'").replace(_VARIANT, "").split())


def _added_up(terms: Iterable[TermWeight]) -> list[TermWeight]:
    """Return terms with each written once, heaviest first."""
    by_key: dict[str, TermWeight] = {}
    for term in terms:
        held = by_key.get(_key(term.term), TermWeight(term.term, 0.0))
        by_key[_key(term.term)] = TermWeight(held.term, held.weight + term.weight)
    return sorted(by_key.values(), key=lambda term: -abs(term.weight))


def _line(term: TermWeight, heaviest: float) -> Line:
    return Line(_short(term.term), term.weight, min(100.0, 100 * abs(term.weight) / heaviest))


def _short(term: str) -> str:
    return term if len(term) <= _NAMED else f"{term[:_NAMED]}…"


def _pieces(text: str, terms: Sequence[TermWeight]) -> list[Piece]:
    """Return the text in pieces, each occurrence of a term marked by its direction and strength; joined they are the text."""
    weights = {key: term.weight for term in terms if (key := _key(term.term))}
    if not weights:
        return [Piece(text)]
    heaviest = max(map(abs, weights.values())) or 1.0
    pattern = re.compile("|".join(_pattern(key) for key in sorted(weights, key=len, reverse=True)), re.IGNORECASE)
    pieces, end = [], 0
    for found in pattern.finditer(text):
        weight = weights.get(_key(found[0]), 0.0)
        pieces += [Piece(text[end : found.start()]), Piece(found[0], _mark(weight, heaviest), weight)]
        end = found.end()
    return [piece for piece in [*pieces, Piece(text[end:])] if piece.text]


def _pattern(key: str) -> str:
    """Return the expression that finds a term where it stands alone: no part of a word, no part of a longer run of the same sign."""
    before = r"(?<!\w)" if key[0].isalnum() or key[0] == "_" else f"(?<!{re.escape(key[0])})"
    after = r"(?!\w)" if key[-1].isalnum() or key[-1] == "_" else f"{_VARIANT}?(?!{re.escape(key[-1])})"
    return before + re.escape(key).replace(r"\ ", r"\s+").replace("'", "['’]") + after


def _mark(weight: float, heaviest: float) -> str:
    if not weight:
        return ""
    strength = min(3, 1 + int(3 * abs(weight) / heaviest))
    return f"{'for' if weight > 0 else 'against'} strength-{strength}"


def _sentence(label: str, runner_up: str, terms: Sequence[TermWeight]) -> Markup:
    """Say in a line which words spoke for the label and which against."""
    spoke = [_named(term for term in terms if term.weight > 0)[:3], _named(term for term in terms if term.weight < 0)[:2]]
    said = [_listed(names) for names in spoke]
    if all(said):
        verdict = Markup("{} spoke for it, {} against it.").format(*said)
    elif said[0]:
        verdict = Markup("{} spoke for it, and nothing much against it.").format(said[0])
    elif said[1]:
        verdict = Markup("{} spoke against it, but not enough to turn it.").format(said[1])
    else:
        verdict = Markup("no single word weighed much; this is what the model says when little tells it otherwise.")
    return Markup("{} rather than {}: {}").format(label[:1].upper() + label[1:], runner_up, verdict)


def _named(terms: Iterable[TermWeight]) -> list[Markup]:
    return [Markup("“<bdi>{}</bdi>”").format(_short(term.term)) for term in terms]


def _listed(names: Sequence[Markup]) -> Markup:
    return Markup(" and ").join(filter(None, [Markup(", ").join(names[:-1]), *names[-1:]]))


def _odds(label: str, runner_up: str, margin: float) -> str:
    """Say how far ahead the label is."""
    times = math.exp(min(abs(margin), 20.0))
    if times < 1.2:
        return f"It was close: {label} and {runner_up} are almost equally likely."
    size = "more than 1,000" if times > 1_000 else f"about {times:.0f}" if times >= 10 else f"about {times:.1f}"
    return f"The model takes {label} to be {size} times as likely as {runner_up}."
