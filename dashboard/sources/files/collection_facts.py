"""What is remembered of how a collection was analyzed: by which methods, from which files, and which of those couldn't be read.

It is part of a dataset's metadata. Posts and files don't belong here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from dashboard.sources.files.source_files import ReadingChoices

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Distribution = Literal["modulo", "ranges"]
_FILE_NAME = re.compile(r"(accounts-\d{5}(-\d{3,})?|totals|samples|sources)\.parquet")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class UnreadablePartition:
    """A file, or a part of one, that couldn't be read, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class CollectionFacts:
    """How a collection was analyzed.

    `methods` are the names of the sentiment methods, `versions` what tells their scores and the languages of posts from those of other
    code. `post_columns` and `score_columns` are the columns of a method in the rows of posts and of totals, without the method's name.
    `reading` says how the files were read. `digests` has the SHA-256 digest of each file of the collection by its name. `partitions` is the
    number of files that were read; of those that couldn't be, the first ones are `unreadable`, and `unreadable_total` counts them all.
    `sampled` are the accounts and series of which there is a sample of posts with their texts.
    `summed` are single accounts with so many posts that they have totals, too. `distribution` is how the hashes of accounts' names are
    distributed among the account files, as in `collections.find_account_file`; the oldest collections don't mention it.
    """

    methods: tuple[str, ...]
    versions: Mapping[str, str]
    post_columns: tuple[str, ...]
    score_columns: tuple[str, ...]
    account_file_count: int
    reading: ReadingChoices
    digests: Mapping[str, str] = field(repr=False)
    partitions: int = 0
    unreadable: tuple[UnreadablePartition, ...] = ()
    unreadable_total: int = 0
    sampled: tuple[str, ...] = ()
    summed: tuple[str, ...] = ()
    distribution: Distribution = "modulo"


def dump_facts(facts: CollectionFacts | None) -> dict[str, Any] | None:
    """Return facts as values of JSON."""
    return json.loads(_load_adapter().dump_json(facts)) if facts else None


def parse_facts(value: Any) -> CollectionFacts | None:
    """Return the facts that `dump_facts` wrote, None for an imported file. Raises ValueError if they are damaged."""
    if value is None:
        return None
    facts = _load_adapter().validate_python(value)
    if not all(_FILE_NAME.fullmatch(name) and _DIGEST.fullmatch(digest) for name, digest in facts.digests.items()):
        raise ValueError("these aren't digests of a collection's files")
    return facts


@cache
def _load_adapter() -> "TypeAdapter[CollectionFacts]":
    from pydantic import TypeAdapter

    return TypeAdapter(CollectionFacts)
