"""How posts were scored: by which words or model, in which languages, and what licences require."""

from collections import Counter
from collections.abc import Mapping

import polars as pl

from dashboard.core.formatting.counts import pluralize
from dashboard.core.formatting.numbers import format_share
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.methods import METHODS

_MAX_LANGUAGES = 3  # that a remark names


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


def language_remarks(languages: pl.Series, *, are_scored: bool) -> list[str]:
    """Return a remark on the posts that aren't in English, by language. Unless `are_scored`, they are left out of sentiment and words.

    `languages` has the language of each post, null for English ones.
    """
    foreign_count = languages.count()
    if not foreign_count:
        return []
    are_not, do_not = ("isn't", "doesn't") if foreign_count == 1 else ("aren't", "don't")
    effect = ", so the AI model may be wrong about them" if are_scored else f" and {do_not} count towards sentiment or words"
    remark = f"{foreign_count:,} of {languages.len():,} posts {are_not} in English ({_count_by_language(languages)}){effect}."
    return [f"{remark} The words of a post decide; where they leave it open, the network's language tag does."]


def _count_by_language(languages: pl.Series) -> str:
    """Return the languages of posts, the commonest first, with their numbers if there are several: `12 German and 1 Japanese`."""
    counts = Counter(map(name_language, languages.drop_nulls())).most_common()
    if len(counts) == 1:
        return counts[0][0]
    listed = [f"{count:,} {language}" for language, count in counts[:_MAX_LANGUAGES]]
    others = sum(count for _, count in counts[_MAX_LANGUAGES:])
    return format_list([*listed, f"{others:,} in other languages"] if others else listed)


def scoring_attribution(method: str, model_title: str) -> list[str]:
    """Return the lines that every image of sentiment must carry: the model, or what a lexicon's licence requires (ODbL)."""
    return [*filter(None, [METHODS[method].attribution_line(model_title)])]


def licence_notices() -> list[str]:
    """Return the lines that the licences of lexicons require wherever their scores are shown (ODbL)."""
    return [method.attribution for method in METHODS if method.attribution and not method.needs_labeller]


def lexicon_attributions() -> list[str]:
    """Return the attributions that the lexicons' licences require where every method's scores are shown, one sentence each."""
    return [f"{notice}." for notice in licence_notices()]
