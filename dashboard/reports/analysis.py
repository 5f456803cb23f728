"""What every kind of answer starts from: a question, what was read for it, and what several charts need, worked out once.

No HTTP, no fetching, no cache between questions.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import polars as pl

from dashboard.analytics import agreement, compare, coverage, events, frequency, intervals, language_filter, sentiment, summary
from dashboard.analytics.methods.registry import METHODS
from dashboard.charts.context import ChartContext
from dashboard.charts.spec import PostQuery, Style, assign_styles
from dashboard.core import posts
from dashboard.core.counts import SCHEMA, HourlyCounts
from dashboard.core.errors import InvalidQuery
from dashboard.core.methods import Method
from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.prediction import language_detection
from dashboard.reports import notes
from dashboard.reports.fetched import Fetched

MAX_TABLE_ROWS = 20_000  # of one table: more can't be read in a picture, and takes seconds and gigabytes to draw


@dataclass(frozen=True)
class Analysis:
    """What every kind of answer starts from; nothing is computed twice."""

    query: Query
    fetched: Fetched
    read_span: tuple[datetime | None, datetime | None] | None = None  # the time that posts were read of, if not the query's

    @property
    def method(self) -> Method:
        """The method of the query."""
        return METHODS[self.query.method]

    @cached_property
    def timelines(self) -> list[Timeline]:
        """The accounts whose posts were read."""
        return [answer for answer in self.fetched.answers if isinstance(answer, Timeline)]

    @cached_property
    def network_counts(self) -> list[HourlyCounts]:
        """The accounts whose network counted them."""
        return [answer for answer in self.fetched.answers if isinstance(answer, HourlyCounts)]

    @cached_property
    def coverage_table(self) -> pl.DataFrame:
        """Coverage, a row an answer."""
        return coverage.coverage(self.fetched.answers, self.query.n)

    @cached_property
    def common_span(self) -> tuple[datetime, datetime] | None:
        """The span that window=common leaves of the time asked for, None for all there is."""
        return coverage.common_span(self._requested_coverage) if self.query.window == "common" else None

    @cached_property
    def previous_common_span(self) -> tuple[datetime, datetime] | None:
        """The span that window=common leaves of the time before the one asked for, if that was read too; both ends included."""
        since, reach = self.query.span[0], (self.read_span or self.query.span)[0]
        if self.common_span is None or since is None or reach is None or reach == since:
            return None
        return self.common_span[0] - (since - reach), self.common_span[1] - (since - reach)

    @cached_property
    def _requested_coverage(self) -> pl.DataFrame:
        """Coverage of the time asked for, though more may have been read."""
        return coverage.coverage(coverage.filter_by_time(self.fetched.answers, *self.query.span), self.query.n)

    @cached_property
    def has_no_common_time(self) -> bool:
        """Whether window=common was asked for and the accounts share no time."""
        return self.query.window == "common" and self.common_span is None and self._requested_coverage["first"].count() > 1

    @cached_property
    def filtered_posts(self) -> pl.DataFrame:
        """The posts that the view is about."""
        frames = [timeline.posts for timeline in self.timelines if not self.has_no_common_time]
        read = pl.concat([posts.empty_frame(), *frames])
        spans = [self.common_span, self.previous_common_span] if self.previous_common_span else [self.common_span]
        return pl.concat(coverage.visible_posts(read, self.query.kinds, span) for span in spans)

    @cached_property
    def counted_hours(self) -> pl.DataFrame:
        """The counted hours that the view is about."""
        hours = pl.concat(
            [pl.DataFrame(schema=SCHEMA), *(counts.to_frame() for counts in self.network_counts if not self.has_no_common_time)]
        )
        return hours.filter(pl.col("created_at").is_between(*self.common_span)) if self.common_span else hours

    @cached_property
    def account_spans(self) -> pl.DataFrame:
        """From when to when each account is drawn."""
        spans = coverage.covered_spans(self.coverage_table, self.common_span)
        return spans.clear() if self.has_no_common_time else spans

    @cached_property
    def is_foreign(self) -> pl.Series:
        """Whether each shown post is in another language than English, which no method reads."""
        return language_filter.is_foreign(self.filtered_posts, language_detection.detect_languages)

    @cached_property
    def scorable_posts(self) -> pl.DataFrame:
        """The shown posts that can be read: those in other languages are left out."""
        return self.filtered_posts if self.scores_all_languages else self.filtered_posts.filter(~self.is_foreign)

    @property
    def scores_all_languages(self) -> bool:
        """Whether posts in every language are scored: somebody's own model labels them, and which languages it reads is not known here."""
        labeller = self.fetched.labeller
        return self.method.languages == "labeller" and labeller is not None and not labeller.model.card.training

    @property
    def language_filter(self) -> PostQuery:
        """What narrows posts down to those that are read."""
        return () if self.scores_all_languages else (("language", "english"),)

    @cached_property
    def scored_posts(self) -> pl.DataFrame:
        """The readable posts as the query's method reads them."""
        return self.score_posts(self.scorable_posts)

    def score_posts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return posts as the query's method reads them, one account after the other, which takes a seventh of the memory.

        So what was read of an account for one question is kept for the next.
        """
        parts = frame.partition_by("account", maintain_order=True) or [frame]
        return pl.concat(sentiment.score_posts(part, self.query.method, self.fetched.labeller) for part in parts)

    @cached_property
    def rated_posts(self) -> pl.DataFrame:
        """The readable posts, or a sample of very many, with the verdicts of every method that can be asked."""
        silent = self.method.needs_labeller and not self.fetched.labeller
        if silent or (self.method.is_slow and agreement.sampling_step(self.scorable_posts) > 1):  # the sample first, for that takes long
            return agreement.rate_posts(agreement.sample_posts(self.scorable_posts), self.fetched.labeller)
        some = agreement.sample_posts(self.scored_posts)
        return agreement.rate_posts(some.select(self.scorable_posts.columns), self.fetched.labeller, {self.method.name: some})

    @cached_property
    def account_summaries(self) -> pl.DataFrame:
        """One row of sums an account."""
        return summary.summary(self.scored_posts, self.account_spans, self.query.measure, self.filtered_posts)

    @cached_property
    def known_spans(self) -> pl.DataFrame:
        """From when to when every post of an account is known."""
        return coverage.known_spans(
            self.fetched.answers, self.read_span or self.query.span, None if self.previous_common_span else self.common_span
        )

    @cached_property
    def posts_per_interval(self) -> pl.DataFrame:
        """Posts per interval."""
        return frequency.frequency(self.filtered_posts, self.account_spans, self.interval, self.query.tz, self.counted_hours)

    @cached_property
    def posting_events(self) -> pl.DataFrame:
        """The intervals in which accounts posted unusually often, or unusually seldom."""
        found = events.detect_post_events(self.mark_partial_intervals(self.posts_per_interval), self.interval)
        return events.add_words(found, self.scorable_posts if found.height else self.filtered_posts.clear(), self.interval, self.query.tz)

    @cached_property
    def sentiment_events(self) -> pl.DataFrame:
        """The intervals in which accounts sounded unlike themselves."""
        sums = events.sum_sentiment(self.scored_posts, self.account_spans, self.interval, self.query.tz)
        return events.add_words(
            events.detect_sentiment_events(self.mark_partial_intervals(sums)), self.scorable_posts, self.interval, self.query.tz
        )

    @cached_property
    def comparison_periods(self) -> pl.DataFrame:
        """The two times of each account that are compared."""
        return compare.build_periods(
            self.account_spans, self.known_spans, (self.query.since, self.query.until), self.query.tz, self.common_span
        )

    def mark_partial_intervals(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table of intervals with the column `part`: whether an interval is known in part only."""
        return intervals.flag_partial(table, self.known_spans, self.interval, self.query.tz)

    @property
    def language_remarks(self) -> list[str]:
        """How many posts are in other languages, for whatever looks at words."""
        return notes.language_remarks(int(self.is_foreign.sum()), self.filtered_posts.height, are_scored=self.scores_all_languages)

    @cached_property
    def account_labels(self) -> dict[str, str]:
        """What the drawn accounts are called, in the order asked for."""
        drawn = set(self.coverage_table["account"])
        return {str(user): user.label for user in self.query.users if str(user) in drawn}

    @cached_property
    def account_styles(self) -> dict[str, Style]:
        """How accounts look; one that can't be read today changes nobody's colour."""
        return assign_styles(str(user) for user in self.query.users)

    @cached_property
    def interval(self) -> intervals.Interval:
        """The width of the intervals: the one asked for, or one that suits the span. Raises InvalidQuery if there would be too many."""
        if self.account_spans.is_empty():
            return "day" if self.query.interval == "auto" else self.query.interval
        ends = self.account_spans.select(pl.col("first").min(), pl.col("last").max()).row(0)
        width = intervals.choose_interval(ends[1] - ends[0]) if self.query.interval == "auto" else self.query.interval
        _check_row_count(self.account_spans, width)
        return width

    @cached_property
    def fetched_at(self) -> datetime | None:
        """When the oldest of the timelines was read."""
        return min((answer.fetched_at for answer in self.fetched.answers), default=None)

    @cached_property
    def warnings(self) -> list[str]:
        """What went wrong."""
        together = (
            ["There is no time that all accounts cover. Choose “All that was read” under Time compared (window=all)."]
            if self.has_no_common_time
            else []
        )
        return notes.build_warnings(self.query, self.fetched.answers, self.fetched.failures) + together

    @cached_property
    def remarks(self) -> list[str]:
        """What is to be said of every kind of answer."""
        told = notes.build_remarks(
            self.query, self.timelines, self.coverage_table, self.filtered_posts, has_no_common_time=self.has_no_common_time
        )
        return [*self.fetched.remarks, *notes.network_count_remarks(self.query, self.network_counts), *told]

    @property
    def common_time(self) -> str:
        """The time that all accounts cover, in words, if it is worth offering."""
        return notes.describe_common_time(self.query, self.coverage_table)

    @property
    def model_title(self) -> str:
        """Name and version of the model that labels posts, empty if none does."""
        return self.fetched.labeller.title if self.fetched.labeller else ""

    @property
    def chart_context(self) -> ChartContext:
        """What every chart shares."""
        caption = notes.build_caption(self.query, self.coverage_table, list(self.fetched.failures), self.fetched_at)
        return ChartContext(self.query, self.account_labels, self.account_styles, caption)

    @property
    def interval_chart_context(self) -> ChartContext:
        """What charts that are cut into intervals share. Raises InvalidQuery if there would be too many intervals."""
        return replace(self.chart_context, interval=self.interval)

    @property
    def scoring_attribution(self) -> list[str]:
        """The lines that a chart of the method's scores must carry: the model, or what a list's license requires."""
        return notes.scoring_attribution(self.query.method, self.model_title)


def _check_row_count(spans: pl.DataFrame, interval: intervals.Interval) -> None:
    rows = sum(intervals.estimate_count(last - first, interval) for first, last in spans.select("first", "last").iter_rows())
    if rows > MAX_TABLE_ROWS:
        much = f"Cut by the {interval}, these posts would make {rows:,} rows; {MAX_TABLE_ROWS:,} is the most."
        raise InvalidQuery([("interval", f"{much} Choose a wider interval or a shorter time.")])
