"""Finds the latest posts of an account that are available without contacting a network, to suggest a period that has posts.

Nothing is read from a network or paid for here; `store.py` does that.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from dashboard.core.accounts import Account
from dashboard.core.posts import empty_frame
from dashboard.core.source_errors import SourceError
from dashboard.sources.base import TimelineRequest
from dashboard.timelines.store import TimelineStore


def find_latest_span(
    store: TimelineStore, accounts: Sequence[Account], limit: int, kinds: Sequence[str]
) -> tuple[datetime, datetime] | None:
    """Return the times of the first and the last of the latest posts of these kinds (UTC), up to `limit` per account.

    Only files, demo accounts and stored timelines are looked at; None if they have no such posts.
    """
    frames = [_load_latest(store, account, limit).filter(pl.col("kind").is_in(kinds)) for account in accounts]
    moments = pl.concat(frame.select("created_at") for frame in frames)["created_at"].drop_nulls()
    first, last = moments.min(), moments.max()
    return (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else None


def _load_latest(store: TimelineStore, account: Account, limit: int) -> pl.DataFrame:
    source, request = store.sources.get(account.network), TimelineRequest(limit)
    not_contacted = SourceError(str(account), "Its network isn't contacted for a suggestion.")
    try:
        is_local = source is not None and not source.is_cached
        timeline = store.load_timeline(account, request) if is_local else store.load_stored(account, request, not_contacted)
    except SourceError:
        timeline = None
    return timeline.posts if timeline else empty_frame()
