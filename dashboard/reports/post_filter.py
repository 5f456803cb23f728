"""Selects and sorts posts: exactly those that a mark of a chart counts.

Slow methods run only if the selection or the order needs their scores. Pages and files don't belong here.
"""

from datetime import date, datetime, timedelta

import polars as pl

from dashboard.analytics import highlight
from dashboard.analytics.engagement import sum_reactions
from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting.numbers import format_number
from dashboard.core.local_day_columns import local_date
from dashboard.core.messages import gettext
from dashboard.core.post_selection import PostSelection
from dashboard.core.posts import SCHEMA, list_author_column
from dashboard.core.query import Query
from dashboard.reports.analysis import Analysis

MAX_DISAGREEMENT_POSTS = 5_000  # sorting by disagreement runs every method on each post
_POLARITY_SIGNS = {"positive": 1, "neutral": 0, "negative": -1}
_SCORE_ORDERS = ("positive", "negative")  # orders that need scores


def select_posts(analysis: Analysis, selection: PostSelection) -> pl.DataFrame:
    """Return posts.SCHEMA, posts.AUTHOR if there are any, and `language`, null if it is English or unknown, in the selected order.

    Raises InvalidQuery if there are too many posts to compare.
    """
    posts = _filter_by_language_and_word(
        _filter_by_account_and_time(analysis.filtered_posts, selection, analysis.query), selection, analysis
    )
    if selection.polarity or selection.sort in _SCORE_ORDERS:
        posts = add_scores(posts, analysis)
    if selection.polarity:
        posts = posts.filter((pl.col("positive") - pl.col("negative")).sign() == _POLARITY_SIGNS[selection.polarity])
    return _sort_posts(posts, selection, analysis).select(*SCHEMA, *list_author_column(posts), "language")


def count_polarities(posts: pl.DataFrame, analysis: Analysis) -> dict[str, int]:
    """Return how many posts have each polarity. Posts that the method can't score have none."""
    signs = add_scores(posts, analysis).select((pl.col("positive") - pl.col("negative")).sign()).to_series()
    return {name: int((signs == sign).sum()) for name, sign in _POLARITY_SIGNS.items()}


def add_scores(posts: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    """Return posts with the method's scores, in their original order; scores are null for posts it can't score."""
    return analysis.look_up_scores(posts, analysis.query.method, posts["language"])


def _filter_by_account_and_time(posts: pl.DataFrame, selection: PostSelection, query: Query) -> pl.DataFrame:
    """Return the posts of the selected account, span and hour of the week. Days and hours are local time in the query's time zone."""
    local = pl.col("created_at").dt.convert_time_zone(query.tz)
    conditions = [pl.lit(True)]
    conditions += [pl.col("account") == str(selection.account)] if selection.account else []
    conditions += [pl.col("id") == selection.id] if selection.id else []
    conditions += [_comparable_time(query.tz, selection.start) >= selection.start] if selection.start else []
    conditions += [_comparable_time(query.tz, selection.end) < selection.end] if selection.end else []
    conditions += [local.dt.weekday() == selection.weekday] if selection.weekday else []
    conditions += [local.dt.hour() == selection.hour] if selection.hour is not None else []
    conditions += [~pl.col("date_only")] if _selects_hour(selection) else []
    return posts.filter(*conditions)


def _selects_hour(selection: PostSelection) -> bool:
    """Return whether the selected posts are those of an hour, where posts without a time of day aren't counted."""
    start, end = selection.start, selection.end
    is_hour_long = isinstance(start, datetime) and isinstance(end, datetime) and end - start <= timedelta(hours=1)
    return selection.hour is not None or is_hour_long


def _comparable_time(tz: str, bound: date | datetime | None) -> pl.Expr:
    """Return the time of a post in the type of a bound: an instant, or the local day."""
    return pl.col("created_at") if isinstance(bound, datetime) else local_date(pl.col("created_at"), tz)


def _filter_by_language_and_word(posts: pl.DataFrame, selection: PostSelection, analysis: Analysis) -> pl.DataFrame:
    """Return the posts in the selected language and with the selected word, with the added column `language`.

    Words are searched only in posts that are scored.
    """
    tagged = posts.with_columns(language=analysis.find_languages(posts))
    if selection.language in ("other", "english"):
        tagged = tagged.filter(pl.col("language").is_not_null() if selection.language == "other" else pl.col("language").is_null())
    if selection.language == "read":
        tagged = tagged.filter(analysis.is_read_by_any(tagged["language"]))
    if selection.word or selection.polarity:
        tagged = tagged.filter(analysis.is_read_by(analysis.query.method, tagged["language"]))
    return highlight.filter_by_word(tagged, selection.word, analysis.query.method) if selection.word else tagged


def _sort_posts(posts: pl.DataFrame, selection: PostSelection, analysis: Analysis) -> pl.DataFrame:
    """Return posts in the selected order. Ties are sorted newest first, unknown values come last."""
    if selection.sort == "oldest":
        return posts.sort("created_at", "account", "id")
    if selection.sort == "disagreement":
        posts = _add_disagreement(posts, analysis)
    score = pl.col("score")
    sort_key = {"positive": score, "negative": -score, "reactions": sum_reactions(), "disagreement": pl.col("disagreement")}.get(
        selection.sort
    )
    order = [] if sort_key is None else [sort_key]
    descending = [True] * len(order) + [True, False, True]
    return posts.sort(*order, "created_at", "account", "id", descending=descending, nulls_last=True).drop("disagreement", strict=False)


def _add_disagreement(posts: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    if posts.height > MAX_DISAGREEMENT_POSTS:
        values = {"limit": format_number(MAX_DISAGREEMENT_POSTS), "count": format_number(posts.height)}
        problem = gettext(
            "Sorting by disagreement works for up to %(limit)s posts (here: %(count)s). Choose a shorter period or another order.", **values
        )
        raise InvalidQuery([("sort", problem)])
    scorable_posts = posts.filter(analysis.is_read_by_any(posts["language"]))
    identity = ["account", *list_author_column(posts), "id"]
    rated = analysis.rate_posts(scorable_posts.select(*SCHEMA, *list_author_column(posts)), scorable_posts["language"])
    return posts.join(rated.select(*identity, "disagreement"), on=identity, how="left", nulls_equal=True, maintain_order="left")
