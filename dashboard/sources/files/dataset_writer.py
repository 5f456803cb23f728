"""Writes an imported file as a dataset: its posts in parts, without duplicates, then its metadata with a summary of the import.

How files are read belongs in `readers`; which datasets there are, and for how long, in `store.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.core.clock import Clock
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files import dataset_folder, post_parts
from dashboard.sources.files.dataset import Dataset, FileAccount
from dashboard.sources.files.import_summary import ImportChoices, build_summary
from dashboard.sources.files.part_digests import verify_parts
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.reader import FileReader


@dataclass(frozen=True)
class DatasetWriter:
    """Writes datasets into folders that don't exist yet."""

    retention: timedelta
    max_bytes: int  # of the parts of one dataset
    max_part_rows: int
    clock: Clock

    def write(self, folder: Path, file_reader: FileReader, choices: ImportChoices, name: str) -> Dataset:
        """Write what a reader reads, and return the dataset with its owner's key. After an error, nothing of it is left."""
        folder.mkdir(mode=0o700)
        try:
            digests = post_parts.write_parts(folder, file_reader, self.max_bytes, self.max_part_rows)
            duplicate_count, version_count, changed_digests = post_parts.drop_duplicates(_verify_paths(folder, digests))
            file_reader.tally.add_notice("repeated", duplicate_count)
            file_reader.tally.add_notice("edited", version_count)
            digests |= changed_digests
            dataset = self._build_dataset(folder, digests, file_reader.tally, name, duplicate_count + version_count)
            verified = _verify_paths(folder, digests)
            languages, kinds = post_parts.count_languages(verified), post_parts.count_kinds(verified)
            return dataset_folder.publish(folder, replace(dataset, summary=build_summary(file_reader.tally, choices, languages, kinds)))
        except BaseException:  # including a signal that stops the worker
            dataset_folder.remove(folder)
            raise

    def _build_dataset(self, folder: Path, digests: Mapping[str, str], tally: ImportTally, name: str, duplicate_count: int) -> Dataset:
        (account_count, rows), now = post_parts.summarize_accounts(_verify_paths(folder, digests)), self.clock().replace(microsecond=0)
        accounts = [FileAccount(name, count, _to_utc(first), _to_utc(last)) for name, count, first, last in rows]
        warnings = tally.format_warnings()
        if account_count > len(accounts):
            listed = translatable("The file has %(count)s accounts; only the %(limit)s with the most posts are listed.")
            warnings.append(deferred(listed, count=account_count, limit=len(accounts)))
        return Dataset(
            id=folder.name,
            name=name,
            created=now,
            expires=now + self.retention,
            read=tally.rows_read,
            kept=tally.rows_kept - duplicate_count,
            unreadable=tally.rows_unreadable,
            reasons=tuple(tally.reasons),
            warnings=tuple(warnings),
            accounts=tuple(accounts),
            accounts_total=account_count,
            key_digest="",
            part_digests=digests,
            spellings=_select_spellings(tally, accounts),
        )


def _verify_paths(folder: Path, digests: Mapping[str, str]) -> list[Path]:
    return [version.path for version in verify_parts(folder, digests)]


def _select_spellings(tally: ImportTally, accounts: list[FileAccount]) -> dict[str, str]:
    """Return how the file writes the names of the listed accounts, where that differs."""
    spellings = {account.name: tally.spelling_by_account.get(account.name, account.name) for account in accounts}
    return {name: spelling for name, spelling in spellings.items() if spelling != name}


def _to_utc(timestamp: datetime | None) -> datetime | None:
    return timestamp.astimezone(UTC) if timestamp else None
