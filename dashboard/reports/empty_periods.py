"""Writes the sentence that replaces charts if none of the accounts has posts in the chosen period. Where posts are is found elsewhere."""

from collections.abc import Mapping

import polars as pl

from dashboard.core.formatting.counts import pluralize
from dashboard.core.formatting.texts import format_list
from dashboard.core.query import Query

_MAX_NAMES = 3


def explain_empty_period(query: Query, labels: Mapping[str, str], coverage: pl.DataFrame) -> str:
    """Return a sentence if nothing was read of a chosen period, otherwise "". `coverage` is one of analytics.coverage.

    It says that there are no posts only if everything of the period could be read.
    """
    is_chosen = query.since is not None or query.until is not None
    if not is_chosen or coverage.is_empty() or coverage["fetched"].sum():
        return ""
    names = format_list([labels[account] for account in coverage["account"]], _MAX_NAMES)
    if coverage["cut_by"].count():
        return f"No posts by {names} {_name_period(query)} could be read."
    return f"{names} {pluralize(coverage.height, 'has', 'have')} no posts {_name_period(query)}."


def _name_period(query: Query) -> str:
    period = query.describe_period()
    if query.last:
        length, _, days = period.partition(", ")
        return f"in {length} ({days})"
    return f"from {period}" if query.since and query.until else period
