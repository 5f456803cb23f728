"""Keeps the posts that were read of imported files in memory, by what they were read of: the parts as they were verified, and the question.

Whether a file still exists is up to the store, which asks its folder for each request. Reading and verifying don't belong here.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from dashboard.sources.files.part_digests import PartVersion

if TYPE_CHECKING:  # loading it loads polars
    import polars as pl

_MAX_KEPT_BYTES = 48_000_000  # about 50 accounts of 3,200 posts
_MAX_KEPT_COUNT = 500


class PostSelection(NamedTuple):
    """Which posts were read: the newest of an account of a dataset, in a span of time, with dates placed in a time zone."""

    dataset_id: str
    account_name: str
    limit: int
    since: datetime | None
    until: datetime | None
    tz: str


class ReadPosts(NamedTuple):
    """The posts that were read, and whether any of their texts was shortened."""

    frame: "pl.DataFrame"
    are_shortened: bool

    def may_be_cut(self, limit: int) -> bool:
        """Return whether the first `limit` of them are what is read with that limit: fewer texts may be shortened less."""
        return not self.are_shortened or self.frame.height <= limit


class KeptPosts:
    """The frames that were used most recently. Safe to use from any thread."""

    def __init__(self, max_bytes: int = _MAX_KEPT_BYTES) -> None:
        self._max_bytes, self._kept_bytes, self._guard = max_bytes, 0, Lock()
        self._frames: OrderedDict[tuple[PostSelection, tuple[PartVersion, ...]], tuple[ReadPosts, int]] = OrderedDict()

    def load(self, selection: PostSelection, versions: tuple[PartVersion, ...], read: Callable[[], ReadPosts]) -> ReadPosts:
        """Return the posts that were read of these versions of parts before, or else read them. Raises what `read` raises."""
        key = (selection, versions)
        with self._guard:
            if key in self._frames:
                self._frames.move_to_end(key)
                return self._frames[key][0]
        posts = read()
        size = int(posts.frame.estimated_size())
        if size <= self._max_bytes:
            with self._guard:
                self._drop(key)
                self._frames[key], self._kept_bytes = (posts, size), self._kept_bytes + size
                while self._kept_bytes > self._max_bytes or len(self._frames) > _MAX_KEPT_COUNT:
                    self._drop(next(iter(self._frames)))
        return posts

    def forget(self, dataset_id: str) -> None:
        """Forget the posts of a dataset."""
        with self._guard:
            for key in [key for key in self._frames if key[0].dataset_id == dataset_id]:
                self._drop(key)

    def _drop(self, key: tuple[PostSelection, tuple[PartVersion, ...]]) -> None:
        self._kept_bytes -= self._frames.pop(key, (None, 0))[1]
