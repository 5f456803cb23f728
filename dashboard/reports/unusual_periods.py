"""Lists the intervals that stand out from each account's own history, as a report shows them: when, how, how many posts, which words.

Finding them belongs in `analytics.events`, drawing them in `charts.definitions.events`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard.analytics import events
from dashboard.analytics.intervals import Interval
from dashboard.charts.definitions.events import explain_no_unusual_interval
from dashboard.charts.definitions.interval_phrases import format_stretch_title
from dashboard.charts.palette import Style
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.formatting.directions import isolate
from dashboard.core.messages import gettext, translatable
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.events import short_history_remarks
from dashboard.reports.findings.history import History, build_histories
from dashboard.reports.findings.phrases import format_usual, usually
from dashboard.reports.notes.main_language_notes import explain_main_languages

MAX_LISTED_PERIODS = 5

_BUSIEST = {
    "hour": translatable("busiest hour"),
    "day": translatable("busiest day"),
    "week": translatable("busiest week"),
    "month": translatable("busiest month"),
}


@dataclass(frozen=True)
class UnusualPeriod:
    """An interval, or a stretch of quiet ones, that stands out: its name, whose it is, in what way, its number of posts, its typical words.

    The busiest interval of an account may be within what is usual: then `is_unusual` is false, as on the chart of unusual periods.
    `usual` says how many posts are usual, and is empty if too little is known. `post_query` selects its posts, and is empty if there is no
    page with them.
    """

    start: date
    when: str
    label: str
    style: Style
    description: str
    posts: int
    usual: str
    words: tuple[str, ...]
    post_query: PostQuery
    is_unusual: bool = True


@dataclass(frozen=True)
class _Stretch:
    """Intervals that are listed in one line: their positions in the account's history, whether each measure is above the usual value."""

    account: str
    words: str
    signs: Mapping[str, bool]
    history: History
    span: range


def list_unusual_periods(analysis: Analysis) -> list[UnusualPeriod]:
    """Return the most unusual intervals, newest first: the strongest of each account, then the strongest of all.

    Quiet intervals in a row are one stretch, as in findings.
    An account without unusually many posts in an interval contributes its busiest one, if that is far above the usual.
    """
    strongest = _find_stretches(analysis, _merge_measures(analysis))[:MAX_LISTED_PERIODS]
    in_order = sorted(strongest, key=lambda stretch: stretch.account)
    newest_first = sorted(in_order, key=lambda stretch: stretch.history.rows[stretch.span[0]]["start"], reverse=True)
    return [_build_period(stretch, analysis) for stretch in newest_first]


def explain_unusual_periods(analysis: Analysis, periods: Sequence[UnusualPeriod]) -> str:
    """Return what to say beside the list: that nothing is unusual, whose posts cover too little to know, and which language it's about."""
    is_unusual = any(period.is_unusual for period in periods)
    nothing = [explain_no_unusual_interval(analysis.interval)] if analysis.judged_accounts and not is_unusual else []
    return " ".join([*nothing, *short_history_remarks(analysis), *explain_main_languages(analysis)])


def _merge_measures(analysis: Analysis) -> pl.DataFrame:
    """Return one row per interval with events: account, index (among all intervals), words, measures and signs; the strongest first.

    The strongest of each account come before all others. A plain peak has the measure `peak` and z = 0.
    """
    account_events = events.combine_events([analysis.sentiment_events, analysis.posting_events], list(analysis.account_labels))
    peaks = analysis.plain_peaks.with_columns(measure=pl.lit("peak"), z=pl.lit(0.0))
    detected = pl.concat([table[["account", "start", "measure", "z", "words"]] for table in (account_events, peaks)])
    indices = analysis.expected_posts[["account", "start"]].with_row_index("index")
    merged = (
        detected.join(indices, on=["account", "start"], how="inner", maintain_order="left")
        .group_by("index", maintain_order=True)
        .agg(pl.col("account", "words").first(), pl.col("measure", "z"), strength=pl.col("z").abs().max())
    )
    place = pl.col("strength").rank("ordinal", descending=True).over("account")
    return merged.sort(place == 1, "strength", descending=True, maintain_order=True)


def _find_stretches(analysis: Analysis, merged: pl.DataFrame) -> list[_Stretch]:
    """Return the intervals that are listed, in the order of `merged`. Of a stretch of quiet ones, only the strongest is."""
    is_listed = pl.col("account").is_in(merged["account"].unique().implode())
    histories = build_histories(analysis.expected_posts.with_row_index("index").filter(is_listed), analysis.interval)
    stretches: list[_Stretch] = []
    described: set[int] = set()
    for row in merged.iter_rows(named=True):
        history = histories[row["account"]]
        signs = dict(zip(row["measure"], (z > 0 for z in row["z"]), strict=True))
        place = row["index"] - history.rows[0]["index"]
        span = history.find_quiet_span(place) if signs == {"posts": False} else range(place, place + 1)
        if signs == {"posts": False} and row["index"] in described:
            continue
        described.update(history.rows[position]["index"] for position in span)
        stretches.append(_Stretch(row["account"], row["words"], signs, history, span))
    return stretches


def _build_period(stretch: _Stretch, analysis: Analysis) -> UnusualPeriod:
    account, signs, history, span = stretch.account, stretch.signs, stretch.history, stretch.span
    first, last = history.rows[span[0]], history.rows[span[-1]]
    is_judged = account in analysis.judged_accounts
    order: PostQuery = (("sort", "positive" if signs["sentiment"] else "negative"),) if "sentiment" in signs else ()
    can_be_read = any(analysis.interval_post_queries[first["index"] : last["index"] + 1])
    return UnusualPeriod(
        start=first["start"],
        when=format_stretch_title(first["start"], last["start"], analysis.interval, year=not analysis.is_within_a_year),
        label=analysis.account_labels[account],
        style=analysis.account_styles[account],
        description=_describe(signs, analysis.interval),
        posts=history.count_posts(span),
        usual=_describe_usual(history, span, analysis.interval) if is_judged else "",
        words=tuple(isolate(word) for word in stretch.words.split(", ") if word),
        post_query=(("account", account), ("from", first["from"]), ("to", last["to"]), *order) if can_be_read else (),
        is_unusual="peak" not in signs or len(signs) > 1,
    )


def _describe_usual(history: History, span: range, interval: Interval) -> str:
    """Return the usual number of posts of one interval, or that per interval of several."""
    usual = history.usual(span)
    return gettext("usually %(number)s", number=format_usual(usual)) if len(span) == 1 else usually(usual, interval)


def _describe(signs: Mapping[str, bool], interval: str) -> str:
    """Return in what way an interval stands out; `signs` says for each measure whether it's above the usual value."""
    phrases = {
        "sentiment": gettext("much more positive") if signs.get("sentiment") else gettext("much more negative"),
        "posts": gettext("far more posts") if signs.get("posts") else gettext("far fewer posts"),
        "peak": gettext(_BUSIEST[interval]),
    }
    return ", ".join(phrase for measure, phrase in phrases.items() if measure in signs)
