"""Which posts are missing, shortened, or without a time of day."""

from collections.abc import Iterable

import polars as pl

from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_chosen_language
from dashboard.core.messages import gettext, ngettext
from dashboard.core.posts import is_shortened
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.reports.notes.common_time_notes import common_time_remarks
from dashboard.reports.shown_posts import ShownPosts


def build_remarks(shown: ShownPosts) -> list[str]:
    """Return what a reader should know before quoting a number."""
    return [
        *_post_limit_remarks(shown.query),
        *no_posts_remarks(shown),
        *_left_out_remarks(shown),
        *_language_remarks(shown),
        *_shortened_text_remarks(shown.filtered_posts),
        *common_time_remarks(shown.query, shown.coverage_table),
    ]


def date_only_remarks(date_only_count: int, post_count: int) -> list[str]:
    """Return a remark on the posts whose time of day is unknown, for the charts by hour."""
    remark = ngettext(
        "%(count)s of %(total)s posts has a date without a time of day and is left out of this chart.",
        "%(count)s of %(total)s posts have a date without a time of day and are left out of this chart.",
        date_only_count,
        count=format_number(date_only_count),
        total=format_number(post_count),
    )
    return [remark] if date_only_count else []


def date_only_table_remarks(date_only_count: int, post_count: int) -> list[str]:
    """Return a remark on the posts whose time of day is unknown, for tables that list the time of each post."""
    remark = ngettext(
        "%(count)s of %(total)s posts has a date without a time of day; the table lists it at 00:00.",
        "%(count)s of %(total)s posts have a date without a time of day; the table lists them at 00:00.",
        date_only_count,
        count=format_number(date_only_count),
        total=format_number(post_count),
    )
    return [remark] if date_only_count else []


def _post_limit_remarks(query: Query) -> Iterable[str]:
    if query.n > MAX_POSTS_PER_ACCOUNT:
        values = {"count": format_number(query.n), "limit": format_number(MAX_POSTS_PER_ACCOUNT)}
        yield gettext("You asked for %(count)s posts per account; Chorus reads up to %(limit)s.", **values)


def no_posts_remarks(shown: ShownPosts) -> Iterable[str]:
    """Yield a remark for each account without posts to show."""
    counted = {counts.account for counts in shown.network_counts}  # which have their own remarks
    rows = [row for row in shown.coverage_table.iter_rows(named=True) if row["account"] not in counted]
    fetched = {row["account"]: row["fetched"] for row in rows}
    dated = {row["account"] for row in rows if row["first"]}
    accounts_with_posts = set(shown.post_counts["account"].unique())
    for account, label in shown.labels.items():
        if fetched.get(account) == 0:
            if shown.query.since or shown.query.until:
                yield gettext("%(account)s has no posts in this period.", account=label)
            else:
                yield gettext("%(account)s has no posts.", account=label)
        elif account in dated - accounts_with_posts and not shown.has_no_common_time:
            yield gettext("%(account)s has no posts of these types in this period.", account=label)


def _left_out_remarks(shown: ShownPosts) -> Iterable[str]:
    fetched = sum(timeline.posts.height for timeline in shown.timelines) + sum(int(sums.counts["posts"].sum()) for sums in shown.analyzed)
    undated = sum(timeline.posts["created_at"].null_count() for timeline in shown.timelines)
    undated += sum(int(sums.counts["posts"].sum()) - sums.dated_posts for sums in shown.analyzed)
    if excluded := fetched - undated - shown.post_count_of_period:
        yield ngettext(
            "%(count)s of %(total)s posts doesn’t match the period or the post types you chose.",
            "%(count)s of %(total)s posts don’t match the period or the post types you chose.",
            excluded,
            count=format_number(excluded),
            total=format_number(fetched),
        )
    if undated:
        yield ngettext(
            "%(count)s of %(total)s posts has no known date, so every chart, table and list of posts leaves it out.",
            "%(count)s of %(total)s posts have no known date, so every chart, table and list of posts leaves them out.",
            undated,
            count=format_number(undated),
            total=format_number(fetched),
        )


def _language_remarks(shown: ShownPosts) -> Iterable[str]:
    total = shown.post_count_of_period
    if shown.query.language and (excluded := total - int(shown.post_counts["posts"].sum())):
        names = format_list(list(map(name_chosen_language, shown.query.language)), conjunction="or")
        yield ngettext(
            "%(count)s of %(total)s posts isn’t in %(languages)s, so every chart, table and list leaves it out.",
            "%(count)s of %(total)s posts aren’t in %(languages)s, so every chart, table and list leaves them out.",
            excluded,
            count=format_number(excluded),
            total=format_number(total),
            languages=names,
        )


def _shortened_text_remarks(filtered_posts: pl.DataFrame) -> Iterable[str]:
    """Yield a remark if texts were shortened, because then words and sentiment cover only their beginnings."""
    lengths = filtered_posts.select(pl.col("text").filter(is_shortened()).str.len_chars())["text"]
    if lengths.len():
        yield ngettext(
            "%(count)s very long text was shortened to at most %(longest)s characters, because together they were too long. "
            "Words and sentiment cover only that part; posts are counted completely.",
            "%(count)s very long texts were shortened to at most %(longest)s characters, because together they were too long. "
            "Words and sentiment cover only that part; posts are counted completely.",
            lengths.len(),
            count=format_number(lengths.len()),
            longest=format_number(lengths.max()),  # type: ignore[arg-type]
        )
