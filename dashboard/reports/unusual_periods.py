"""Lists the intervals that stand out from each account's own history, as a report shows them: when, how, how many posts, which words.

Finding them belongs in `analytics.events`, drawing them in `charts.definitions.events`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from dashboard.analytics import events
from dashboard.charts.definitions.events import explain_no_unusual_interval
from dashboard.charts.definitions.interval_phrases import format_interval_title
from dashboard.charts.palette import Style
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.directions import isolate
from dashboard.core.messages import gettext, translatable
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.events import short_history_remarks
from dashboard.reports.findings.phrases import format_usual
from dashboard.reports.notes.main_language_notes import explain_main_languages

MAX_LISTED_PERIODS = 5
_MIN_PEAK_POSTS, _MIN_PEAK_RATIO = 5, 2.0  # a plain peak is at least this many posts, and this many times the usual number

_BUSIEST = {
    "hour": translatable("busiest hour, not unusual"),
    "day": translatable("busiest day, not unusual"),
    "week": translatable("busiest week, not unusual"),
    "month": translatable("busiest month, not unusual"),
}
_BUSIEST_SO_FAR = {
    "hour": translatable("busiest hour"),
    "day": translatable("busiest day"),
    "week": translatable("busiest week"),
    "month": translatable("busiest month"),
}


@dataclass(frozen=True)
class UnusualPeriod:
    """An interval that stands out: its name, whose it is, in what way, its number of posts and the usual one, and its typical words.

    The busiest interval of an account may be within what is usual: then `is_unusual` is false, as on the chart of unusual periods.
    `usual_posts` is written as in findings, and empty if too little is known. `post_query` selects its posts, and is empty if there is no
    page with them.
    """

    start: date
    when: str
    label: str
    style: Style
    description: str
    posts: int
    usual_posts: str
    words: tuple[str, ...]
    post_query: PostQuery
    is_unusual: bool = True


def list_unusual_periods(analysis: Analysis) -> list[UnusualPeriod]:
    """Return the most unusual intervals, newest first: the strongest of each account, then the strongest of all.

    An account without unusually many posts in an interval contributes its busiest one, if that is far above the usual.
    """
    history = _add_usual_posts(analysis)
    strongest = _merge_measures(analysis, history).head(MAX_LISTED_PERIODS)
    rows = strongest.sort("start", "account", descending=[True, False]).iter_rows(named=True)
    return [_build_period(row, analysis) for row in rows]


def explain_unusual_periods(analysis: Analysis, periods: Sequence[UnusualPeriod]) -> str:
    """Return what to say beside the list: that nothing is unusual, whose posts cover too little to know, and which language it's about."""
    is_any_judged = any(history.length >= events.MIN_INTERVALS for history in analysis.posting_histories.values())
    is_unusual = any(period.is_unusual for period in periods)
    nothing = [explain_no_unusual_interval(analysis.interval)] if is_any_judged and not is_unusual else []
    return " ".join([*nothing, *short_history_remarks(analysis), *explain_main_languages(analysis)])


def _add_usual_posts(analysis: Analysis) -> pl.DataFrame:
    """Return account, start, total (posts), usual (the account's median, null without complete intervals), part and index."""
    complete_posts = pl.when(~pl.col("part")).then(pl.col("posts"))
    return (
        analysis.known_posts_per_interval.with_row_index("index")
        .with_columns(usual=complete_posts.median().over("account"), whole=complete_posts)
        .select("account", "start", "index", "whole", "usual", total="posts")
    )


def _merge_measures(analysis: Analysis, history: pl.DataFrame) -> pl.DataFrame:
    """Return one row per interval with events: the columns of `history`, measures, signs and words; each account's strongest first."""
    account_events = events.combine_events([analysis.sentiment_events, analysis.posting_events], list(analysis.account_labels))
    detected = account_events.select("account", "start", "measure", "z", "words")
    merged = (
        pl.concat([detected, analysis.add_words(_find_plain_peaks(history, detected))])
        .join(history, on=["account", "start"], how="inner", maintain_order="left")
        .group_by("index", maintain_order=True)
        .agg(pl.col("account", "start", "total", "usual", "words").first(), pl.col("measure", "z"), strength=pl.col("z").abs().max())
    )
    place = pl.col("strength").rank("ordinal", descending=True).over("account")
    return merged.sort(place == 1, "strength", descending=True, maintain_order=True)


def _find_plain_peaks(history: pl.DataFrame, detected: pl.DataFrame) -> pl.DataFrame:
    """Return the busiest complete interval of each account whose posts have no upward event, with the measure `peak` and z = 0."""
    has_event = detected.filter(pl.col("measure") == "posts", pl.col("z") > 0)["account"].unique()
    is_peak = (pl.col("whole") >= _MIN_PEAK_POSTS) & (pl.col("whole") >= _MIN_PEAK_RATIO * pl.col("usual"))
    return (
        history.filter(~pl.col("account").is_in(has_event.implode()), is_peak)
        .sort("whole", descending=True, maintain_order=True)
        .unique("account", keep="first", maintain_order=True)
        .select("account", "start", measure=pl.lit("peak"), z=pl.lit(0.0))
    )


def _build_period(row: Mapping[str, Any], analysis: Analysis) -> UnusualPeriod:
    is_judged = analysis.posting_histories[row["account"]].length >= events.MIN_INTERVALS
    signs = dict(zip(row["measure"], (z > 0 for z in row["z"]), strict=True))
    order: PostQuery = (("sort", "positive" if signs["sentiment"] else "negative"),) if "sentiment" in signs else ()
    post_query = analysis.interval_post_queries[row["index"]]
    return UnusualPeriod(
        start=row["start"],
        when=format_interval_title(row["start"], analysis.interval, year=not analysis.is_within_a_year),
        label=analysis.account_labels[row["account"]],
        style=analysis.account_styles[row["account"]],
        description=_describe(signs, analysis.interval, is_judged=is_judged),
        posts=row["total"] or 0,
        usual_posts="" if row["usual"] is None or not is_judged else format_usual(row["usual"]),
        words=tuple(isolate(word) for word in row["words"].split(", ") if word),
        post_query=(*post_query, *order) if post_query else (),
        is_unusual="peak" not in signs or len(signs) > 1,
    )


def _describe(signs: Mapping[str, bool], interval: str, *, is_judged: bool) -> str:
    """Return in what way an interval is unusual; `signs` says for each measure whether it's above the usual value.

    Without enough intervals, an account isn't judged, and nothing is known to be usual of it.
    """
    phrases = {
        "sentiment": gettext("much more positive") if signs.get("sentiment") else gettext("much more negative"),
        "posts": gettext("far more posts") if signs.get("posts") else gettext("far fewer posts"),
        "peak": gettext((_BUSIEST if is_judged else _BUSIEST_SO_FAR)[interval]),
    }
    return ", ".join(phrase for measure, phrase in phrases.items() if measure in signs)
