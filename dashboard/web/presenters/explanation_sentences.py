"""What an explanation says: which words made the difference, and how far ahead the label is.

Which words are highlighted is decided in `explanations.py`.
"""

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from dashboard.core.formatting.numbers import format_decimal
from dashboard.core.formatting.texts import format_list, quote, truncate
from dashboard.core.messages import gettext, ngettext
from dashboard.prediction.protocols import TermWeight

_MAX_TERM_LENGTH = 31  # characters of a term in the sentence and the table, including the ellipsis


def truncate_term(term: str) -> str:
    """Return a term that is short enough for a sentence or a cell of the table."""
    return truncate(term, _MAX_TERM_LENGTH)


def describe_terms(label: str, runner_up: str, terms: Sequence[TermWeight]) -> Markup:
    """Return a sentence with the words that pulled towards the label and away from it."""
    towards = _quote_terms(term for term in terms if term.weight > 0)[:3]
    away = _quote_terms(term for term in terms if term.weight < 0)[:2]
    values = {"label": escape(label), "other": escape(runner_up), "verdict": _format_verdict(towards, away)}
    sentence = gettext("%(label)s rather than %(other)s: %(verdict)s", **values)
    return Markup(sentence[:1].upper() + sentence[1:])


def _format_verdict(towards: Sequence[Markup], away: Sequence[Markup]) -> str:
    """Return which words made the difference; in other languages than English, the verb depends on how many they are."""
    values = {"towards": _join_terms(towards), "away": _join_terms(away)}
    if towards and away:
        return ngettext(
            "%(towards)s pulled towards it, %(away)s away from it.",
            "%(towards)s pulled towards it, %(away)s away from it.",
            len(towards),
            **values,
        )
    if towards:
        return ngettext(
            "%(towards)s pulled towards it, and little pulled away.",
            "%(towards)s pulled towards it, and little pulled away.",
            len(towards),
            **values,
        )
    if away:
        return ngettext(
            "%(away)s pulled away from it, but not enough.", "%(away)s pulled away from it, but not enough.", len(away), **values
        )
    return gettext("no single word stands out, so the model falls back on its most common label.")


def _quote_terms(terms: Iterable[TermWeight]) -> list[Markup]:
    return [Markup(quote("<bdi>{}</bdi>")).format(truncate_term(term.term)) for term in terms]


def _join_terms(quoted_terms: Sequence[Markup]) -> Markup:
    return Markup(format_list(quoted_terms))


def describe_odds(label: str, runner_up: str, margin: float) -> str:
    """Return a sentence that says how far ahead the label is."""
    times = math.exp(min(abs(margin), 20.0))
    if times < 1.2:
        return gettext("It was close: %(label)s and %(other)s are almost equally likely.", label=label, other=runner_up)
    values = {"label": label, "other": runner_up, "times": format_decimal(min(times, 1_000), 0 if times >= 10 else 1)}
    if times > 1_000:
        return gettext("The model considers %(label)s more than %(times)s times as likely as %(other)s.", **values)
    return gettext("The model considers %(label)s about %(times)s times as likely as %(other)s.", **values)
