"""Says which posts the numbers of a page are about, for below its heading: how many of how many, and how far they reach back.

Coverage of each account, with the reason why it ends, is described in `coverage_notes.py`.
"""

from collections.abc import Mapping

import polars as pl

from dashboard.core.formatting.dates import format_day
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext, ngettext
from dashboard.core.query import Query
from dashboard.reports.notes.coverage_notes import CUT_DESCRIPTIONS

_MAX_LISTED_ACCOUNTS = 3


def describe_read_posts(coverage: pl.DataFrame, shown_count: int) -> str:
    """Return `all 40 posts`, `latest 400 posts per account`, or `596 of 800 posts read` if not all of them are shown.

    `coverage` is a table of analytics.coverage. Returns "" without posts, and if an account's posts weren't read one by one.
    """
    total = int(coverage["fetched"].sum())
    if not shown_count or coverage["asked"].null_count():
        return ""
    if shown_count < total:
        return gettext("%(count)s of %(total)s posts read", count=format_number(shown_count), total=format_number(total))
    if coverage["cut_by"].null_count() == coverage.height:
        return ngettext("the only post", "all %(count)s posts", total, count=format_number(total))
    limit = _describe_latest(coverage["fetched"])
    return f"{limit} ({gettext(CUT_DESCRIPTIONS['cap'])})" if "cap" in coverage["cut_by"].to_list() else limit


def describe_reach(coverage: pl.DataFrame, labels: Mapping[str, str], query: Query) -> str:
    """Return how far posts were read back if that isn't to the beginning of the requested period, otherwise "".

    `coverage` is a table of analytics.coverage, and `labels` has the name of each account in it.
    """
    if query.since is None:
        return ""
    cut = coverage.drop_nulls(["cut_by", "first"]).select("account", "first").iter_rows()
    begins = {account: first.astimezone(query.zone) for account, first in cut}
    late = {account: format_day(first) for account, first in begins.items() if first.date() > query.since}
    days = [gettext("%(day)s (%(account)s)", day=day, account=labels[account]) for account, day in late.items()]
    if not late:
        return ""
    listed = format_list(days if coverage.height > 1 else list(late.values()), _MAX_LISTED_ACCOUNTS)
    return gettext("Posts were read back only to %(days)s, not to %(since)s.", days=listed, since=format_day(query.since))


def _describe_latest(counts: pl.Series) -> str:
    """Return how many of the latest posts of each account were read, given their numbers."""
    numbers = counts.to_list()
    most = max(numbers)
    values = {"count": format_number(most)}
    if len(numbers) == 1:
        return ngettext("latest post", "latest %(count)s posts", most, **values)
    if len(set(numbers)) == 1:
        return ngettext("latest post per account", "latest %(count)s posts per account", most, **values)
    return gettext("up to %(count)s posts per account", **values)
