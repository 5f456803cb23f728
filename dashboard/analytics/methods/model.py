"""Score posts with a model that labels each post as negative, neutral or positive. The caller passes the model in as a function.

As with VADER, `positive` and `negative` count posts. `matched` is unknown, because a model has no lexicon. Loading and training models
belong in `prediction`.
"""

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.scorer import TextScorer
from dashboard.core.errors import ModelUnavailable
from dashboard.core.methods import PredictProbabilities

_PROBABILITY_SCHEMA = {"p_negative": pl.Float64, "p_neutral": pl.Float64, "p_positive": pl.Float64}


def score(posts: pl.DataFrame, labeller: PredictProbabilities | None) -> pl.DataFrame:
    """Add words, matched (null), positive and negative (0 or 1: the likeliest label) and score (p(positive) − p(negative)) to each post.

    The labeller gets each distinct text once, unchanged. If labels are equally likely, the first one counts. Posts without text, or with
    nothing but white space, aren't labelled: they are neutral and score 0. `confidence` is the label's probability. `hits` is null, because
    there is no lexicon. Raises ModelUnavailable if there is no labeller.
    """
    if labeller is None:
        raise ModelUnavailable("There is no model to label the posts.", "Choose another method.")
    texts = posts.select("text").filter(pl.col("text").str.contains(r"\S")).unique(maintain_order=True)
    probabilities = pl.DataFrame(list(labeller(texts["text"].to_list())), schema=_PROBABILITY_SCHEMA, orient="row")
    return (
        posts.join(_score_columns(texts.hstack(probabilities)), on="text", how="left", maintain_order="left")
        .with_columns(pl.col("words", "positive", "negative", "score").fill_null(0), matched=pl.lit(None, pl.Int64))
        .with_columns(hits=pl.lit(None, pl.List(pl.String)))
        .select(*posts.columns, "words", "matched", "positive", "negative", "hits", "score", "confidence")
    )


def _score_columns(probabilities: pl.DataFrame) -> pl.DataFrame:
    """Return text, words, positive, negative, score and confidence, from texts with their probabilities."""
    negative, neutral, positive = (pl.col(name) for name in _PROBABILITY_SCHEMA)
    return probabilities.select(
        "text",
        words=lexicon.extract_words(pl.col("text")).list.len().cast(pl.Int64),
        positive=((positive > neutral) & (positive > negative)).cast(pl.Int64),
        negative=((negative >= neutral) & (negative >= positive)).cast(pl.Int64),
        score=positive - negative,
        confidence=pl.max_horizontal(negative, neutral, positive),
    )


class ModelScorer(TextScorer):
    """A scorer that calls the labeller. It has no lexicon, so words matter by how well they distinguish positive from negative posts."""

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Score posts by their labels, as the function `score` does. Raises ModelUnavailable without a labeller."""
        return score(posts, labeller)


SCORER = ModelScorer()
