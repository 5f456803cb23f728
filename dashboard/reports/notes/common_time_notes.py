"""The period that all accounts cover, for those who compare them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from dashboard.core.messages import gettext
from dashboard.core.query import Query
from dashboard.reports.notes.coverage_notes import format_local_days


def describe_common_time(query: Query, coverage: pl.DataFrame) -> str:
    """Return from when to when all accounts are covered, if that is less than half of the period shown and isn't already selected."""
    spans = _list_spans(coverage)
    if query.window == "common" or len(spans) < 2:
        return ""
    latest, earliest = _find_overlap(spans)
    shown_time = max(last for _, last in spans) - min(first for first, _ in spans)
    is_short = latest <= earliest and (earliest - latest) * 2 < shown_time
    return format_local_days(latest, earliest, query) if is_short else ""


def common_time_remarks(query: Query, coverage: pl.DataFrame) -> Iterable[str]:
    """Yield a remark if the accounts' posts are mostly from different periods."""
    spans = _list_spans(coverage)
    if query.window == "common" or len(spans) < 2:
        return
    latest, earliest = _find_overlap(spans)
    if latest > earliest:
        advice = _advise_reading_more(coverage.filter(pl.col("first") > earliest)["cut_by"].to_list())
        no_overlap = gettext("These accounts’ posts don’t overlap in time.")
        yield f"{no_overlap} {advice}"
    elif days := describe_common_time(query, coverage):
        yield gettext(
            "Only %(days)s is covered by all accounts. To compare just that period, choose “Only where all accounts have posts” under "
            "Period shown.",
            days=days,
        )


def _list_spans(coverage: pl.DataFrame) -> list[tuple[datetime, datetime]]:
    """Return the first and last moment that is covered of each account with dated posts."""
    return [(first, last) for first, last in coverage[["first", "last"]].iter_rows() if first is not None]


def _find_overlap(spans: Sequence[tuple[datetime, datetime]]) -> tuple[datetime, datetime]:
    """Return the latest begin and the earliest end of all spans."""
    return max(first for first, _ in spans), min(last for _, last in spans)


def _advise_reading_more(cut_reasons: Sequence[str | None]) -> str:
    """Return whether older posts would help, from the reasons why the accounts that begin too late end where they do."""
    if "n" in cut_reasons:
        return gettext("Read more posts per account to compare them.")
    return gettext("No older posts can be read.") if any(cut_reasons) else gettext("There are no older posts to read.")
