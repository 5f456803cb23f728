"""Keeps facts of posts outside the process: beside the posts of a file, and in a cache that processes share for those of a network.

Bytes carry a digest, because damaged ones would end the process in polars. What facts are belongs in `analytics`.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dashboard.analytics.fact_tables import Tables
from dashboard.analytics.post_facts import KEY, GroupId
from dashboard.core.accounts import InvalidAccount, parse_account
from dashboard.sources.base import Source
from dashboard.timelines.cache import SharedCache
from dashboard.timelines.post_storage import TIMELINE_TTL

MAX_ENTRY_BYTES = 16 * 2**20  # of all facts of one account
_FORMAT_VERSION = 1  # entries of another version are ignored


@dataclass(frozen=True)
class StoredFacts:
    """The facts that are kept: by the sources that keep posts themselves, and for the others in `cache`, None if no process shares it."""

    sources: Mapping[str, Source]
    cache: SharedCache | None

    def load(self, account: str) -> Tables:
        """Return the tables of an account; none if there are none or they are damaged."""
        source = self._find_source(account)
        if source is None:
            return {}
        if not source.is_cached:
            return parse_tables(source.load_facts(parse_account(account)))
        return parse_tables(self.cache.get(_cache_key(account))) if self.cache else {}

    def save(self, account: str, tables: Tables) -> None:
        """Keep the tables of an account, unless they are too large."""
        source = self._find_source(account)
        if source is None or (source.is_cached and self.cache is None):
            return
        entry = dump_tables(tables)
        if len(entry) > MAX_ENTRY_BYTES:
            return
        if not source.is_cached:
            source.save_facts(parse_account(account), entry)
        elif self.cache:
            self.cache.put(_cache_key(account), entry, int(TIMELINE_TTL.total_seconds()))

    def _find_source(self, account: str) -> Source | None:
        try:
            return self.sources.get(parse_account(account).network)
        except InvalidAccount:
            return None


def dump_tables(tables: Tables) -> bytes:
    """Return tables as bytes that `parse_tables` reads back."""
    parts = [_dump_table(table) for table in tables.values()]
    groups = [[*group_id, len(part)] for group_id, part in zip(tables, parts, strict=True)]
    content = b"\n".join([json.dumps({"format": _FORMAT_VERSION, "groups": groups}).encode(), b"".join(parts)])
    return b"\n".join([_digest(content), content])


def parse_tables(entry: bytes | None) -> Tables:
    """Return the tables that `dump_tables` wrote, or none if there are none, they have another format, or they are damaged."""
    digest, _, content = (entry or b"").partition(b"\n")
    if digest != _digest(content):  # polars must not see damaged bytes: they abort the process
        return {}
    header, _, body = content.partition(b"\n")
    try:
        fields = json.loads(header)
        return _parse_groups(fields["groups"], body) if fields["format"] == _FORMAT_VERSION else {}
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return {}


def _parse_groups(groups: list[tuple[str, str, int]], body: bytes) -> dict[GroupId, pl.DataFrame]:
    tables, start = dict[GroupId, pl.DataFrame](), 0
    for name, version, size in groups:
        table = pl.read_ipc(io.BytesIO(body[start : start + size]))
        tables[GroupId(str(name), str(version))] = table.unique(KEY, keep="last", maintain_order=True)
        start += size
    return tables


def _dump_table(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.rechunk().write_ipc(buffer, compression="zstd")
    return buffer.getvalue()


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode()


def _cache_key(account: str) -> str:
    return f"facts:{account}"
