"""What every kind of answer starts from: a question, what was read for it, and what several charts need, worked out once.

No HTTP, no fetching, no cache between questions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl

from dashboard.analytics import agreement, compare, coverage, events, frequency, intervals, language_filter, sentiment, summary
from dashboard.charts.spec import Style, Where, styles
from dashboard.core import posts
from dashboard.core.counts import SCHEMA, Counts
from dashboard.core.errors import InvalidQuery, SourceError
from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.prediction import language_detection
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import notes

MOST_ROWS = 20_000  # of one table: more can't be read in a picture, and takes seconds and gigabytes to draw


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
        """The span that window=common leaves of the time asked for, None for all there is."""
        return coverage.common(self._asked_for) if self.query.window == "common" else None

    @cached_property
    def before(self) -> tuple[datetime, datetime] | None:
        """The span that window=common leaves of the time before the one asked for, if that was read too; both ends included."""
        since, reach = self.query.span[0], (self.reach or self.query.span)[0]
        if self.within is None or since is None or reach is None or reach == since:
            return None
        return self.within[0] - (since - reach), self.within[1] - (since - reach)

    @cached_property
    def _asked_for(self) -> pl.DataFrame:
        """Coverage of the time asked for, though more may have been read."""
        return coverage.coverage(coverage.inside(self.answers, *self.query.span), self.query.n)

    @cached_property
    def apart(self) -> bool:
        """Whether window=common was asked for and the accounts share no time."""
        return self.query.window == "common" and self.within is None and self._asked_for["first"].count() > 1

    @cached_property
    def shown(self) -> pl.DataFrame:
        """The posts that the view is about."""
        frames = [timeline.posts for timeline in self.timelines if not self.apart]
        read = pl.concat([posts.empty(), *frames])
        spans = [self.within, self.before] if self.before else [self.within]
        return pl.concat(coverage.shown(read, self.query.kinds, span) for span in spans)

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
        return language_filter.foreign(self.shown, language_detection.detect_languages)

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
        return self.read(self.readable)

    def read(self, some: pl.DataFrame) -> pl.DataFrame:
        """Return posts as the query's method reads them, one account after the other, which takes a seventh of the memory.

        So what was read of an account for one question is kept for the next.
        """
        parts = some.partition_by("account", maintain_order=True) or [some]
        return pl.concat(sentiment.scored(part, self.query.method, self.labeller) for part in parts)

    @cached_property
    def judged(self) -> pl.DataFrame:
        """The readable posts, or a sample of very many, with the verdicts of every method that can be asked."""
        method, silent = self.query.method, self.query.method == "model" and not self.labeller
        if silent or (method in sentiment.SLOW and agreement.every(self.readable) > 1):  # the sample first, for that takes long
            return agreement.judged(agreement.sampled(self.readable), self.labeller)
        some = agreement.sampled(self.scored)
        return agreement.judged(some.select(self.readable.columns), self.labeller, {method: some})

    @cached_property
    def summary(self) -> pl.DataFrame:
        """One row of sums an account."""
        return summary.summary(self.scored, self.spans, self.query.measure, self.shown)

    @cached_property
    def known(self) -> pl.DataFrame:
        """From when to when every post of an account is known."""
        return coverage.known(self.answers, self.reach or self.query.span, None if self.before else self.within)

    @cached_property
    def posted(self) -> pl.DataFrame:
        """Posts per interval."""
        return frequency.frequency(self.shown, self.spans, self.width, self.query.tz, self.hours)

    @cached_property
    def busy_times(self) -> pl.DataFrame:
        """The intervals in which accounts posted unusually often, or unusually seldom."""
        found = events.of_posts(self.parts(self.posted), self.width)
        return events.worded(found, self.readable if found.height else self.shown.clear(), self.width, self.query.tz)

    @cached_property
    def moods(self) -> pl.DataFrame:
        """The intervals in which accounts sounded unlike themselves."""
        sums = events.summed(self.scored, self.spans, self.width, self.query.tz)
        return events.worded(events.of_sentiment(self.parts(sums)), self.readable, self.width, self.query.tz)

    @cached_property
    def times(self) -> pl.DataFrame:
        """The two times of each account that are compared."""
        return compare.periods(self.spans, self.known, (self.query.since, self.query.until), self.query.tz, self.within)

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


def _affordable(spans: pl.DataFrame, width: intervals.Width) -> None:
    rows = sum(intervals.expected(last - first, width) for first, last in spans.select("first", "last").iter_rows())
    if rows > MOST_ROWS:
        much = f"Cut by the {width}, these posts would make {rows:,} rows; {MOST_ROWS:,} is the most."
        raise InvalidQuery([("interval", f"{much} Choose a wider interval or a shorter time.")])
