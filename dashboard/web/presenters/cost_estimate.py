"""What a question would cost, said before it is asked."""

from typing import TYPE_CHECKING

from dashboard.core.accounts import Account
from dashboard.core.query import Query
from dashboard.web.extensions import library

if TYPE_CHECKING:
    from dashboard.timelines.store import Library


def estimate(query: Query) -> dict[str, object]:
    """Return the most a question can cost now, what is left of today's budget (both US dollars, null if unknown), and a sentence."""
    from dashboard.core.pricing import MICRO

    given = library()
    most = sum(_at_most(query, account, given) for account in query.users)
    left = given.budget.left()
    return {"at_most": most / MICRO, "left": None if left is None else left / MICRO, "sentence": _sentence(query, most, left, given)}


def today() -> str:
    """Say what reading X costs, and what may still be spent today."""
    from dashboard.core.pricing import MICRO, dollars

    given = library()
    post, user = (round(given.prices.table[what] * MICRO) for what in ("post", "user"))
    left = given.budget.left()
    spare = (
        "what was spent today can't be looked up" if left is None else f"{dollars(left)} of today's {dollars(given.budget.a_day)} is left"
    )
    return f"{dollars(post)} a post and {dollars(user)} an account ({given.prices.dated}); {spare}."


def _at_most(query: Query, account: Account, given: "Library") -> int:
    from dashboard.sources.base import Wanted
    from dashboard.timelines import hourly_counts

    if query.counted == "network" and hourly_counts.possible(given, account):
        return hourly_counts.at_most(given, account, *query.span)
    return given.at_most(account, Wanted(query.limit, *query.span))


def _sentence(query: Query, most: int, left: int | None, given: "Library") -> str:
    from dashboard.core.pricing import dollars

    if most == 0:
        return "Free."
    if left is None:
        return f"Up to {dollars(most)}, but today's spending can't be looked up, so nothing is bought from X now."
    enough = f"{dollars(left)} of today's budget is left"
    less = "a shorter time or fewer accounts" if query.counted == "network" else "fewer posts or accounts"
    verdict = f"{enough}." if most <= left else f"only {enough}: ask for {less}."
    return f"Up to {dollars(most)} for what is not kept yet, at X's prices of {given.prices.dated}; {verdict}"
