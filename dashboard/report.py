"""Where the parts meet: a question and the timelines that answer it become a table, a chart and what must be said of them.

No HTTP, no fetching, no cache: the same call works in a notebook.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from dashboard import notes, posts
from dashboard.analytics import coverage, frequency, intervals, rhythm, sentiment, summary
from dashboard.charts import definitions
from dashboard.charts.spec import Picture, Style, Where, styles
from dashboard.counts import SCHEMA, Counts
from dashboard.errors import InvalidQuery, SourceError
from dashboard.posts import Timeline
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
        shares = {"share", "low", "high"} | ({"value"} if getattr(self.chart, "percent", False) else set())
        kinds = {name: "number" if dtype.is_numeric() else "text" for name, dtype in self.table.schema.items()}
        return list((kinds | dict.fromkeys(shares & set(kinds), "share") | dict.fromkeys({"start"} & set(kinds), "start")).items())

    def rows(self) -> list[dict[str, Any]]:
        """Return the table as plain values, times as ISO 8601 texts."""
        return _plain(self.table)

    def coverage_rows(self) -> list[dict[str, Any]]:
        """Return coverage as plain values: account, asked, fetched, first, last, cut_by."""
        return _plain(self.coverage)

    def csv(self) -> str:
        """Return the table as RFC 4180 text, each row followed by its account's coverage, with no cell a spreadsheet would compute."""
        riding = self.coverage.select("account", "asked", "fetched", "first", "last", "cut_by")
        rows = self.table.join(riding, on="account", how="left", maintain_order="left")
        return _harmless(pl.DataFrame(_plain(rows), schema=_textual(rows))).write_csv(line_terminator="\r\n")


@dataclass(frozen=True)
class Dashboard:
    """All kinds of answers to one question, and a summary row an account; `unit` is what counts as positive, `measured` the measure."""

    reports: tuple[Report, ...]
    summary: list[dict[str, Any]]
    unit: str
    measured: str
    demo: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What every kind of answer starts from; nothing is computed twice."""

    query: Query
    answers: Sequence[Timeline | Counts]
    failures: Mapping[str, SourceError]
    besides: Sequence[str] = ()  # what the caller has to say of the numbers
    labeller: Labeller | None = None  # for the method `model`

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
    def scored(self) -> pl.DataFrame:
        """The shown posts as the query's method reads them."""
        parts = self.shown.partition_by("account", maintain_order=True) or [self.shown]
        scored = [sentiment.scored(part, self.query.method, self.labeller) for part in parts]  # one at a time takes a seventh of the memory
        return pl.concat(scored)

    @cached_property
    def summary(self) -> pl.DataFrame:
        """One row of sums an account."""
        return summary.summary(self.scored, self.spans, self.query.measure)

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
    def model(self) -> str:
        """Name and version of the model that labels posts, empty if none does."""
        return self.labeller.title if self.labeller else ""

    @property
    def caption(self) -> list[str]:
        """The lines beneath the title of a chart of time."""
        return notes.caption(self.query, self.covered, list(self.failures), self.fetched_at, self.width)

    @property
    def plain_caption(self) -> list[str]:
        """The lines beneath any other title."""
        return notes.caption(self.query, self.covered, list(self.failures), self.fetched_at)


class Answer(NamedTuple):
    """What a kind of answer consists of: its table, the picture of it, what must be said besides, and the posts behind each row."""

    table: pl.DataFrame
    chart: Picture
    remarks: Sequence[str] = ()
    where: Sequence[Where] = ()


def _frequency(reading: Reading) -> Answer:
    table = frequency.frequency(reading.shown, reading.spans, reading.width, reading.query.tz, reading.hours)
    by_network = {counts.account for counts in reading.counted}
    labels = {account: f"{label} (counted by X)" if account in by_network else label for account, label in reading.labels.items()}
    return Answer(table, definitions.frequency(table, labels, reading.looks, reading.width, reading.caption))


def _sentiment(reading: Reading) -> Answer:
    method, measure = reading.query.method, reading.query.measure
    table = sentiment.sentiment(reading.scored, reading.spans, reading.width, reading.query.tz, measure)
    caption = [*reading.caption, *notes.scored_by(method, reading.model)]
    chart = definitions.sentiment(table, reading.labels, reading.looks, reading.width, caption, method=method, measure=measure)
    if method == "model":
        return Answer(table, chart, notes.of_labels(reading.summary, reading.shown, reading.model))
    return Answer(table, chart, notes.of_words(reading.summary, reading.shown, reading.labels, method))


def _rhythm(reading: Reading) -> Answer:
    table = rhythm.rhythm(reading.shown, reading.spans["account"].to_list(), reading.query.tz)
    return Answer(table, definitions.rhythm(table, reading.labels, reading.looks, reading.query.tz, reading.plain_caption))


# The registry of charts: a new one is one line here, and its name in query.CHARTS.
KINDS: dict[str, Callable[[Reading], Answer]] = {"frequency": _frequency, "sentiment": _sentiment, "rhythm": _rhythm}
OVER_TIME = ("frequency", "sentiment")  # what is cut into intervals


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
    return _built(kind, Reading(query.answered_by(kind), answers, failures, besides, labeller))


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
    said = dict.fromkeys(remark for report in reports for remark in report.remarks)
    unit, measured = definitions.UNITS[query.method], definitions.TITLES[query.measure]
    return Dashboard(reports, _summary_rows(reading), unit, measured, reports[0].demo, reports[0].warnings, tuple(said))


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
    return Report(kind, reading.query, width, answer.table, answer.chart, answer.where, reading.covered, *told, reading.fetched_at)


def _affordable(spans: pl.DataFrame, width: intervals.Width) -> None:
    rows = sum(intervals.expected(last - first, width) for first, last in spans.select("first", "last").iter_rows())
    if rows > MOST_ROWS:
        much = f"Cut by the {width}, these posts would make {rows:,} rows; {MOST_ROWS:,} is the most."
        raise InvalidQuery([("interval", f"{much} Choose a wider interval or a shorter time.")])


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def _textual(frame: pl.DataFrame) -> dict[str, Any]:
    return {name: pl.String if dtype.is_temporal() else dtype for name, dtype in frame.schema.items()}


def _harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would take for a formula."""
    return frame.with_columns(pl.col(pl.String).str.replace(r"^([=+\-@\t\r])", "'$1"))
