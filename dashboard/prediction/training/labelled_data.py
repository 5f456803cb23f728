"""Labelled texts for training and evaluation: their labels checked, rows without one skipped.

Nothing here knows a model, a metric or a file format. A label is 0, 1, 2 or negative, neutral, positive. An invalid row is an error that
names its line.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidLabelledData
from dashboard.core.formatting.texts import format_list, quote
from dashboard.prediction.protocols import LABELS
from dashboard.prediction.training.labelled_files import Row, read_rows, shorten_for_terminal

Array = np.ndarray[Any, Any]
MAX_ROWS = 1_000_000
MAX_TEXT_CHARACTERS = 25_000  # the same limit as for /predict
_LABEL_INDEX = {name: index for index, label in enumerate(LABELS) for name in (label, str(index))}
_LABEL_ADVICE = "Use the labels 0, 1, 2 or negative, neutral, positive."


@dataclass(frozen=True)
class LabelledDataset:
    """The contents of a file: `labels` has one index into LABELS per text; `skipped_rows` maps a reason to the number of rows."""

    path: Path
    texts: list[str]
    labels: Array
    skipped_rows: dict[str, int]

    @property
    def label_counts(self) -> list[int]:
        """The number of texts with each of LABELS."""
        return [int(label_count) for label_count in np.bincount(self.labels, minlength=len(LABELS))]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file, in hexadecimal."""
        return compute_digest(self.path)


def load_dataset(path: Path, *, language: str | None = None, max_rows: int = MAX_ROWS) -> LabelledDataset:
    """Return the labelled texts of a file, in order, without rows whose label or text is empty. Raises InvalidLabelledData.

    With `language`, rows whose `lang` is another one are skipped, too.
    """
    return _build_dataset(path, read_rows(path), (language, None) if language else (), max_rows)


def load_by_language(path: Path, languages: Sequence[str], *, max_rows: int = MAX_ROWS) -> dict[str, LabelledDataset]:
    """Return the labelled texts of a file in each of `languages` that its column `lang` names. Raises InvalidLabelledData."""
    rows = list(read_rows(path))
    if all(row_language is None for *_, row_language in rows):
        raise InvalidLabelledData(f"{path.name} doesn't say in which language its texts are.", "Add a column “lang” with tags such as de.")
    present = [language for language in languages if any(row_language == language for *_, row_language in rows)]
    if not present:
        advice = f"Languages that can be measured are {format_list(list(languages))}."
        raise InvalidLabelledData(f"{path.name} has no texts in a language that the model reads.", advice)
    return {language: _build_dataset(path, rows, (language,), max_rows) for language in present}


def _build_dataset(path: Path, rows: Iterable[Row], languages: Sequence[str | None], max_rows: int) -> LabelledDataset:
    """Return the texts of rows in some languages, or of all rows if there are no languages."""
    texts: list[str] = []
    labels: list[int] = []
    skipped_rows = Counter[str]()
    for line_number, label_value, text_value, row_language in rows:
        if languages and row_language not in languages:
            skipped_rows["another language"] += 1
            continue
        label = _parse_cell(path, line_number, "label", label_value)
        text = _parse_cell(path, line_number, "text", text_value)
        if not label.strip() or not text.strip():
            skipped_rows["no label" if not label.strip() else "no text"] += 1
            continue
        if len(texts) == max_rows:
            raise InvalidLabelledData(f"{path.name} has more than {max_rows:,} rows.", "Use a smaller file.")
        labels.append(_parse_label(path, line_number, label))
        texts.append(text)
    if not texts:
        raise InvalidLabelledData(f"{path.name} has no labelled texts.", "Add rows with a label and a text below the header.")
    return LabelledDataset(path, texts, np.array(labels), dict(skipped_rows))


def compute_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def dataset_name(path: Path) -> str:
    """Return a file's name without its extensions: `val` for `val.tsv.gz`."""
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _parse_cell(path: Path, line_number: int, column: str, value: object) -> str:
    """Return a label or a text as a string. JSON may contain any type; null is the same as an empty cell."""
    if value is None:
        return ""
    is_label_number = column == "label" and isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, str) and not is_label_number:
        raise InvalidLabelledData(
            f"The {column} in line {line_number} of {path.name} has the wrong type.", f"{_LABEL_ADVICE} Write texts in quotes."
        )
    cell = str(value)
    if len(cell) > MAX_TEXT_CHARACTERS:
        raise InvalidLabelledData(
            f"The {column} in line {line_number} of {path.name} has more than {MAX_TEXT_CHARACTERS:,} characters.", "Shorten it."
        )
    return cell


def _parse_label(path: Path, line_number: int, label: str) -> int:
    index = _LABEL_INDEX.get(label.strip().casefold())
    if index is None:
        raise InvalidLabelledData(
            f"Line {line_number} of {path.name} has the label {quote(shorten_for_terminal(label.strip()))}.", _LABEL_ADVICE
        )
    return index
