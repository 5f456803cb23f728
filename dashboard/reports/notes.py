"""What a chart must say of itself, in sentences: coverage, what was left out, what went wrong, and that demo data is demo data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.charts.definitions.timeline import plural
from dashboard.core.counts import Counts
from dashboard.core.errors import SourceError
from dashboard.core.posts import Timeline
from dashboard.core.query import CAP, Query

DEMO = "Demo data: invented organisations, written for Chorus. Nobody posted this."
AFINN = "Points from AFINN (github.com/fnielsen/afinn), available under the ODbL (opendatacommons.org/licenses/odbl/1-0)"
_INSTANT = timedelta(microseconds=1)
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


def of_words(summary: pl.DataFrame, labels: Mapping[str, str], method: str) -> list[str]:
    """Return what a reader of sentiment by a list of words should know besides: how much the list could read, and whose it is."""
    words, matched = summary.select(pl.col("words", "matched").sum()).row(0)
    silent = [labels[row["account"]] for row in summary.iter_rows(named=True) if row["read"] and not row["matched"]]
    name = {"bing": "Hu and Liu's list", "vader": "VADER's lexicon", "afinn": "AFINN"}[method]
    are, share = "is" if matched == 1 else "are", matched / (words or 1)
    return [
        *([f"{matched:,} of {words:,} words ({share:.1%}) {are} in {name}; the rest count as neither."] if words else []),
        *(f"No word of {name} is in the posts of {label}: nothing can be said about how they sound." for label in silent),
        *([f"{AFINN}."] if method == "afinn" else []),
    ]


def of_labels(summary: pl.DataFrame, model: str) -> list[str]:
    """Return what a reader of sentiment by a model should know besides; `model` is its name and version."""
    posts, positive, negative = summary.select(pl.col("read", "positive", "negative").sum()).row(0)
    return [f"Labelled by {model}: {positive:,} of {posts:,} posts positive, {negative:,} negative, the others neither."] if posts else []


def compared(times: pl.DataFrame, labels: Mapping[str, str], query: Query) -> list[str]:
    """Return which times are compared, of each account or once if they are the same; `times` is of analytics.compare.periods."""
    told: dict[str, list[str]] = {}
    for row in times.iter_rows(named=True):
        told.setdefault(_spans((row["begins"], row["until"]), (row["since"], row["cut"]), query), []).append(labels[row["account"]])
    if len(told) > _MOST_LINES:
        return ["The newer half of each account's time, compared with the older half"]
    return [f"{', '.join(accounts)}: {span}" if len(told) > 1 else span for span, accounts in told.items()]


def time_before(query: Query) -> str:
    """Return which time a comparison needs besides the one asked for, where that was not read."""
    first, end = query.reach("compare")[0], query.span[0]
    before = f", {_span(first, end, query)}," if first and end else ""
    costs = " On X, reading it costs money." if any(user.network == "x" for user in query.users) else ""
    return f"This page reads the time asked for and no more. To say what changed, the time before it{before} must be read too.{costs}"


def not_covered(times: pl.DataFrame, labels: Mapping[str, str], query: Query) -> list[str]:
    """Return of which accounts a compared time is known in part or not at all."""
    told = []
    for row in times.iter_rows(named=True):
        label, before = labels[row["account"]], _span(row["since"], row["cut"], query)
        if row["known_since"] >= row["cut"]:
            told.append(f"The posts of {label} from {before} are not among those read, so there is nothing to compare with.")
        elif row["known_since"] > row["since"]:
            told.append(f"Of the time before, the posts of {label} are known only from {day(row['known_since'], query)} on.")
    return told


def of_events(found: int, short: Sequence[tuple[str, int]], labels: Mapping[str, str], width: str, least: int) -> list[str]:
    """Return what is to be said where nothing, or nothing yet, can stand out; `short` are accounts with too few whole intervals."""
    few = [f"{labels[account]} has {whole} whole {width}{'s' * (whole != 1)}" for account, whole in short]
    return [
        *([] if found else [f"No {width} stands out from the accounts' own history."]),
        *([f"{'; '.join(few)}: at least {least} are needed to say what is usual. A narrower interval has more."] if few else []),
    ]


def _spans(now: tuple[datetime, datetime], before: tuple[datetime, datetime], query: Query) -> str:
    """Return two times in words: in days, or to the minute if one day is in both."""
    exact = day(before[1] - _INSTANT, query) == day(now[0], query)
    return f"{_span(*now, query, exact=exact)}, compared with {_span(*before, query, exact=exact)}"


def _span(first: datetime, end: datetime, query: Query, *, exact: bool = False) -> str:
    begins, ends = day(first, query), day(end - _INSTANT, query)
    if begins != ends and not exact:
        return f"{begins} to {ends}"
    return f"{stamp(first.astimezone(query.zone))} to {stamp(end.astimezone(query.zone))}"


def of_languages(foreign: int, posts: int, *, read: bool) -> list[str]:
    """Return how many posts are in other languages than English; unless `read` they are left out of whatever looks at words."""
    are, others = ("is", "another language") if foreign == 1 else ("are", "other languages")
    what = ", where a model may be wrong" if read else f" and {are} left out of everything that looks at words"
    return [f"{foreign:,} of {posts:,} posts {are} in {others} than English{what}."] if foreign else []


def scored_by(method: str, model: str) -> list[str]:
    """Return the lines that a picture of sentiment must carry wherever it goes: the model, or what a list's licence wants (ODbL, 4.3)."""
    return {"afinn": [AFINN], "model": [f"Labelled by {model}"]}.get(method, [])


