"""Keeps facts of posts in memory, by account, so that no question computes again what an earlier one found out.

An archive may keep them for longer and share them between processes; reading and writing it belongs in `timelines.fact_archive`.
Memory is bounded: the accounts that weren't used for the longest time are forgotten.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Protocol, TypeVar, cast

import polars as pl

from dashboard.analytics.post_facts import KEY, FactGroup, GroupId, compute_facts, hash_posts

MAX_BYTES = 48 * 2**20  # of all tables in memory, without what is derived from them: at most about as much again
MAX_TABLE_BYTES = 6 * 2**20  # of one group of an account; only very long texts need more
MAX_TABLE_ROWS = 6_400  # of one group of an account: twice as many posts as are read of it
_KNOWN = "known"  # true for every row of a table, null for a post that isn't in it

T = TypeVar("T")
Tables = Mapping[GroupId, pl.DataFrame]  # KEY, _KNOWN and the facts of an account's posts, by group


class FactArchive(Protocol):
    """Keeps the tables of accounts outside this process. It raises nothing: if it can't be reached, it seems empty."""

    def load(self, account: str) -> Tables:
        """Return the tables of an account."""
        ...

    def save(self, account: str, tables: Tables) -> None:
        """Keep the tables of an account instead of those that it had."""
        ...


class FactTables:
    """A thread-safe memory of facts. Threads that miss the same facts at once each compute them."""

    def __init__(self, archive: FactArchive | None = None, max_bytes: int = MAX_BYTES, max_table_bytes: int = MAX_TABLE_BYTES) -> None:
        self._archive, self._max_bytes, self._max_table_bytes, self._lock = archive, max_bytes, max_table_bytes, Lock()
        self._tables_by_account: OrderedDict[str, dict[GroupId, pl.DataFrame]] = OrderedDict()
        self._derived: dict[tuple[str, GroupId], tuple[pl.DataFrame, Any]] = {}  # with the table that it was made of
        self._unsaved = set[str]()

    def find(self, group: FactGroup, posts: pl.DataFrame) -> pl.DataFrame:
        """Return the facts of each post, in the order of the posts, and compute those that aren't known yet.

        `posts` has at least account, text and lang. With KEY, they needn't be hashed.
        """
        if posts.is_empty():
            return group.compute(posts)
        keys = hash_posts(posts).to_frame()
        tables = [self.tables_of(account).get(group.id) for account in posts["account"].unique().to_list()]
        known = [table for table in tables if table is not None]
        facts = _look_up(keys, known) if known else keys.with_columns(pl.lit(None).alias(_KNOWN))
        if facts[_KNOWN].null_count():
            missing = posts.with_columns(keys).filter(facts[_KNOWN].is_null()).unique(KEY, keep="first", maintain_order=True)
            computed = missing.select("account", KEY, pl.lit(value=True).alias(_KNOWN)).hstack(compute_facts(group, missing))
            self._add(group, computed)
            facts = _look_up(keys, [*known, computed.drop("account")])
        return facts[[name for name in facts.columns if name not in {KEY, _KNOWN}]]

    def derive(self, group: FactGroup, account: str, build: Callable[[pl.DataFrame], T]) -> T | None:
        """Return what `build`, the same for all calls, makes of an account's table of a group (KEY and the facts), once for each table.

        Returns None if the table doesn't exist.
        """
        table, key = self.tables_of(account).get(group.id), (account, group.id)
        if table is None:
            return None
        known_table, derived = self._derived.get(key, (None, None))
        if known_table is not table:
            derived = build(table.drop(_KNOWN))
            with self._lock:
                self._derived[key] = table, derived
                self._drop_least_used()
        return cast(T, derived)

    def save(self) -> None:
        """Archive what was computed since the last call."""
        with self._lock:
            unsaved = {account: dict(self._tables_by_account.get(account, {})) for account in self._unsaved}
            self._unsaved.clear()
        for account, tables in unsaved.items():
            if self._archive and tables:
                self._archive.save(account, tables)

    def forget(self, prefix: str) -> None:
        """Forget the accounts whose names begin with a prefix."""
        with self._lock:
            for account in [name for name in self._tables_by_account if name.startswith(prefix)]:
                del self._tables_by_account[account]
            self._drop_derived()

    def tables_of(self, account: str) -> Tables:
        """Return the tables of an account, from the archive if it isn't in memory."""
        with self._lock:
            if account in self._tables_by_account:
                self._tables_by_account.move_to_end(account)
                return self._tables_by_account[account]
        archived = dict(self._archive.load(account)) if self._archive else {}
        with self._lock:
            tables = self._tables_by_account.setdefault(account, archived)
            self._drop_least_used()
            return tables

    def _add(self, group: FactGroup, computed: pl.DataFrame) -> None:
        """Add newly computed rows to the tables of their accounts, and drop what another version of the group computed."""
        for (account,), rows in computed.partition_by("account", as_dict=True, include_key=False).items():
            with self._lock:
                tables = dict(self._tables_by_account.get(account, {}))
                known = [tables[group.id]] if group.id in tables else []
                table = pl.concat([*known, rows]).unique(KEY, keep="last", maintain_order=True).tail(MAX_TABLE_ROWS)
                kept = {group_id: other for group_id, other in tables.items() if group_id.name != group.name}
                is_small = table.estimated_size() <= self._max_table_bytes
                self._tables_by_account[account] = kept | ({group.id: table} if is_small else {})
                self._unsaved.add(account)
                self._drop_least_used()

    def _drop_least_used(self) -> None:
        sizes = {account: sum(table.estimated_size() for table in tables.values()) for account, tables in self._tables_by_account.items()}
        total = sum(sizes.values())
        while total > self._max_bytes:
            account, _ = self._tables_by_account.popitem(last=False)
            total -= sizes[account]
        self._drop_derived()

    def _drop_derived(self) -> None:
        """Forget what was made of tables that are forgotten, or that have changed since."""
        for account, group_id in [*self._derived]:
            if self._tables_by_account.get(account, {}).get(group_id) is not self._derived[account, group_id][0]:
                del self._derived[account, group_id]


def _look_up(keys: pl.DataFrame, tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Return KEY, _KNOWN and the facts of each key, in their order; null where no table has it."""
    return keys.join(pl.concat(tables), on=KEY, how="left", maintain_order="left")
