"""What a chart must say of itself, in sentences: coverage, what was left out, what went wrong, and that demo data is demo data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import SourceError
from dashboard.core.formatting import format_count, format_day, format_list, format_minute, format_period, format_share, pluralize
from dashboard.core.methods import METHODS
from dashboard.core.posts import Timeline
from dashboard.core.query import MAX_POSTS_PER_ACCOUNT, Query

DEMO_NOTICE = "Demo data: invented organisations, written for Chorus. Nobody posted this."
_MAX_LINES = 3  # accounts whose coverage the caption of an image spells out

CUT_DESCRIPTIONS = {
    "n": "the number asked for was reached",
    "stopped": "the page was closed before the end",
    "cap": f"Chorus reads at most {MAX_POSTS_PER_ACCOUNT:,} posts of an account",
    "network": "the network gives no older posts",
    "rate_limit": "the network asked us to wait",
    "failure": "reading failed on the way",
    "deadline": "the network was too slow",
    "repeats": "the network began to repeat itself",
    "time": "older posts are not counted",
}


def build_warnings(query: Query, answers: Sequence[Timeline | HourlyCounts], failures: Mapping[str, SourceError]) -> list[str]:
    """Return what went wrong: accounts that could not be read, or not to the end."""
    cut = (answer for answer in answers if answer.failure or answer.cut_by in ("deadline", "repeats"))
    return [error.message for error in failures.values()] + [_explain_cut_short(answer, query) for answer in cut]


def build_remarks(
    query: Query, timelines: Sequence[Timeline], coverage: pl.DataFrame, filtered_posts: pl.DataFrame, *, has_no_common_time: bool
) -> list[str]:
    """Return what else a reader should know before quoting a number; `apart` says that window=common left no time at all."""
    return [
        *_post_limit_remarks(query),
        *_no_posts_remarks(query, coverage, filtered_posts, has_no_common_time=has_no_common_time),
        *_left_out_remarks(timelines, filtered_posts),
        *_common_time_remarks(query, coverage),
    ]


def network_count_remarks(query: Query, network_counts: Sequence[HourlyCounts]) -> list[str]:
    """Return which accounts a network counted, what such counts are, and which accounts are counted from posts all the same."""
    if query.counted != "network":
        return []
    read = [user.label for user in query.users if user.network != "x"]
    return [
        *(_describe_counts(counts, query) for counts in network_counts),
        *(["X's counts may include posts that were deleted since."] if network_counts else []),
        *(
            ["Without a start X's counts go back a year, and never more than five years at once."]
            if _is_any_shortened(network_counts)
            else []
        ),
        *(
            [f"X counts by the hour of UTC; in {query.tz} some posts may fall beside their interval."]
            if network_counts and _has_partial_hour_offset(query)
            else []
        ),
        *([f"Counted from the posts that were read, for their networks give no counts: {', '.join(read)}."] if read else []),
    ]


def lexicon_remarks(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return what a reader of sentiment by a list of words should know besides: how much the list could read, and whose it is."""
    words, matched = summary.select(pl.col("words", "matched").sum()).row(0)
    silent = [labels[row["account"]] for row in summary.iter_rows(named=True) if row["read"] and not row["matched"]]
    name, attribution = METHODS[method].lexicon_name, METHODS[method].attribution
    are, share = pluralize(matched, "is", "are"), format_share(matched / (words or 1), 1)
    return [
        *([f"{matched:,} of {words:,} words ({share}) {are} in {name}; the rest count as neither."] if words else []),
        *(f"No word of {name} is in the posts of {label}: nothing can be said about how they sound." for label in silent),
        *([f"{attribution}."] if attribution else []),
    ]


def model_remarks(summary: pl.DataFrame, model_title: str) -> list[str]:
    """Return what a reader of sentiment by a model should know besides; `model` is its name and version."""
    posts, positive, negative = summary.select(pl.col("read", "positive", "negative").sum()).row(0)
    return (
        [f"Labelled by {model_title}: {positive:,} of {posts:,} posts positive, {negative:,} negative, the others neither."]
        if posts
        else []
    )


