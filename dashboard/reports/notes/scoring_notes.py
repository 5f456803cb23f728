"""How posts were scored: by which words or model, and what licences require. Languages are the business of `language_notes`."""

from collections.abc import Mapping

import polars as pl

from dashboard.core.formatting.numbers import format_number, format_share
from dashboard.core.messages import gettext, ngettext, translatable
from dashboard.core.methods import METHODS


def lexicon_remarks(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return remarks on sentiment by a lexicon: how many of the words are in it, and its source."""
    words, matched = summary.select(pl.col("words", "matched").sum()).row(0)
    name, attribution = METHODS[method].lexicon_name, METHODS[method].attribution
    in_list = ngettext(
        "%(count)s of %(total)s words (%(share)s) is in %(list)s; all others are treated as neutral.",
        "%(count)s of %(total)s words (%(share)s) are in %(list)s; all others are treated as neutral.",
        matched,
        count=format_number(matched),
        total=format_number(words),
        share=format_share(matched / (words or 1), 1),
        list=name,
    )
    return [
        *([in_list] if matched else []),
        *unknown_sentiment_remarks(summary, labels, method),
        *([f"{attribution}."] if attribution else []),
    ]


def unknown_sentiment_remarks(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return a remark for each account whose posts have no word of the method's lexicon."""
    unmatched = [labels[row["account"]] for row in summary.iter_rows(named=True) if row["read"] and not row["matched"]]
    unknown = translatable("None of the words of %(account)s are in %(list)s, so its sentiment is unknown.")
    return [gettext(unknown, account=label, list=METHODS[method].lexicon_name) for label in unmatched]


def model_remarks(summary: pl.DataFrame, model_title: str) -> list[str]:
    """Return a remark on sentiment by the model; `model_title` is its name and version."""
    posts, positive, negative = summary.select(pl.col("read", "positive", "negative").sum()).row(0)
    counts = {"positive": positive, "total": posts, "negative": negative, "neutral": (posts or 0) - (positive or 0) - (negative or 0)}
    rated = translatable(
        "The AI model (%(model)s) rated %(positive)s of %(total)s posts positive, %(negative)s negative and %(neutral)s neutral."
    )
    return [gettext(rated, model=model_title, **{name: format_number(count) for name, count in counts.items()})] if posts else []


def scoring_attribution(method: str, model_title: str) -> list[str]:
    """Return the lines that every image of sentiment must carry: the model, or what a lexicon's licence requires (ODbL)."""
    return [*filter(None, [METHODS[method].attribution_line(model_title)])]


def licence_notices() -> list[str]:
    """Return the lines that the licences of lexicons require wherever their scores are shown (ODbL)."""
    return [method.attribution for method in METHODS if method.attribution and not method.needs_labeller]


def lexicon_attributions() -> list[str]:
    """Return the attributions that the lexicons' licences require where every method's scores are shown, one sentence each."""
    return [f"{notice}." for notice in licence_notices()]
