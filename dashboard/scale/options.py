"""How a collection is read and scored: the same for every partition, on every machine. Values only; nothing is loaded here."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from dashboard.sources.files.source_files import ReadingChoices


@dataclass(frozen=True)
class Options:
    """`column_by_field`, here as pairs, `zone`, `date_order` and `account` are what `DatasetStore.import_file` takes.

    `methods` are the sentiment methods to score by. `model_path` is a model file, empty for the built-in one. `account_file_count` is how
    many files the posts are distributed among, by account. `started_at` is when times begin to be in the future.
    """

    methods: tuple[str, ...]
    started_at: datetime
    account_file_count: int = 1
    column_by_field: tuple[tuple[str, str], ...] = ()
    zone: str = ""
    date_order: str = ""
    account: str = ""
    model_path: str = ""
    is_model_trusted: bool = False

    @property
    def reading(self) -> ReadingChoices:
        """How the files are read."""
        return ReadingChoices(self.started_at, dict(self.column_by_field), self.zone, self.date_order, self.account)

    @property
    def digest(self) -> str:
        """What tells the results of these options from those of others, whenever they started."""
        values = {name: value for name, value in asdict(self).items() if name != "started_at"}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
