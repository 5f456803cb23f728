"""Which posts are missing, shortened, or without a time of day."""

from collections.abc import Iterable, Sequence

import polars as pl

from dashboard.core.formatting.counts import pluralize
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.posts import Timeline, is_shortened
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.reports.notes.common_time_notes import common_time_remarks
from dashboard.reports.shown_posts import ShownPosts


def build_remarks(shown: ShownPosts) -> list[str]:
    """Return what a reader should know before quoting a number."""
    return [
        *_post_limit_remarks(shown.query),
        *no_posts_remarks(shown),
        *_left_out_remarks(shown.timelines, shown.posts_of_period),
        *_language_remarks(shown),
        *_shortened_text_remarks(shown.filtered_posts),
        *common_time_remarks(shown.query, shown.coverage_table),
    ]


def date_only_remarks(date_only_count: int, post_count: int) -> list[str]:
    """Return a remark on the posts whose time of day is unknown, for the charts by hour."""
    have, are = ("has", "is") if date_only_count == 1 else ("have", "are")
    remark = f"{date_only_count:,} of {post_count:,} posts {have} a date without a time of day and {are} left out of this chart."
    return [remark] if date_only_count else []


def date_only_table_remarks(date_only_count: int, post_count: int) -> list[str]:
    """Return a remark on the posts whose time of day is unknown, for tables that list the time of each post."""
    have, them = ("has", "it") if date_only_count == 1 else ("have", "them")
    remark = f"{date_only_count:,} of {post_count:,} posts {have} a date without a time of day; the table lists {them} at 00:00."
    return [remark] if date_only_count else []


def _post_limit_remarks(query: Query) -> Iterable[str]:
    if query.n > MAX_POSTS_PER_ACCOUNT:
        yield f"You asked for {query.n:,} posts per account; Chorus reads up to {MAX_POSTS_PER_ACCOUNT:,}."


def no_posts_remarks(shown: ShownPosts) -> Iterable[str]:
    """Yield a remark for each account without posts to show."""
    coverage = shown.coverage_table.drop_nulls("asked")  # network counts have their own remarks
    fetched = dict(coverage.select("account", "fetched").iter_rows())
    dated = set(coverage.drop_nulls("first")["account"])
    accounts_with_posts = set(shown.filtered_posts["account"])
    for account, label in shown.labels.items():
        if fetched.get(account) == 0:
            yield f"{label} has no posts{' in this period' if shown.query.since or shown.query.until else ''}."
        elif account in dated - accounts_with_posts and not shown.has_no_common_time:
            yield f"{label} has no posts of these types in this period."


def _left_out_remarks(timelines: Sequence[Timeline], filtered_posts: pl.DataFrame) -> Iterable[str]:
    fetched = sum(timeline.posts.height for timeline in timelines)
    undated = sum(timeline.posts["created_at"].null_count() for timeline in timelines)
    if excluded := fetched - undated - filtered_posts.height:
        yield f"{excluded:,} of {fetched:,} posts {pluralize(excluded, 'does', 'do')}n't match the period or the post types you chose."
    if undated:
        have, them = ("has", "it") if undated == 1 else ("have", "them")
        yield f"{undated:,} of {fetched:,} posts {have} no known date, so every chart, table and list of posts leaves {them} out."


def _language_remarks(shown: ShownPosts) -> Iterable[str]:
    total = shown.posts_of_period.height
    if shown.query.language and (excluded := total - shown.filtered_posts.height):
        names = format_list(list(map(name_language, shown.query.language)), conjunction="or")
        are, them = pluralize(excluded, "isn't", "aren't"), pluralize(excluded, "it", "them")
        yield f"{excluded:,} of {total:,} posts {are} in {names}, so every chart, table and list leaves {them} out."


def _shortened_text_remarks(filtered_posts: pl.DataFrame) -> Iterable[str]:
    """Yield a remark if texts were shortened, because then words and sentiment cover only their beginnings."""
    lengths = filtered_posts.filter(is_shortened())["text"].str.len_chars()
    if lengths.len():
        texts, are = pluralize(lengths.len(), "text"), pluralize(lengths.len(), "was", "were")
        longest = format_number(lengths.max())  # type: ignore[arg-type]
        yield (
            f"{lengths.len():,} very long {texts} {are} shortened to at most {longest} characters, because together they were too long. "
            "Words and sentiment cover only that part; posts are counted completely."
        )
