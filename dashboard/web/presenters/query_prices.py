"""What a query can cost at most, and how many posts fit into what is left of today's budget.

Sentences about it belong in `cost_estimate.py`.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

from flask import g

from dashboard.core.accounts import Account
from dashboard.core.networks import NETWORKS
from dashboard.core.query import Query
from dashboard.core.query_values import ROLLING_PERIODS
from dashboard.web.extensions import budget, current_time, prices, sources, timeline_store

if TYPE_CHECKING:
    from dashboard.timelines.store import TimelineStore

_MIN_BILLED_POSTS = 5  # of a page of X
_CostKey = tuple[Account, int, tuple[datetime | None, datetime | None], str]  # account, posts, period, source of counts


def max_price(query: Query) -> str:
    """Return the most that a query can cost now, such as `$2.00`; "" if it's free."""
    return price_calculator()(query)


def price_calculator() -> Callable[[Query], str]:
    """Return a function like `max_price` for many similar queries: it looks up what is stored of each account and period once."""
    from dashboard.core.pricing import format_dollars

    costs: dict[_CostKey, int] = dict(g.get("listed_costs", {}))

    def account_cost(account: Account, query: Query) -> int:
        key = (account, query.limit, query.span, query.counted)
        if key not in costs:
            g.has_unlisted_price = True
            costs[key] = max_cost_microdollars(query, account, timeline_store())
        return costs[key]

    def price(query: Query) -> str:
        cost = sum(account_cost(account, query) for account in query.users if NETWORKS[account.network].is_paid)
        return format_dollars(cost) if cost else ""

    return price


def list_prices(query: Query) -> tuple[object, ...]:
    """Return what the page of a query may say about prices: what its paid accounts cost in each period, and one more account.

    The prices are looked up once for the identity of the page and for the page itself.
    """
    accounts = [account for account in query.users if NETWORKS[account.network].is_paid]
    periods = [query, query.with_period(None), *(query.with_period(last, current_time) for last in ROLLING_PERIODS)] if accounts else []
    g.listed_costs = {
        (account, query.limit, period.span, query.counted): cost
        for account in accounts
        for period, cost in zip(periods, _max_costs(periods, account, timeline_store()), strict=True)
    }
    return tuple(g.listed_costs.items()), price_of_new_account(query)


def has_unlisted_price() -> bool:
    """Return whether a page of this request says a price that `list_prices` doesn't know."""
    return bool(g.get("has_unlisted_price"))


def price_of_new_account(query: Query) -> str:
    """Return the most that one more account of a paid network can cost, such as `$2.01`; "" if none is connected."""
    from dashboard.core.pricing import format_dollars

    paid_sources = [source for source in sources().values() if source.network.is_paid and source.readiness().ready]
    return format_dollars(prices().cost_microdollars({"user": 1, "post": query.limit})) if paid_sources else ""


def is_any_read_paid() -> bool:
    """Return whether a network that charges for reads is connected: without one, nobody needs to know what is free."""
    return any(source.network.is_paid and source.readiness().ready for source in sources().values())


def max_cost_microdollars(query: Query, account: Account, store: "TimelineStore") -> int:
    """Return the most that one account can cost now."""
    return _max_costs([query], account, store)[0]


def _max_costs(queries: Sequence[Query], account: Account, store: "TimelineStore") -> list[int]:
    """Return the most that one account can cost now in each of several queries, in micro-dollars."""
    from dashboard.sources.base import TimelineRequest
    from dashboard.timelines import hourly_counts

    if queries[0].counted == "network" and hourly_counts.supports_counts(store, account):
        return [hourly_counts.max_cost_microdollars(store, account, *query.span) for query in queries]
    return store.max_cost_microdollars(account, *(TimelineRequest(query.limit, *query.span) for query in queries))


def count_fitting_posts(query: Query) -> int:
    """Return how many posts per account certainly fit into what is left of today's budget, fewer than the query asks for.

    It's 0 if no read fits. Posts that are stored cost nothing, so the number is never less than what the page shows already.
    """
    left = budget().remaining_microdollars()
    accounts = [account for account in query.users if NETWORKS[account.network].is_paid]
    if not left or not accounts or query.counted == "network":
        return 0
    stored_counts = [_count_free_posts(query, account) for account in accounts]
    lookups = prices().cost_microdollars({"user": len(accounts)})

    def max_cost(count: int) -> int:
        missing_counts = [count - stored for stored in stored_counts if count > stored]
        return lookups + prices().cost_microdollars({"post": sum(max(_MIN_BILLED_POSTS, missing) for missing in missing_counts)})

    count = bisect_right(range(query.limit), left, key=max_cost) - 1
    return count if count >= max(_MIN_BILLED_POSTS, min(stored_counts) + 1) else 0


def _count_free_posts(query: Query, account: Account) -> int:
    """Return how many of an account's newest posts are stored, at least."""
    max_cost = max_cost_microdollars(query, account, timeline_store())
    return max(0, query.limit - ceil(max_cost / max(1, prices().cost_microdollars({"post": 1}))))
