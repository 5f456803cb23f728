"""What networks' terms allow a data file to hold of their posts: only the account and the ID, of a limited number of posts.

What people import from files is their own. Which networks have such terms, and how many posts those allow, is each network's to say.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_, or_

import polars as pl

from dashboard.core.accounts import Account
from dashboard.core.formatting.numbers import format_number
from dashboard.core.messages import gettext
from dashboard.core.networks import NETWORKS, Network

_SHARED_COLUMNS = ("account", "id")


def is_restricted(accounts: Iterable[Account]) -> pl.Expr:
    """Return whether a row belongs to an account whose network has such terms."""
    return reduce(or_, [_is_on(network, of) for network, of in _restricted(accounts)], pl.lit(value=False))


def is_within_limit(accounts: Iterable[Account]) -> pl.Expr:
    """Return whether a file may hold a row, given that rows are in the order of the file."""
    limits = [
        ~_is_on(network, of) | (_is_on(network, of).cast(pl.Int64).cum_sum() <= network.max_shared_posts)
        for network, of in _restricted(accounts)
    ]
    return reduce(and_, limits, pl.lit(value=True))


def redact_table(table: pl.DataFrame, accounts: Iterable[Account]) -> pl.DataFrame:
    """Return what a file may hold of a table with one row per post: the first posts of each such network, with account and ID alone.

    A table of other rows is returned unchanged.
    """
    if "id" not in table.columns:
        return table
    accounts = list(accounts)
    hidden_columns = [name for name in table.columns if name not in _SHARED_COLUMNS]
    redacted = [pl.when(~is_restricted(accounts)).then(pl.col(hidden_columns)).name.keep()] if hidden_columns else []
    return table.filter(is_within_limit(accounts)).with_columns(redacted)


def build_remarks(table: pl.DataFrame, accounts: Iterable[Account]) -> list[str]:
    """Return what a reader must know about a file with these posts."""
    if "id" not in table.columns:
        return []
    counts = [(network, table.filter(_is_on(network, of)).height) for network, of in _restricted(accounts)]
    return [_describe_terms(network, count) for network, count in counts if count]


def _describe_terms(network: Network, count: int) -> str:
    limit = network.max_shared_posts or 0
    values = {"network": network.title, "limit": limit}
    terms = gettext("%(network)s’s terms allow a data file only the account and ID of at most %(limit)s posts.", **values)
    more = gettext("The file has the first %(limit)s of %(count)s.", limit=limit, count=format_number(count))
    return f"{terms} {more}" if count > limit else terms


def _restricted(accounts: Iterable[Account]) -> list[tuple[Network, Sequence[Account]]]:
    """Return the networks with such terms, each with its accounts."""
    accounts = list(accounts)
    by_network = [(network, [account for account in accounts if account.network == network.name]) for network in NETWORKS]
    return [(network, of) for network, of in by_network if of and network.max_shared_posts is not None]


def _is_on(network: Network, accounts: Iterable[Account]) -> pl.Expr:
    return pl.col("account").is_in([str(account) for account in accounts if account.network == network.name])
