"""The entries of the method registry: everything that differs between methods, apart from how each scores.

Importing this module registers them. It loads no polars; each method's own file is loaded with the first question that needs it. To add a
method, write its scorer in a file of its own and its entry here.
"""

from dashboard.core.formatting import format_signed, pluralize
from dashboard.core.methods import METHODS, Method, Scorer, WordChartTexts

__all__ = ["METHODS"]


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


def _format_points(points: float) -> str:
    return f"{format_signed(points)} {pluralize(abs(points), 'point')}"


METHODS.register(
    Method(
        name="bing",
        title="Word list",
        short_title="Hu and Liu",
        label="Hu and Liu",
        chart_name="Hu and Liu's word list",
        hint="Word list counts positive and negative words.",
        unit="words",
        mean_title="Net sentiment per post: (positive − negative words) ÷ posts",
        score_title="positive − negative words",
        word_chart=WordChartTexts(
            title="Words that made the sentiment, by Hu and Liu's word list",
            axis_title="Times used: positive to the right, negative to the left",
            hint="How often each account used its commonest positive and negative words",
        ),
        lexicon_name="Hu and Liu's list",
        description="Counts words in Hu and Liu's opinion lexicon (2004).",
        positive_meaning="positive words",
        mean_meaning="(positive − negative) words per post",
        load_scorer=_load_bing,
    )
)
METHODS.register(
    Method(
        name="vader",
        title="Rules (VADER)",
        short_title="VADER",
        label="VADER",
        chart_name="VADER",
        hint="Rules also understands “not”, “very”, capitals and emoji.",
        unit="posts",
        mean_title="Mean VADER score of posts (−1 to 1)",
        score_title="VADER's score, −1 to 1",
        word_chart=WordChartTexts(
            title="Words that made the sentiment, by VADER's lexicon",
            axis_title="Sum of valences (times used × strength of the word)",
            hint="What each word adds by itself. VADER's rules for negation, degree and capitals come on top, so this is an approximation",
            format_contribution=lambda valence: f"{format_signed(valence, 1)} of valence",
        ),
        has_whole_scores=False,
        score_range=(-1.0, 1.0),
        lexicon_name="VADER's lexicon",
        is_slow=True,
        description="Scores each post by rules that also understand negation, emphasis, capitals and emoji.",
        positive_meaning="posts scoring 0.05 or more",
        mean_meaning="the mean compound score, −1 to 1",
        load_scorer=_load_vader,
    )
)
METHODS.register(
    Method(
        name="afinn",
        title="Weighted words (AFINN)",
        short_title="AFINN",
        label="AFINN",
        chart_name="AFINN",
        hint="Weighted words gives each word −5 to +5.",
        unit="points",
        mean_title="Net sentiment per post: (positive − negative points) ÷ posts",
        score_title="points",
        word_chart=WordChartTexts(
            title="Words that made the sentiment, by AFINN",
            axis_title="Points (times used × points of the word)",
            hint="What each word or phrase adds: how often it is used, times its points",
            format_contribution=_format_points,
        ),
        lexicon_name="AFINN",
        attribution="Points from AFINN (github.com/fnielsen/afinn), available under the ODbL (opendatacommons.org/licenses/odbl/1-0)",
        description="Adds up points from −5 to 5 for the words and phrases of AFINN-165 (Nielsen, 2011).",
        positive_meaning="points above zero",
        mean_meaning="net points per post",
        load_scorer=_load_afinn,
    )
)
METHODS.register(
    Method(
        name="model",
        title="AI model",
        short_title="Trained model",
        label="Model",
        chart_name="a trained model",
        hint="AI model judges each post as a whole.",
        unit="posts",
        mean_title="Mean of posts: chance of positive − chance of negative (−1 to 1)",
        score_title="chance of positive − chance of negative",
        word_chart=WordChartTexts(
            title="Words that tell positive from negative posts, by a trained model",
            axis_title="z-score of the log-odds: of positive posts to the right",
            hint="The model reads whole posts; chance alone would not put these words into so many positive, or negative, ones. "
            "Words of grammar are left out",
            format_contribution=lambda z_score: f"z = {format_signed(z_score, 1)} between positive and negative posts",
        ),
        has_whole_scores=False,
        score_range=(-1.0, 1.0),
        attribution="Labelled by {model}",
        languages="labeller",
        is_slow=True,
        needs_labeller=True,
        description="Labels each post with the classifier of `/predict`.",
        positive_meaning="posts labelled positive",
        mean_meaning="the mean of p(positive) − p(negative)",
        load_scorer=_load_model,
    )
)