def caption(query: Query, covered: pl.DataFrame, unread: Sequence[str], fetched_at: datetime | None) -> list[str]:
    """Return the lines beneath a chart's title: demo or not, coverage, accounts that are missing, time of fetching."""
    rows = covered.to_dicts()
    labels = {str(user): user.label for user in query.users}
    if len(rows) > _MOST_LINES:
        lines = [_together(covered, query)]
    else:
        lines = [f"{labels.get(row['account'], row['account'])}: {line(row, query)}" for row in rows]
    missing = [f"Could not be read: {', '.join(labels[account] for account in unread)}"] if unread else []
    read = [f"Read {stamp(fetched_at)} UTC · times in {query.tz}"] if fetched_at else []
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
    fetched = f"{plural(row['fetched'], 'post')} counted by X" if counted else f"{row['fetched']:,} of {row['asked']:,} posts asked for"
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


def _counted(counts: Counts, query: Query) -> str:
    label = next(user.label for user in query.users if str(user) == counts.account)
    if counts.nothing:
        return f"Counted by X: nothing of {label}, for none of that time is past."
    span = f"from {day(counts.since, query)} to {day(counts.until - timedelta(seconds=1), query)}"
    return f"Counted by X: {plural(counts.total, 'post')} of {label} {span}."


def _shortened(counted: Sequence[Counts]) -> bool:
    return any(counts.cut_by == "time" for counts in counted)


def _odd(query: Query) -> bool:
    """Say whether the hours of the query's zone begin at other minutes than those of UTC."""
    return (datetime(2026, 1, 1, tzinfo=query.zone).utcoffset() or timedelta()) % timedelta(hours=1) != timedelta()


def _together(covered: pl.DataFrame, query: Query) -> str:
    read, counted = covered.drop_nulls("asked"), covered.filter(pl.col("asked").is_null())
    fetched, asked = read.select(pl.col("fetched", "asked").sum()).row(0)
    posts = [f"{fetched:,} of {asked:,} posts asked for"] if read.height else []
    posts += [f"{plural(int(counted['fetched'].sum()), 'post')} counted by X"] if counted.height else []
    first, last = covered.select(pl.col("first").min(), pl.col("last").max()).row(0)
    span = f", {day(first, query)} to {day(last, query)}" if first else ""
    short = covered.filter(~pl.col("cut_by").is_in(["n"])).height
    return f"{covered.height} accounts: {' and '.join(posts)}{span}{f', {short} cut short' * bool(short)}"


def _cut_short(answer: Timeline | Counts, query: Query) -> str:
    label = next(user.label for user in query.users if str(user) == answer.account)
    why = answer.failure.sentence if answer.failure else f"Reading stopped: {CUTS[answer.cut_by or 'failure']}."
    posts = f"{plural(answer.total, 'post')} counted" if isinstance(answer, Counts) else f"{plural(answer.posts.height, 'post')} read"
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
        yield f"{other:,} of {fetched:,} posts {'is' if other == 1 else 'are'} left out: not of the kinds or the time asked for."
    if undated:
        carry, are = ("carries", "is") if undated == 1 else ("carry", "are")
        yield f"{undated:,} of {fetched:,} posts {carry} no readable time and {are} left out."


def shared(query: Query, covered: pl.DataFrame) -> str:
    """Return from when to when all accounts are covered, if that is less than half of the time shown and not what was asked for."""
    dated = covered.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return ""
    first, last = dated.select(pl.col("first").min(), pl.col("last").max()).row(0)
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    less = latest <= earliest and (earliest - latest) * 2 < last - first
    return f"{day(latest, query)} to {day(earliest, query)}" if less else ""


def _apart(query: Query, covered: pl.DataFrame) -> Iterable[str]:
    """Say so if the accounts' posts are mostly of different times."""
    dated = covered.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    if latest > earliest:
        yield "The accounts' posts are of different times: there is no time that all of them cover. More posts of each reach further back."
    elif span := shared(query, covered):
        yield f"All accounts are covered only from {span}. To compare just that, choose “Only the time they share” under Time compared."
