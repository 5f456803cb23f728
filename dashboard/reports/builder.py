"""Where the parts meet: a question and the timelines that answer it become a table, a chart and what must be said of them.

No HTTP, no fetching, no cache: the same call works in a notebook.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from dashboard.analytics import agreement, compare, engagement, events, intervals, rhythm, sentiment, words
from dashboard.charts import definitions
from dashboard.charts.spec import Chart, Picture, Where
from dashboard.core import x_terms
from dashboard.core.counts import Counts
from dashboard.core.errors import SourceError
from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import notes, table_format
from dashboard.reports.analysis import MOST_ROWS, Reading
from dashboard.reports.csv_export import plain, written


@dataclass(frozen=True)
class Report:
    """One kind of answer: its table (the contract's columns), the chart of it, coverage rows, notes, and when posts were read (UTC).

    `where` says of each row of the table which posts are behind it, as parameters of /posts; empty if that can't be said.
    """

    kind: str
    query: Query
    width: str
    table: pl.DataFrame
    chart: Picture
    where: Sequence[Where]
    coverage: pl.DataFrame
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    fetched_at: datetime | None
    shared: str = ""  # the time that all accounts cover, if a page is to offer it
    elsewhere: bool = False  # whether more must be read for it than was: its own page does, `chart.nothing` says so

    @property
    def demo(self) -> str:
        """The label of demo data, empty if there is none."""
        return notes.DEMO if any(user.network == "demo" for user in self.query.users) else ""

    @property
    def notes(self) -> list[str]:
        """Everything that is to be said of the numbers, most important first."""
        return [*filter(None, [self.demo]), *self.warnings, *self.remarks]

    @property
    def columns(self) -> list[table_format.Column]:
        """Return how the columns of the table are headed."""
        return table_format.columns(self.table, self.kind, self.query, self.width)

    def lines(self, most: int) -> list[dict[str, str]]:
        """Return the first rows of the table as people read them."""
        return table_format.rows(self.table.head(most), self.kind, self.query)

    @property
    def linked(self) -> str:
        """Return the column whose cells lead to the posts behind their row, empty if none does."""
        likely = ("posts", "posts_now", *self.table.columns[1:])
        return next((name for name in likely if name in self.table.columns), "") if any(self.where) else ""

    def rows(self) -> list[dict[str, Any]]:
        """Return the table as plain values, times as ISO 8601 texts; of posts on X what may be handed on."""
        return plain(x_terms.handed_on(self.table, self.query.users))

    def coverage_rows(self) -> list[dict[str, Any]]:
        """Return coverage as plain values: account, asked, fetched, first, last, cut_by."""
        return plain(self.coverage)

    def csv(self) -> str:
        """Return the table as RFC 4180 text, each row followed by its account's coverage, with no cell a spreadsheet would compute."""
        riding = self.coverage.select("account", "asked", "fetched", "first", "last", "cut_by")
        return written(x_terms.handed_on(self.table, self.query.users).join(riding, on="account", how="left", maintain_order="left"))


@dataclass(frozen=True)
class Dashboard:
    """All kinds of answers to one question, and a summary row an account; `unit` is what counts as positive, `measured` the measure.

    `remarks` and `caption` are what more than one of them would say.
    """

    reports: tuple[Report, ...]
    summary: list[dict[str, Any]]
    unit: str
    measured: str
    demo: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    caption: tuple[str, ...]
    shared: str = ""


class Answer(NamedTuple):
    """What a kind of answer consists of: its table, the picture of it, what must be said besides, and the posts behind each row."""

    table: pl.DataFrame
    chart: Picture
    remarks: Sequence[str] = ()
    where: Sequence[Where] = ()


def _frequency(reading: Reading) -> Answer:
    table = reading.posted
    by_network = {counts.account for counts in reading.counted}
    labels = {account: f"{label} (counted by X)" if account in by_network else label for account, label in reading.labels.items()}
    chart = definitions.frequency(reading.parts(table), labels, reading.looks, reading.width, reading.caption)
    chart = definitions.marked(chart, reading.busy_times, table)
    return _linked(Answer(table, chart, where=_behind(table, reading)))


def _sentiment(reading: Reading) -> Answer:
    method, measure = reading.query.method, reading.query.measure
    table = sentiment.sentiment(reading.scored, reading.spans, reading.width, reading.query.tz, measure)
    caption = [*reading.caption, *notes.scored_by(method, reading.model)]
    drawn = reading.parts(table)
    chart = definitions.sentiment(drawn, reading.labels, reading.looks, reading.width, caption, method=method, measure=measure)
    chart = definitions.marked(chart, reading.moods, table)
    told = notes.of_labels(reading.summary, reading.model) if method == "model" else notes.of_words(reading.summary, reading.labels, method)
    return _linked(Answer(table, chart, [*told, *reading.left_out], _behind(table, reading, **dict(reading.english))))


def _compare(reading: Reading) -> Answer:
    query, times = reading.query, reading.times
    table = compare.compare(reading.shown, reading.scored, times, query.tz)
    caption = [*notes.compared(times, reading.labels, query), *reading.caption, *notes.scored_by(query.method, reading.model)]
    edges = compare.edges(times, query.tz).iter_rows()
    now = {account: (("from", cut.isoformat()), ("to", until.isoformat())) for account, cut, until in edges}
    english: dict[str, Where] = {"posts_per_day": ()} | dict.fromkeys(compare.MEASURES[1:], reading.english)
    rows = table.select("account", "measure", "posts_now").iter_rows()
    where = [(("account", account), *now[account], *english[of]) if posts and account in now else () for account, of, posts in rows]
    chart = definitions.compare(table, reading.labels, reading.looks, caption, where, query.method)
    return Answer(table, chart, [*notes.not_covered(times, reading.labels, query), *reading.left_out], where)


def _events(reading: Reading) -> Answer:
    query = reading.query
    table = events.ordered([reading.busy_times, reading.moods], list(reading.labels))
    caption = [*reading.caption, *notes.scored_by(query.method, reading.model)]
    behind, places = _behind(reading.posted, reading), reading.posted.select("account", "start").with_row_index("_place")
    english: dict[str, Where] = {"posts": (), "sentiment": reading.english}
    rows = table.join(places, on=["account", "start"], how="left", maintain_order="left").select("_place", "measure").iter_rows()
    where = [(*behind[place], *english[of]) if behind[place] else () for place, of in rows]
    chart = definitions.events(table, reading.labels, reading.looks, reading.width, caption, where)
    short = events.short(reading.parts(reading.posted))
    told = notes.of_events(table.height, short, reading.labels, reading.width, events.LEAST)
    return Answer(table, chart, [*told, *reading.left_out], where)


def _rhythm(reading: Reading) -> Answer:
    table = rhythm.rhythm(reading.shown, reading.known, reading.spans["account"].to_list(), reading.query.tz)
    chart = definitions.rhythm(table, reading.labels, reading.looks, reading.query.tz, reading.caption)
    remarks = definitions.uneven(reading.known, reading.labels)
    return Answer(table, chart, remarks, [definitions.posts_of_hour(row) for row in table.iter_rows(named=True)])


def _engagement(reading: Reading) -> Answer:
    method, networks = reading.query.method, {str(user): user.network for user in reading.query.users}
    rows = engagement.engagement(reading.scored, reading.query.tz)
    table, medians = engagement.listed(rows, reading.query.users, MOST_ROWS), engagement.medians(rows)
    caption = [*reading.caption, *notes.scored_by(method, reading.model)]
    chart = definitions.engagement(table, medians, reading.labels, reading.looks, caption, method)
    told = definitions.engagement_notes.remarks(rows, table, chart, medians, reading.labels, networks, reading.shown)
    told += x_terms.remarks(table, reading.query.users)
    return Answer(table, chart, [*told, *reading.left_out], [definitions.post(row) for row in table.iter_rows(named=True)])


def _words(reading: Reading) -> Answer:
    method = reading.query.method
    table = words.words(reading.scored, method, reading.spans["account"].to_list())
    caption = [*reading.caption, *notes.scored_by(method, reading.model)]
    chart = definitions.words(table, reading.labels, reading.looks, caption, method=method, read=reading.english)
    where = [definitions.posts_of_word(row, reading.english) for row in table.iter_rows(named=True)]
    return Answer(table, chart, [*definitions.distinguishing(table, reading.labels), *reading.left_out], where)


def _methods(reading: Reading) -> Answer:
    table = agreement.methods(reading.judged, reading.spans["account"].to_list())
    caption = [*reading.caption, *notes.scored_by("afinn", ""), *(notes.scored_by("model", reading.model) if reading.labeller else [])]
    every = agreement.every(reading.readable)
    where = [definitions.posts_in_dispute(row, every, reading.english) for row in table.iter_rows(named=True)]
    chart = definitions.methods(table, reading.labels, reading.looks, caption, where)
    told = definitions.agreement_in_words(agreement.agreement(reading.judged), agreement.alpha(reading.judged), reading.judged)
    told += definitions.sampled(every, reading.readable.height)
    return Answer(table, chart, [*told, *reading.left_out], where)


def _behind(table: pl.DataFrame, reading: Reading, **besides: str) -> list[Where]:
    """Return which posts are behind each row of a table of intervals; none are behind a row without posts, nor behind counts."""
    by_network = {counts.account for counts in reading.counted}
    edges = intervals.edges(table, reading.width)
    return [
        (("account", account), ("from", start), ("to", end), *besides.items()) if posts and account not in by_network else ()
        for account, posts, start, end in edges.select("account", "posts", "from", "to").iter_rows()
    ]


def _linked(answer: Answer) -> Answer:
    """Return an answer whose chart of time knows the posts behind its marks, which are those behind the rows of its table."""
    by_account: dict[str, list[Where]] = {}
    for account, where in zip(answer.table["account"], answer.where, strict=True):
        by_account.setdefault(account, []).append(where)
    return answer._replace(chart=answer.chart.behind(by_account)) if isinstance(answer.chart, Chart) else answer


# The registry of charts: a new one is one line here, and its name in query.CHARTS.
KINDS: dict[str, Callable[[Reading], Answer]] = {
    "frequency": _frequency,
    "sentiment": _sentiment,
    "compare": _compare,
    "events": _events,
    "rhythm": _rhythm,
    "words": _words,
    "methods": _methods,
    "engagement": _engagement,
}
OVER_TIME = ("frequency", "sentiment", "events")  # what is cut into intervals


def build(
    kind: str,
    query: Query,
    answers: Sequence[Timeline | Counts],
    failures: Mapping[str, SourceError],
    besides: Sequence[str] = (),
    labeller: Labeller | None = None,
) -> Report:
    """Answer one question with one kind of chart. `failures` are the accounts that could not be read, by canonical name.

    `labeller` labels the posts for sentiment by method `model`; ModelUnavailable is raised without it. Raises InvalidQuery for a chart of
    words of a question that is answered by counts.
    """
    return _built(kind, Reading(query.answered_by(kind), answers, failures, besides, labeller, query.reach(kind)))


def dashboard(
    query: Query,
    answers: Sequence[Timeline | Counts],
    failures: Mapping[str, SourceError],
    besides: Sequence[str] = (),
    labeller: Labeller | None = None,
) -> Dashboard:
    """Answer one question with every kind of chart; arguments and errors as for `build`.

    `answers` are of the time asked for and no more. A kind that needs more has no numbers here, and says that its own page has them.
    """
    reading = Reading(query, answers, failures, besides, labeller)
    enough = {kind: query.reach(kind) == query.span for kind in KINDS if query.answered_by(kind)}
    reports = tuple(_built(kind, reading) if here else _unread(kind, reading) for kind, here in enough.items())
    unit, measured = definitions.UNITS[query.method], definitions.TITLES[query.measure]
    said = _of_several(report.remarks for report in reports)
    caption = _of_several(report.chart.caption for report in reports)
    first = reports[0]
    return Dashboard(reports, _summary_rows(reading), unit, measured, first.demo, first.warnings, said, caption, reading.shared)


def _of_several(told: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the sentences that more than one of several says, in their order."""
    counts = Counter(sentence for each in told for sentence in dict.fromkeys(each))
    return tuple(sentence for sentence, count in counts.items() if count > 1)


def _summary_rows(reading: Reading) -> list[dict[str, Any]]:
    """Return a row for each account that was read, in the order asked for: its sums, its coverage, and how they are worded and coloured."""
    sums = {row["account"]: row for row in reading.summary.iter_rows(named=True)}
    nothing = dict.fromkeys(("words", "matched", "positive", "negative", "posts"), 0) | {"share": None, "per_day": None, "value": None}
    return [
        nothing | covered | sums.get(covered["account"], {}) | _worded(covered, sums.get(covered["account"]), reading)
        for covered in reading.covered.iter_rows(named=True)
    ]


def _worded(covered: Mapping[str, Any], sums: Mapping[str, Any] | None, reading: Reading) -> dict[str, str]:
    account = covered["account"]
    return {
        "label": reading.labels[account],
        "colour": reading.looks[account].colour,
        "cut": notes.cut(covered, reading.query),
        "measured": definitions.value_in_words(sums["value"], reading.query.measure) if sums and sums["posts"] else "–",
    }


def _built(kind: str, reading: Reading) -> Report:
    width = reading.width if kind in OVER_TIME else reading.query.interval
    answer = KINDS[kind](reading)
    told = tuple(reading.warnings), (*reading.remarks, *answer.remarks)
    return Report(
        kind, reading.query, width, answer.table, answer.chart, answer.where, reading.covered, *told, reading.fetched_at, reading.shared
    )


def _unread(kind: str, reading: Reading) -> Report:
    """Return a kind of answer without numbers: a sentence on what would have to be read for them."""
    nothing = _built(kind, replace(reading, answers=()))
    chart = replace(nothing.chart, hint="", caption=(), nothing=notes.time_before(reading.query))
    return replace(nothing, chart=chart, remarks=(), elsewhere=True)
