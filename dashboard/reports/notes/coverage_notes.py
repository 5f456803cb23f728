"""How much of each account was read, in words: for captions, warnings and lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.core.accounts import network_title, parse_account, source_notice
from dashboard.core.activity import Activity
from dashboard.core.counts import HourlyCounts
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_clock, format_day, format_days
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_labelled, format_list
from dashboard.core.messages import gettext, ngettext, translatable, translate
from dashboard.core.networks import NETWORKS
from dashboard.core.query import Query
from dashboard.reports.shown_posts import ShownPosts

_MAX_LINES = 3  # with more accounts, a caption gives the total coverage only

CUT_DESCRIPTIONS = {
    "n": translatable("the number you asked for"),
    "stopped": translatable("stopped when the page was closed"),
    "cap": translatable("the most Chorus reads"),
    "network": translatable("the network doesn’t provide older posts"),
    "rate_limit": translatable("stopped early: the network’s rate limit was reached"),
    "failure": translatable("the rest couldn’t be read"),
    "deadline": translatable("stopped early: the network was too slow"),
    "repeats": translatable("stopped early: the network sent the same posts again"),
    "time": translatable("older posts weren’t counted"),
}


def build_warnings(shown: ShownPosts) -> list[str]:
    """Return a warning for each account or file that couldn't be read, or not completely, and one if window=common leaves no period."""
    cut = (activity for activity in shown.fetched.activities if activity.failure or activity.cut_by in ("deadline", "repeats"))
    no_common_time = gettext("No period is covered by all accounts. Choose “Everything available” under Period shown (window=all).")
    return [
        *(error.message for error in shown.fetched.failures.values()),
        *(_explain_cut_short(activity, shown.labels) for activity in cut),
        *dict.fromkeys(translate(warning) for sums in shown.analyzed for warning in sums.warnings),
        *([no_common_time] if shown.has_no_common_time else []),
    ]


def build_caption(shown: ShownPosts) -> list[str]:
    """Return the lines below a chart's title: demo notice, a rolling period, coverage, missing accounts, time of fetching."""
    query, fetched_at = shown.query, shown.fetched_at
    unreadable = ", ".join(shown.labels[account] for account in shown.fetched.failures)
    missing = [gettext("Couldn’t be read: %(accounts)s", accounts=unreadable)] if unreadable else []
    updated = [_describe_age(fetched_at, query)] if fetched_at else []
    notices = filter(None, [source_notice(query.users), query.describe_rolling_period(), query.describe_languages()])
    return [*notices, *_describe_coverage_of_all(shown), *missing, *updated]


def _describe_age(fetched_at: datetime, query: Query) -> str:
    values = {"day": format_day(fetched_at), "time": format_clock(fetched_at), "zone": query.tz}
    return gettext("Updated %(day)s, %(time)s UTC · times in %(zone)s", **values)


def _describe_coverage_of_all(shown: ShownPosts) -> list[str]:
    """Return a line for each account, or one for all of them if they are many."""
    if shown.coverage_table.height > _MAX_LINES:
        return [_describe_total_coverage(shown.coverage_table, shown.query)]
    rows = shown.coverage_table.iter_rows(named=True)
    return [format_labelled(shown.labels.get(row["account"], row["account"]), describe_coverage(row, shown.query)) for row in rows]


def describe_cut(row: Mapping[str, Any], query: Query) -> str:
    """Return why reading an account ended; `row` is one of analytics.coverage."""
    if row["cut_by"]:
        return gettext(CUT_DESCRIPTIONS[row["cut_by"]])
    return gettext("all posts in this period") if query.since or query.until else gettext("all posts")


def describe_coverage(row: Mapping[str, Any], query: Query) -> str:
    """Return one account's coverage in words; `row` is one of analytics.coverage."""
    is_partial = row["cut_by"] == "n" or _is_partial_sample(row)
    ending = "" if is_partial else f", {describe_cut(row, query)}"
    if row["asked"] is not None:
        fetched = _describe_read(row["fetched"], row["asked"])
    elif _is_partial_sample(row):
        fetched = _describe_sample(row["fetched"], row["sampled_from"])
    else:
        fetched = f"{format_count(row['fetched'], 'post')}{_name_counter(row['account'])}"
    return fetched + ending if row["first"] is None else f"{fetched}, {format_local_days(row['first'], row['last'], query)}{ending}"


