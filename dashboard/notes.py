"""What a chart must say of itself, in sentences: coverage, what was left out, what went wrong, and that demo data is demo data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.counts import Counts
from dashboard.errors import SourceError
from dashboard.posts import Timeline
from dashboard.query import CAP, Query

DEMO = "Demo data: invented organisations, written for Chorus. Nobody posted this."
AFINN = "Points from AFINN (github.com/fnielsen/afinn), available under the ODbL (opendatacommons.org/licenses/odbl/1-0)"
_MOST_LINES = 3  # accounts whose coverage the caption of an image spells out

CUTS = {
    "n": "the number asked for was reached",
    "stopped": "the page was closed before the end",
    "cap": f"Chorus reads at most {CAP:,} posts of an account",
    "network": "the network gives no older posts",
    "rate_limit": "the network asked us to wait",
    "failure": "reading failed on the way",
    "deadline": "the network was too slow",
    "repeats": "the network began to repeat itself",
    "time": "older posts are not counted",
}


def warnings(query: Query, answers: Sequence[Timeline | Counts], failures: Mapping[str, SourceError]) -> list[str]:
    """Return what went wrong: accounts that could not be read, or not to the end."""
    cut = (answer for answer in answers if answer.failure or answer.cut_by in ("deadline", "repeats"))
    return [error.sentence for error in failures.values()] + [_cut_short(answer, query) for answer in cut]


def remarks(query: Query, timelines: Sequence[Timeline], covered: pl.DataFrame, shown: pl.DataFrame, *, apart: bool) -> list[str]:
    """Return what else a reader should know before quoting a number; `apart` says that window=common left no time at all."""
    return [
        *_asked_too_much(query),
        *_without_posts(query, covered, shown, apart=apart),
        *_left_out(timelines, shown),
        *_apart(query, covered),
    ]


def of_counts(query: Query, counted: Sequence[Counts]) -> list[str]:
    """Return which accounts a network counted, what such counts are, and which accounts are counted from posts all the same."""
    if query.counted != "network":
        return []
    read = [user.label for user in query.users if user.network != "x"]
    return [
        *(_counted(counts, query) for counts in counted),
        *(["X's counts may include posts that were deleted since."] if counted else []),
        *(["Without a start X's counts go back a year, and never more than five years at once."] if _shortened(counted) else []),
        *([f"X counts by the hour of UTC; in {query.tz} some posts may fall beside their interval."] if counted and _odd(query) else []),
        *([f"Counted from the posts that were read, for their networks give no counts: {', '.join(read)}."] if read else []),
    ]


def of_words(summary: pl.DataFrame, shown: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return what a reader of sentiment by a list of words should know besides: how much the list could read, and whose it is."""
    posts, words, matched = summary.select(pl.col("posts", "words", "matched").sum()).row(0)
    silent = [labels[row["account"]] for row in summary.iter_rows(named=True) if row["posts"] and not row["matched"]]
    name = {"bing": "Hu and Liu's list", "vader": "VADER's lexicon", "afinn": "AFINN"}[method]
    foreign = _foreign(shown)
    return [
        *([f"{matched:,} of {words:,} words ({matched / words:.1%}) are in {name}; the rest count as neither."] if words else []),
        *(f"No word of {name} is in the posts of {label}: nothing can be said about how they sound." for label in silent),
        *([f"{foreign:,} of {posts:,} posts are in other languages than English, which {name} hardly reads."] if foreign else []),
        *([f"{AFINN}."] if method == "afinn" else []),
    ]


def of_labels(summary: pl.DataFrame, shown: pl.DataFrame, model: str) -> list[str]:
    """Return what a reader of sentiment by a model should know besides; `model` is its name and version."""
    posts, positive, negative = summary.select(pl.col("posts", "positive", "negative").sum()).row(0)
    foreign = _foreign(shown)
    return [
        *([f"Labelled by {model}: {positive:,} of {posts:,} posts positive, {negative:,} negative, the others neither."] if posts else []),
        *([f"{foreign:,} of {posts:,} posts are in other languages than English, where a model may be wrong."] if foreign else []),
    ]


def scored_by(method: str, model: str) -> list[str]:
    """Return the lines that a picture of sentiment must carry wherever it goes: the model, or what a list's licence wants (ODbL, 4.3)."""
    return {"afinn": [AFINN], "model": [f"Labelled by {model}"]}.get(method, [])


def caption(query: Query, covered: pl.DataFrame, unread: Sequence[str], fetched_at: datetime | None, width: str = "") -> list[str]:
    """Return the lines beneath a chart's title: demo or not, coverage, accounts that are missing, time of fetching.

    `width` is that of the intervals of a chart of time.
    """
    rows = covered.to_dicts()
    labels = {str(user): user.label for user in query.users}
    if len(rows) > _MOST_LINES:
        lines = [_together(covered, query)]
    else:
        lines = [f"{labels.get(row['account'], row['account'])}: {line(row, query)}" for row in rows]
    missing = [f"Could not be read: {', '.join(labels[account] for account in unread)}"] if unread else []
    ends = f" · the first and last {width} may be incomplete" * bool(width)
    read = [f"Read {stamp(fetched_at)} UTC · times in {query.tz}{ends}"] if fetched_at else []
    demo = [DEMO] if any(user.network == "demo" for user in query.users) else []
    return demo + lines + missing + read


