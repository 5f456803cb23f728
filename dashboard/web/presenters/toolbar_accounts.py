"""The accounts in a toolbar, each with the link to it alone and the link without it."""

from dataclasses import dataclass

from dashboard.charts.palette import Style
from dashboard.core.account_labels import describe_handle
from dashboard.core.accounts import Account
from dashboard.core.query import Query
from dashboard.web.presenters.toolbar_page import Page


@dataclass(frozen=True)
class AccountChip:
    """An account of the question: the link to it alone, and the link that removes it, "" for the only one. Both may have a price."""

    label: str
    handle: str
    style: Style | None  # None for a file of several accounts
    url: str
    is_current: bool
    price: str
    remove_url: str
    remove_price: str


def list_chips(query: Query, page: Page) -> list[AccountChip]:
    """Return the accounts of a question, in its order."""
    return [_build_chip(user, query, page) for user in query.users]


def _build_chip(user: Account, query: Query, page: Page) -> AccountChip:
    alone = query.model_copy(update={"users": (user,)})
    others = query.model_copy(update={"users": tuple(other for other in query.users if other != user)})
    return AccountChip(
        label=page.labels.get(str(user), user.label),
        handle=describe_handle(str(user)),
        style=page.styles.get(str(user)),
        url=page.url_of_account(user) if page.url_of_account else page.url_of(alone),
        is_current=user == page.current_account or not others.users,
        price=page.price_of(alone) if others.users else "",
        remove_url=page.url_of(others) if others.users else "",
        remove_price=page.price_of(others) if others.users else "",
    )
