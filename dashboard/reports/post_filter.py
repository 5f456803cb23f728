"""Which posts of a reading a selection picks, and in what order: the very ones that a mark of a chart counts.

Methods that read slowly are asked only where the choice or the order needs them. No page, no file.
"""

from datetime import date, datetime

import polars as pl

from dashboard.analytics import agreement, highlight, language_filter
from dashboard.core.errors import InvalidQuery
from dashboard.core.post_selection import PostSelection
from dashboard.core.posts import SCHEMA
from dashboard.core.query import Query
from dashboard.prediction import language_detection
from dashboard.reports.analysis import Analysis

MAX_DISAGREEMENT_POSTS = 5_000  # posts that are sorted by disagreement, for which every method reads each of them
_REACTION_COLUMNS = ("likes", "reposts", "replies", "quotes")
_POLARITY_SIGNS = {"positive": 1, "neutral": 0, "negative": -1}
_SCORE_ORDERS = ("positive", "negative")  # orders


def select_posts(analysis: Analysis, selection: PostSelection) -> pl.DataFrame:
    """Return posts.SCHEMA and `foreign`, whether a post is in another language than English, in the order asked for.

    Raises InvalidQuery if there are too many posts to compare.
    """
    posts = _filter_by_language_and_word(
        _filter_by_account_and_time(analysis.filtered_posts, selection, analysis.query), selection, analysis
    )
    if selection.polarity or selection.sort in _SCORE_ORDERS:
        posts = add_scores(posts, analysis)
    if selection.polarity:
        posts = posts.filter((pl.col("positive") - pl.col("negative")).sign() == _POLARITY_SIGNS[selection.polarity])
    return _sort_posts(posts, selection, analysis).select(*SCHEMA, "foreign")


def add_scores(posts: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    """Return posts with the method's scores, null where it does not read; the order is that of the posts."""
    numbered = posts.with_row_index("_place")
    unread = pl.lit(False) if analysis.scores_all_languages else pl.col("foreign")
    parts = [analysis.score_posts(numbered.filter(~unread)), numbered.filter(unread)]
    return pl.concat(parts, how="diagonal").sort("_place").drop("_place")


def _filter_by_account_and_time(posts: pl.DataFrame, selection: PostSelection, query: Query) -> pl.DataFrame:
    """Return the posts of an account, a span and an hour of the week; days and hours are those of the clock in the question's zone."""
    local = pl.col("created_at").dt.convert_time_zone(query.tz)
    wanted = [pl.lit(True)]
    wanted += [pl.col("account") == str(selection.account)] if selection.account else []
    wanted += [pl.col("id") == selection.id] if selection.id else []
    wanted += [_comparable_time(local, selection.start) >= selection.start] if selection.start else []
    wanted += [_comparable_time(local, selection.end) < selection.end] if selection.end else []
    wanted += [local.dt.weekday() == selection.weekday] if selection.weekday else []
    wanted += [local.dt.hour() == selection.hour] if selection.hour is not None else []
    return posts.filter(*wanted)


def _comparable_time(local_time: pl.Expr, bound: date | datetime | None) -> pl.Expr:
    """Return of a post what an end of a span is compared with: its instant, or its day on the calendar of the zone."""
    return pl.col("created_at") if isinstance(bound, datetime) else local_time.dt.date()


def _filter_by_language_and_word(posts: pl.DataFrame, selection: PostSelection, analysis: Analysis) -> pl.DataFrame:
    """Return the posts of a language and with a word, each with `foreign`; words are looked up only where they are read."""
    told = posts.with_columns(foreign=language_filter.is_foreign(posts, language_detection.detect_languages))
    if selection.language == "other":
        told = told.filter("foreign")
    read = (selection.word or selection.polarity) and not analysis.scores_all_languages
    if selection.language == "english" or read:
        told = told.filter(~pl.col("foreign"))
    return highlight.filter_by_word(told, selection.word, analysis.query.method) if selection.word else told


def _sort_posts(posts: pl.DataFrame, selection: PostSelection, analysis: Analysis) -> pl.DataFrame:
    """Return posts in the order asked for; equal ones newest first, what is unknown last."""
    if selection.sort == "oldest":
        return posts.sort("created_at", "account", "id")
    if selection.sort == "disagreement":
        posts = _add_disagreement(posts, analysis)
    reactions = pl.when(pl.any_horizontal(pl.col(_REACTION_COLUMNS).is_not_null())).then(pl.sum_horizontal(_REACTION_COLUMNS))
    score = pl.col("score")
    first = {"positive": score, "negative": -score, "reactions": reactions, "disagreement": pl.col("disagreement")}.get(selection.sort)
    order = [] if first is None else [first]
    down = [True] * len(order) + [True, False, True]
    return posts.sort(*order, "created_at", "account", "id", descending=down, nulls_last=True).drop("disagreement", strict=False)


def _add_disagreement(posts: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    if posts.height > MAX_DISAGREEMENT_POSTS:
        much = f"To sort by disagreement every method reads every post; {posts.height:,} are too many, {MAX_DISAGREEMENT_POSTS:,} at most."
        raise InvalidQuery([("sort", f"{much} Choose a bar of a chart, a shorter time, or another order.")])
    readable = posts if analysis.scores_all_languages else posts.filter(~pl.col("foreign"))
    judged = agreement.rate_posts(readable.select(list(SCHEMA)), analysis.fetched.labeller)
    return posts.join(judged.select("account", "id", "disagreement"), on=["account", "id"], how="left", maintain_order="left")
