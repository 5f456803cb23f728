"""What X's terms allow to be handed on of its posts: account and id alone, so many in a file. What people import is their own."""

from collections.abc import Iterable

import polars as pl

from dashboard.core.accounts import Account

MOST_OF_X = 500  # posts of X in one data file, as its terms allow by hand
_IDS = ("account", "id")


def of_x(users: Iterable[Account]) -> pl.Expr:
    """Say of a row whether it is of an account on X."""
    return pl.col("account").is_in([str(user) for user in users if user.network == "x"])


def allowed(x: pl.Expr) -> pl.Expr:
    """Say of each row, in the order of a file, whether that may hold it; `x` is of_x's."""
    return ~x | (x.cast(pl.Int64).cum_sum() <= MOST_OF_X)


def handed_on(table: pl.DataFrame, users: Iterable[Account]) -> pl.DataFrame:
    """Return what a file may hold of a table with a row a post: the first so many rows of X, with account and id alone.

    A table of other rows is returned as it is.
    """
    if "id" not in table.columns:
        return table
    x, hidden = of_x(users), [name for name in table.columns if name not in _IDS]
    return table.filter(allowed(x)).with_columns(pl.when(~x).then(pl.col(hidden)).name.keep() if hidden else [])


def remarks(table: pl.DataFrame, users: Iterable[Account]) -> list[str]:
    """Return what is to be said of a file with these posts."""
    count = table.filter(of_x(users)).height if "id" in table.columns else 0
    more = f" The first {MOST_OF_X} of {count:,} are in it." if count > MOST_OF_X else ""
    return [f"X's terms: of its posts a data file holds the account and the id alone, and at most {MOST_OF_X}.{more}"] if count else []
