"""How posts were scored: by which words or model, and what licences require. Languages are the business of `language_notes`."""

from collections.abc import Mapping

import polars as pl

from dashboard.core.formatting.counts import pluralize
from dashboard.core.formatting.numbers import format_share
from dashboard.core.methods import METHODS


def lexicon_remarks(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return remarks on sentiment by a lexicon: how many of the words are in it, and its source."""
    words, matched = summary.select(pl.col("words", "matched").sum()).row(0)
    name, attribution = METHODS[method].lexicon_name, METHODS[method].attribution
    are, share = pluralize(matched, "is", "are"), format_share(matched / (words or 1), 1)
    return [
        *([f"{matched:,} of {words:,} words ({share}) {are} in {name}; all others are treated as neutral."] if matched else []),
        *unknown_sentiment_remarks(summary, labels, method),
        *([f"{attribution}."] if attribution else []),
    ]


def unknown_sentiment_remarks(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return a remark for each account whose posts have no word of the method's lexicon."""
    unmatched = [labels[row["account"]] for row in summary.iter_rows(named=True) if row["read"] and not row["matched"]]
    return [f"None of the words of {label} are in {METHODS[method].lexicon_name}, so its sentiment is unknown." for label in unmatched]


def model_remarks(summary: pl.DataFrame, model_title: str) -> list[str]:
    """Return a remark on sentiment by the model; `model_title` is its name and version."""
    posts, positive, negative = summary.select(pl.col("read", "positive", "negative").sum()).row(0)
    return (
        [
            f"The AI model ({model_title}) rated {positive:,} of {posts:,} posts positive, {negative:,} negative "
            f"and {posts - positive - negative:,} neutral."
        ]
        if posts
        else []
    )


def scoring_attribution(method: str, model_title: str) -> list[str]:
    """Return the lines that every image of sentiment must carry: the model, or what a lexicon's licence requires (ODbL)."""
    return [*filter(None, [METHODS[method].attribution_line(model_title)])]


def licence_notices() -> list[str]:
    """Return the lines that the licences of lexicons require wherever their scores are shown (ODbL)."""
    return [method.attribution for method in METHODS if method.attribution and not method.needs_labeller]


def lexicon_attributions() -> list[str]:
    """Return the attributions that the lexicons' licences require where every method's scores are shown, one sentence each."""
    return [f"{notice}." for notice in licence_notices()]
