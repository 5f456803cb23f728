"""Writes the sentence that replaces charts if no post is of the chosen period or languages. Where posts are is found elsewhere."""

from collections.abc import Mapping

import polars as pl

from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_chosen_language
from dashboard.core.messages import gettext, ngettext
from dashboard.core.query import Query
from dashboard.core.query_values import count_days
from dashboard.reports.shown_posts import ShownPosts

_MAX_NAMES = 3


def explain_empty_period(query: Query, labels: Mapping[str, str], coverage: pl.DataFrame) -> str:
    """Return a sentence if nothing was read of a chosen period, otherwise "". `coverage` is one of analytics.coverage.

    It says that there are no posts only if everything of the period could be read.
    """
    is_chosen = query.since is not None or query.until is not None
    if not is_chosen or coverage.is_empty() or coverage["fetched"].sum():
        return ""
    names = format_list([labels[account] for account in coverage["account"]], _MAX_NAMES)
    values = {"accounts": names, "period": _name_period(query)}
    if coverage["cut_by"].count():
        return gettext("No posts by %(accounts)s %(period)s could be read.", **values)
    return ngettext("%(accounts)s has no posts %(period)s.", "%(accounts)s have no posts %(period)s.", coverage.height, **values)


def explain_missing_languages(shown: ShownPosts) -> str:
    """Return a sentence if posts of the period were read, but none of them is in a chosen language, otherwise ""."""
    if not shown.query.language or not shown.post_count_of_period or shown.network_counts or shown.post_counts["posts"].sum():
        return ""
    languages = format_list(list(map(name_chosen_language, shown.query.language)), conjunction="or")
    return ngettext(
        "The only post that was read isn’t in %(languages)s.",
        "None of the %(count)s posts that were read is in %(languages)s.",
        shown.post_count_of_period,
        count=format_number(shown.post_count_of_period),
        languages=languages,
    )


def _name_period(query: Query) -> str:
    if query.last:
        return gettext("in the last %(count)s days (%(days)s)", count=count_days(query.last), days=query.describe_days())
    return gettext("from %(days)s", days=query.describe_days()) if query.since and query.until else query.describe_days()
