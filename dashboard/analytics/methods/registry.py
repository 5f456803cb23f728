"""The entries of the method registry: everything that differs between methods, apart from how each scores.

Importing this module registers them. It doesn't load polars, because each method's own file is loaded by the first query that needs it. To
add a method, write its scorer in a new file and its entry here.
"""

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dashboard.core.formatting.numbers import format_signed
from dashboard.core.messages import gettext, ngettext, translatable
from dashboard.core.methods import METHODS, Method, Scorer, WordChartTexts
from dashboard.core.readings import Reading


def _load_bing() -> Scorer:
    from dashboard.analytics.methods.bing import SCORER

    return SCORER


def _load_vader() -> Scorer:
    from dashboard.analytics.methods.vader import SCORER

    return SCORER


def _load_afinn() -> Scorer:
    from dashboard.analytics.methods.afinn import SCORER

    return SCORER


def _load_model() -> Scorer:
    from dashboard.analytics.methods.model import SCORER

    return SCORER


@cache
def _load_readings() -> Mapping[str, Mapping[str, Reading]]:
    """Return how well the word lists read each language, by method and language, as bench/readings.py measured it."""
    measured = json.loads(Path(__file__).with_name("readings.json").read_text(encoding="utf-8"))
    return {name: {code: Reading(**fields) for code, fields in by_language.items()} for name, by_language in measured.items()}


def _format_points(points: float) -> str:
    return ngettext("%(count)s point", "%(count)s points", math.ceil(abs(points)), count=format_signed(points))


METHODS.register(
    Method(
        name="bing",
        title=translatable("Word list"),
        short_title=translatable("Word list"),
        label=translatable("Word list"),
        chart_name=translatable("the word list"),
        hint=translatable("The method “Word list” counts positive and negative words."),
        unit="words",
        mean_title=translatable("Balance per post: (positive − negative words) ÷ posts"),
        score_title=translatable("positive − negative words"),
        word_chart=WordChartTexts(
            title=translatable("Words behind the sentiment"),
            axis_title=translatable("Times used"),
            hint=translatable("Most used positive and negative words, by the word list"),
        ),
        lexicon_name=translatable("the word list"),
        description="Counts words in Hu and Liu’s opinion lexicon (2004).",
        positive_meaning="positive words",
        mean_meaning="(positive − negative) words per post",
        credit=translatable("Word list: the opinion lexicon of Minqing Hu and Bing Liu (2004)."),
        load_scorer=_load_bing,
        load_readings=lambda: _load_readings()["bing"],
    )
)
METHODS.register(
    Method(
        name="vader",
        title=translatable("Rules (VADER)"),
        short_title=translatable("Rules"),
        label=translatable("Rules"),
        chart_name=translatable("rules (VADER)"),
        hint=translatable("The method “Rules” also understands “not”, “very”, capitals and emoji."),
        unit="posts",
        mean_title=translatable("Balance per post: mean VADER score (−1 to 1)"),
        score_title=translatable("VADER’s score, −1 to 1"),
        word_chart=WordChartTexts(
            title=translatable("Words behind the sentiment"),
            axis_title=translatable("Contribution (times used × strength of the word)"),
            hint=translatable("How much each word contributes, before VADER’s rules for “not”, “very” and capitals"),
            format_contribution=lambda valence: gettext("contribution %(value)s", value=format_signed(valence, 1)),
        ),
        has_whole_scores=False,
        score_range=(-1.0, 1.0),
        lexicon_name=translatable("VADER’s lexicon"),
        is_slow=True,
        description="Scores each post by rules that also understand negation, emphasis, capitals and emoji.",
        positive_meaning="posts scoring 0.05 or more",
        mean_meaning="the mean compound score, −1 to 1",
        credit=translatable("Rules: VADER by C.J. Hutto and Eric Gilbert (2014), MIT licence."),
        load_scorer=_load_vader,
        load_readings=lambda: _load_readings()["vader"],
    )
)
METHODS.register(
    Method(
        name="afinn",
        title=translatable("Weighted words (AFINN)"),
        short_title=translatable("Weighted words"),
        label=translatable("Weighted words"),
        chart_name=translatable("weighted words (AFINN)"),
        hint=translatable("The method “Weighted words” gives each word −5 to +5."),
        unit="points",
        mean_title=translatable("Balance per post: (positive − negative points) ÷ posts"),
        score_title=translatable("points"),
        word_chart=WordChartTexts(
            title=translatable("Words behind the sentiment"),
            axis_title=translatable("Contribution (times used × points of the word)"),
            hint=translatable("How much each word or phrase contributes: times used × its points from −5 to +5"),
            format_contribution=_format_points,
        ),
        lexicon_name=translatable("AFINN"),
        attribution=translatable("Word scores: AFINN (github.com/fnielsen/afinn), ODbL (opendatacommons.org/licenses/odbl/1-0)"),
        description="Adds up points from −5 to 5 for the words and phrases of AFINN-165 (Nielsen, 2011).",
        positive_meaning="points above zero",
        mean_meaning="net points per post",
        credit=translatable("Weighted words: AFINN-165 by Finn Årup Nielsen (2011), Open Database License (ODbL)."),
        load_scorer=_load_afinn,
        load_readings=lambda: _load_readings()["afinn"],
    )
)
METHODS.register(
    Method(
        name="model",
        title=translatable("AI model"),
        short_title=translatable("AI model"),
        label=translatable("AI model"),
        chart_name=translatable("the AI model"),
        hint=translatable("The AI model judges each post as a whole."),
        unit="posts",
        mean_title=translatable("Balance per post: chance of positive − chance of negative (−1 to 1)"),
        score_title=translatable("chance of positive − chance of negative"),
        word_chart=WordChartTexts(
            title=translatable("Words behind the sentiment"),
            axis_title=translatable("How typical of negative or positive posts"),
            hint=translatable(
                "Words that appear far more often in posts that the AI model rates positive (or negative) than chance would explain"
            ),
            format_contribution=lambda z_score: gettext("z = %(z)s between positive and negative posts", z=format_signed(z_score, 1)),
        ),
        has_whole_scores=False,
        score_range=(-1.0, 1.0),
        attribution=translatable("Rated by the AI model ({model})"),
        languages="labeller",
        is_slow=True,
        needs_labeller=True,
        description="Labels each post with the classifier of `/predict`.",
        positive_meaning="posts labelled positive",
        mean_meaning="the mean of p(positive) − p(negative)",
        credit=translatable("AI model: {model}."),
        load_scorer=_load_model,
    )
)
