"""What X's terms allow to be handed on of its posts: account and id alone, so many in a file. What people import is their own."""

from collections.abc import Iterable

import polars as pl

from dashboard.core.accounts import Account

MAX_X_POSTS_PER_FILE = 500  # posts of X in one data file, as its terms allow by hand
_ID_COLUMNS = ("account", "id")


def is_x_post(accounts: Iterable[Account]) -> pl.Expr:
    """Say of a row whether it is of an account on X."""
    return pl.col("account").is_in([str(user) for user in accounts if user.network == "x"])


def is_within_limit(is_x: pl.Expr) -> pl.Expr:
    """Say of each row, in the order of a file, whether that may hold it; `x` is of_x's."""
    return ~is_x | (is_x.cast(pl.Int64).cum_sum() <= MAX_X_POSTS_PER_FILE)


def redact_table(table: pl.DataFrame, accounts: Iterable[Account]) -> pl.DataFrame:
    """Return what a file may hold of a table with a row a post: the first so many rows of X, with account and id alone.

    A table of other rows is returned as it is.
    """
    if "id" not in table.columns:
        return table
    x, hidden = is_x_post(accounts), [name for name in table.columns if name not in _ID_COLUMNS]
    return table.filter(is_within_limit(x)).with_columns(pl.when(~x).then(pl.col(hidden)).name.keep() if hidden else [])


def build_remarks(table: pl.DataFrame, accounts: Iterable[Account]) -> list[str]:
    """Return what is to be said of a file with these posts."""
    count = table.filter(is_x_post(accounts)).height if "id" in table.columns else 0
    more = f" The first {MAX_X_POSTS_PER_FILE} of {count:,} are in it." if count > MAX_X_POSTS_PER_FILE else ""
    return (
        [f"X's terms: of its posts a data file holds the account and the id alone, and at most {MAX_X_POSTS_PER_FILE}.{more}"]
        if count
        else []
    )
