"""Writes the notes that all charts share: coverage, what was left out, what went wrong, and that demo data is made up.

Notes of a single chart belong in that chart's own module.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.core.accounts import Account, network_title
from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import SourceError
from dashboard.core.formatting import (
    format_clock,
    format_count,
    format_day,
    format_days,
    format_list,
    format_number,
    format_share,
    pluralize,
)
from dashboard.core.languages import name_language
from dashboard.core.methods import METHODS
from dashboard.core.networks import NETWORKS
from dashboard.core.posts import Timeline, is_shortened
from dashboard.core.query import MAX_POSTS_PER_ACCOUNT, Query

_MAX_LANGUAGES = 3  # that a remark names
_MAX_LINES = 3  # with more accounts, a caption gives the total coverage only

CUT_DESCRIPTIONS = {
    "n": "the number you asked for",
    "stopped": "stopped when the page was closed",
    "cap": "the most Chorus reads",
    "network": "the network doesn't provide older posts",
    "rate_limit": "stopped early: the network's rate limit was reached",
    "failure": "the rest couldn't be read",
    "deadline": "stopped early: the network was too slow",
    "repeats": "stopped early: the network sent the same posts again",
    "time": "older posts weren't counted",
}


def source_notice(accounts: Iterable[Account]) -> str:
    """Return the notices that these accounts' networks require, such as that demo data is made up; "" if there are none."""
    return " ".join(dict.fromkeys(notice for account in accounts if (notice := NETWORKS[account.network].notice)))


def build_warnings(labels: Mapping[str, str], answers: Sequence[Timeline | HourlyCounts], failures: Mapping[str, SourceError]) -> list[str]:
    """Return a warning for each account that couldn't be read, or not completely."""
    cut = (answer for answer in answers if answer.failure or answer.cut_by in ("deadline", "repeats"))
    return [error.message for error in failures.values()] + [_explain_cut_short(answer, labels) for answer in cut]


def build_remarks(
    query: Query,
    labels: Mapping[str, str],
    timelines: Sequence[Timeline],
    coverage: pl.DataFrame,
    filtered_posts: pl.DataFrame,
    *,
    has_no_common_time: bool,
) -> list[str]:
    """Return what a reader should know before quoting a number. `has_no_common_time`: with window=common, no period is left."""
    return [
        *_post_limit_remarks(query),
        *no_posts_remarks(query, labels, coverage, filtered_posts, has_no_common_time=has_no_common_time),
        *_left_out_remarks(timelines, filtered_posts),
        *_shortened_text_remarks(filtered_posts),
        *_common_time_remarks(query, coverage),
    ]


def network_count_remarks(query: Query, labels: Mapping[str, str], network_counts: Sequence[HourlyCounts]) -> list[str]:
    """Return which accounts a network counted, what such counts include, and which accounts were counted from their posts."""
    if query.counted != "network":
        return []
    counted_from_posts = [labels[str(user)] for user in query.users if not NETWORKS[user.network].counts_posts]
    titles = list(dict.fromkeys(network_title(counts.account) for counts in network_counts))
    return [
        *(_describe_counts(counts, labels[counts.account], query) for counts in network_counts),
        *(f"{title}'s counts may include posts that have since been deleted." for title in titles),
        *(
            f"{title}'s counts go back one year if you give no start date, and five years at most."
            for title in titles
            if _is_any_shortened(network_counts)
        ),
        *(
            f"{title} counts by UTC hour, so in {query.tz} a few posts may be in the neighbouring interval."
            for title in titles
            if _has_partial_hour_offset(query)
        ),
        *([f"Counted from posts, because their networks offer no counts: {', '.join(counted_from_posts)}."] if counted_from_posts else []),
    ]


