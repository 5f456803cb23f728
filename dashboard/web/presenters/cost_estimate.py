"""The cost of a query, shown before it runs."""

from typing import TYPE_CHECKING

from dashboard.core.accounts import Account
from dashboard.core.formatting import format_list, pluralize
from dashboard.core.networks import NETWORKS, join_titles, paid_titles
from dashboard.core.query import Query
from dashboard.web.extensions import budget, durable_store, prices, timeline_store

if TYPE_CHECKING:
    from dashboard.timelines.store import TimelineStore

_MAX_LISTED_ACCOUNTS = 4


def estimate(query: Query) -> dict[str, object]:
    """Return the maximum cost of a query now, what is left of today's budget (both in US dollars, null if unknown), and a sentence."""
    from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR

    store = timeline_store()
    cost_by_account = {account: _max_cost(query, account, store) for account in query.users}
    max_cost = sum(cost_by_account.values())
    unconnected = [account for account, cost in cost_by_account.items() if cost and not _is_connected(account, store)]
    left = store.budget.remaining_microdollars()
    return {
        "at_most": max_cost / MICRODOLLARS_PER_DOLLAR,
        "left": None if left is None else left / MICRODOLLARS_PER_DOLLAR,
        "sentence": _describe_unconnected(unconnected) if unconnected else _describe_cost(query, max_cost, left, store),
    }


def describe_spending() -> str:
    """Return a sentence with the prices of reading from a paid network, and what is left of today's budget."""
    from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR, format_dollars

    post_price, user_price = (round(prices().dollars_per_item[item] * MICRODOLLARS_PER_DOLLAR) for item in ("post", "user"))
    left = budget().remaining_microdollars()
    budget_text = (
        f"today's spending is unknown right now, so nothing is read from {paid_titles()}"
        if left is None
        else f"{format_dollars(left)} of today's {format_dollars(budget().daily_microdollars)} is left"
    )
    price_text = f"{format_dollars(post_price)} per post and {format_dollars(user_price)} per account ({prices().as_of})"
    return f"{price_text}; {budget_text}. {durable_store().limitation}".strip()


def _max_cost(query: Query, account: Account, store: "TimelineStore") -> int:
    from dashboard.sources.base import TimelineRequest
    from dashboard.timelines import hourly_counts

    if query.counted == "network" and hourly_counts.supports_counts(store, account):
        return hourly_counts.max_cost_microdollars(store, account, *query.span)
    return store.max_cost_microdollars(account, TimelineRequest(query.limit, *query.span))


def _is_connected(account: Account, store: "TimelineStore") -> bool:
    source = store.sources.get(account.network)
    return bool(source and source.readiness().ready)


def _describe_unconnected(accounts: list[Account]) -> str:
    """Say which networks aren't connected instead of a price that nobody would be charged."""
    titles = join_titles(NETWORKS[account.network] for account in accounts)
    are_not = pluralize(len({account.network for account in accounts}), "isn't", "aren't")
    names = format_list([account.label for account in accounts], _MAX_LISTED_ACCOUNTS)
    return f"{titles} {are_not} connected on this server, so {names} can't be read."


def _describe_cost(query: Query, max_cost: int, remaining_budget: int | None, store: "TimelineStore") -> str:
    from dashboard.core.pricing import format_dollars

    if max_cost == 0:
        return "This report is free."
    titles = join_titles(NETWORKS[account.network] for account in query.users if NETWORKS[account.network].is_paid)
    if remaining_budget is None:
        problem = f"Today's spending is unknown right now, so nothing will be read from {titles}."
        return f"{problem} (Otherwise: up to {format_dollars(max_cost)}.)"
    cost, left = format_dollars(max_cost), format_dollars(remaining_budget)
    if max_cost > remaining_budget:
        remedy = "a shorter period or fewer accounts" if query.counted == "network" else "fewer posts or accounts"
        return f"This would cost up to {cost}, but only {left} of today's budget is left. Choose {remedy}."
    budget = format_dollars(store.budget.daily_microdollars)
    price = f"Reading these accounts costs up to {cost} ({titles} prices, {store.prices.as_of}). Left today: {left} of {budget}."
    return f"{price} {store.durable_store.limitation}".strip()
