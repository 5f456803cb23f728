"""What is known about an imported file, and how it is written to JSON and read back. Posts and folders don't belong here."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from dashboard.core.deferred_texts import dump_deferred, parse_deferred
from dashboard.core.display_names import clean_display_name
from dashboard.core.messages import Deferred
from dashboard.sources.files.collection_facts import CollectionFacts, dump_facts, parse_facts
from dashboard.sources.files.import_summary import ImportSummary, dump_summary, parse_summary

Value = TypeVar("Value")

METADATA_FILE = "about.json"  # without it, a dataset doesn't exist
MAX_METADATA_BYTES = 4 * 2**20
_PARSED_DATASETS, _MAX_KEPT_BYTES = 8, 2**20  # that are kept, and of the metadata of each; parsed, they take up to eight times as much
_METADATA_FORMAT = 1
_PART_NAME = re.compile(r"part-\d{5}\.parquet")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileAccount:
    """One account of a file: its name, its number of posts, and the times of its first and last post (None if unknown)."""

    name: str
    post_count: int
    first_post_at: datetime | None
    last_post_at: datetime | None


@dataclass(frozen=True)
class Dataset:
    """An imported file. `read` is the number of rows; those neither `kept` nor `unreadable` were duplicates.

    `accounts` is sorted by number of posts, highest first, and has at most post_parts.MAX_LISTED_ACCOUNTS of the `accounts_total` accounts.
    `owner_key` is needed to delete the dataset. It is set only in the return value of `import_file`, because just its hash is stored.
    `part_digests` has the SHA-256 digest of each part by its name, and `summary` is what was understood of the file; both are None for
    datasets that were imported before there were any. `spellings` has the names of accounts as the file writes them, by `FileAccount.name`,
    where they differ; it's empty for datasets that were imported before. `collection` says how posts were analyzed whose texts aren't kept;
    it's None for an imported file.
    """

    id: str
    name: str
    created: datetime
    expires: datetime
    read: int
    kept: int
    unreadable: int
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    accounts: tuple[FileAccount, ...]
    accounts_total: int
    key_digest: str = field(repr=False)
    owner_key: str | None = field(default=None, repr=False)
    part_digests: Mapping[str, str] | None = field(default=None, repr=False)
    summary: ImportSummary | None = field(default=None, repr=False)
    spellings: Mapping[str, str] = field(default_factory=dict, repr=False)
    collection: CollectionFacts | None = field(default=None, repr=False)

    @property
    def canonical_name(self) -> str:
        """The canonical name for all accounts of the file: `file:ID`."""
        return f"file:{self.id}"

    def display_name(self, account_name: str) -> str:
        """Return the name of an account as the file writes it, cleaned."""
        return clean_display_name(self.spellings.get(account_name, account_name))


def dump_metadata(dataset: Dataset) -> bytes:
    """Return a dataset as JSON, without its owner's key."""
    metadata = {name: _to_json_value(value) for name, value in vars(dataset).items() if name != "owner_key"}
    metadata["accounts"] = [
        [account.name, account.post_count, _to_json_value(account.first_post_at), _to_json_value(account.last_post_at)]
        for account in dataset.accounts
    ]
    metadata |= {"summary": dump_summary(dataset.summary), "collection": dump_facts(dataset.collection)}
    metadata["deferred"] = {text: dump_deferred(text) for text in _list_texts(dataset) if isinstance(text, Deferred)}
    return json.dumps({"format": _METADATA_FORMAT} | metadata, ensure_ascii=False).encode(
        "utf-8", "replace"
    )  # escapes take three times as much


def _list_texts(dataset: Dataset) -> list[str]:
    """Return all sentences about a file. They are stored in English, and how they are translated beside them."""
    rows = dataset.summary.refused_rows if dataset.summary else ()
    return [*dataset.reasons, *dataset.warnings, *(text for row in rows for text in (row.location, row.reason))]


def parse_metadata(content: bytes, dataset_id: str) -> Dataset | None:
    """Return the dataset that `dump_metadata` wrote, or None if it is damaged, of another format or of another dataset.

    The latest ones are kept, unless they are very large: a report asks for its dataset several times for each account, and 2,000 accounts
    take 20 ms to parse.
    """
    return _parse_kept(content, dataset_id) if len(content) <= _MAX_KEPT_BYTES else _parse(content, dataset_id)


def _parse(content: bytes, dataset_id: str) -> Dataset | None:
    try:
        metadata = json.loads(content)
        if metadata["format"] != _METADATA_FORMAT or metadata["id"] != dataset_id:
            return None
        return _build_dataset(metadata)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


_parse_kept = lru_cache(maxsize=_PARSED_DATASETS)(_parse)


def _build_dataset(metadata: dict[str, Any]) -> Dataset:
    """Return a dataset of values whose types are checked. Raises TypeError, ValueError or KeyError."""
    texts = {text: parse_deferred(value) for text, value in metadata.get("deferred", {}).items()}
    summary = parse_summary(metadata.get("summary"))
    return Dataset(
        id=_expect(metadata["id"], str),
        name=_expect(metadata["name"], str),
        created=_parse_timestamp(metadata["created"]),
        expires=_parse_timestamp(metadata["expires"]),
        read=_expect(metadata["read"], int),
        kept=_expect(metadata["kept"], int),
        unreadable=_expect(metadata["unreadable"], int),
        reasons=tuple(texts.get(reason) or _expect(reason, str) for reason in _expect(metadata["reasons"], list)),
        warnings=tuple(texts.get(warning) or _expect(warning, str) for warning in _expect(metadata["warnings"], list)),
        accounts=tuple(_parse_account(*account) for account in _expect(metadata["accounts"], list)),
        accounts_total=_expect(metadata["accounts_total"], int),
        key_digest=_expect(metadata["key_digest"], str),
        part_digests=_parse_digests(metadata.get("part_digests")),
        summary=summary and _translate_rows(summary, texts),
        collection=parse_facts(metadata.get("collection")),
        spellings={_expect(name, str): _expect(spelling, str) for name, spelling in metadata.get("spellings", {}).items()},
    )


def _translate_rows(summary: ImportSummary, texts: Mapping[str, str]) -> ImportSummary:
    """Return a summary whose refused rows can be read in other languages."""
    rows = (
        replace(row, location=texts.get(row.location, row.location), reason=texts.get(row.reason, row.reason))
        for row in summary.refused_rows
    )
    return replace(summary, refused_rows=tuple(rows))


def _parse_account(name: Any, post_count: Any, first_post_at: Any, last_post_at: Any) -> FileAccount:
    first, last = (None if moment is None else _parse_timestamp(moment) for moment in (first_post_at, last_post_at))
    return FileAccount(_expect(name, str), _expect(post_count, int), first, last)


def _parse_digests(digests: Any) -> dict[str, str] | None:
    """Return digests by the names of parts, which never lead out of the dataset's folder."""
    if digests is None:
        return None
    if not digests or not all(_PART_NAME.fullmatch(name) and _DIGEST.fullmatch(digest) for name, digest in digests.items()):
        raise ValueError("these aren't digests of parts")
    return dict(digests)


def _expect(value: Any, kind: type[Value]) -> Value:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def _parse_timestamp(text: Any) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _to_json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
