"""The cost of a query, shown before it runs."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

from flask import g

from dashboard.core.accounts import Account
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext, ngettext, translate
from dashboard.core.networks import NETWORKS, join_titles, paid_titles
from dashboard.core.query import Query
from dashboard.core.query_values import ROLLING_PERIODS
from dashboard.web.extensions import budget, current_time, durable_store, prices, sources, timeline_store

if TYPE_CHECKING:
    from dashboard.timelines.ledger import Balance
    from dashboard.timelines.store import TimelineStore

_MIN_BILLED_POSTS = 5  # of a page of X
_MAX_LISTED_ACCOUNTS = 4
_CostKey = tuple[Account, int, tuple[datetime | None, datetime | None], str]  # account, posts, period, source of counts


def estimate(query: Query) -> dict[str, object]:
    """Return the maximum cost of a query now, what is left of today's budget (both in US dollars, null if unknown), and a sentence."""
    from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR

    store = timeline_store()
    cost_by_account = {account: _max_cost(query, account, store) for account in query.users}
    max_cost = sum(cost_by_account.values())
    unconnected = [account for account, cost in cost_by_account.items() if cost and not _is_connected(account, store)]
    balance = store.budget.balance()
    left = None if balance is None else balance.left(store.budget.daily_microdollars)
    return {
        "at_most": max_cost / MICRODOLLARS_PER_DOLLAR,
        "left": None if left is None else left / MICRODOLLARS_PER_DOLLAR,
        "sentence": _describe_unconnected(unconnected) if unconnected else _describe_cost(query, max_cost, balance, store),
    }


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
            costs[key] = _max_cost(query, account, timeline_store())
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


def describe_spending() -> str:
    """Return a sentence with the prices of reading from a paid network, and what is left of today's budget."""
    from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR, format_dollars

    post_price, user_price = (round(prices().dollars_per_item[item] * MICRODOLLARS_PER_DOLLAR) for item in ("post", "user"))
    balance, daily = budget().balance(), budget().daily_microdollars
    price_text = {"post_price": format_dollars(post_price), "account_price": format_dollars(user_price), "month": gettext(prices().as_of)}
    if balance is None:
        sentence = gettext(
            "%(post_price)s per post and %(account_price)s per account (%(month)s); today's spending is unknown right now, "
            "so nothing is read from %(networks)s.",
            **price_text,
            networks=paid_titles(),
        )
    else:
        sentence = _describe_left(price_text, balance, daily)
    return f"{sentence} {translate(durable_store().limitation)}".strip()


def _describe_left(price_text: dict[str, str], balance: "Balance", daily: int) -> str:
    from dashboard.core.pricing import format_dollars

    amounts = {**price_text, "left": format_dollars(balance.left(daily)), "daily": format_dollars(daily)}
    if not balance.reserved:
        return gettext(
            "%(post_price)s per post and %(account_price)s per account (%(month)s); %(left)s of today's %(daily)s is left.", **amounts
        )
    return gettext(
        "%(post_price)s per post and %(account_price)s per account (%(month)s); %(left)s of today's %(daily)s is left, "
        "and %(reserved)s is reserved for reads that haven't ended.",
        **amounts,
        reserved=format_dollars(balance.reserved),
    )


def _max_cost(query: Query, account: Account, store: "TimelineStore") -> int:
    return _max_costs([query], account, store)[0]


def _max_costs(queries: Sequence[Query], account: Account, store: "TimelineStore") -> list[int]:
    """Return the most that one account can cost now in each of several queries, in micro-dollars."""
    from dashboard.sources.base import TimelineRequest
    from dashboard.timelines import hourly_counts

    if queries[0].counted == "network" and hourly_counts.supports_counts(store, account):
        return [hourly_counts.max_cost_microdollars(store, account, *query.span) for query in queries]
    return store.max_cost_microdollars(account, *(TimelineRequest(query.limit, *query.span) for query in queries))


def _is_connected(account: Account, store: "TimelineStore") -> bool:
    source = store.sources.get(account.network)
    return bool(source and source.readiness().ready)


def _describe_unconnected(accounts: list[Account]) -> str:
    """Say which networks aren't connected instead of a price that nobody would be charged."""
    titles = join_titles(NETWORKS[account.network] for account in accounts)
    return ngettext(
        "%(networks)s isn't connected on this server, so %(accounts)s can't be read.",
        "%(networks)s aren't connected on this server, so %(accounts)s can't be read.",
        len({account.network for account in accounts}),
        networks=titles,
        accounts=format_list([account.label for account in accounts], _MAX_LISTED_ACCOUNTS),
    )


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
    max_cost = _max_cost(query, account, timeline_store())
    return max(0, query.limit - ceil(max_cost / max(1, prices().cost_microdollars({"post": 1}))))


def _describe_remedy(query: Query) -> str:
    if query.counted == "network":
        return gettext("Choose a shorter period or fewer accounts.")
    count = count_fitting_posts(query)
    if not count:
        return gettext("Choose fewer posts or accounts.")
    return ngettext("Up to %(count)s post per account fit.", "Up to %(count)s posts per account fit.", count, count=format_number(count))


def _describe_cost(query: Query, max_cost: int, balance: "Balance | None", store: "TimelineStore") -> str:
    from dashboard.core.pricing import format_dollars

    if max_cost == 0:
        return gettext("This report is free.") if is_any_read_paid() else ""
    titles = join_titles(NETWORKS[account.network] for account in query.users if NETWORKS[account.network].is_paid)
    if balance is None:
        return gettext(
            "Today's spending is unknown right now, so nothing will be read from %(networks)s. (Otherwise: up to %(cost)s.)",
            networks=titles,
            cost=format_dollars(max_cost),
        )
    daily = store.budget.daily_microdollars
    cost, left = format_dollars(max_cost), format_dollars(balance.left(daily))
    if max_cost > daily:
        too_much = gettext(
            "This would cost up to %(cost)s, more than the daily budget of %(daily)s.", cost=cost, daily=format_dollars(daily)
        )
        return f"{too_much} {_describe_remedy(query)}"
    if max_cost > balance.left(daily):
        return f"{_describe_small_rest(cost, left, balance)} {_describe_remedy(query)}"
    price = gettext(
        "Reading these accounts costs up to %(cost)s (%(networks)s prices, %(month)s).",
        cost=cost,
        networks=titles,
        month=gettext(store.prices.as_of),
    )
    return f"{price} {_describe_rest(left, format_dollars(daily), balance)} {translate(store.durable_store.limitation)}".strip()


def _describe_small_rest(cost: str, left: str, balance: "Balance") -> str:
    from dashboard.core.pricing import format_dollars

    if not balance.reserved:
        return gettext("This would cost up to %(cost)s, but only %(left)s of today's budget is left.", cost=cost, left=left)
    return gettext(
        "This would cost up to %(cost)s, but only %(left)s of today's budget is left, and %(reserved)s is reserved for reads "
        "that haven't ended.",
        cost=cost,
        left=left,
        reserved=format_dollars(balance.reserved),
    )


def _describe_rest(left: str, daily: str, balance: "Balance") -> str:
    from dashboard.core.pricing import format_dollars

    if not balance.reserved:
        return gettext("Left today: %(left)s of %(daily)s.", left=left, daily=daily)
    reserved = format_dollars(balance.reserved)
    return gettext(
        "Left today: %(left)s of %(daily)s, and %(reserved)s is reserved for reads that haven't ended.",
        left=left,
        daily=daily,
        reserved=reserved,
    )