def language_remarks(foreign_count: int, post_count: int, *, are_scored: bool) -> list[str]:
    """Return how many posts are in other languages than English; unless `read` they are left out of whatever looks at words."""
    are, others = ("is", "another language") if foreign_count == 1 else ("are", "other languages")
    what = ", where a model may be wrong" if are_scored else f" and {are} left out of everything that looks at words"
    return [f"{foreign_count:,} of {post_count:,} posts {are} in {others} than English{what}."] if foreign_count else []


def scoring_attribution(method: str, model_title: str) -> list[str]:
    """Return the lines that a picture of sentiment must carry wherever it goes: the model, or what a list's licence requires (ODbL)."""
    return [*filter(None, [METHODS[method].attribution_line(model_title)])]


def lexicon_attributions() -> list[str]:
    """Return what the licences of all lists require where every method's scores are shown, a sentence each."""
    return [f"{method.attribution}." for method in METHODS if method.attribution and not method.needs_labeller]


def build_caption(query: Query, coverage: pl.DataFrame, unreadable_accounts: Sequence[str], fetched_at: datetime | None) -> list[str]:
    """Return the lines beneath a chart's title: demo or not, coverage, accounts that are missing, time of fetching."""
    rows = coverage.to_dicts()
    labels = {str(user): user.label for user in query.users}
    if len(rows) > _MAX_LINES:
        lines = [_describe_total_coverage(coverage, query)]
    else:
        lines = [f"{labels.get(row['account'], row['account'])}: {describe_coverage(row, query)}" for row in rows]
    missing = [f"Could not be read: {', '.join(labels[account] for account in unreadable_accounts)}"] if unreadable_accounts else []
    read = [f"Read {format_minute(fetched_at)} UTC · times in {query.tz}"] if fetched_at else []
    demo = [DEMO_NOTICE] if any(user.network == "demo" for user in query.users) else []
    return demo + lines + missing + read


def describe_cut(row: Mapping[str, Any], query: Query) -> str:
    """Return why reading an account ended; `row` is one of analytics.coverage."""
    within = " in that time" if query.since or query.until else ""
    return CUT_DESCRIPTIONS[row["cut_by"]] if row["cut_by"] else f"all there is{within}"


def describe_coverage(row: Mapping[str, Any], query: Query) -> str:
    """Return one account's coverage in words; `row` is one of analytics.coverage."""
    whole = "" if row["cut_by"] == "n" else f", {describe_cut(row, query)}"
    counted = row["asked"] is None
    fetched = (
        f"{format_count(row['fetched'], 'post')} counted by X" if counted else f"{row['fetched']:,} of {row['asked']:,} posts asked for"
    )
    if row["first"] is None:
        return fetched + whole
    first, last = _format_local_day(row["first"], query), _format_local_day(row["last"], query)
    return f"{fetched}, {format_period(first, last)}{whole}"


def _format_local_day(moment: datetime, query: Query) -> str:
    """Return the day of a moment in the query's zone: `3 Aug 2026`."""
    return format_day(moment.astimezone(query.zone))


def _describe_counts(counts: HourlyCounts, query: Query) -> str:
    label = next(user.label for user in query.users if str(user) == counts.account)
    if counts.is_empty:
        return f"Counted by X: nothing of {label}, for none of that time is past."
    span = f"from {_format_local_day(counts.since, query)} to {_format_local_day(counts.until - timedelta(seconds=1), query)}"
    return f"Counted by X: {format_count(counts.total_posts, 'post')} of {label} {span}."


def _is_any_shortened(network_counts: Sequence[HourlyCounts]) -> bool:
    return any(counts.cut_by == "time" for counts in network_counts)


def _has_partial_hour_offset(query: Query) -> bool:
    """Say whether the hours of the query's zone begin at other minutes than those of UTC."""
    return (datetime(2026, 1, 1, tzinfo=query.zone).utcoffset() or timedelta()) % timedelta(hours=1) != timedelta()


