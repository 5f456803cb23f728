"""What posts that a network counted itself include."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dashboard.core.accounts import network_title
from dashboard.core.counts import HourlyCounts
from dashboard.core.formatting.counts import format_count
from dashboard.core.messages import gettext, translatable
from dashboard.core.networks import NETWORKS
from dashboard.core.query import Query
from dashboard.reports.notes.coverage_notes import format_local_days
from dashboard.reports.shown_posts import ShownPosts


def network_count_remarks(shown: ShownPosts) -> list[str]:
    """Return which accounts a network counted, what such counts include, and which accounts were counted from their posts."""
    query, network_counts = shown.query, shown.network_counts
    if query.counted != "network":
        return []
    counted_from_posts = [shown.labels[str(user)] for user in query.users if not NETWORKS[user.network].counts_posts]
    titles = list(dict.fromkeys(network_title(counts.account) for counts in network_counts))
    return [
        *(_describe_counts(counts, shown.labels[counts.account], query) for counts in network_counts),
        *_explain_counts(titles, network_counts, query),
        *([_explain_counting(counted_from_posts)] if counted_from_posts else []),
    ]


def _explain_counting(labels: Sequence[str]) -> str:
    return gettext("Counted from posts, because their networks offer no counts: %(accounts)s.", accounts=", ".join(labels))


def _explain_counts(titles: Sequence[str], network_counts: Sequence[HourlyCounts], query: Query) -> Iterable[str]:
    """Yield what the counts of these networks include, which years they cover, and how exact their intervals are."""
    yield from (gettext("%(network)s’s counts may include posts that have since been deleted.", network=title) for title in titles)
    if any(counts.cut_by == "time" for counts in network_counts):
        years = translatable("%(network)s’s counts go back one year if you give no start date, and five years at most.")
        yield from (gettext(years, network=title) for title in titles)
    if _has_partial_hour_offset(query):
        hours = translatable("%(network)s counts by UTC hour, so in %(zone)s a few posts may be in the neighbouring interval.")
        yield from (gettext(hours, network=title, zone=query.tz) for title in titles)


def _describe_counts(counts: HourlyCounts, label: str, query: Query) -> str:
    title = network_title(counts.account)
    if counts.is_empty:
        return gettext("%(network)s counted no posts by %(account)s: that period hasn’t started yet.", network=title, account=label)
    days = format_local_days(counts.since, counts.until - timedelta(seconds=1), query)
    values = {"network": title, "posts": format_count(counts.total_posts, "post"), "account": label, "days": days}
    return gettext("%(network)s counted %(posts)s by %(account)s, %(days)s.", **values)


def _has_partial_hour_offset(query: Query) -> bool:
    """Return whether hours in the query's zone start at other minutes than in UTC."""
    return (datetime(2026, 1, 1, tzinfo=query.zone).utcoffset() or timedelta()) % timedelta(hours=1) != timedelta()
