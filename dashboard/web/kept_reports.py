"""Keeps the reports that were built most recently, so that another size, theme or format of a chart isn't analyzed again.

A page shows each of its charts in several sizes, and people download what they look at. Reports are kept in this process only, because they
hold the posts that they were built from; their number of posts is what limits them.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loading it loads polars
    from dashboard.reports.report import Report

_MAX_KEPT_COUNT = 32
_MAX_KEPT_POSTS = 50_000  # in all kept reports together; each takes up to half a kilobyte


@dataclass(frozen=True)
class _Kept:
    report: "Report"
    post_count: int


class KeptReports:
    """The reports that were used most recently, by what identifies them. Safe to use from any thread."""

    def __init__(self, max_count: int = _MAX_KEPT_COUNT, max_posts: int = _MAX_KEPT_POSTS) -> None:
        self._max_count, self._max_posts = max_count, max_posts
        self._kept, self._post_count, self._guard = OrderedDict[Hashable, _Kept](), 0, Lock()
        self._generation = 0

    @property
    def generation(self) -> int:
        """How often all reports were forgotten. Ask before posts are read, and give it to `put`."""
        return self._generation

    @property
    def post_count(self) -> int:
        """The number of posts in all kept reports."""
        return self._post_count

    def get(self, key: Hashable) -> "Report | None":
        """Return a report, None if it isn't kept."""
        with self._guard:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key].report

    def put(self, key: Hashable, report: "Report", post_count: int, generation: int) -> None:
        """Keep a report that was built from this many posts, unless they are too many or all reports were forgotten meanwhile."""
        if post_count > self._max_posts:
            return
        with self._guard:
            if generation != self._generation:
                return
            self._forget(key)
            self._kept[key] = _Kept(report, post_count)
            self._post_count += post_count
            while self._post_count > self._max_posts or len(self._kept) > self._max_count:
                self._forget(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget all reports, and those that are being built from what was read before."""
        with self._guard:
            self._generation += 1
            self._kept.clear()
            self._post_count = 0

    def _forget(self, key: Hashable) -> None:
        if kept := self._kept.pop(key, None):
            self._post_count -= kept.post_count
