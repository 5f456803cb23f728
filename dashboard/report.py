"""Where the parts meet: a question and the timelines that answer it become a table, a chart and what must be said of them.

No HTTP, no fetching, no cache: the same call works in a notebook.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from dashboard import notes, posts
from dashboard.analytics import (
    compare,
    coverage,
    engagement,
    events,
    frequency,
    intervals,
    languages,
    methods,
    rhythm,
    sentiment,
    summary,
    words,
)
from dashboard.charts import definitions
from dashboard.charts.spec import Chart, Picture, Style, Where, styles
from dashboard.counts import SCHEMA, Counts
from dashboard.errors import InvalidQuery, SourceError
from dashboard.posts import Timeline
from dashboard.prediction import language
from dashboard.prediction.labeller import Labeller
from dashboard.query import Query

MOST_ROWS = 20_000  # of one table: more can't be read in a picture, and takes seconds and gigabytes to draw


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

    @property
    def demo(self) -> str:
        """The label of demo data, empty if there is none."""
        return notes.DEMO if any(user.network == "demo" for user in self.query.users) else ""

    @property
    def notes(self) -> list[str]:
        """Everything that is to be said of the numbers, most important first."""
        return [*filter(None, [self.demo]), *self.warnings, *self.remarks]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return the columns of the table, each with what it holds: `text`, `number`, `share` or `start`."""
        shares = {"share", "low", "high", "agreement"} | ({"value"} if getattr(self.chart, "percent", False) else set())
        kinds = {name: "number" if dtype.is_numeric() else "text" for name, dtype in self.table.schema.items()}
        return list((kinds | dict.fromkeys(shares & set(kinds), "share") | dict.fromkeys({"start"} & set(kinds), "start")).items())

    @property
    def linked(self) -> str:
        """Return the column whose cells lead to the posts behind their row, empty if none does."""
        return next((name for name in ("posts", *self.table.columns[1:]) if name in self.table.columns), "") if any(self.where) else ""

    def rows(self) -> list[dict[str, Any]]:
        """Return the table as plain values, times as ISO 8601 texts."""
        return plain(self.table)

    def coverage_rows(self) -> list[dict[str, Any]]:
        """Return coverage as plain values: account, asked, fetched, first, last, cut_by."""
        return plain(self.coverage)

    def csv(self) -> str:
        """Return the table as RFC 4180 text, each row followed by its account's coverage, with no cell a spreadsheet would compute."""
        riding = self.coverage.select("account", "asked", "fetched", "first", "last", "cut_by")
        return written(self.table.join(riding, on="account", how="left", maintain_order="left"))


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


