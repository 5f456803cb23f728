"""The links of a report to the same question about another period. The parameter `last` itself is part of `core/query.py`."""

from dataclasses import dataclass

from dashboard.core.messages import gettext
from dashboard.core.query import Query
from dashboard.core.query_values import ROLLING_PERIODS
from dashboard.web import urls
from dashboard.web.extensions import current_time
from dashboard.web.presenters import query_prices
from dashboard.web.presenters.question_form import list_period_titles


@dataclass(frozen=True)
class PeriodLink:
    """A link to a period: its title, its address, whether it's the current one, and the most that following it costs ("" if nothing)."""

    title: str
    url: str
    is_current: bool
    price: str


def list_periods(query: Query, chart_kind: str = "") -> list[PeriodLink]:
    """Return a link per rolling period and one to all posts, for the page of a chart or, without `chart_kind`, the report."""
    is_dated, titles = query.last or query.since or query.until, list_period_titles()
    return [
        *(_build_link(titles[last], query.with_period(last, current_time), chart_kind, query) for last in ROLLING_PERIODS),
        _build_link(gettext("All"), query.with_period(None) if is_dated else query, chart_kind, query),
    ]


def _build_link(title: str, query: Query, chart_kind: str, current_query: Query) -> PeriodLink:
    is_current = query.to_args() == current_query.to_args()  # a rolling period may end with the newest post
    price = "" if is_current else query_prices.max_price(query)
    return PeriodLink(title, page_url(query, chart_kind), is_current, price)


def page_url(query: Query, chart_kind: str = "") -> str:
    """Return the address of the page of a chart, or without `chart_kind` of the report."""
    return urls.for_query("pages.chart", query, kind=chart_kind) if chart_kind else urls.for_query("pages.report", query)