def lexicon_remarks(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return remarks on sentiment by a lexicon: how many of the words are in it, and its source."""
    words, matched = summary.select(pl.col("words", "matched").sum()).row(0)
    name, attribution = METHODS[method].lexicon_name, METHODS[method].attribution
    are, share = pluralize(matched, "is", "are"), format_share(matched / (words or 1), 1)
    return [
        *([f"{matched:,} of {words:,} words ({share}) {are} in {name}; all others are treated as neutral."] if matched else []),
        *unknown_sentiment_remarks(summary, labels, method),
        *([f"{attribution}."] if attribution else []),
    ]


def unknown_sentiment_remarks(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return a remark for each account whose posts have no word of the method's lexicon."""
    unmatched = [labels[row["account"]] for row in summary.iter_rows(named=True) if row["read"] and not row["matched"]]
    return [f"None of the words of {label} are in {METHODS[method].lexicon_name}, so its sentiment is unknown." for label in unmatched]


def model_remarks(summary: pl.DataFrame, model_title: str) -> list[str]:
    """Return a remark on sentiment by the model; `model_title` is its name and version."""
    posts, positive, negative = summary.select(pl.col("read", "positive", "negative").sum()).row(0)
    return (
        [
            f"The AI model ({model_title}) rated {positive:,} of {posts:,} posts positive, {negative:,} negative "
            f"and {posts - positive - negative:,} neutral."
        ]
        if posts
        else []
    )


def date_only_remarks(date_only_count: int, post_count: int) -> list[str]:
    """Return a remark on the posts whose time of day is unknown, for the charts by hour."""
    have, are = ("has", "is") if date_only_count == 1 else ("have", "are")
    remark = f"{date_only_count:,} of {post_count:,} posts {have} a date without a time of day and {are} left out of this chart."
    return [remark] if date_only_count else []


def date_only_table_remarks(date_only_count: int, post_count: int) -> list[str]:
    """Return a remark on the posts whose time of day is unknown, for tables that list the time of each post."""
    have, them = ("has", "it") if date_only_count == 1 else ("have", "them")
    remark = f"{date_only_count:,} of {post_count:,} posts {have} a date without a time of day; the table lists {them} at 00:00."
    return [remark] if date_only_count else []


def language_remarks(languages: pl.Series, *, are_scored: bool) -> list[str]:
    """Return a remark on the posts that aren't in English, by language. Unless `are_scored`, they are left out of sentiment and words.

    `languages` has the language of each post, null for English ones.
    """
    foreign_count = languages.count()
    if not foreign_count:
        return []
    are_not, do_not = ("isn't", "doesn't") if foreign_count == 1 else ("aren't", "don't")
    effect = ", so the AI model may be wrong about them" if are_scored else f" and {do_not} count towards sentiment or words"
    remark = f"{foreign_count:,} of {languages.len():,} posts {are_not} in English ({_count_by_language(languages)}){effect}."
    return [f"{remark} The words of a post decide; where they leave it open, the network's language tag does."]


def _count_by_language(languages: pl.Series) -> str:
    """Return the languages of posts, the commonest first, with their numbers if there are several: `12 German and 1 Japanese`."""
    counts = Counter(map(name_language, languages.drop_nulls())).most_common()
    if len(counts) == 1:
        return counts[0][0]
    listed = [f"{count:,} {language}" for language, count in counts[:_MAX_LANGUAGES]]
    others = sum(count for _, count in counts[_MAX_LANGUAGES:])
    return format_list([*listed, f"{others:,} in other languages"] if others else listed)


def scoring_attribution(method: str, model_title: str) -> list[str]:
    """Return the lines that every image of sentiment must carry: the model, or what a lexicon's licence requires (ODbL)."""
    return [*filter(None, [METHODS[method].attribution_line(model_title)])]


def licence_notices() -> list[str]:
    """Return the lines that the licences of lexicons require wherever their scores are shown (ODbL)."""
    return [method.attribution for method in METHODS if method.attribution and not method.needs_labeller]


def lexicon_attributions() -> list[str]:
    """Return the attributions that the lexicons' licences require where every method's scores are shown, one sentence each."""
    return [f"{notice}." for notice in licence_notices()]


def build_caption(
    query: Query, labels: Mapping[str, str], coverage: pl.DataFrame, unreadable_accounts: Sequence[str], fetched_at: datetime | None
) -> list[str]:
    """Return the lines below a chart's title: demo notice, a rolling period, coverage, missing accounts, time of fetching."""
    rows = coverage.to_dicts()
    if len(rows) > _MAX_LINES:
        lines = [_describe_total_coverage(coverage, query)]
    else:
        lines = [f"{labels.get(row['account'], row['account'])}: {describe_coverage(row, query)}" for row in rows]
    missing = [f"Couldn't be read: {', '.join(labels[account] for account in unreadable_accounts)}"] if unreadable_accounts else []
    updated = [f"Updated {format_day(fetched_at)}, {format_clock(fetched_at)} UTC · times in {query.tz}"] if fetched_at else []
    return [*filter(None, [source_notice(query.users), query.describe_rolling_period()]), *lines, *missing, *updated]


def describe_cut(row: Mapping[str, Any], query: Query) -> str:
    """Return why reading an account ended; `row` is one of analytics.coverage."""
    within = " in this period" if query.since or query.until else ""
    return CUT_DESCRIPTIONS[row["cut_by"]] if row["cut_by"] else f"all posts{within}"


def describe_coverage(row: Mapping[str, Any], query: Query) -> str:
    """Return one account's coverage in words; `row` is one of analytics.coverage."""
    ending = "" if row["cut_by"] == "n" else f", {describe_cut(row, query)}"
    is_counted = row["asked"] is None
    fetched = (
        f"{format_count(row['fetched'], 'post')} {counted_by(row['account'])}"
        if is_counted
        else f"{row['fetched']:,} of up to {format_count(row['asked'], 'post')}"
    )
    return fetched + ending if row["first"] is None else f"{fetched}, {_format_local_days(row['first'], row['last'], query)}{ending}"


def _format_local_days(first: datetime, last: datetime, query: Query) -> str:
    """Return the days of a period in the query's zone: `3 Aug – 5 Sep 2026`."""
    return format_days(first.astimezone(query.zone), last.astimezone(query.zone))


def counted_by(account: str) -> str:
    """Return which network counted the posts of an account: `counted by X`."""
    return f"counted by {network_title(account)}"


def _describe_counts(counts: HourlyCounts, label: str, query: Query) -> str:
    title = network_title(counts.account)
    if counts.is_empty:
        return f"{title} counted no posts by {label}: that period hasn't started yet."
    days = _format_local_days(counts.since, counts.until - timedelta(seconds=1), query)
    return f"{title} counted {format_count(counts.total_posts, 'post')} by {label}, {days}."


def _is_any_shortened(network_counts: Sequence[HourlyCounts]) -> bool:
    return any(counts.cut_by == "time" for counts in network_counts)


def _has_partial_hour_offset(query: Query) -> bool:
    """Return whether hours in the query's zone start at other minutes than in UTC."""
    return (datetime(2026, 1, 1, tzinfo=query.zone).utcoffset() or timedelta()) % timedelta(hours=1) != timedelta()


def _describe_total_coverage(coverage: pl.DataFrame, query: Query) -> str:
    read, counted = coverage.drop_nulls("asked"), coverage.filter(pl.col("asked").is_null())
    fetched, asked = read.select(pl.col("fetched", "asked").sum()).row(0)
    posts = [f"{fetched:,} of up to {format_count(asked, 'post')}"] if read.height else []
    titles = format_list(list(dict.fromkeys(network_title(account) for account in counted["account"])))
    posts += [f"{format_count(int(counted['fetched'].sum()), 'post')} counted by {titles}"] if counted.height else []
    first, last = coverage.select(pl.col("first").min(), pl.col("last").max()).row(0)
    days = f", {_format_local_days(first, last, query)}" if first else ""
    cut_short = coverage.filter(~pl.col("cut_by").is_in(["n"])).height
    return f"{coverage.height} accounts: {format_list(posts)}{days}{f', {cut_short} cut short' * bool(cut_short)}"


def _explain_cut_short(answer: Timeline | HourlyCounts, labels: Mapping[str, str]) -> str:
    ending = answer.failure.message if answer.failure else f"Reading {CUT_DESCRIPTIONS[answer.cut_by or 'failure']}. Reload to continue."
    posts = (
        f"{format_count(answer.total_posts, 'post')} counted"
        if isinstance(answer, HourlyCounts)
        else f"{format_count(answer.posts.height, 'post')} read"
    )
    return f"{labels[answer.account]}: only {posts} so far. {ending}"


def _post_limit_remarks(query: Query) -> Iterable[str]:
    if query.n > MAX_POSTS_PER_ACCOUNT:
        yield f"You asked for {query.n:,} posts per account; Chorus reads up to {MAX_POSTS_PER_ACCOUNT:,}."


def no_posts_remarks(
    query: Query, labels: Mapping[str, str], coverage: pl.DataFrame, filtered_posts: pl.DataFrame, *, has_no_common_time: bool
) -> Iterable[str]:
    """Yield a remark for each account without posts to show."""
    coverage = coverage.drop_nulls("asked")  # network counts have their own remarks
    fetched = dict(coverage.select("account", "fetched").iter_rows())
    dated = set(coverage.drop_nulls("first")["account"])
    shown = set(filtered_posts["account"])
    for account, label in labels.items():
        if fetched.get(account) == 0:
            yield f"{label} has no posts{' in this period' if query.since or query.until else ''}."
        elif account in dated - shown and not has_no_common_time:
            yield f"{label} has no posts of these types in this period."


def _left_out_remarks(timelines: Sequence[Timeline], filtered_posts: pl.DataFrame) -> Iterable[str]:
    fetched = sum(timeline.posts.height for timeline in timelines)
    undated = sum(timeline.posts["created_at"].null_count() for timeline in timelines)
    if excluded := fetched - undated - filtered_posts.height:
        yield f"{excluded:,} of {fetched:,} posts {pluralize(excluded, 'does', 'do')}n't match the period or the post types you chose."
    if undated:
        have, them = ("has", "it") if undated == 1 else ("have", "them")
        yield f"{undated:,} of {fetched:,} posts {have} no known date, so every chart, table and list of posts leaves {them} out."


def describe_common_time(query: Query, coverage: pl.DataFrame) -> str:
    """Return from when to when all accounts are covered, if that is less than half of the period shown and isn't already selected."""
    dated = coverage.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return ""
    first, last = dated.select(pl.col("first").min(), pl.col("last").max()).row(0)
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    is_short = latest <= earliest and (earliest - latest) * 2 < last - first
    return _format_local_days(latest, earliest, query) if is_short else ""


def _shortened_text_remarks(filtered_posts: pl.DataFrame) -> Iterable[str]:
    """Yield a remark if texts were shortened, because then words and sentiment cover only their beginnings."""
    lengths = filtered_posts.filter(is_shortened())["text"].str.len_chars()
    if lengths.len():
        texts, are = pluralize(lengths.len(), "text"), pluralize(lengths.len(), "was", "were")
        longest = format_number(lengths.max())  # type: ignore[arg-type]
        yield (
            f"{lengths.len():,} very long {texts} {are} shortened to at most {longest} characters, because together they were too long. "
            "Words and sentiment cover only that part; posts are counted completely."
        )


def _common_time_remarks(query: Query, coverage: pl.DataFrame) -> Iterable[str]:
    """Yield a remark if the accounts' posts are mostly from different periods."""
    dated = coverage.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    if latest > earliest:
        advice = _advise_reading_more(dated.filter(pl.col("first") > earliest)["cut_by"].to_list())
        yield f"These accounts' posts don't overlap in time. {advice}"
    elif days := describe_common_time(query, coverage):
        choice = "choose “Only where all accounts have posts” under Period shown"
        yield f"Only {days} is covered by all accounts. To compare just that period, {choice}."


def _advise_reading_more(cut_reasons: Sequence[str | None]) -> str:
    """Return whether older posts would help, from the reasons why the accounts that begin too late end where they do."""
    if "n" in cut_reasons:
        return "Read more posts per account to compare them."
    return "No older posts can be read." if any(cut_reasons) else "There are no older posts to read."