def _describe_total_coverage(coverage: pl.DataFrame, query: Query) -> str:
    read, counted = coverage.drop_nulls("asked"), coverage.filter(pl.col("asked").is_null())
    fetched, asked = read.select(pl.col("fetched", "asked").sum()).row(0)
    posts = [f"{fetched:,} of {asked:,} posts asked for"] if read.height else []
    posts += [f"{format_count(int(counted['fetched'].sum()), 'post')} counted by X"] if counted.height else []
    first, last = coverage.select(pl.col("first").min(), pl.col("last").max()).row(0)
    span = f", {_format_local_day(first, query)} to {_format_local_day(last, query)}" if first else ""
    short = coverage.filter(~pl.col("cut_by").is_in(["n"])).height
    return f"{coverage.height} accounts: {format_list(posts)}{span}{f', {short} cut short' * bool(short)}"


def _explain_cut_short(answer: Timeline | HourlyCounts, query: Query) -> str:
    label = next(user.label for user in query.users if str(user) == answer.account)
    why = answer.failure.message if answer.failure else f"Reading stopped: {CUT_DESCRIPTIONS[answer.cut_by or 'failure']}."
    posts = (
        f"{format_count(answer.total_posts, 'post')} counted"
        if isinstance(answer, HourlyCounts)
        else f"{format_count(answer.posts.height, 'post')} read"
    )
    return f"{label} is shown with the {posts} so far. {why}"


def _post_limit_remarks(query: Query) -> Iterable[str]:
    if query.n > MAX_POSTS_PER_ACCOUNT:
        yield f"{query.n:,} posts of each account were asked for; Chorus reads at most {MAX_POSTS_PER_ACCOUNT:,}."


def _no_posts_remarks(query: Query, coverage: pl.DataFrame, filtered_posts: pl.DataFrame, *, has_no_common_time: bool) -> Iterable[str]:
    coverage = coverage.drop_nulls("asked")  # of counts there is a sentence anyway
    fetched = dict(coverage.select("account", "fetched").iter_rows())
    dated = set(coverage.drop_nulls("first")["account"])
    seen = set(filtered_posts["account"])
    for user in query.users:
        if fetched.get(str(user)) == 0:
            yield f"{user.label} has no posts{' in that time' if query.since or query.until else ''}."
        elif str(user) in dated - seen and not has_no_common_time:
            yield f"None of the posts of {user.label} is of the kinds and the time asked for."


def _left_out_remarks(timelines: Sequence[Timeline], filtered_posts: pl.DataFrame) -> Iterable[str]:
    fetched = sum(timeline.posts.height for timeline in timelines)
    undated = sum(timeline.posts["created_at"].null_count() for timeline in timelines)
    if other := fetched - undated - filtered_posts.height:
        yield f"{other:,} of {fetched:,} posts {pluralize(other, 'is', 'are')} left out: not of the kinds or the time asked for."
    if undated:
        carry, are = ("carries", "is") if undated == 1 else ("carry", "are")
        yield f"{undated:,} of {fetched:,} posts {carry} no readable time and {are} left out."


def describe_common_time(query: Query, coverage: pl.DataFrame) -> str:
    """Return from when to when all accounts are covered, if that is less than half of the time shown and not what was asked for."""
    dated = coverage.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return ""
    first, last = dated.select(pl.col("first").min(), pl.col("last").max()).row(0)
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    less = latest <= earliest and (earliest - latest) * 2 < last - first
    return f"{_format_local_day(latest, query)} to {_format_local_day(earliest, query)}" if less else ""


def _common_time_remarks(query: Query, coverage: pl.DataFrame) -> Iterable[str]:
    """Say so if the accounts' posts are mostly of different times."""
    dated = coverage.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    if latest > earliest:
        yield "The accounts' posts are of different times: there is no time that all of them cover. More posts of each reach further back."
    elif span := describe_common_time(query, coverage):
        yield f"All accounts are covered only from {span}. To compare just that, choose “Only the time they share” under Time compared."
