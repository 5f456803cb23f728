"""Keeps the runs that were parsed most recently in memory, by the digests of their entries, so that the next question doesn't parse them.

Whether an entry still exists is up to the storage, which is asked for it each time. What an entry is belongs in `serialization.py`.
"""

from collections import OrderedDict
from threading import Lock

from dashboard.core.posts import Timeline
from dashboard.timelines import serialization

_MAX_KEPT_BYTES = 24_000_000  # about 25 timelines of 3,200 posts
_MAX_KEPT_COUNT = 500
_EntryId = tuple[str, int]  # the digest that an entry begins with, and its size


class KeptRuns:
    """The runs that were used most recently. Safe to use from any thread."""

    def __init__(self, max_bytes: int = _MAX_KEPT_BYTES) -> None:
        self._max_bytes, self._kept_bytes, self._guard = max_bytes, 0, Lock()
        self._runs = OrderedDict[_EntryId, tuple[Timeline, int]]()

    def parse(self, entry: bytes | None) -> Timeline | None:
        """Return the run of an entry as `serialization.parse_timeline` does. An entry that was parsed before isn't checked for damage."""
        if not entry:
            return None
        entry_id = serialization.read_digest(entry), len(entry)
        with self._guard:
            if entry_id in self._runs:
                self._runs.move_to_end(entry_id)
                return self._runs[entry_id][0]
        run = serialization.parse_timeline(entry)
        if run and run.failure is None:  # an error is raised, which changes it
            self._keep(entry_id, run)
        return run

    def _keep(self, entry_id: _EntryId, run: Timeline) -> None:
        size = int(run.posts.estimated_size())
        with self._guard:
            if entry_id in self._runs or size > self._max_bytes:
                return
            self._runs[entry_id], self._kept_bytes = (run, size), self._kept_bytes + size
            while self._kept_bytes > self._max_bytes or len(self._runs) > _MAX_KEPT_COUNT:
                self._kept_bytes -= self._runs.popitem(last=False)[1][1]
