"""Splits accounts that post in several languages into one row per language, because a mixture of languages can't be compared with itself.

A row is named by a key, which stands for the account while a table is computed, and is replaced in the table that people get. Which
languages are read is decided elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.core.languages import name_language

MIN_ROW_POSTS = 30  # of an account in a language, for a row of its own
_SEPARATOR = "|"  # between the account and the language in a key; accounts can't contain it


@dataclass(frozen=True)
class LanguageSplit:
    """The languages of each account that has a row per language, the commonest first; other accounts aren't in `languages`."""

    languages: Mapping[str, Sequence[str]]

    def __bool__(self) -> bool:
        """Return whether any account is split."""
        return bool(self.languages)

    @cached_property
    def keys(self) -> pl.DataFrame:
        """The columns account, language and row_key of every row."""
        rows = [(account, language, f"{account}{_SEPARATOR}{language}") for account, codes in self.languages.items() for language in codes]
        return pl.DataFrame(rows, schema={"account": pl.String, "language": pl.String, "row_key": pl.String}, orient="row")

    def name_posts(self, posts: pl.DataFrame, languages: pl.Series) -> pl.DataFrame:
        """Return posts with the key of their row as their account, without those of split accounts in a language without a row."""
        named = posts.with_columns(language=languages).join(self.keys, on=["account", "language"], how="left", maintain_order="left")
        is_split = pl.col("account").is_in(list(self.languages))
        return (
            named.filter(~is_split | pl.col("row_key").is_not_null())
            .with_columns(pl.coalesce("row_key", "account").alias("account"))
            .drop("row_key", "language")
        )

    def repeat(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a table with a row per account with the rows of split accounts repeated, one for each key."""
        if not self:
            return frame
        repeated = frame.join(self.keys.drop("language"), on="account", how="left", maintain_order="left")
        return repeated.with_columns(account=pl.coalesce("row_key", "account")).drop("row_key")

    def repeat_labels(self, context: ChartContext) -> ChartContext:
        """Return a context in which each row of a split account has its account's colour, and its language in its label."""
        if not self:
            return context
        keys_by_account = self.keys.rows_by_key("account")
        rows: dict[str, tuple[str, str]] = {}
        for account, label in context.labels.items():
            rows |= {key: (account, f"{label} · {name_language(code)}") for code, key in keys_by_account.get(account, [])} or {
                account: (account, label)
            }
        styles = {key: context.styles[account] for key, (account, _) in rows.items()}
        return replace(context, labels={key: label for key, (_, label) in rows.items()}, styles={**context.styles, **styles})

    def count_posts(self, counts: pl.DataFrame) -> int:
        """Return how many posts the rows have; `counts` has account, language and posts."""
        return int(counts.join(self.keys, on=["account", "language"], how="semi")["posts"].sum())

    def list_keys(self, includes: Callable[[str], bool]) -> list[str]:
        """Return the keys of the rows in languages that a function includes."""
        return [key for language, key in self.keys[["language", "row_key"]].iter_rows() if includes(language)]

    def name_events(self, events: pl.DataFrame) -> pl.DataFrame:
        """Return events with the key of the row that they are on: that of the account's commonest language, in which they were found."""
        if not self:
            return events
        first = self.keys.unique("account", keep="first", maintain_order=True).drop("language")
        return (
            events.join(first, on="account", how="left", maintain_order="left")
            .with_columns(account=pl.coalesce("row_key", "account"))
            .drop("row_key")
        )

    def restore(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table with accounts for keys, and with `language` after `account`, null for accounts that aren't split."""
        known = self.keys.select("language", account="row_key", _account="account")
        restored = table.join(known, on="account", how="left", maintain_order="left")
        return restored.select(
            pl.coalesce("_account", "account").alias("account"), "language", pl.exclude("account", "_account", "language")
        )
