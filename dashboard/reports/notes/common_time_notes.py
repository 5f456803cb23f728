"""The period that all accounts cover, for those who compare them."""

from collections.abc import Iterable, Sequence

import polars as pl

from dashboard.core.messages import gettext
from dashboard.core.query import Query
from dashboard.reports.notes.coverage_notes import format_local_days


def describe_common_time(query: Query, coverage: pl.DataFrame) -> str:
    """Return from when to when all accounts are covered, if that is less than half of the period shown and isn't already selected."""
    dated = coverage.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return ""
    first, last = dated.select(pl.col("first").min(), pl.col("last").max()).row(0)
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    is_short = latest <= earliest and (earliest - latest) * 2 < last - first
    return format_local_days(latest, earliest, query) if is_short else ""


def common_time_remarks(query: Query, coverage: pl.DataFrame) -> Iterable[str]:
    """Yield a remark if the accounts' posts are mostly from different periods."""
    dated = coverage.drop_nulls("first")
    if query.window == "common" or dated.height < 2:
        return
    latest, earliest = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    if latest > earliest:
        advice = _advise_reading_more(dated.filter(pl.col("first") > earliest)["cut_by"].to_list())
        no_overlap = gettext("These accounts' posts don't overlap in time.")
        yield f"{no_overlap} {advice}"
    elif days := describe_common_time(query, coverage):
        yield gettext(
            "Only %(days)s is covered by all accounts. To compare just that period, choose “Only where all accounts have posts” under "
            "Period shown.",
            days=days,
        )


def _advise_reading_more(cut_reasons: Sequence[str | None]) -> str:
    """Return whether older posts would help, from the reasons why the accounts that begin too late end where they do."""
    if "n" in cut_reasons:
        return gettext("Read more posts per account to compare them.")
    return gettext("No older posts can be read.") if any(cut_reasons) else gettext("There are no older posts to read.")
