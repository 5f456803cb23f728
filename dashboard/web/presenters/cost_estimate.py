"""The cost of a query in sentences, shown before it runs, and what is left of today's budget.

What a query costs at most is computed in `query_prices.py`.
"""

from typing import TYPE_CHECKING

from dashboard.core.accounts import Account
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext, ngettext, translate
from dashboard.core.networks import NETWORKS, join_titles, paid_titles
from dashboard.core.query import Query
from dashboard.web.extensions import budget, durable_store, prices, timeline_store

if TYPE_CHECKING:
    from dashboard.timelines.ledger import Balance
    from dashboard.timelines.store import TimelineStore
from dashboard.web.presenters.query_prices import count_fitting_posts, is_any_read_paid, max_cost_microdollars

_MAX_LISTED_ACCOUNTS = 4


def estimate(query: Query) -> dict[str, object]:
    """Return the maximum cost of a query now, what is left of today's budget (both in US dollars, null if unknown), and a sentence."""
    from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR

    store = timeline_store()
    cost_by_account = {account: max_cost_microdollars(query, account, store) for account in query.users}
    max_cost = sum(cost_by_account.values())
    unconnected = [account for account, cost in cost_by_account.items() if cost and not _is_connected(account, store)]
    balance = store.budget.balance()
    left = None if balance is None else balance.left(store.budget.daily_microdollars)
    return {
        "at_most": max_cost / MICRODOLLARS_PER_DOLLAR,
        "left": None if left is None else left / MICRODOLLARS_PER_DOLLAR,
        "sentence": _describe_unconnected(unconnected) if unconnected else _describe_cost(query, max_cost, balance, store),
    }


def describe_spending() -> str:
    """Return a sentence with the prices of reading from a paid network, and what is left of today's budget."""
    from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR, format_dollars

    post_price, user_price = (round(prices().dollars_per_item[item] * MICRODOLLARS_PER_DOLLAR) for item in ("post", "user"))
    balance, daily = budget().balance(), budget().daily_microdollars
    price_text = {"post_price": format_dollars(post_price), "account_price": format_dollars(user_price), "month": gettext(prices().as_of)}
    if balance is None:
        sentence = gettext(
            "%(post_price)s per post and %(account_price)s per account (%(month)s); today’s spending is unknown right now, "
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
            "%(post_price)s per post and %(account_price)s per account (%(month)s); %(left)s of today’s %(daily)s is left.", **amounts
        )
    return gettext(
        "%(post_price)s per post and %(account_price)s per account (%(month)s); %(left)s of today’s %(daily)s is left, "
        "and %(reserved)s is reserved for reads that haven’t ended.",
        **amounts,
        reserved=format_dollars(balance.reserved),
    )


def _is_connected(account: Account, store: "TimelineStore") -> bool:
    source = store.sources.get(account.network)
    return bool(source and source.readiness().ready)


def _describe_unconnected(accounts: list[Account]) -> str:
    """Say which networks aren't connected instead of a price that nobody would be charged."""
    titles = join_titles(NETWORKS[account.network] for account in accounts)
    return ngettext(
        "%(networks)s isn’t connected on this server, so %(accounts)s can’t be read.",
        "%(networks)s aren’t connected on this server, so %(accounts)s can’t be read.",
        len({account.network for account in accounts}),
        networks=titles,
        accounts=format_list([account.label for account in accounts], _MAX_LISTED_ACCOUNTS),
    )


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
            "Today’s spending is unknown right now, so nothing will be read from %(networks)s. (Otherwise: up to %(cost)s.)",
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
        return gettext("This would cost up to %(cost)s, but only %(left)s of today’s budget is left.", cost=cost, left=left)
    return gettext(
        "This would cost up to %(cost)s, but only %(left)s of today’s budget is left, and %(reserved)s is reserved for reads "
        "that haven’t ended.",
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
        "Left today: %(left)s of %(daily)s, and %(reserved)s is reserved for reads that haven’t ended.",
        left=left,
        daily=daily,
        reserved=reserved,
    )