def format_local_days(first: datetime, last: datetime, query: Query) -> str:
    """Return the days of a period in the query's zone: `3 Aug – 5 Sep 2026`."""
    return format_days(first.astimezone(query.zone), last.astimezone(query.zone))


def counted_by(account: str) -> str:
    """Return which network counted the posts of an account: `counted by X`."""
    return gettext("counted by %(networks)s", networks=network_title(account))


def _describe_read(fetched: int, asked: int) -> str:
    return gettext("%(count)s of up to %(posts)s", count=format_number(fetched), posts=format_count(asked, "post"))


def describe_extent(coverage: pl.DataFrame) -> str:
    """Return which posts a page is about if no number of them was requested: `all 1,234,567 posts`; "" otherwise, and without posts."""
    if coverage["asked"].count():
        return ""
    fetched, total = coverage.select(pl.col("fetched").sum(), pl.coalesce("sampled_from", "fetched").sum()).row(0)
    if not fetched:
        return ""
    if fetched < total:
        return _describe_sample(fetched, total)
    return ngettext("the only post", "all %(count)s posts", total, count=format_number(total))


def _is_partial_sample(row: Mapping[str, Any]) -> bool:
    return row["sampled_from"] is not None and row["fetched"] < row["sampled_from"]


def _describe_sample(fetched: int, total: int) -> str:
    return gettext("a random sample of %(count)s of %(posts)s", count=format_number(fetched), posts=format_count(total, "post"))


def _name_counter(account: str) -> str:
    """Return which network counted posts, empty if they were analyzed here."""
    return f" {counted_by(account)}" if NETWORKS[parse_account(account).network].counts_posts else ""


def _describe_total_coverage(coverage: pl.DataFrame, query: Query) -> str:
    read, counted = coverage.drop_nulls("asked"), coverage.filter(pl.col("asked").is_null())
    sampled, counted = counted.drop_nulls("sampled_from"), counted.filter(pl.col("sampled_from").is_null())
    fetched, asked = read.select(pl.col("fetched", "asked").sum()).row(0)
    posts = [_describe_read(fetched, asked)] if read.height else []
    posts += [describe_extent(sampled)] if sampled.height else []
    for counter in dict.fromkeys(map(_name_counter, counted["account"])):
        count = sum(row["fetched"] for row in counted.iter_rows(named=True) if _name_counter(row["account"]) == counter)
        posts.append(f"{format_count(count, 'post')}{counter}")
    first, last = coverage.select(pl.col("first").min(), pl.col("last").max()).row(0)
    days = f", {format_local_days(first, last, query)}" if first else ""
    cut_short = coverage.filter(~pl.col("cut_by").is_in(["n"])).height
    short = ", " + gettext("%(count)s cut short", count=format_number(cut_short)) if cut_short else ""
    return format_labelled(format_count(coverage.height, "account"), f"{format_list(posts)}{days}{short}")


def _explain_cut_short(activity: Activity, labels: Mapping[str, str]) -> str:
    if activity.failure:
        ending = activity.failure.message
    else:
        reason = gettext(CUT_DESCRIPTIONS[activity.cut_by or "failure"])
        ending = gettext("Reading %(reason)s. Reload to continue.", reason=reason)
    if isinstance(activity, HourlyCounts):
        values = {"account": labels[activity.account], "posts": format_count(activity.total_posts, "post")}
        return " ".join([gettext("%(account)s: only %(posts)s counted so far.", **values), ending])
    values = {"account": labels[activity.account], "posts": format_count(activity.posts_read, "post")}
    return " ".join([gettext("%(account)s: only %(posts)s read so far.", **values), ending])
