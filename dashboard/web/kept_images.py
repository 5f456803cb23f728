"""Keep drawn images, so that the same chart of the same posts is drawn once. What an image depends on is decided by `identify_image`.

Images are kept in memory, bounded by their bytes, and in the shared cache if that is a Redis, which other instances use too. A folder or
memory that holds timelines isn't used: images would push out posts.
"""

import hashlib
from collections import OrderedDict
from functools import cache
from pathlib import Path
from threading import Lock

from dashboard.core.query import Query
from dashboard.timelines.cache import SharedCache

_MAX_KEPT_BYTES = 16_000_000
_MAX_IMAGE_BYTES = 2_000_000  # a larger image isn't kept
_SHARED_SECONDS = 24 * 3600
_PACKAGE_FOLDER = Path(__file__).parents[1]


class KeptImages:
    """The images that were used most recently, by their identity. Safe to use from any thread."""

    def __init__(self, shared_cache: SharedCache | None = None, max_bytes: int = _MAX_KEPT_BYTES) -> None:
        self._shared_cache, self._max_bytes = shared_cache, max_bytes
        self._images, self._kept_bytes, self._guard = OrderedDict[str, bytes](), 0, Lock()

    def get(self, identity: str) -> bytes | None:
        """Return an image, None if it isn't kept."""
        with self._guard:
            if identity in self._images:
                self._images.move_to_end(identity)
                return self._images[identity]
        image = self._shared_cache.get(_shared_key(identity)) if self._shared_cache else None
        if image:
            self._remember(identity, image)
        return image

    def put(self, identity: str, image: bytes) -> None:
        """Keep an image, unless it is very large."""
        if len(image) > _MAX_IMAGE_BYTES:
            return
        self._remember(identity, image)
        if self._shared_cache:
            self._shared_cache.put(_shared_key(identity), image, _SHARED_SECONDS)

    def _remember(self, identity: str, image: bytes) -> None:
        with self._guard:
            self._kept_bytes += len(image) - len(self._images.pop(identity, b""))
            self._images[identity] = image
            while self._kept_bytes > self._max_bytes:
                self._kept_bytes -= len(self._images.popitem(last=False)[1])


def _shared_key(identity: str) -> str:
    return f"image:{identity}"


def identify_image(kind: str, format_name: str, variant: str, query: Query, posts_digest: str) -> str:
    """Return a digest of everything that an image depends on: the chart, its format, the question, the posts, and the code."""
    parts = (_code_digest(), kind, format_name, variant, repr(query), posts_digest)
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=20).hexdigest()


@cache
def _code_digest() -> str:
    """Return a digest of the code and the lexicons, because an image of an earlier version may look different."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted([*_PACKAGE_FOLDER.rglob("*.py"), *(_PACKAGE_FOLDER.parent / "lexicons").glob("*.txt")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