def cut(row: Mapping[str, Any], query: Query) -> str:
    """Return why reading an account ended; `row` is one of analytics.coverage."""
    within = " in that time" if query.since or query.until else ""
    return CUTS[row["cut_by"]] if row["cut_by"] else f"all there is{within}"


def line(row: Mapping[str, Any], query: Query) -> str:
    """Return one account's coverage in words; `row` is one of analytics.coverage."""
    whole = "" if row["cut_by"] == "n" else f", {cut(row, query)}"
    counted = row["asked"] is None
    fetched = f"{row['fetched']:,} posts counted by X" if counted else f"{row['fetched']:,} of {row['asked']:,} posts asked for"
    if row["first"] is None:
        return fetched + whole
    first, last = day(row["first"], query), day(row["last"], query)
    return f"{fetched}, {first}{f' to {last}' * (first != last)}{whole}"


def day(moment: datetime, query: Query) -> str:
    """Return the day of a moment in the query's zone: `3 Aug 2026`."""
    local = moment.astimezone(query.zone)
    return f"{local.day} {local:%b %Y}"


def stamp(moment: datetime) -> str:
    """Return a moment to the minute: `3 Aug 2026 14:05`."""
    return f"{moment.day} {moment:%b %Y %H:%M}"


def _foreign(shown: pl.DataFrame) -> int:
    """Return how many posts are in another language than English, as far as it is known."""
    return shown.filter(~pl.col("lang").str.to_lowercase().str.starts_with("en")).height


def _counted(counts: Counts, query: Query) -> str:
    label = next(user.label for user in query.users if str(user) == counts.account)
    if counts.nothing:
        return f"Counted by X: nothing of {label}, for none of that time is past."
    span = f"from {day(counts.since, query)} to {day(counts.until - timedelta(seconds=1), query)}"
    return f"Counted by X: {counts.total:,} posts of {label} {span}."


def _shortened(counted: Sequence[Counts]) -> bool:
    return any(counts.cut_by == "time" for counts in counted)


def _odd(query: Query) -> bool:
    """Say whether the hours of the query's zone begin at other minutes than those of UTC."""
    return (datetime(2026, 1, 1, tzinfo=query.zone).utcoffset() or timedelta()) % timedelta(hours=1) != timedelta()


def _together(covered: pl.DataFrame, query: Query) -> str:
    read, counted = covered.drop_nulls("asked"), covered.filter(pl.col("asked").is_null())
    fetched, asked = read.select(pl.col("fetched", "asked").sum()).row(0)
    posts = [f"{fetched:,} of {asked:,} posts asked for"] if read.height else []
    posts += [f"{counted['fetched'].sum():,} posts counted by X"] if counted.height else []
    first, last = covered.select(pl.col("first").min(), pl.col("last").max()).row(0)
    span = f", {day(first, query)} to {day(last, query)}" if first else ""
    short = covered.filter(~pl.col("cut_by").is_in(["n"])).height
    return f"{covered.height} accounts: {' and '.join(posts)}{span}{f', {short} cut short' * bool(short)}"


def _cut_short(answer: Timeline | Counts, query: Query) -> str:
    label = next(user.label for user in query.users if str(user) == answer.account)
    why = answer.failure.sentence if answer.failure else f"Reading stopped: {CUTS[answer.cut_by or 'failure']}."
    posts = f"{answer.total:,} posts counted" if isinstance(answer, Counts) else f"{answer.posts.height:,} posts read"
    return f"{label} is shown with the {posts} so far. {why}"


def _asked_too_much(query: Query) -> Iterable[str]:
    if query.n > CAP:
        yield f"{query.n:,} posts of each account were asked for; Chorus reads at most {CAP:,}."


def _without_posts(query: Query, covered: pl.DataFrame, shown: pl.DataFrame, *, apart: bool) -> Iterable[str]:
    covered = covered.drop_nulls("asked")  # of counts there is a sentence anyway
    fetched = dict(covered.select("account", "fetched").iter_rows())
    dated = set(covered.drop_nulls("first")["account"])
    seen = set(shown["account"])
    for user in query.users:
        if fetched.get(str(user)) == 0:
            yield f"{user.label} has no posts{' in that time' if query.since or query.until else ''}."
        elif str(user) in dated - seen and not apart:
            yield f"None of the posts of {user.label} is of the kinds and the time asked for."


def _left_out(timelines: Sequence[Timeline], shown: pl.DataFrame) -> Iterable[str]:
    fetched = sum(timeline.posts.height for timeline in timelines)
    undated = sum(timeline.posts["created_at"].null_count() for timeline in timelines)
    if other := fetched - undated - shown.height:
        yield f"{other:,} of {fetched:,} posts are left out: not of the kinds or the time asked for."
    if undated:
        yield f"{undated:,} of {fetched:,} posts carry no readable time and are left out."


def _apart(query: Query, covered: pl.DataFrame) -> Iterable[str]:
    """Say so if the accounts' posts are mostly of different times."""
    dated = covered.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return
    first, last = dated.select(pl.col("first").min(), pl.col("last").max()).row(0)
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    if latest > earliest:
        yield "The accounts' posts are of different times: there is no time that all of them cover. More posts of each reach further back."
    elif (earliest - latest) * 2 < last - first:
        shared = f"{day(latest, query)} to {day(earliest, query)}"
        yield f"All accounts are covered only from {shared}. To compare just that, choose “Only the time they share” under Time compared."
