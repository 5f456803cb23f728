"""The posts of one read that have arrived: each once, without times in the future, and never more text than a timeline may have.

When a read ends is decided in `fetch.py`.
"""

from typing import Any

import polars as pl

from dashboard.core import posts
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock
from dashboard.core.plausible_times import FUTURE_TOLERANCE
from dashboard.sources.base import Page, TimelineRequest, matches_request

_MAX_FRAME_BYTES = 8 * posts.MAX_TIMELINE_CHARACTERS  # of an account's posts while it is read


class ReceivedPosts:
    """The posts of a request that have arrived, each once."""

    def __init__(self, account: Account, request: TimelineRequest, clock: Clock) -> None:
        self._clock = clock
        self.ids, self.count = set[str](), 0  # `count` counts the posts that belong to the request
        self.name = ""  # the display name of the account, if a page had it
        self._account, self._request, self._frames = account, request, list[pl.DataFrame]()

    def add_page(self, page: Page) -> bool:
        """Add a page, and return whether any of its posts is new."""
        self.name = page.name or self.name
        if page.frame is not None:
            return self._add_posts(page.frame)
        new_rows = {row["id"]: self._without_future(row) for row in reversed(page.rows) if row["id"] not in self.ids}
        self.ids.update(new_rows)
        frame = _build_frame(self._account, [row for row in reversed(new_rows.values()) if matches_request(row, self._request)])
        self._frames = _limit_characters([*self._frames, frame])
        self.count += frame.height
        return bool(new_rows)

    def _add_posts(self, frame: pl.DataFrame) -> bool:
        self.ids.update(frame["id"].to_list())
        self._frames = _limit_characters([*self._frames, posts.forget_times_after(self._clock() + FUTURE_TOLERANCE, frame)])
        self.count += frame.height
        return not frame.is_empty()

    def _without_future(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row whose time is unknown if it is in the future."""
        moment = row.get("created_at")
        return row | {"created_at": None} if moment is not None and moment > self._clock() + FUTURE_TOLERANCE else row

    def newest(self) -> pl.DataFrame:
        """Return the newest posts, as many as requested, in MAX_TIMELINE_CHARACTERS. Those without a time come last."""
        received = pl.concat(self._frames or [posts.empty_frame()]) if len(self._frames) != 1 else self._frames[0]
        is_in_order = received["created_at"].is_sorted(descending=True, nulls_last=True)
        in_order = received if is_in_order else received.sort("created_at", descending=True, nulls_last=True, maintain_order=True)
        return posts.limit_characters(in_order.head(self._request.limit), posts.MAX_TIMELINE_CHARACTERS)


def _build_frame(account: Account, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return a page's rows as posts of an account. A frame takes a tenth of the memory of its rows."""
    return posts.build_frame([row | {"account": str(account)} for row in rows])


def _limit_characters(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return pages with long texts shortened if all together are far too long, because a network may send anything."""
    if sum(frame.estimated_size() for frame in frames) <= _MAX_FRAME_BYTES:
        return frames
    return [posts.limit_characters(pl.concat(frames), posts.MAX_TIMELINE_CHARACTERS)]
