"""Which posts of a reading a selection picks, and in what order: the very ones that a mark of a chart counts.

Methods that read slowly are asked only where the choice or the order needs them. No page, no file.
"""

from datetime import date, datetime

import polars as pl

from dashboard.analytics import agreement, highlight, language_filter
from dashboard.core.errors import InvalidQuery
from dashboard.core.post_selection import Selection
from dashboard.core.posts import SCHEMA
from dashboard.core.query import Query
from dashboard.prediction import language_detection
from dashboard.reports.analysis import Reading

MOST_COMPARED = 5_000  # posts that are sorted by disagreement, for which every method reads each of them
_REACTIONS = ("likes", "reposts", "replies", "quotes")
_SIGNS = {"positive": 1, "neutral": 0, "negative": -1}
_BY_SCORE = ("positive", "negative")  # orders


def picked(reading: Reading, selection: Selection) -> pl.DataFrame:
    """Return posts.SCHEMA and `foreign`, whether a post is in another language than English, in the order asked for.

    Raises InvalidQuery if there are too many posts to compare.
    """
    posts = _known(_timed(reading.shown, selection, reading.query), selection, reading)
    if selection.polarity or selection.sort in _BY_SCORE:
        posts = scored(posts, reading)
    if selection.polarity:
        posts = posts.filter((pl.col("positive") - pl.col("negative")).sign() == _SIGNS[selection.polarity])
    return _sorted(posts, selection, reading).select(*SCHEMA, "foreign")


def scored(posts: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Return posts with the method's scores, null where it does not read; the order is that of the posts."""
    numbered = posts.with_row_index("_place")
    unread = pl.lit(False) if reading.reads_all else pl.col("foreign")
    parts = [reading.read(numbered.filter(~unread)), numbered.filter(unread)]
    return pl.concat(parts, how="diagonal").sort("_place").drop("_place")


def _timed(posts: pl.DataFrame, selection: Selection, query: Query) -> pl.DataFrame:
    """Return the posts of an account, a span and an hour of the week; days and hours are those of the clock in the question's zone."""
    local = pl.col("created_at").dt.convert_time_zone(query.tz)
    wanted = [pl.lit(True)]
    wanted += [pl.col("account") == str(selection.account)] if selection.account else []
    wanted += [pl.col("id") == selection.id] if selection.id else []
    wanted += [_side(local, selection.start) >= selection.start] if selection.start else []
    wanted += [_side(local, selection.end) < selection.end] if selection.end else []
    wanted += [local.dt.weekday() == selection.weekday] if selection.weekday else []
    wanted += [local.dt.hour() == selection.hour] if selection.hour is not None else []
    return posts.filter(*wanted)


def _side(local: pl.Expr, end: date | datetime | None) -> pl.Expr:
    """Return of a post what an end of a span is compared with: its instant, or its day on the calendar of the zone."""
    return pl.col("created_at") if isinstance(end, datetime) else local.dt.date()


def _known(posts: pl.DataFrame, selection: Selection, reading: Reading) -> pl.DataFrame:
    """Return the posts of a language and with a word, each with `foreign`; words are looked up only where they are read."""
    told = posts.with_columns(foreign=language_filter.foreign(posts, language_detection.detect_languages))
    if selection.language == "other":
        told = told.filter("foreign")
    read = (selection.word or selection.polarity) and not reading.reads_all
    if selection.language == "english" or read:
        told = told.filter(~pl.col("foreign"))
    return highlight.holding(told, selection.word, reading.query.method) if selection.word else told


def _sorted(posts: pl.DataFrame, selection: Selection, reading: Reading) -> pl.DataFrame:
    """Return posts in the order asked for; equal ones newest first, what is unknown last."""
    if selection.sort == "oldest":
        return posts.sort("created_at", "account", "id")
    if selection.sort == "disagreement":
        posts = _compared(posts, reading)
    reactions = pl.when(pl.any_horizontal(pl.col(_REACTIONS).is_not_null())).then(pl.sum_horizontal(_REACTIONS))
    score = pl.col("score")
    first = {"positive": score, "negative": -score, "reactions": reactions, "disagreement": pl.col("disagreement")}.get(selection.sort)
    order = [] if first is None else [first]
    down = [True] * len(order) + [True, False, True]
    return posts.sort(*order, "created_at", "account", "id", descending=down, nulls_last=True).drop("disagreement", strict=False)


def _compared(posts: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    if posts.height > MOST_COMPARED:
        much = f"To sort by disagreement every method reads every post; {posts.height:,} are too many, {MOST_COMPARED:,} at most."
        raise InvalidQuery([("sort", f"{much} Choose a bar of a chart, a shorter time, or another order.")])
    readable = posts if reading.reads_all else posts.filter(~pl.col("foreign"))
    judged = agreement.judged(readable.select(list(SCHEMA)), reading.labeller)
    return posts.join(judged.select("account", "id", "disagreement"), on=["account", "id"], how="left", maintain_order="left")
