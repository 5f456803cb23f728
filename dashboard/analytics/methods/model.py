"""Posts as a model labels them: a whole post is negative, neutral or positive. Which model, the caller knows; here it is a function.

As with VADER, `positive` and `negative` count posts. A model looks no words up in a list, so `matched` is unknown.
"""

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.scorer import TextScorer
from dashboard.core.errors import ModelUnavailable
from dashboard.core.methods import PredictProbabilities

_PROBABILITY_SCHEMA = {"p_negative": pl.Float64, "p_neutral": pl.Float64, "p_positive": pl.Float64}


def score(posts: pl.DataFrame, labeller: PredictProbabilities | None) -> pl.DataFrame:
    """Add to each post words, matched (null), positive and negative (0 or 1: the likeliest label), score (p(positive) − p(negative)).

    Texts are given as they are, equal ones once; of equally likely labels the first counts. A post without a text, or of blanks alone, is
    not given: it is neither, with a score of 0. Raises ModelUnavailable if there is nobody to ask.
    """
    if labeller is None:
        raise ModelUnavailable("No model was given to label the posts.", "Give one, or choose another method.")
    texts = posts.select("text").filter(pl.col("text").str.contains(r"\S")).unique(maintain_order=True)
    chances = pl.DataFrame(list(labeller(texts["text"].to_list())), schema=_PROBABILITY_SCHEMA, orient="row")
    return (
        posts.join(_score_columns(texts.hstack(chances)), on="text", how="left", maintain_order="left")
        .with_columns(pl.col("words", "positive", "negative", "score").fill_null(0), matched=pl.lit(None, pl.Int64))
        .select(*posts.columns, "words", "matched", "positive", "negative", "score")
    )


def _score_columns(probabilities: pl.DataFrame) -> pl.DataFrame:
    """Return text, words, positive, negative, score of texts with their probabilities."""
    negative, neutral, positive = (pl.col(name) for name in _PROBABILITY_SCHEMA)
    return probabilities.select(
        "text",
        words=lexicon.extract_words(pl.col("text")).list.len().cast(pl.Int64),
        positive=((positive > neutral) & (positive > negative)).cast(pl.Int64),
        negative=((negative >= neutral) & (negative >= positive)).cast(pl.Int64),
        score=positive - negative,
    )


class ModelScorer(TextScorer):
    """Asks the labeller; the words that count are those that set positive posts apart from negative ones."""

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Score posts by their labels, as `score` does. Raises ModelUnavailable without a labeller."""
        return score(posts, labeller)


SCORER = ModelScorer()
