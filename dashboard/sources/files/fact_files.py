"""Files in the folder of a dataset with what was found out about its posts, one per account. What they contain doesn't belong here.

They are deleted with the dataset, and losing one costs only time: whatever goes wrong with them counts as if they didn't exist.
"""

import hashlib
import re
from contextlib import suppress
from pathlib import Path
from time import monotonic

from dashboard.sources.files.dataset import METADATA_FILE
from dashboard.sources.files.durable_files import write_file
from dashboard.sources.files.storage_limit import count_stored_bytes

MAX_FACT_FILE_BYTES = 16 * 2**20
_COUNT_SECONDS = 60  # for which the size of the whole folder is taken as known: in a mounted bucket, counting takes long
_ID_PATTERN = re.compile(r"[0-9a-f]{32}")


class FactFiles:
    """The files of all datasets in a folder, which may have `max_stored_bytes` in all."""

    def __init__(self, folder: Path, max_stored_bytes: int) -> None:
        self._folder, self._max_stored_bytes = folder, max_stored_bytes
        self._stored_bytes, self._counted_at = 0, float("-inf")

    def load(self, dataset_id: str, account_name: str) -> bytes | None:
        """Return the content of the file of an account, None if there is none."""
        path = self._find_path(dataset_id, account_name)
        try:
            with path.open("rb") as file:
                return file.read(MAX_FACT_FILE_BYTES)
        except OSError:
            return None

    def save(self, dataset_id: str, account_name: str, content: bytes) -> None:
        """Write the file of an account, if its dataset exists and the storage has room."""
        path = self._find_path(dataset_id, account_name)
        if len(content) > MAX_FACT_FILE_BYTES or not self._has_room(len(content)):
            return
        with suppress(OSError):
            if (path.parent / METADATA_FILE).is_file():
                write_file(path, [content])
                if not (path.parent / METADATA_FILE).is_file():  # it was deleted meanwhile
                    path.unlink()

    def _has_room(self, size: int) -> bool:
        """Return whether a file of this size fits, and take it as written if so. A report of 20 accounts asks 20 times in a row."""
        if monotonic() - self._counted_at > _COUNT_SECONDS:
            self._stored_bytes, self._counted_at = count_stored_bytes(self._folder), monotonic()
        if self._stored_bytes + size > self._max_stored_bytes:
            return False
        self._stored_bytes += size
        return True

    def _find_path(self, dataset_id: str, account_name: str) -> Path:
        """Return the path of the file of an account. Raises ValueError for an ID that isn't one, which could lead out of the folder."""
        if not _ID_PATTERN.fullmatch(dataset_id):
            raise ValueError("not the ID of a dataset")
        return self._folder / dataset_id / f"facts-{hashlib.sha256(account_name.encode()).hexdigest()[:32]}.bin"
