"""What a question would cost, said before it is asked."""

from typing import TYPE_CHECKING

from dashboard.extensions import library
from dashboard.query import Query

if TYPE_CHECKING:
    from dashboard.library import Library


def estimate(query: Query) -> dict[str, object]:
    """Return the most a question can cost now, what is left of today's budget (both US dollars, null if unknown), and a sentence."""
    from dashboard.budget import MICRO
    from dashboard.sources import Wanted

    given = library()
    most = sum(given.at_most(account, Wanted(query.limit, *query.span)) for account in query.users)
    left = given.budget.left()
    return {"at_most": most / MICRO, "left": None if left is None else left / MICRO, "sentence": _sentence(most, left, given)}


def _sentence(most: int, left: int | None, given: "Library") -> str:
    from dashboard.budget import dollars

    if most == 0:
        return "Free: nothing that costs money has to be read."
    if left is None:
        return f"Up to {dollars(most)}, but today's spending can't be looked up, so nothing is bought from X now."
    enough = f"{dollars(left)} of today's budget is left"
    verdict = f"{enough}." if most <= left else f"only {enough}: ask for fewer posts or accounts."
    return f"Up to {dollars(most)} for what is not kept yet, at X's prices of {given.prices.dated}; {verdict}"
