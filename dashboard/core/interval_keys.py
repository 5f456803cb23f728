"""What identifies an interval of an account in tables. Python can't tell the two hours apart that a clock change gives the same name."""

import polars as pl

IntervalKey = tuple[str, int]  # the account, and the start as a number


def list_interval_keys(table: pl.DataFrame) -> list[IntervalKey]:
    """Return the key of each row of a table with account and start."""
    return list(zip(table["account"].to_list(), table["start"].cast(pl.Int64).to_list(), strict=True))
