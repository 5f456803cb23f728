"""Keep what was computed for a response, so that the same question about the same posts is answered from memory.

The bytes of images, tables and pages are kept by a digest of everything that they depend on: in memory, and in the shared cache if that is
a Redis, which other instances use too. A folder or memory that holds timelines isn't used: results would push out posts. What a result
depends on is decided by those who compute it.
"""

import hashlib
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from dashboard.core.messages import current_language
from dashboard.timelines.cache import SharedCache

_MAX_KEPT_BYTES = 24_000_000
_MAX_KEPT_COUNT = 2_000
_MAX_RESULT_BYTES = 2_000_000  # packed; a larger result isn't kept
_MAX_UNPACKED_BYTES = 16_000_000
_SHARED_SECONDS = 3600  # results of questions that nobody asks again don't fill a Redis
_DIGEST_BYTES = 16
_FASTEST_LEVEL = 1  # of zlib: pages become a seventh as large
_ROOT_FOLDER = Path(__file__).parents[2]
_CODE_PATTERNS = ("dashboard/**/*.py", "dashboard/translations/**/*.po", "templates/*", "static/**/*", "lexicons/*", "requirements*.txt")


@dataclass(frozen=True)
class Result:
    """The bytes of a result, packed. `size` is the number of bytes that `unpack` returns."""

    packed: bytes
    size: int

    @classmethod
    def of(cls, content: bytes) -> "Result":
        """Pack the bytes of a result."""
        return cls(zlib.compress(content, _FASTEST_LEVEL), len(content))

    def unpack(self) -> bytes:
        """Return the bytes."""
        return zlib.decompress(self.packed)


class KeptResults:
    """The results that were used most recently, by their identity. Safe to use from any thread."""

    def __init__(self, shared_cache: SharedCache | None = None, max_bytes: int = _MAX_KEPT_BYTES, max_count: int = _MAX_KEPT_COUNT) -> None:
        self._shared_cache, self._max_bytes, self._max_count = shared_cache, max_bytes, max_count
        self._results, self._kept_bytes, self._guard = OrderedDict[str, Result](), 0, Lock()

    def get(self, identity: str) -> Result | None:
        """Return a result, None if it isn't kept."""
        if (own := self.get_own(identity)) or self._shared_cache is None:
            return own
        result = _parse(identity, self._shared_cache.get(_shared_key(identity)))
        if result:
            self.put_own(identity, result)
        return result

    def put(self, identity: str, result: Result) -> None:
        """Keep a result for this process and for others, unless it is very large."""
        self.put_own(identity, result)
        if self._shared_cache and _may_be_kept(result):
            self._shared_cache.put(_shared_key(identity), _digest(identity, result.packed) + result.packed, _SHARED_SECONDS)

    def get_own(self, identity: str) -> Result | None:
        """Return a result that this process keeps, None if it doesn't."""
        with self._guard:
            if identity in self._results:
                self._results.move_to_end(identity)
            return self._results.get(identity)

    def put_own(self, identity: str, result: Result) -> None:
        """Keep a result for this process alone, unless it is very large."""
        if not _may_be_kept(result):
            return
        with self._guard:
            self._forget(self._results.pop(identity, None))
            self._results[identity] = result
            self._kept_bytes += len(result.packed)
            while self._kept_bytes > self._max_bytes or len(self._results) > self._max_count:
                self._forget(self._results.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget everything that this process keeps."""
        with self._guard:
            self._results.clear()
            self._kept_bytes = 0

    def _forget(self, result: Result | None) -> None:
        self._kept_bytes -= len(result.packed) if result else 0


def identify(*inputs: object) -> str:
    """Return a digest of all that a result depends on: these inputs, which must have a complete `repr`, the language, and the code."""
    return hashlib.blake2b(repr((digest_code(), current_language(), *inputs)).encode(), digest_size=20).hexdigest()


def _shared_key(identity: str) -> str:
    return f"result:{identity}"


def _may_be_kept(result: Result) -> bool:
    return len(result.packed) <= _MAX_RESULT_BYTES and result.size <= _MAX_UNPACKED_BYTES


def _parse(identity: str, stored: bytes | None) -> Result | None:
    """Return the result of an entry of the shared cache, None if there is none, it is damaged, or it was stored for something else."""
    digest, packed = (stored or b"")[:_DIGEST_BYTES], (stored or b"")[_DIGEST_BYTES:]
    if not stored or digest != _digest(identity, packed):
        return None
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, _MAX_UNPACKED_BYTES)
    except zlib.error:
        return None
    return Result(packed, len(content)) if unpacker.eof else None


def _digest(identity: str, packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=_DIGEST_BYTES, key=identity.encode()).digest()


@cache
def digest_code(folder: Path = _ROOT_FOLDER) -> str:
    """Return a digest of the code, the templates, the lexicons and what pages load, because the result of an earlier version may differ."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(path for pattern in _CODE_PATTERNS for path in folder.glob(pattern) if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