@dataclass(frozen=True)
class Reading:
    """What every kind of answer starts from; nothing is computed twice."""

    query: Query
    answers: Sequence[Timeline | Counts]
    failures: Mapping[str, SourceError]
    besides: Sequence[str] = ()  # what the caller has to say of the numbers
    labeller: Labeller | None = None  # for the method `model`
    reach: tuple[datetime | None, datetime | None] | None = None  # the time that posts were read of, if not the query's

    @cached_property
    def timelines(self) -> list[Timeline]:
        """The accounts whose posts were read."""
        return [answer for answer in self.answers if isinstance(answer, Timeline)]

    @cached_property
    def counted(self) -> list[Counts]:
        """The accounts whose network counted them."""
        return [answer for answer in self.answers if isinstance(answer, Counts)]

    @cached_property
    def covered(self) -> pl.DataFrame:
        """Coverage, a row an answer."""
        return coverage.coverage(self.answers, self.query.n)

    @cached_property
    def within(self) -> tuple[datetime, datetime] | None:
        """The span that window=common leaves, None for all there is."""
        return coverage.common(self.covered) if self.query.window == "common" else None

    @cached_property
    def apart(self) -> bool:
        """Whether window=common was asked for and the accounts share no time."""
        return self.query.window == "common" and self.within is None and self.covered["first"].count() > 1

    @cached_property
    def shown(self) -> pl.DataFrame:
        """The posts that the view is about."""
        frames = [timeline.posts for timeline in self.timelines if not self.apart]
        return coverage.shown(pl.concat([posts.empty(), *frames]), self.query.kinds, self.within)

    @cached_property
    def hours(self) -> pl.DataFrame:
        """The counted hours that the view is about."""
        hours = pl.concat([pl.DataFrame(schema=SCHEMA), *(counts.frame() for counts in self.counted if not self.apart)])
        return hours.filter(pl.col("created_at").is_between(*self.within)) if self.within else hours

    @cached_property
    def spans(self) -> pl.DataFrame:
        """From when to when each account is drawn."""
        spans = coverage.spans(self.covered, self.within)
        return spans.clear() if self.apart else spans

    @cached_property
    def foreign(self) -> pl.Series:
        """Whether each shown post is in another language than English, which no method reads."""
        return languages.foreign(self.shown, language.languages)

    @cached_property
    def readable(self) -> pl.DataFrame:
        """The shown posts that can be read: those in other languages are left out."""
        return self.shown if self.reads_all else self.shown.filter(~self.foreign)

    @property
    def reads_all(self) -> bool:
        """Whether somebody's own model labels the posts: which languages it was made for is not known here."""
        return self.query.method == "model" and self.labeller is not None and not self.labeller.model.card.training

    @property
    def english(self) -> Where:
        """What narrows posts down to those that are read."""
        return () if self.reads_all else (("language", "english"),)

    @cached_property
    def scored(self) -> pl.DataFrame:
        """The readable posts as the query's method reads them."""
        parts = self.readable.partition_by("account", maintain_order=True) or [self.readable]
        scored = [sentiment.scored(part, self.query.method, self.labeller) for part in parts]  # one at a time takes a seventh of the memory
        return pl.concat(scored)

    @cached_property
    def judged(self) -> pl.DataFrame:
        """The readable posts, or a sample of very many, with the verdicts of every method that can be asked."""
        known = self.query.method != "model" or self.labeller is not None
        some = methods.sampled(self.scored if known else self.readable)
        return methods.judged(some.select(self.readable.columns), self.labeller, {self.query.method: some} if known else {})

    @cached_property
    def summary(self) -> pl.DataFrame:
        """One row of sums an account."""
        return summary.summary(self.scored, self.spans, self.query.measure, self.shown)

    @cached_property
    def known(self) -> pl.DataFrame:
        """From when to when every post of an account is known."""
        return coverage.known(self.answers, self.reach or self.query.span, self.within)

    @cached_property
    def posted(self) -> pl.DataFrame:
        """Posts per interval."""
        return frequency.frequency(self.shown, self.spans, self.width, self.query.tz, self.hours)

    @cached_property
    def busy_times(self) -> pl.DataFrame:
        """The intervals in which accounts posted unusually often, or unusually seldom."""
        found = events.of_posts(self.parts(self.posted), self.width)
        return events.worded(found, self.shown, self.width, self.query.tz)

    @cached_property
    def moods(self) -> pl.DataFrame:
        """The intervals in which accounts sounded unlike themselves."""
        sums = events.summed(self.scored, self.spans, self.width, self.query.tz)
        return events.worded(events.of_sentiment(self.parts(sums)), self.readable, self.width, self.query.tz)

    @cached_property
    def times(self) -> pl.DataFrame:
        """The two times of each account that are compared."""
        return compare.periods(self.spans, self.known, (self.query.since, self.query.until), self.query.tz)

    def parts(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table of intervals with the column `part`: whether an interval is known in part only."""
        return intervals.parted(table, self.known, self.width, self.query.tz)

    @property
    def left_out(self) -> list[str]:
        """How many posts are in other languages, for whatever looks at words."""
        return notes.of_languages(int(self.foreign.sum()), self.shown.height, read=self.reads_all)

    @cached_property
    def labels(self) -> dict[str, str]:
        """What the drawn accounts are called, in the order asked for."""
        drawn = set(self.covered["account"])
        return {str(user): user.label for user in self.query.users if str(user) in drawn}

    @cached_property
    def looks(self) -> dict[str, Style]:
        """How accounts look; one that can't be read today changes nobody's colour."""
        return styles(str(user) for user in self.query.users)

    @cached_property
    def width(self) -> intervals.Width:
        """The width of the intervals: the one asked for, or one that suits the span. Raises InvalidQuery if there would be too many."""
        if self.spans.is_empty():
            return "day" if self.query.interval == "auto" else self.query.interval
        ends = self.spans.select(pl.col("first").min(), pl.col("last").max()).row(0)
        width = intervals.fitting(ends[1] - ends[0]) if self.query.interval == "auto" else self.query.interval
        _affordable(self.spans, width)
        return width

    @cached_property
    def fetched_at(self) -> datetime | None:
        """When the oldest of the timelines was read."""
        return min((answer.fetched_at for answer in self.answers), default=None)

    @cached_property
    def warnings(self) -> list[str]:
        """What went wrong."""
        together = (
            ["There is no time that all accounts cover. Choose “All that was read” under Time compared (window=all)."] if self.apart else []
        )
        return notes.warnings(self.query, self.answers, self.failures) + together

    @cached_property
    def remarks(self) -> list[str]:
        """What is to be said of every kind of answer."""
        told = notes.remarks(self.query, self.timelines, self.covered, self.shown, apart=self.apart)
        return [*self.besides, *notes.of_counts(self.query, self.counted), *told]

    @property
    def shared(self) -> str:
        """The time that all accounts cover, in words, if it is worth offering."""
        return notes.shared(self.query, self.covered)

    @property
    def model(self) -> str:
        """Name and version of the model that labels posts, empty if none does."""
        return self.labeller.title if self.labeller else ""

    @property
    def caption(self) -> list[str]:
        """The lines beneath a title."""
        return notes.caption(self.query, self.covered, list(self.failures), self.fetched_at)


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
    chart = definitions.marked(chart, reading.busy_times)
    return _linked(Answer(table, chart, where=_behind(table, reading)))


def _sentiment(reading: Reading) -> Answer:
    method, measure = reading.query.method, reading.query.measure
    table = sentiment.sentiment(reading.scored, reading.spans, reading.width, reading.query.tz, measure)
    caption = [*reading.caption, *notes.scored_by(method, reading.model)]
    drawn = reading.parts(table)
    chart = definitions.sentiment(drawn, reading.labels, reading.looks, reading.width, caption, method=method, measure=measure)
    chart = definitions.marked(chart, reading.moods)
    told = notes.of_labels(reading.summary, reading.model) if method == "model" else notes.of_words(reading.summary, reading.labels, method)
    return _linked(Answer(table, chart, [*told, *reading.left_out], _behind(table, reading, **dict(reading.english))))


def _compare(reading: Reading) -> Answer:
    query, times = reading.query, reading.times
    table = compare.compare(reading.shown, reading.scored, times, query.tz)
    caption = [*notes.compared(times, reading.labels, query), *reading.caption, *notes.scored_by(query.method, reading.model)]
    now = {account: (("from", cut), ("to", until)) for account, cut, until in compare.edges(times, query.tz).iter_rows()}
    english: dict[str, Where] = {"posts_per_day": ()} | dict.fromkeys(compare.MEASURES[1:], reading.english)
    where = [(("account", account), *now[account], *english[of]) for account, of in table.select("account", "measure").iter_rows()]
    chart = definitions.compare(table, reading.labels, reading.looks, caption, where, query.method)
    return Answer(table, chart, [*notes.not_covered(times, reading.labels, query), *reading.left_out], where)


def _events(reading: Reading) -> Answer:
    query = reading.query
    table = events.ordered([reading.busy_times, reading.moods], list(reading.labels))
    caption = [*reading.caption, *notes.scored_by(query.method, reading.model)]
    behind = dict(zip(reading.posted.select("account", "start").iter_rows(), _behind(reading.posted, reading), strict=True))
    english: dict[str, Where] = {"posts": (), "sentiment": reading.english}
    where = [(*behind[account, start], *english[of]) for account, start, of in table.select("account", "start", "measure").iter_rows()]
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
    table, medians = engagement.listed(rows, networks, MOST_ROWS), engagement.medians(rows)
    caption = [*reading.caption, *notes.scored_by(method, reading.model)]
    chart = definitions.engagement(table, medians, reading.labels, reading.looks, caption, method)
    told = definitions.reactions.remarks(rows, table, chart, medians, reading.labels, networks, reading.shown)
    return Answer(table, chart, [*told, *reading.left_out], [definitions.post(row) for row in table.iter_rows(named=True)])


def _words(reading: Reading) -> Answer:
    method = reading.query.method
    table = words.words(reading.scored, method, reading.spans["account"].to_list())
    caption = [*reading.caption, *notes.scored_by(method, reading.model)]
    chart = definitions.words(table, reading.labels, reading.looks, caption, method=method)
    where = [definitions.posts_of_word(row) for row in table.iter_rows(named=True)]
    return Answer(table, chart, [*definitions.distinguishing(table, reading.labels), *reading.left_out], where)


def _methods(reading: Reading) -> Answer:
    table = methods.methods(reading.judged, reading.spans["account"].to_list())
    caption = [*reading.caption, *notes.scored_by("afinn", ""), *(notes.scored_by("model", reading.model) if reading.labeller else [])]
    chart = definitions.methods(table, reading.labels, reading.looks, caption)
    told = definitions.agreement_in_words(methods.agreement(reading.judged), methods.alpha(reading.judged), reading.judged)
    told += definitions.sampled(methods.every(reading.readable), reading.readable.height)
    where = [definitions.posts_in_dispute(row) for row in table.iter_rows(named=True)]
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
    """Answer one question with every kind of chart; arguments and errors as for `build`."""
    reading = Reading(query, answers, failures, besides, labeller)
    reports = tuple(_built(kind, reading) for kind in KINDS if query.answered_by(kind))
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


def _affordable(spans: pl.DataFrame, width: intervals.Width) -> None:
    rows = sum(intervals.expected(last - first, width) for first, last in spans.select("first", "last").iter_rows())
    if rows > MOST_ROWS:
        much = f"Cut by the {width}, these posts would make {rows:,} rows; {MOST_ROWS:,} is the most."
        raise InvalidQuery([("interval", f"{much} Choose a wider interval or a shorter time.")])


def written(frame: pl.DataFrame) -> str:
    """Return a frame as RFC 4180 text, times as ISO 8601, with no cell a spreadsheet would compute."""
    return _harmless(pl.DataFrame(plain(frame), schema=_textual(frame))).write_csv(line_terminator="\r\n")


def plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values, times as ISO 8601 texts."""
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def _textual(frame: pl.DataFrame) -> dict[str, Any]:
    return {name: pl.String if dtype.is_temporal() else dtype for name, dtype in frame.schema.items()}


def _harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would take for a formula."""
    return frame.with_columns(pl.col(pl.String).str.replace(r"^([=+\-@\t\r])", "'$1"))
