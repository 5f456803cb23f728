"""Computes what several charts of a query share: filtered and scored posts, intervals, labels and notes, each of them once.

HTTP, fetching, and caching across queries don't belong here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import polars as pl

from dashboard.analytics import agreement, compare, coverage, engagement, events, frequency, intervals, language_filter, sentiment, summary
from dashboard.analytics.rhythm import rhythm
from dashboard.charts.context import ChartContext
from dashboard.charts.palette import Style, assign_styles
from dashboard.charts.spec.chart import PostQuery
from dashboard.core import posts
from dashboard.core.account_labels import label_accounts
from dashboard.core.counts import SCHEMA, HourlyCounts
from dashboard.core.errors import InvalidQuery
from dashboard.core.methods import METHODS, Method
from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.prediction import language_detection
from dashboard.reports.fetched import Fetched
from dashboard.reports.notes import common_time_notes, coverage_notes, network_count_notes, post_notes, scoring_notes

MAX_CHARACTERS = 16_000_000  # of all texts of a query: 250 for each of 3,200 posts of 20 accounts
MAX_TABLE_ROWS = 20_000  # per table; more would be unreadable in an image, and would take seconds and gigabytes to draw


@dataclass(frozen=True)
class Analysis:
    """A query, what was fetched for it, and everything derived from both, computed on first use."""

    query: Query
    fetched: Fetched
    read_span: tuple[datetime | None, datetime | None] | None = None  # the period that was read, if it isn't the query's

    @property
    def method(self) -> Method:
        """The method of the query."""
        return METHODS[self.query.method]

    @cached_property
    def timelines(self) -> list[Timeline]:
        """The timelines of the accounts whose posts were read."""
        return [answer for answer in self.fetched.answers if isinstance(answer, Timeline)]

    @cached_property
    def network_counts(self) -> list[HourlyCounts]:
        """The counts of the accounts whose posts were counted by their network."""
        return [answer for answer in self.fetched.answers if isinstance(answer, HourlyCounts)]

    @cached_property
    def coverage_table(self) -> pl.DataFrame:
        """Coverage, one row per account (analytics.coverage.SCHEMA)."""
        return coverage.coverage(self.fetched.answers, self.query.n)

    @cached_property
    def common_span(self) -> tuple[datetime, datetime] | None:
        """The part of the requested period that window=common keeps, both ends included; None without such a limit."""
        return coverage.common_span(self._requested_coverage) if self.query.window == "common" else None

    @cached_property
    def previous_common_span(self) -> tuple[datetime, datetime] | None:
        """The same part of the period before the requested one, if that was read too; both ends included."""
        since, read_since = self.query.span[0], (self.read_span or self.query.span)[0]
        if self.common_span is None or since is None or read_since is None or read_since == since:
            return None
        return self.common_span[0] - (since - read_since), self.common_span[1] - (since - read_since)

    @cached_property
    def _requested_coverage(self) -> pl.DataFrame:
        """Coverage of only the requested period, even if more was read."""
        return coverage.coverage(coverage.filter_by_time(self.fetched.answers, *self.query.span), self.query.n)

    @cached_property
    def has_no_common_time(self) -> bool:
        """Whether the query has window=common and the accounts share no period."""
        return self.query.window == "common" and self.common_span is None and self._requested_coverage["first"].count() > 1

    @cached_property
    def filtered_posts(self) -> pl.DataFrame:
        """The posts of the selected kinds and period."""
        frames = [timeline.posts for timeline in self.timelines if not self.has_no_common_time]
        all_posts = pl.concat([posts.empty_frame(), *frames])
        spans = [self.common_span, self.previous_common_span] if self.previous_common_span else [self.common_span]
        visible_posts = pl.concat(coverage.visible_posts(all_posts, self.query.kinds, span) for span in spans)
        return posts.limit_characters(visible_posts, MAX_CHARACTERS)

    @cached_property
    def counted_hours(self) -> pl.DataFrame:
        """The hourly counts of the selected period."""
        hours = pl.concat(
            [pl.DataFrame(schema=SCHEMA), *(counts.to_frame() for counts in self.network_counts if not self.has_no_common_time)]
        )
        return hours.filter(pl.col("created_at").is_between(*self.common_span)) if self.common_span else hours

    @cached_property
    def account_spans(self) -> pl.DataFrame:
        """The first and last moment that the charts show of each account."""
        spans = coverage.covered_spans(self.coverage_table, self.common_span)
        return spans.clear() if self.has_no_common_time else spans

    @cached_property
    def languages(self) -> pl.Series:
        """The language of each of `filtered_posts`, null if it is English or can't be determined."""
        return language_filter.find_languages(self.filtered_posts, language_detection.detect_languages)

    @property
    def is_foreign(self) -> pl.Series:
        """Whether each of `filtered_posts` is in a language other than English."""
        return self.languages.is_not_null()

    @cached_property
    def scorable_posts(self) -> pl.DataFrame:
        """The posts that the method can score: all, or only those in English."""
        return self.filtered_posts if self.scores_all_languages else self.filtered_posts.filter(~self.is_foreign)

    @property
    def scores_all_languages(self) -> bool:
        """Whether posts in every language are scored: a mounted model labels them, and it isn't known which languages it understands."""
        labeller = self.fetched.labeller
        return self.method.languages == "labeller" and labeller is not None and not labeller.model.card.training

    @property
    def language_filter(self) -> PostQuery:
        """The query parameters that select only the scored posts."""
        return () if self.scores_all_languages else (("language", "english"),)

    @cached_property
    def scored_posts(self) -> pl.DataFrame:
        """The scorable posts with the scores of the query's method."""
        return self.score_posts(self.scorable_posts)

    def score_posts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return posts with the scores of the query's method.

        Accounts are scored one at a time, so that the next query can reuse an account's cached scores.
        """
        parts = frame.partition_by("account", maintain_order=True) or [frame]
        return pl.concat(sentiment.score_posts(part, self.query.method, self.fetched.labeller) for part in parts)

    @cached_property
    def rated_posts(self) -> pl.DataFrame:
        """The scorable posts, or a sample if there are very many, with the verdicts of every available method."""
        is_unavailable = self.method.needs_labeller and not self.fetched.labeller
        if is_unavailable or (
            self.method.is_slow and agreement.sampling_step(self.scorable_posts) > 1
        ):  # sample first, because scoring takes long
            return agreement.rate_posts(agreement.sample_posts(self.scorable_posts), self.fetched.labeller)
        sample = agreement.sample_posts(self.scored_posts)
        return agreement.rate_posts(sample.select(self.scorable_posts.columns), self.fetched.labeller, {self.method.name: sample})

    @cached_property
    def method_agreement(self) -> pl.DataFrame:
        """How often each pair of methods agrees on `rated_posts`."""
        return agreement.pairwise_agreement(self.rated_posts)

    @cached_property
    def account_summaries(self) -> pl.DataFrame:
        """One row of sums per account."""
        return summary.summary(self.scored_posts, self._whole_day_spans, self.query.measure, self.filtered_posts)

    @property
    def _whole_day_spans(self) -> pl.DataFrame:
        """The spans of the accounts; one whose newest post has only a date lasts until the end of that day.

        The hour that is missing keeps a day of 25 hours from counting as two.
        """
        ends_with_date = pl.col("account").is_in(self._accounts_ending_with_date)
        return self.account_spans.with_columns(last=pl.when(ends_with_date).then(pl.col("last") + timedelta(hours=23)).otherwise("last"))

    @cached_property
    def _accounts_ending_with_date(self) -> list[str]:
        """The accounts whose newest post has only a date, so that what is known of them ends with a day."""
        newest = self.filtered_posts.group_by("account").agg(pl.col("date_only").sort_by("created_at").last())
        return newest.filter("date_only")["account"].to_list()

    @cached_property
    def known_spans(self) -> pl.DataFrame:
        """The span of each account in which every post is known."""
        return coverage.known_spans(
            self.fetched.answers, self.read_span or self.query.span, None if self.previous_common_span else self.common_span
        )

    @cached_property
    def accounts_without_hours(self) -> list[str]:
        """The accounts none of whose posts has a time of day."""
        dated = self.filtered_posts.group_by("account").agg(pl.col("date_only").all())
        return dated.filter("date_only")["account"].to_list()

    def posts_in_intervals(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the posts that charts over time count: in charts by hour, only those with a time of day."""
        return frame.filter(~pl.col("date_only")) if self.interval == "hour" else frame

    @property
    def interval_spans(self) -> pl.DataFrame:
        """The spans of the accounts that charts over time show."""
        is_unknown = pl.col("account").is_in(self.accounts_without_hours)
        return self.account_spans.filter(~is_unknown) if self.interval == "hour" else self.account_spans

    @property
    def hour_remarks(self) -> list[str]:
        """A sentence on the posts that charts by hour leave out."""
        return post_notes.date_only_remarks(int(self.filtered_posts["date_only"].sum()), self.filtered_posts.height)

    @property
    def interval_remarks(self) -> list[str]:
        """The same sentence, only if the intervals are hours."""
        return self.hour_remarks if self.interval == "hour" else []

    @cached_property
    def posts_per_interval(self) -> pl.DataFrame:
        """The number of posts per account and interval."""
        return frequency.frequency(
            self.posts_in_intervals(self.filtered_posts), self.interval_spans, self.interval, self.query.tz, self.counted_hours
        )

    @cached_property
    def known_posts_per_interval(self) -> pl.DataFrame:
        """The same table with the column `part`: whether an interval is only partially known."""
        return self.mark_partial_intervals(self.posts_per_interval)

    @cached_property
    def posting_events(self) -> pl.DataFrame:
        """The intervals in which accounts posted unusually often or unusually rarely."""
        post_events = events.detect_post_events(self.known_posts_per_interval, self.interval)
        return events.add_words(
            post_events,
            self.posts_in_intervals(self.scorable_posts) if post_events.height else self.filtered_posts.clear(),
            self.interval,
            self.query.tz,
        )

    @cached_property
    def sentiment_per_interval(self) -> pl.DataFrame:
        """The sums of the scored posts per account and interval: account, start, sentiment.SUM_COLUMNS."""
        return sentiment.sum_intervals(self.posts_in_intervals(self.scored_posts), self.interval_spans, self.interval, self.query.tz)

    @cached_property
    def posting_peaks(self) -> pl.DataFrame:
        """The events in the number of posts, and the busiest interval of each account that stands out without being unusual."""
        table = self.mark_partial_intervals(self.posts_per_interval)
        peaks = events.find_plain_peaks(table, self.posting_events)
        if peaks.is_empty():
            return self.posting_events
        named = events.add_words(peaks, self.posts_in_intervals(self.scorable_posts), self.interval, self.query.tz)
        return pl.concat([self.posting_events, named])

    @cached_property
    def sentiment_events(self) -> pl.DataFrame:
        """The intervals in which an account's sentiment was unusual."""
        sentiment_events = events.detect_sentiment_events(self.mark_partial_intervals(self.sentiment_per_interval))
        return events.add_words(sentiment_events, self.posts_in_intervals(self.scorable_posts), self.interval, self.query.tz)

    @cached_property
    def unusual_intervals(self) -> pl.DataFrame:
        """The events of both kinds, in the order of the accounts and the strongest of an account first."""
        return events.combine_events([self.posting_events, self.sentiment_events], list(self.account_labels))

    @cached_property
    def posts_by_hour_of_week(self) -> pl.DataFrame:
        """The number of posts per account, weekday and hour in the query's time zone."""
        timed_posts = self.filtered_posts.filter(~pl.col("date_only"))
        return rhythm(timed_posts, self.known_spans_with_hours, self.account_spans["account"].to_list(), self.query.tz)

    @property
    def known_spans_with_hours(self) -> pl.DataFrame:
        """The known spans of the accounts whose posts have a time of day."""
        return self.known_spans.filter(~pl.col("account").is_in(self.accounts_without_hours))

    @cached_property
    def reactions(self) -> pl.DataFrame:
        """The reactions to each scored post, one row per post."""
        return engagement.engagement(self.scored_posts, self.query.tz)

    @cached_property
    def counted_reactions(self) -> pl.DataFrame:
        """The reactions to each post in any language, where they are known."""
        return engagement.count_reactions(self.filtered_posts)

    @cached_property
    def median_reactions(self) -> pl.DataFrame:
        """The median reactions to the negative, neutral and positive posts of each account."""
        return engagement.median_reactions(self.reactions)

    @cached_property
    def comparison_periods(self) -> pl.DataFrame:
        """The two periods of each account that are compared."""
        known_spans = self.known_spans
        if self.common_span is None:
            known_spans = coverage.extend_to_end_of_day(known_spans, self._accounts_ending_with_date, self.query.tz)
        return compare.build_periods(self.account_spans, known_spans, (self.query.since, self.query.until), self.query.tz, self.common_span)

    @property
    def has_previous_period(self) -> bool:
        """Whether posts of the previous period were read: they weren't if a report is about a chosen period only."""
        return None in self.query.span or (self.read_span or self.query.span) != self.query.span

    @cached_property
    def period_changes(self) -> pl.DataFrame:
        """The change of each account against its previous period, one row per measure."""
        return compare.compare_periods(self.filtered_posts, self.scored_posts, self.comparison_periods, self.query.tz)

    def mark_partial_intervals(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table of intervals with the added column `part`: whether an interval is only partially known."""
        return intervals.flag_partial(table, self.known_spans, self.interval, self.query.tz)

    @property
    def language_remarks(self) -> list[str]:
        """A sentence on posts in other languages, for every chart of sentiment or words."""
        return scoring_notes.language_remarks(self.languages, are_scored=self.scores_all_languages)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels of all accounts, in the order of the query."""
        return label_accounts(self.query.users, self.fetched.names)

    @cached_property
    def account_labels(self) -> dict[str, str]:
        """The labels of the accounts that the charts show, in the order of the query."""
        shown_accounts = set(self.coverage_table["account"])
        return {account: label for account, label in self.labels.items() if account in shown_accounts}

    @cached_property
    def account_styles(self) -> dict[str, Style]:
        """The styles of all accounts in the order typed, unreadable ones included, so that a failure doesn't recolour the others."""
        return assign_styles(str(user) for user in self.query.users)

    @cached_property
    def interval(self) -> intervals.Interval:
        """The width of the intervals: the query's, or one that suits the span. Raises InvalidQuery if there would be too many."""
        if self.account_spans.is_empty():
            return "day" if self.query.interval == "auto" else self.query.interval
        first, last = self.account_spans.select(pl.col("first").min(), pl.col("last").max()).row(0)
        interval = self._choose_interval(last - first) if self.query.interval == "auto" else self.query.interval
        _check_row_count(self.account_spans, interval)
        return interval

    def _choose_interval(self, span: timedelta) -> intervals.Interval:
        """Return the width of the intervals that suits a span; at least a day if some posts have no time of day."""
        interval = intervals.choose_interval(span)
        return "day" if interval == "hour" and self.filtered_posts["date_only"].any() else interval

    @cached_property
    def fetched_at(self) -> datetime | None:
        """When the oldest of the timelines was fetched; None without timelines."""
        return min((answer.fetched_at for answer in self.fetched.answers), default=None)

    @cached_property
    def warnings(self) -> list[str]:
        """Sentences on accounts that couldn't be read, or only partially."""
        no_common_time = (
            ["No period is covered by all accounts. Choose “Everything available” under Period shown (window=all)."]
            if self.has_no_common_time
            else []
        )
        return coverage_notes.build_warnings(self.labels, self.fetched.answers, self.fetched.failures) + no_common_time

    @cached_property
    def remarks(self) -> list[str]:
        """The remarks that every chart has."""
        remarks = post_notes.build_remarks(
            self.query, self.labels, self.timelines, self.coverage_table, self.filtered_posts, has_no_common_time=self.has_no_common_time
        )
        return [*self.fetched.remarks, *network_count_notes.network_count_remarks(self.query, self.labels, self.network_counts), *remarks]

    @property
    def is_within_a_year(self) -> bool:
        """Whether a day and a month identify one date of the charts, so that lists needn't repeat the year."""
        first, last = self.account_spans.select(pl.col("first").min(), pl.col("last").max()).row(0)
        return first is None or last - first < timedelta(days=330)

    @property
    def posts_notes(self) -> list[str]:
        """The remarks that name the accounts without posts to show."""
        return list(
            post_notes.no_posts_remarks(
                self.query, self.labels, self.coverage_table, self.filtered_posts, has_no_common_time=self.has_no_common_time
            )
        )

    @property
    def common_time(self) -> str:
        """The period that all accounts cover, in words; empty if it isn't worth suggesting."""
        return common_time_notes.describe_common_time(self.query, self.coverage_table)

    @property
    def model_title(self) -> str:
        """Name and version of the model that labels posts; empty without one."""
        return self.fetched.labeller.title if self.fetched.labeller else ""

    @property
    def chart_context(self) -> ChartContext:
        """The context of charts without intervals."""
        caption = coverage_notes.build_caption(self.query, self.labels, self.coverage_table, list(self.fetched.failures), self.fetched_at)
        return ChartContext(self.query, self.account_labels, self.account_styles, caption)

    @property
    def interval_chart_context(self) -> ChartContext:
        """The context of charts with intervals. Raises InvalidQuery if there would be too many intervals."""
        return replace(self.chart_context, interval=self.interval)

    @property
    def scoring_attribution(self) -> list[str]:
        """The lines that a chart of the method's scores must carry: the model, or what a lexicon's licence requires."""
        return scoring_notes.scoring_attribution(self.query.method, self.model_title)


def _check_row_count(spans: pl.DataFrame, interval: intervals.Interval) -> None:
    rows = sum(intervals.estimate_count(last - first, interval) for first, last in spans.select("first", "last").iter_rows())
    if rows > MAX_TABLE_ROWS:
        message = f"Grouped by {interval}, this report would have {rows:,} rows; the limit is {MAX_TABLE_ROWS:,}."
        raise InvalidQuery([("interval", f"{message} Group by a longer interval or choose a shorter period.")])
