"""Everything that several charts of a query share, each computed once: posts, scores, tables, labels and notes.

It's built in layers, each of which knows only those before it: `shown_posts`, `known_posts`, `readable_posts`, `scored_posts`,
`interval_tables`, and here what needs all of them. HTTP, fetching, and caching across queries don't belong in any of them.
"""

from dataclasses import replace
from functools import cached_property

import polars as pl

from dashboard.analytics import compare, coverage
from dashboard.analytics.rhythm import count_weekends, rhythm
from dashboard.charts.context import ChartContext
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.reports.interval_tables import IntervalTables
from dashboard.reports.notes import (
    analyzed_notes,
    common_time_notes,
    coverage_notes,
    language_notes,
    network_count_notes,
    post_notes,
    scoring_notes,
)


class Analysis(IntervalTables):
    """A query, what was fetched for it, and everything derived from both, computed on first use."""

    @cached_property
    def sampled(self) -> "Analysis":
        """This analysis with samples in place of the posts of which only sums are known. It is unchanged if there are no such samples."""
        return replace(self, fetched=self.fetched.draw_samples()) if self.fetched.has_samples else self

    @property
    def timed_post_counts(self) -> pl.DataFrame:
        """The rows of `post_counts` whose posts have a time of day."""
        return self.post_counts.filter(~pl.col("date_only"))

    @cached_property
    def posts_by_hour_of_week(self) -> pl.DataFrame:
        """The number of posts per account, weekday and hour in the query's time zone."""
        return rhythm(self.timed_post_counts, self.known_spans_with_hours, self.account_spans["account"].to_list(), self.query.tz)

    @property
    def known_spans_with_hours(self) -> pl.DataFrame:
        """The known spans of the accounts whose posts have a time of day."""
        if not self.accounts_without_hours:
            return self.known_spans
        return self.known_spans.filter(~pl.col("account").is_in(self.accounts_without_hours))

    def count_known_weekends(self) -> dict[str, int]:
        """Return the number of whole weekends, in the query's time zone, in which every post of an account is known."""
        spans = self.account_spans.join(self.known_spans, on="account").select(
            "account", pl.coalesce("known_from", "first"), pl.coalesce("known_to", "last")
        )
        zone = self.query.zone
        return {account: count_weekends(first.astimezone(zone), last.astimezone(zone)) for account, first, last in spans.iter_rows()}

    @cached_property
    def comparison_periods(self) -> pl.DataFrame:
        """The two periods of each account that are compared."""
        known_spans = self.known_spans
        if self.common_span is None:
            known_spans = coverage.extend_to_end_of_day(known_spans, self.accounts_ending_with_date, self.query.tz)
        return compare.build_periods(self.account_spans, known_spans, (self.query.since, self.query.until), self.query.tz, self.common_span)

    @property
    def has_previous_period(self) -> bool:
        """Whether posts of the previous period were read: they weren't if a report is about a chosen period only."""
        return None in self.query.span or (self.read_span or self.query.span) != self.query.span

    @cached_property
    def period_changes(self) -> pl.DataFrame:
        """The change of each account against its previous period, one row per measure; sentiment is that in its main language.

        A change in a provisional language is unknown unless both periods have enough posts. Which changes are clear is decided among all
        others that are known.
        """
        changes = compare.compare_periods(self.post_counts, self.main_language_sums, self.comparison_periods, self.query.tz)
        is_few = pl.min_horizontal("posts_before", "posts_now") < MIN_PROVISIONAL_POSTS
        is_unsure = pl.col("account").is_in(self.provisional_accounts) & (pl.col("measure") != "posts_per_day") & is_few
        known = changes.with_columns(pl.when(~is_unsure).then(pl.col("before", "now", "change", "low", "high", "p_value")))
        return compare.judge_changes(known)

    @cached_property
    def chart_context(self) -> ChartContext:
        """The context of charts without intervals."""
        caption = coverage_notes.build_caption(self)
        return ChartContext(self.query, self.account_labels, self.account_styles, caption)

    @property
    def interval_chart_context(self) -> ChartContext:
        """The context of charts with intervals. Raises InvalidQuery if there would be too many intervals."""
        return replace(self.chart_context, interval=self.interval)

    @cached_property
    def scoring_attribution(self) -> list[str]:
        """The lines that a chart of the method's scores must carry: the model, or what a lexicon's licence requires."""
        return scoring_notes.scoring_attribution(self.query.method, self.model_title)

    @cached_property
    def warnings(self) -> list[str]:
        """Sentences on accounts that couldn't be read, or only partially, or don't fit in a report."""
        return [*self.fetched.warnings, *coverage_notes.build_warnings(self)]

    @cached_property
    def remarks(self) -> list[str]:
        """The remarks that every chart has."""
        return [
            *self.fetched.remarks,
            *analyzed_notes.analyzed_remarks(self),
            *analyzed_notes.sample_remarks(self.sampled),
            *network_count_notes.network_count_remarks(self),
            *post_notes.build_remarks(self),
        ]

    @cached_property
    def hour_remarks(self) -> list[str]:
        """A sentence on the posts that charts by hour leave out."""
        counts = self.post_counts
        return post_notes.date_only_remarks(int(counts.filter("date_only")["posts"].sum()), int(counts["posts"].sum()))

    @property
    def interval_remarks(self) -> list[str]:
        """`hour_remarks` if the intervals are hours, otherwise nothing."""
        return self.hour_remarks if self.interval == "hour" else []

    @cached_property
    def language_remarks(self) -> list[str]:
        """Sentences on posts in other languages, for every chart of sentiment or words: which are read, how well, and which aren't."""
        return language_notes.build_remarks(self)

    @cached_property
    def posts_notes(self) -> list[str]:
        """The remarks that name the accounts without posts to show."""
        return list(post_notes.no_posts_remarks(self))

    @cached_property
    def common_time(self) -> str:
        """The period that all accounts cover, in words; empty if it isn't worth suggesting."""
        return common_time_notes.describe_common_time(self.query, self.coverage_table)
