"""The folder of one dataset: its metadata, which make it exist, its owner's key, and its end.

Layout: part-00000.parquet, …, about.json, which has the parts' digests, and what `fact_files` adds later. A dataset exists once about.json
does, and that file is written last and renamed into place, so a half-written dataset is never visible. Folders aren't renamed, because a
bucket mounted as a folder can't do that.
"""

import hashlib
import hmac
import secrets
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dashboard.sources.files.dataset import MAX_METADATA_BYTES, METADATA_FILE, Dataset, dump_metadata, parse_metadata
from dashboard.sources.files.durable_files import write_file


def load_metadata(folder: Path) -> Dataset | None:
    """Return the dataset of a folder, or None if there is none or its metadata is damaged. Raises OSError if it can't be read."""
    try:
        with (folder / METADATA_FILE).open("rb") as file:
            return parse_metadata(file.read(MAX_METADATA_BYTES), folder.name)
    except (FileNotFoundError, NotADirectoryError):
        return None


def publish(folder: Path, dataset: Dataset) -> Dataset:
    """Write the metadata of a dataset whose files are written, and return it with a new key of its owner. Raises OSError."""
    key = secrets.token_hex(16)
    owned = replace(dataset, key_digest=_hash_key(key))
    write_file(folder / METADATA_FILE, [dump_metadata(owned)])
    return replace(owned, owner_key=key)


def is_owner_key(dataset: Dataset, key: str) -> bool:
    """Return whether a key is that of a dataset's owner."""
    return hmac.compare_digest(dataset.key_digest, _hash_key(key))


def remove(folder: Path) -> None:
    """Delete a dataset, its metadata first so that it stops existing at once. What can't be deleted stays."""
    with suppress(OSError):
        (folder / METADATA_FILE).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _hash_key(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
