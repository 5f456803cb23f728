"""Writes the notes on the two periods of a comparison: which they are, and which of them is only partially known."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from dashboard.core.formatting.dates import format_day, format_days, format_minutes
from dashboard.core.formatting.texts import format_labelled
from dashboard.core.messages import gettext
from dashboard.core.networks import NETWORKS, join_titles
from dashboard.core.query import Query

_MICROSECOND = timedelta(microseconds=1)
_MAX_DESCRIBED_PERIODS = 3  # pairs of periods; with more, a caption doesn't list them


def describe_periods(periods: pl.DataFrame, labels: Mapping[str, str], query: Query) -> list[str]:
    """Return lines with the compared periods, only one if all accounts share them. `periods` is analytics.compare's."""
    labels_by_period: dict[str, list[str]] = {}
    for row in periods.iter_rows(named=True):
        pair = _format_period_pair((row["begins"], row["until"]), (row["since"], row["cut"]), query)
        labels_by_period.setdefault(pair, []).append(labels[row["account"]])
    if len(labels_by_period) > _MAX_DESCRIBED_PERIODS:
        return [gettext("Newer half against older half of each account’s posts")]
    return [
        format_labelled(", ".join(accounts), span) if len(labels_by_period) > 1 else span for span, accounts in labels_by_period.items()
    ]


def explain_unread_period(query: Query, chart_kind: str) -> str:
    """Return a sentence on the other period that a chart needs, for a page that read only the chosen one."""
    previous_period = describe_previous_period(query, chart_kind)
    paid = join_titles(NETWORKS[user.network] for user in query.users if NETWORKS[user.network].is_paid)
    question = gettext("Compare with %(period)s? Those posts haven’t been read yet.", period=previous_period)
    cost = gettext("On %(networks)s, reading it costs money.", networks=paid)
    return f"{question} {cost}" if paid else question


def describe_previous_period(query: Query, chart_kind: str) -> str:
    """Return the days of the period before the chosen one, which such a chart needs; in general terms if no period was chosen."""
    first, end = query.required_span(chart_kind)[0], query.span[0]
    return _format_period(first, end, query) if first and end else "the period before"


def missing_period_remarks(periods: pl.DataFrame, labels: Mapping[str, str], query: Query) -> list[str]:
    """Return a remark for each account whose previous period is incomplete or missing."""
    remarks = []
    for row in periods.iter_rows(named=True):
        label, before = labels[row["account"]], _format_period(row["since"], row["cut"], query)
        if row["known_since"] >= row["cut"]:
            values = {"account": label, "period": before}
            remarks.append(gettext("No posts of %(account)s from %(period)s were read, so there’s no comparison.", **values))
        elif row["compared_since"] >= row["cut"]:
            values = {"account": label, "period": before, "day": _format_local_day(row["known_since"], query)}
            remarks.append(gettext("Posts of %(account)s reach back only to %(day)s: too few of %(period)s for a comparison.", **values))
        elif row["known_since"] > row["since"]:
            since = _format_local_day(row["known_since"], query)
            remarks.append(gettext("The earlier period of %(account)s starts only on %(day)s.", account=label, day=since))
    return remarks


def _format_period_pair(current_period: tuple[datetime, datetime], previous_period: tuple[datetime, datetime], query: Query) -> str:
    """Return two periods in words: in days, or to the minute if both contain the same day."""
    exact = _format_local_day(previous_period[1] - _MICROSECOND, query) == _format_local_day(current_period[0], query)
    now, before = (_format_period(*period, query, to_the_minute=exact) for period in (current_period, previous_period))
    return gettext("%(now)s, compared with %(before)s", now=now, before=before)


def _format_period(start: datetime, end: datetime, query: Query, *, to_the_minute: bool = False) -> str:
    first, last = start.astimezone(query.zone), (end - _MICROSECOND).astimezone(query.zone)
    if first.date() != last.date() and not to_the_minute:
        return format_days(first, last)
    return format_minutes(first, end.astimezone(query.zone))


def _format_local_day(moment: datetime, query: Query) -> str:
    return format_day(moment.astimezone(query.zone))
