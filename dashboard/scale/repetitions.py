"""Finds posts that are repeated, or were edited, among the rows of an account file, however many there are. Nothing is written here."""

import polars as pl

from dashboard.scale.slices import AccountRows

KEYS_IN_MEMORY = 2_000_000  # of an account file that isn't held in memory


def find_repetitions(rows: AccountRows) -> tuple[pl.DataFrame, int, int]:
    """Return `order` of the posts to drop, and how many are repeated posts and how many older versions: the last copy of each post counts.

    Keys that don't fit in memory are compared class by class.
    """
    class_count = 1 if rows.frame is not None else 1 + sum(frame.height for frame in rows.iter_frames(["key"])) // KEYS_IN_MEMORY
    parts = [_compare(rows, pl.col("key") % class_count == number) for number in range(class_count)]
    dropped = pl.concat(orders for orders, _ in parts)
    older_versions = sum(older for _, older in parts)
    return dropped, dropped.height - older_versions, older_versions


def _compare(rows: AccountRows, condition: pl.Expr) -> tuple[pl.DataFrame, int]:
    """Return `order` of the posts to drop among some rows, and how many of them are older versions."""
    keys = pl.concat(rows.iter_frames(["key", "version", "order"], condition))
    ordered = keys.with_columns(pl.col("version").fill_null(0)).sort("key", "version", "order")
    is_repeated = pl.col("key") == pl.col("key").shift(-1)
    repeated = ordered.with_columns(is_older=pl.col("version") < pl.col("version").shift(-1)).filter(is_repeated)
    return repeated.select("order"), int(repeated["is_older"].sum())
