"""What was read for a query, and which of it is shown: the posts of the chosen types and period, their accounts, and what is known of them.

Scores, intervals and notes don't belong here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import polars as pl

from dashboard.analytics import coverage
from dashboard.analytics.partial_sums import count_each
from dashboard.analytics.post_facts import KEY, hash_posts
from dashboard.charts.palette import Style, assign_styles
from dashboard.core import posts
from dashboard.core.account_labels import label_accounts
from dashboard.core.counts import SCHEMA, HourlyCounts
from dashboard.core.networks import is_live
from dashboard.core.post_sums import COUNT_SCHEMA, PostSums
from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.reports.fetched import Fetched

ENGLISH = "en"  # the language of posts that have no other
_POST_COLUMNS = ["account", "created_at", "kind", "date_only"]
MAX_CHARACTERS = 16_000_000  # of all texts of a query: 250 for each of 3,200 posts of 20 accounts


@dataclass(frozen=True)
class ShownPosts:
    """A query, what was fetched for it, and which posts and accounts of it are shown, computed on first use."""

    query: Query
    fetched: Fetched
    read_span: tuple[datetime | None, datetime | None] | None = None  # the period that was read, if it isn't the query's

    @cached_property
    def timelines(self) -> list[Timeline]:
        """The timelines of the accounts whose posts were read."""
        return [activity for activity in self.fetched.activities if isinstance(activity, Timeline)]

    @cached_property
    def analyzed(self) -> list[PostSums]:
        """The sums of the accounts whose posts were analyzed before, and whose texts aren't known."""
        return [activity for activity in self.fetched.activities if isinstance(activity, PostSums)]

    @cached_property
    def network_counts(self) -> list[HourlyCounts]:
        """The counts of the accounts whose posts were counted by their network."""
        return [activity for activity in self.fetched.activities if isinstance(activity, HourlyCounts)]

    @cached_property
    def fetched_at(self) -> datetime | None:
        """When the oldest of the timelines was fetched, a file only if there is nothing else; None without timelines."""
        activities = self.fetched.activities
        live = [activity for activity in activities if is_live(activity.account)]
        return min((activity.fetched_at for activity in live or activities), default=None)

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
        return assign_styles((str(user) for user in self.query.users), self.labels)

    @cached_property
    def coverage_table(self) -> pl.DataFrame:
        """Coverage, one row per account (analytics.coverage.SCHEMA)."""
        return coverage.coverage(self.fetched.activities, self.query.n)

    @cached_property
    def common_span(self) -> tuple[datetime, datetime] | None:
        """The part of the requested period that window=common keeps, both ends included; None without such a limit."""
        return coverage.common_span(self._requested_coverage) if self.query.window == "common" else None

    @cached_property
    def previous_common_span(self) -> tuple[datetime, datetime] | None:
        """What `common_span` is of the requested period, in the period before it; both ends included. None if that wasn't read."""
        since, read_since = self.query.span[0], (self.read_span or self.query.span)[0]
        if self.common_span is None or since is None or read_since is None or read_since == since:
            return None
        return self.common_span[0] - (since - read_since), self.common_span[1] - (since - read_since)

    @cached_property
    def _requested_coverage(self) -> pl.DataFrame:
        """Coverage of only the requested period, even if more was read."""
        return coverage.coverage(coverage.filter_by_time(self.fetched.activities, *self.query.span), self.query.n)

    @cached_property
    def has_no_common_time(self) -> bool:
        """Whether the query has window=common and the accounts share no period."""
        return self.query.window == "common" and self.common_span is None and self._requested_coverage["first"].count() > 1

    @cached_property
    def posts_of_period(self) -> pl.DataFrame:
        """The posts of the selected kinds and period, in every language, with the KEY of their facts."""
        shortened_posts = posts.limit_characters(self.visible_posts, MAX_CHARACTERS)
        if shortened_posts is self.visible_posts:
            return self.visible_posts
        return shortened_posts.with_columns(hash_posts(shortened_posts.drop(KEY)))

    @cached_property
    def visible_posts(self) -> pl.DataFrame:
        """The same with complete texts."""
        return self.select_visible(self.read_posts)

    @cached_property
    def read_posts(self) -> pl.DataFrame:
        """All posts that were read, of every kind and period, with the KEY of their facts, and AUTHOR where an account is several."""
        frame = pl.concat([posts.empty_frame(), *(timeline.posts for timeline in self.timelines)], how="diagonal")
        return frame.hstack([hash_posts(frame)])

    def select_visible(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of posts, or of sums of posts, that are of the selected kinds and period."""
        if self.has_no_common_time:
            return frame.clear()
        visible = coverage.visible_posts(frame, self.query.kinds, self.common_span)
        if self.previous_common_span is None:
            return visible
        return pl.concat([visible, coverage.visible_posts(frame, self.query.kinds, self.previous_common_span)])

    def select_analyzed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the visible rows of posts that were analyzed before and are in the languages of the query, which are decided."""
        visible = self.select_visible(self.decide_languages(rows))
        return visible.filter(pl.col("language").fill_null(ENGLISH).is_in(self.query.language)) if self.query.language else visible

    @cached_property
    def analyzed_counts(self) -> pl.DataFrame:
        """The rows of all posts that were analyzed before (COUNT_SCHEMA)."""
        return pl.concat([pl.DataFrame(schema=COUNT_SCHEMA), *(sums.counts for sums in self.analyzed)])

    @cached_property
    def shown_analyzed_counts(self) -> pl.DataFrame:
        """Those that are visible and in the languages of the query, which are decided."""
        return self.select_analyzed(self.analyzed_counts) if self.analyzed else self.analyzed_counts

    @cached_property
    def post_counts(self) -> pl.DataFrame:
        """The filtered posts as rows that stand for one or several: account, created_at, kind, date_only, posts."""
        counts = count_each(self.filtered_posts[_POST_COLUMNS])
        return pl.concat([counts, self.shown_analyzed_counts[counts.columns]]) if self.analyzed else counts

    def measure_shown(self, span: tuple[datetime, datetime] | None = None) -> pl.DataFrame:
        """Return account, posts, first and last (UTC) of the posts in the requested period that are shown, without accounts that have none.

        With `span`, both ends included, only posts within it count.
        """
        return self.measure_rows(self.post_counts, span)

    def count_shown(self) -> int:
        """Return how many posts of the requested period are shown."""
        has_period = any(self.query.span)  # otherwise all posts are of it
        return int((self.measure_shown() if has_period else self.post_counts)["posts"].sum())

    def measure_rows(self, rows: pl.DataFrame, span: tuple[datetime, datetime] | None = None) -> pl.DataFrame:
        """Return the same of rows with account, created_at and, if they stand for several posts, posts."""
        since, until = self.query.span
        moment, conditions = pl.col("created_at"), list[pl.Expr]()
        conditions += [moment >= since] if since else []
        conditions += [moment < until] if until else []
        conditions += [moment.is_between(*span)] if span else []
        rows = count_each(rows)
        counts = (rows.filter(*conditions) if conditions else rows).group_by("account", maintain_order=True)
        return counts.agg(pl.col("posts").sum().cast(pl.Int64), first=moment.min(), last=moment.max())

    @cached_property
    def post_count_of_period(self) -> int:
        """The number of posts of the selected kinds and period, in every language."""
        return self.posts_of_period.height + (int(self.select_visible(self.analyzed_counts)["posts"].sum()) if self.analyzed else 0)

    @cached_property
    def filtered_posts(self) -> pl.DataFrame:
        """The posts of the selected kinds and period. What language a post is in, the next layer knows."""
        return self.posts_of_period

    def decide_languages(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows of posts that were analyzed before with their languages. How they are decided, the next layer knows."""
        return rows

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
    def shown_span(self) -> tuple[datetime, datetime] | None:
        """The first and last moment that the charts show of any account; None if there is nothing."""
        firsts, lasts = (self.account_spans[end].to_list() for end in ("first", "last"))
        return (min(firsts), max(lasts)) if firsts else None

    @property
    def is_within_a_year(self) -> bool:
        """Whether a day and a month identify one date of the charts, so that lists needn't repeat the year."""
        return self.shown_span is None or self.shown_span[1] - self.shown_span[0] < timedelta(days=330)

    @cached_property
    def known_spans(self) -> pl.DataFrame:
        """The span of each account in which every post is known."""
        return coverage.known_spans(
            self.fetched.activities, self.read_span or self.query.span, None if self.previous_common_span else self.common_span
        )

    @cached_property
    def _has_dates_only(self) -> bool:
        """Whether any of the posts has no time of day."""
        return bool(self.post_counts["date_only"].any())

    @cached_property
    def accounts_without_hours(self) -> list[str]:
        """The accounts none of whose posts has a time of day."""
        if not self._has_dates_only:
            return []
        dated = self.post_counts.group_by("account").agg(pl.col("date_only").all())
        return dated.filter("date_only")["account"].to_list()

    @cached_property
    def accounts_ending_with_date(self) -> list[str]:
        """The accounts whose newest post has only a date, so that what is known of them ends with a day."""
        if not self._has_dates_only:
            return []
        newest = self.post_counts.group_by("account").agg(pl.col("date_only").sort_by("created_at").last())
        return newest.filter("date_only")["account"].to_list()

    @property
    def whole_day_spans(self) -> pl.DataFrame:
        """The spans of the accounts; one whose newest post has only a date lasts until the end of that day.

        The hour that is missing keeps a day of 25 hours from counting as two.
        """
        if not self.accounts_ending_with_date:
            return self.account_spans
        ends_with_date = pl.col("account").is_in(self.accounts_ending_with_date)
        return self.account_spans.with_columns(last=pl.when(ends_with_date).then(pl.col("last") + timedelta(hours=23)).otherwise("last"))
