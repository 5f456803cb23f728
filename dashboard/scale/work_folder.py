"""What is finished of a collection that is being analyzed: results of partitions, so that the same command continues where it stopped.

The folder is beside the datasets, under the collection's name. Each result is written at once and last, so one that exists is complete.
"""

import fcntl
import json
import re
import secrets
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from dashboard.core.errors import InvalidFile
from dashboard.scale.options import Options
from dashboard.scale.partitions import Partition
from dashboard.scale.reading import PartitionResult
from dashboard.sources.files.durable_files import write_file
from dashboard.sources.files.storage_limit import WORK_FOLDER_PREFIX

_PLAN_FILE, _LOCK_FILE = "plan.json", "lock"
_SLICE_LAYOUT = 3  # goes up when the columns of slices, or what they mean, change


class WorkFolder:
    """The folder of one collection, by its name. Creating a WorkFolder doesn't access the disk."""

    def __init__(self, datasets_folder: Path, name: str) -> None:
        self.path = datasets_folder / f"{WORK_FOLDER_PREFIX}{_slugify(name)}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out, where the file system can do that; a kill ends it. Raises InvalidFile if one is here, and OSError."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as stack:
            try:
                fcntl.flock(stack.enter_context((self.path / _LOCK_FILE).open("ab")), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                advice = "Wait until it has ended, or choose another --out."
                raise InvalidFile("Another command is writing this collection right now.", advice) from None
            except OSError:
                pass  # a bucket that is mounted as a folder has no locks
            yield

    def find_dataset_id(self) -> str | None:
        """Return the ID of the collection that was, or will be, written under this name, None if there is none."""
        plan = self._load_plan()
        return str(plan["id"]) if plan else None

    def prepare(self, options: Options, versions: Mapping[str, str]) -> str:
        """Return the ID for the collection. Raises OSError.

        Results that other options or other code left here are deleted, and those of another polars, which may hash posts differently.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        plan = {"options": options.digest, "versions": dict(versions), "slices": _SLICE_LAYOUT, "polars": pl.__version__}
        known = self._load_plan()
        if known and {name: known.get(name) for name in plan} == plan:
            return str(known["id"])
        self.clear()
        dataset_id = secrets.token_hex(16)
        self._write(_PLAN_FILE, plan | {"id": dataset_id})
        return dataset_id

    def renumber(self, partitions: Sequence[Partition]) -> list[Partition]:
        """Return partitions in their order, with the numbers that finished ones have, so that one that is left out leaves a gap."""
        finished = defaultdict[str, list[int]](list)
        for path in self.path.glob("[0-9]*-*.json"):
            number, _, fingerprint = path.stem.partition("-")
            finished[fingerprint].append(int(number))
        renumbered, last = list[Partition](), -1
        for partition in partitions:
            last = min((number for number in finished[partition.fingerprint] if number > last), default=last + 1)
            renumbered.append(replace(partition, number=last))
        return renumbered

    def find_results(self, partitions: Iterable[Partition]) -> list[PartitionResult]:
        """Return the results of the partitions that are finished and haven't changed since."""
        return [result for partition in partitions if (result := self._load_result(partition))]

    def save_result(self, result: PartitionResult) -> None:
        """Keep the result of a partition whose slices are written. Raises OSError."""
        self._write(_name_result(result.number, result.fingerprint), asdict(result))

    def delete_other_slices(self, results: Iterable[PartitionResult]) -> None:
        """Delete what interrupted reads, and reads of other versions of files, left here."""
        kept = {name for result in results for name in result.slices}
        for path in self.path.glob("*.parquet"):
            if path.name not in kept:
                with suppress(OSError):
                    path.unlink()

    def clear(self) -> None:
        """Delete all results; the name stays reserved until something else is written under it."""
        for path in self.path.glob("*"):
            if path.name not in (_PLAN_FILE, _LOCK_FILE):
                with suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _load_result(self, partition: Partition) -> PartitionResult | None:
        try:
            values = json.loads((self.path / _name_result(partition.number, partition.fingerprint)).read_bytes())
            lists: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
            result = PartitionResult(**lists)
        except (OSError, ValueError, TypeError):
            return None
        return result if all((self.path / name).is_file() for name in result.slices) else None

    def _load_plan(self) -> dict[str, Any] | None:
        try:
            plan = json.loads((self.path / _PLAN_FILE).read_bytes())
        except (OSError, ValueError):
            return None
        return plan if isinstance(plan, dict) and isinstance(plan.get("id"), str) else None

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        write_file(self.path / name, [json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")])


def _name_result(number: int, fingerprint: str) -> str:
    return f"{number:06}-{fingerprint}.json"


def _slugify(name: str) -> str:
    """Return the name of a collection as that of a folder. Raises InvalidFile if nothing is left of it."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.")[:80]
    if not slug:
        raise InvalidFile("The collection needs a name with letters or digits.", "Choose one with --out, such as --out mentions-2026.")
    return slug
