"""Compare the sentiment methods on the same posts: how positive each one finds them, and how often they agree.

No method is treated as the ground truth. How a single method scores posts belongs in `methods/`.
"""

from collections.abc import Callable
from itertools import combinations

import polars as pl

from dashboard.analytics import sentiment, uncertainty
from dashboard.core.methods import METHODS, Method, PredictProbabilities

PostScorer = Callable[[pl.DataFrame, str], pl.DataFrame]  # posts and the name of a method -> the posts with their scores

MAX_POSTS = 3_000  # posts to compare; two of the methods score only a few thousand per second
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

_PAIR_SCHEMA = {"first": pl.String, "second": pl.String, "agreement": pl.Float64}
_VERDICTS = {"positive": 1, "neutral": 0, "negative": -1}


def sampling_step(posts: pl.DataFrame) -> int:
    """Return n such that every n-th post of an account is compared, which keeps the sample at about MAX_POSTS posts at most."""
    return max(1, -(-posts.height // MAX_POSTS))


def sample_posts(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts to compare: an even sample of each account's posts, in their original order."""
    index = pl.int_range(pl.len()).over("account")
    return posts.filter(index % sampling_step(posts) == 0)


def rate_posts(posts: pl.DataFrame, labeller: PredictProbabilities | None = None, score_posts: PostScorer | None = None) -> pl.DataFrame:
    """Add each method's verdict and score to each post, and how far the methods disagree.

    A method's verdict is in a column with the method's name (Int8: 1 positive, 0 neither, −1 negative), its score in `<name>_score`
    (Float64, on the method's own scale). `disagreement` (Float64, 0 … 1) is half the mean absolute difference of two verdicts.

    Methods that need a labeller are left out if `labeller` is None. `score_posts` looks their scores up; verdict and score of a post that
    a method doesn't read are null.
    """
    names = [method.name for method in compared_methods() if labeller or not method.needs_labeller]
    score = score_posts or (lambda frame, name: sentiment.score_posts(frame, name, labeller))
    columns = [_rating_columns(score(posts, name), name) for name in names]
    differences = [(pl.col(first) - pl.col(second)).abs() for first, second in combinations(names, 2)]
    return pl.concat([posts, *columns], how="horizontal").with_columns(disagreement=pl.mean_horizontal(*differences) / 2)


def summarize_methods(rated_posts: pl.DataFrame, accounts: list[str]) -> pl.DataFrame:
    """Count each method's verdicts per account, one row per account and method, in the order of `accounts`.

    Columns: account, method, posts, positive, neutral, negative, share, low, high, agreement. `share` is positive ÷ (positive + negative)
    posts, null if there are neither; `low` and `high` are its 95 % interval (Wilson 1927). `agreement` is the share of posts to which
    another method gives the same verdict, averaged over the other methods; null without posts. Only posts that the method reads count.
    """
    methods = rated_methods(rated_posts)
    rows = pl.DataFrame({"account": accounts}, schema={"account": pl.String}).join(pl.DataFrame({"method": methods}), how="cross")
    counts = rows.join(_count_ratings(rated_posts, methods), on=["account", "method"], how="left", maintain_order="left")
    filled = counts.with_columns(pl.col("posts", "positive", "neutral", "negative").fill_null(0))
    positive, negative = uncertainty.read_numbers(filled, "positive", "negative")
    share = uncertainty.divide(positive, positive + negative)
    low, high = map(uncertainty.to_column, uncertainty.wilson_interval(share, positive + negative))
    summary = filled.with_columns(share=uncertainty.to_column(share), low=low, high=high)
    return summary.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())


def compared_methods() -> list[Method]:
    """Return all methods in the order of comparison: fast ones first."""
    return sorted(METHODS, key=lambda method: method.is_slow)


def rated_methods(rated_posts: pl.DataFrame) -> list[str]:
    """Return the names of the methods that rated these posts."""
    return [method.name for method in compared_methods() if method.name in rated_posts.columns]


def pairwise_agreement(rated_posts: pl.DataFrame) -> pl.DataFrame:
    """Measure the agreement of each pair of methods, the pair that agrees most first.

    Columns: first, second, agreement. `agreement` is the share of posts with the same verdict.
    """
    pairs = list(combinations(rated_methods(rated_posts), 2))
    shares = rated_posts.select((pl.col(first) == pl.col(second)).mean().alias(f"{first} {second}") for first, second in pairs).row(0)
    table = pl.DataFrame(
        {"first": [pair[0] for pair in pairs], "second": [pair[1] for pair in pairs], "agreement": shares}, schema=_PAIR_SCHEMA
    )
    return table.sort("agreement", descending=True, maintain_order=True, nulls_last=True)


def krippendorff_alpha(rated_posts: pl.DataFrame) -> float | None:
    """Return Krippendorff's alpha of all methods for nominal verdicts: 1 if they always agree, 0 if they agree as often as by chance.

    None if there are no two verdicts to compare. Posts that a method doesn't read aren't compared. Source: Krippendorff 2004, ch. 11.
    """
    names = rated_methods(rated_posts)
    counts = [pl.sum_horizontal((pl.col(name) == verdict).sum() for name in names).alias(str(verdict)) for verdict in _VERDICTS.values()]
    differences = (pl.col(first) != pl.col(second) for first, second in combinations(names, 2))
    *totals, observed = rated_posts.drop_nulls(names).select(*counts, observed=pl.mean_horizontal(*differences).mean()).row(0)
    total = sum(totals)
    expected = 1 - sum(count * (count - 1) for count in totals) / (total * (total - 1)) if total > 1 else 0
    return None if not expected else 1 - observed / expected


def _rating_columns(scored_posts: pl.DataFrame, method: str) -> pl.DataFrame:
    sign = (pl.col("positive") - pl.col("negative")).sign().cast(pl.Int8)
    return scored_posts.select(sign.alias(method), pl.col("score").alias(f"{method}_score"))


def _count_ratings(rated_posts: pl.DataFrame, methods: list[str]) -> pl.DataFrame:
    """Return account, method and the counts of `summarize_methods`, in no order."""
    counts = rated_posts.group_by("account").agg(_summarize_verdicts(method, methods) for method in methods)
    return counts.unpivot(methods, index="account", variable_name="method", value_name="counts").unnest("counts")


def _summarize_verdicts(method: str, methods: list[str]) -> pl.Expr:
    verdict, others = pl.col(method), [other for other in methods if other != method]
    return pl.struct(
        verdict.count().cast(pl.Int64).alias("posts"),
        *((verdict == sign).sum().cast(pl.Int64).alias(name) for name, sign in _VERDICTS.items()),
        pl.mean_horizontal(*((verdict == pl.col(other)).cast(pl.Float64) for other in others)).mean().alias("agreement"),
    ).alias(method)
