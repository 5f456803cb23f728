"""Compiled templates that all tests share, because most tests have an application of their own, and some a server."""

from types import CodeType

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class SharedTemplates(FileSystemBytecodeCache):
    """Keeps the code of each template in memory, and in a folder for other processes and later runs.

    An edited template has another checksum, so it's compiled again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if its template has been compiled."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))
        if not bucket.code:
            super().load_bytecode(bucket)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        super().dump_bytecode(bucket)
        self._keep(bucket)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code:
            self._codes[bucket.key, bucket.checksum] = bucket.code
