"""The tables of a query by interval: posts, sentiment, and the intervals in which either was unusual.

How they are drawn belongs in `charts`.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property, partial

import polars as pl

from dashboard.analytics import events, frequency, intervals, sentiment
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting.numbers import format_number
from dashboard.core.interval_keys import IntervalKey, list_interval_keys
from dashboard.core.messages import gettext
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.reports.scored_posts import ScoredPosts

_INTERVALS: Sequence[intervals.Interval] = ("hour", "day", "week", "month")
MAX_TABLE_ROWS = 20_000  # per table; more would be unreadable in an image, and would take seconds and gigabytes to draw


class IntervalTables(ScoredPosts):
    """The scored posts, counted by interval."""

    @cached_property
    def interval(self) -> intervals.Interval:
        """The width of the intervals: the query's, or one that suits the span. Raises InvalidQuery if there would be too many."""
        if self.shown_span is None:
            return "day" if self.query.interval == "auto" else self.query.interval
        first, last = self.shown_span
        interval = self._choose_interval(last - first) if self.query.interval == "auto" else self.query.interval
        _check_row_count(self.account_spans, interval)
        return interval

    def _choose_interval(self, span: timedelta) -> intervals.Interval:
        """Return the width of the intervals that suits a span; at least a day if some posts have no time of day."""
        interval = self._widen_for_provisional(intervals.choose_interval(span), span)
        return "day" if interval == "hour" and self.post_counts["date_only"].any() else interval

    def _widen_for_provisional(self, interval: intervals.Interval, span: timedelta) -> intervals.Interval:
        """Return an interval that is long enough for shares over many posts if accounts post in a language that is read only roughly."""
        if not self.method.needs_labeller or not self.provisional_accounts:
            return interval
        posts = self.main_language_sums.filter(pl.col("account").is_in(self.provisional_accounts))
        counts = posts.group_by("account").agg(pl.col("posts").sum())["posts"]
        candidates = _INTERVALS[_INTERVALS.index(interval) :]
        is_enough = [
            counts.min() >= MIN_PROVISIONAL_POSTS * intervals.estimate_count(span, candidate)  # type: ignore[operator]
            for candidate in candidates
        ]
        return candidates[is_enough.index(True)] if True in is_enough else candidates[-1]

    def hide_unsure_values(self, table: pl.DataFrame, provisional: Sequence[str], *, posts: str = "posts") -> pl.DataFrame:
        """Return a table of intervals without the values of these accounts that are made of too few posts to be trusted.

        `posts` is the column with the numbers of posts that the values are made of.
        """
        if not provisional:
            return table
        is_unsure = pl.col("account").is_in(provisional) & (pl.col(posts).fill_null(0) < MIN_PROVISIONAL_POSTS)
        names = [name for name in ("value", "low", "high", "share", "mean") if name in table.columns]
        return table.with_columns(pl.when(~is_unsure).then(pl.col(names)))

    def hide_unknown_values(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table of intervals without the values of accounts that the method doesn't read, which would look neutral."""
        if not self.unread_accounts:
            return table
        names = [name for name in ("value", "low", "high") if name in table.columns]
        is_read = ~pl.col("account").is_in(self.unread_accounts)
        return table.with_columns(pl.when(is_read).then(pl.col(names)))

    def mark_partial_rows(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table of intervals, whose accounts may be rows of `language_split`, with `part`: whether one is only partially known."""
        if not self.language_split:
            return table.hstack([self._partial_intervals])
        return intervals.flag_partial(table, self.language_split.repeat(self.known_spans), self.interval, self.query.tz)

    def posts_in_intervals(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the posts that charts over time count: in charts by hour, only those with a time of day."""
        return frame.filter(~pl.col("date_only")) if self.interval == "hour" else frame

    @property
    def interval_spans(self) -> pl.DataFrame:
        """The spans of the accounts that charts over time show."""
        if self.interval != "hour" or not self.accounts_without_hours:
            return self.account_spans
        return self.account_spans.filter(~pl.col("account").is_in(self.accounts_without_hours))

    @cached_property
    def _interval_grid(self) -> pl.DataFrame:
        """The account and start of every interval, the rows of all tables by interval whose accounts aren't split by language."""
        return intervals.list_intervals(self.interval_spans, self.interval, self.query.tz)

    @cached_property
    def _partial_intervals(self) -> pl.Series:
        """Whether each interval is only partially known, named `part`."""
        return intervals.flag_partial(self._interval_grid, self.known_spans, self.interval, self.query.tz)["part"]

    @cached_property
    def posts_per_interval(self) -> pl.DataFrame:
        """The number of posts per account and interval."""
        posts = self.posts_in_intervals(self.post_counts)
        return frequency.count_per_interval(posts, self._interval_grid, self.interval, self.query.tz, self.counted_hours)

    @cached_property
    def interval_post_queries(self) -> list[PostQuery]:
        """The query for the posts behind each row of `posts_per_interval`."""
        return self.build_post_queries(self.posts_per_interval)

    def build_post_queries(self, table: pl.DataFrame) -> list[PostQuery]:
        """Return the query for the posts behind each row of a table of intervals; empty for rows without posts and counts by networks."""
        network_counted_accounts = {counts.account for counts in self.network_counts}
        edges = intervals.add_edges(table, self.interval)[["account", "posts", "from", "to"]]
        return [
            (("account", account), ("from", start), ("to", end)) if posts and account not in network_counted_accounts else ()
            for account, posts, start, end in edges.iter_rows()
        ]

    @cached_property
    def known_posts_per_interval(self) -> pl.DataFrame:
        """`posts_per_interval` with the column `part`: whether an interval is only partially known."""
        return self.posts_per_interval.hstack([self._partial_intervals])

    @cached_property
    def expected_posts(self) -> pl.DataFrame:
        """`known_posts_per_interval` with the usual number of posts of each interval, as analytics.events.expect_posts has it."""
        return events.expect_posts(self.known_posts_per_interval, self.interval)

    @cached_property
    def history_lengths(self) -> dict[str, int]:
        """The number of complete intervals of each account after its first, which is its history."""
        return events.count_histories(self.known_posts_per_interval)

    @property
    def judged_accounts(self) -> list[str]:
        """The accounts with enough intervals to know what is usual."""
        return [account for account, length in self.history_lengths.items() if length >= events.MIN_INTERVALS]

    @cached_property
    def sentiment_per_interval(self) -> pl.DataFrame:
        """The sums of the scored posts in each account's main language per interval: account, start, sentiment.SUM_COLUMNS."""
        posts = self.posts_in_intervals(self.main_language_sums)
        return sentiment.sum_per_interval(posts, self._interval_grid, self.interval, self.query.tz)

    @cached_property
    def split_sentiment_per_interval(self) -> pl.DataFrame:
        """The same with a row per language for accounts that are split, as `language_split` names it, and all languages of the others."""
        if not self.has_mixed_accounts:
            return self.sentiment_per_interval
        posts = self.language_split.name_posts(self.score_sums.drop("language"), self.score_sums["language"])
        spans = self.language_split.repeat(self.interval_spans)
        return sentiment.sum_intervals(self.posts_in_intervals(posts), spans, self.interval, self.query.tz)

    @cached_property
    def posting_events(self) -> pl.DataFrame:
        """The intervals in which accounts posted unusually often or unusually rarely."""
        return self.posting_peaks.filter(pl.col("z").is_not_null())

    @cached_property
    def posting_peaks(self) -> pl.DataFrame:
        """The events in the number of posts, and the busiest interval of each account that stands out without being unusual."""
        return self.add_words(self._detected_peaks)

    @property
    def plain_peaks(self) -> pl.DataFrame:
        """The busiest interval of each account that stands out, of accounts that never posted unusually often."""
        unusually_busy = self.posting_events.filter(pl.col("z") > 0)["account"].unique()
        return self.posting_peaks.filter(pl.col("z").is_null(), ~pl.col("account").is_in(unusually_busy.implode()))

    @cached_property
    def _detected_peaks(self) -> pl.DataFrame:
        post_events = events.detect_post_events(self.expected_posts)
        return pl.concat([post_events, events.find_plain_peaks(self.expected_posts, post_events)])

    @cached_property
    def sentiment_events(self) -> pl.DataFrame:
        """The intervals in which an account's sentiment was unusual."""
        return self.add_words(self._detected_sentiment_events)

    @cached_property
    def _detected_sentiment_events(self) -> pl.DataFrame:
        sentiment_events = events.detect_sentiment_events(self.sentiment_per_interval.hstack([self._partial_intervals]))
        if not self.provisional_accounts:
            return sentiment_events
        is_unsure = pl.col("account").is_in(self.provisional_accounts) & (pl.col("posts") < MIN_PROVISIONAL_POSTS)
        return sentiment_events.filter(~is_unsure)

    def find_all_words(self) -> None:
        """Look up the words of both kinds of unusual intervals at once, which takes half as long as one after the other."""
        self.add_words(pl.concat([self._detected_peaks, self._detected_sentiment_events]))

    def add_words(self, detected_events: pl.DataFrame) -> pl.DataFrame:
        """Return events with `words`, those that are typical of each; empty if there are none."""
        keys = list_interval_keys(detected_events)
        if new_keys := set(keys) - self._words_by_interval.keys():  # otherwise it doesn't matter which posts are in English
            self._words_by_interval.update(dict.fromkeys(new_keys, "") | self._find_words(detected_events))
        return detected_events.hstack([pl.Series("words", [self._words_by_interval[key] for key in keys], dtype=pl.String)])

    @cached_property
    def _words_by_interval(self) -> dict[IntervalKey, str]:
        """The typical words of the intervals that were looked at so far."""
        return {}

    def _find_words(self, detected_events: pl.DataFrame) -> dict[IntervalKey, str]:
        posts = self.posts_in_intervals(self.scorable_posts)
        return events.find_typical_words(detected_events, posts, self.interval, self.query.tz, partial(self.index_words, posts))

    @cached_property
    def unusual_intervals(self) -> pl.DataFrame:
        """The events of both kinds, in the order of the accounts and the strongest of an account first."""
        return events.combine_events([self.posting_events, self.sentiment_events], list(self.account_labels))


def _check_row_count(spans: pl.DataFrame, interval: intervals.Interval) -> None:
    rows = sum(intervals.estimate_count(last - first, interval) for first, last in spans[["first", "last"]].iter_rows())
    if rows > MAX_TABLE_ROWS:
        problem = gettext(
            "Grouped by %(interval)s, this report would have %(count)s rows; the limit is %(limit)s. Group by a longer interval or choose "
            "a shorter period.",
            interval=interval,
            count=format_number(rows),
            limit=format_number(MAX_TABLE_ROWS),
        )
        raise InvalidQuery([("interval", problem)])
