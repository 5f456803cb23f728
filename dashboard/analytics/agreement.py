"""The same posts by every method, side by side: how positive each finds them, and how far they agree. No method is taken for the truth."""

from collections.abc import Mapping
from itertools import combinations, permutations

import polars as pl

from dashboard.analytics import sentiment, uncertainty
from dashboard.analytics.methods.registry import METHODS
from dashboard.core.methods import Method, PredictProbabilities

MAX_POSTS = 3_000  # posts that are compared: two of the methods read only some thousands in a second
_SCHEMA = {
    "account": pl.String,
    "method": pl.String,
    "posts": pl.Int64,
    "positive": pl.Int64,
    "neutral": pl.Int64,
    "negative": pl.Int64,
    "share": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "agreement": pl.Float64,
}


def sampling_step(posts: pl.DataFrame) -> int:
    """Return 1 if all posts are compared, 2 if every second of an account is, and so on, for at most about MOST of them."""
    return max(1, -(-posts.height // MAX_POSTS))


def sample_posts(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts that are compared: evenly spread over each account's, in the order given."""
    place = pl.int_range(pl.len()).over("account")
    return posts.filter(place % sampling_step(posts) == 0)


def rate_posts(
    posts: pl.DataFrame, labeller: PredictProbabilities | None = None, known_scores: Mapping[str, pl.DataFrame] | None = None
) -> pl.DataFrame:
    """Add to each post every method's verdict in a column of the method's name (Int8: 1 positive, 0 neither, −1 negative), each with its
    `_score` (Float64, on the method's own scale), and `disagreement` (Float64, 0 … 1).

    Without `labeller` the methods that need one are left out. `known_scores` are these posts as sentiment.score_posts returned them
    already, row by row. disagreement is the mean difference of two methods' verdicts, halved.
    """
    asked = [method.name for method in compared_methods() if labeller or not method.needs_labeller]
    scored = {method: (known_scores or {}).get(method) for method in asked}
    read = {method: sentiment.score_posts(posts, method, labeller) if frame is None else frame for method, frame in scored.items()}
    columns = [_rating_columns(frame, method) for method, frame in read.items()]
    pairs = [(pl.col(first) - pl.col(second)).abs() for first, second in combinations(asked, 2)]
    return pl.concat([posts, *columns], how="horizontal").with_columns(disagreement=pl.mean_horizontal(*pairs) / 2)


def summarize_methods(rated_posts: pl.DataFrame, accounts: list[str]) -> pl.DataFrame:
    """Return account, method, posts, positive, neutral, negative, share, low, high, agreement: each account's methods, in the order given.

    share: positive ÷ (positive + negative) posts, with its 95 % interval (Wilson 1927); null if there are none of either. agreement: the
    share of posts of which another method gives the same verdict, the mean of all others; null without posts.
    """
    parts = [_count_ratings(rated_posts, method) for method in rated_methods(rated_posts)]
    both = pl.col("positive") + pl.col("negative")
    share = pl.when(both > 0).then(pl.col("positive") / both)
    low, high = uncertainty.wilson_interval(pl.col("positive") / both, both.cast(pl.Float64))
    order = pl.DataFrame({"account": accounts}, schema={"account": pl.String}).join(
        pl.DataFrame({"method": rated_methods(rated_posts)}, schema={"method": pl.String}), how="cross"
    )
    counts = order.join(pl.concat(parts), on=["account", "method"], how="left", maintain_order="left")
    known = counts.with_columns(pl.col("posts", "positive", "neutral", "negative").fill_null(0))
    return known.with_columns(share=share, low=low, high=high).select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())


def compared_methods() -> list[Method]:
    """Return all methods in the order in which they are compared: the fast ones first."""
    return sorted(METHODS, key=lambda method: method.is_slow)


def rated_methods(rated_posts: pl.DataFrame) -> list[str]:
    """Return the names of the methods that were asked."""
    return [method.name for method in compared_methods() if method.name in rated_posts.columns]


def pairwise_agreement(rated_posts: pl.DataFrame) -> pl.DataFrame:
    """Return first, second, agreement, kappa of each pair of methods, those that agree most first.

    agreement: the share of posts with the same verdict; kappa: what of it is more than chance (Cohen 1960, Educ. Psychol. Meas. 20, 37-46),
    null if chance alone would have both say the same of every post.
    """
    pairs = [_pair_agreement(rated_posts, first, second) for first, second in combinations(rated_methods(rated_posts), 2)]
    return pl.concat(pairs).sort("agreement", descending=True, maintain_order=True, nulls_last=True)


def krippendorff_alpha(rated_posts: pl.DataFrame) -> float | None:
    """Return Krippendorff's alpha of all methods for nominal verdicts (Krippendorff 2004, ch. 11): 1 if they always agree, 0 by chance.

    None without two verdicts to compare.
    """
    names = rated_methods(rated_posts)
    counts = pl.concat([rated_posts.select(verdict=name) for name in names]).group_by("verdict").len()["len"].to_list()
    total = sum(counts)
    expected = 1 - sum(count * (count - 1) for count in counts) / (total * (total - 1)) if total > 1 else 0
    observed = rated_posts.select(pl.mean_horizontal(*(pl.col(a) != pl.col(b) for a, b in combinations(names, 2))).mean()).item()
    return None if not expected else 1 - observed / expected


def _rating_columns(scored_posts: pl.DataFrame, method: str) -> pl.DataFrame:
    sign = (pl.col("positive") - pl.col("negative")).sign().cast(pl.Int8)
    return scored_posts.select(sign.alias(method), pl.col("score").alias(f"{method}_score"))


def _count_ratings(rated_posts: pl.DataFrame, method: str) -> pl.DataFrame:
    verdict, others = pl.col(method), [other for first, other in permutations(rated_methods(rated_posts), 2) if first == method]
    sides = {"positive": 1, "neutral": 0, "negative": -1}
    return rated_posts.group_by("account").agg(
        pl.lit(method).alias("method").first(),
        pl.len().cast(pl.Int64).alias("posts"),
        *((verdict == sign).sum().cast(pl.Int64).alias(side) for side, sign in sides.items()),
        pl.mean_horizontal(*((verdict == pl.col(other)).cast(pl.Float64) for other in others)).mean().alias("agreement"),
    )


def _pair_agreement(rated_posts: pl.DataFrame, first: str, second: str) -> pl.DataFrame:
    shares = [((pl.col(first) == verdict).mean() * (pl.col(second) == verdict).mean()) for verdict in (-1, 0, 1)]
    same, chance = (pl.col(first) == pl.col(second)).mean(), pl.sum_horizontal(*shares)
    kappa = pl.when(chance < 1).then((same - chance) / (1 - chance))
    return rated_posts.select(first=pl.lit(first), second=pl.lit(second), agreement=same, kappa=kappa)
