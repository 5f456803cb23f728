"""Reading files of labelled texts for training and evaluation: TSV, CSV and JSON Lines, gzipped or not.

Nothing here knows a model or a metric.

A file has the columns (or keys) `label` and `text`, and maybe `lang`; others are ignored. A label is 0, 1, 2 or negative, neutral,
positive. TSV has no quoting: tabs separate cells, line feeds separate rows, and everything else is text. An invalid row is an error that
names its line.
"""

import csv
import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidLabelledData
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.texts import MAX_QUOTED_CHARACTERS, format_list, printable, quote
from dashboard.prediction.protocols import LABELS

Array = np.ndarray[Any, Any]
Row = tuple[int, object, object, object]  # line number, label, text, language
MAX_BYTES = 256 * 2**20  # uncompressed
MAX_LINE_BYTES = 2**20
MAX_ROWS = 1_000_000
MAX_TEXT_CHARACTERS = 25_000  # the same limit as for /predict
_MAX_LISTED_COLUMNS = 10
_LABEL_INDEX = {name: index for index, label in enumerate(LABELS) for name in (label, str(index))}
_LABEL_ADVICE = "Use the labels 0, 1, 2 or negative, neutral, positive."
_FORMAT_ADVICE = "Use a .tsv, .csv or .jsonl file, or one of these with .gz."
_HEADER_ADVICE = "The first line must name the columns “label” and “text” once each."


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
    return _build_dataset(path, _read_rows(path), (language, None) if language else (), max_rows)


def load_by_language(path: Path, languages: Sequence[str], *, max_rows: int = MAX_ROWS) -> dict[str, LabelledDataset]:
    """Return the labelled texts of a file in each of `languages` that its column `lang` names. Raises InvalidLabelledData."""
    rows = list(_read_rows(path))
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


def _read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file. Its extension decides how it is read."""
    extension = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if extension in ("jsonl", "ndjson"):
        return _read_json_lines(path)
    if extension in ("tsv", "csv"):
        return _read_table(path, read_tsv(path) if extension == "tsv" else _read_csv(path))
    raise InvalidLabelledData(f"{path.name} isn't in a supported format.", _FORMAT_ADVICE)


def _read_table(path: Path, numbered_rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    """Yield the rows of a table whose first row is the header."""
    _, header = next(numbered_rows, (0, []))
    label_index, text_index = (_find_column(path, header, name) for name in ("label", "text"))
    language_index = header.index("lang") if "lang" in header else None
    for line_number, cells in numbered_rows:
        if len(cells) != len(header):
            raise InvalidLabelledData(
                f"Line {line_number} of {path.name} has {format_count(len(cells), 'cell')}, but the header has {len(header)}.",
                "Remove tabs and line breaks from the texts, or use CSV with quotes.",
            )
        yield line_number, cells[label_index], cells[text_index], cells[language_index] if language_index is not None else None


def _find_column(path: Path, header: list[str], name: str) -> int:
    names = [cell.strip().casefold() for cell in header]
    if names.count(name) == 1:
        return names.index(name)
    if not header:
        raise InvalidLabelledData(f"{path.name} is empty.", _HEADER_ADVICE)
    problem = f"has no column “{name}”" if name not in names else f"has more than one column “{name}”"
    columns = format_list([quote(_sanitize(cell)) for cell in header], _MAX_LISTED_COLUMNS)
    raise InvalidLabelledData(f"{path.name} {problem}; its columns are {columns}.", _HEADER_ADVICE)


def read_tsv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and cells of each row of a TSV file, header first, without blank lines. Raises InvalidLabelledData."""
    return ((line_number, line.split("\t")) for line_number, line in _read_lines(path) if line.strip("\t "))


def _read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file (RFC 4180), each with the number of the line in which it begins."""
    reader, first_line_number = csv.reader((f"{line}\n" for _, line in _read_lines(path)), strict=True), 1
    try:
        for cells in reader:
            if cells:
                yield first_line_number, cells
            first_line_number = reader.line_num + 1
    except csv.Error as error:
        raise InvalidLabelledData(
            f"{path.name} isn't valid CSV from line {first_line_number} on: {error}.", "Write quotes inside quoted cells twice."
        ) from None


def _read_json_lines(path: Path) -> Iterator[Row]:
    for line_number, line in _read_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict) or not {"label", "text"} <= set(row):
            raise InvalidLabelledData(
                f"Line {line_number} of {path.name} isn't a JSON object with “label” and “text”.",
                'Write one object per line, such as {"label": 2, "text": "…"}.',
            )
        yield line_number, row["label"], row["text"], row.get("lang")


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a file, uncompressed and without line ends. Raises InvalidLabelledData."""
    bytes_left = MAX_BYTES
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_gzip else path.open("rb") as lines:
            for line_number in count(1):
                line = lines.readline(MAX_LINE_BYTES + 1)
                bytes_left -= len(line)
                if not line:
                    return
                _check_size(path, line_number, line, bytes_left)
                yield line_number, line.decode("utf-8-sig" if line_number == 1 else "utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise InvalidLabelledData(f"Line {line_number} of {path.name} isn't in UTF-8.", "Save the file as UTF-8.") from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise InvalidLabelledData(f"{path.name} is a damaged gzip file.", "Copy or compress it again.") from None
    except OSError as error:
        raise InvalidLabelledData(f"{path.name} can't be read: {error.strerror}.", "Check the path and the file's permissions.") from None


def _check_size(path: Path, line_number: int, line: bytes, bytes_left: int) -> None:
    if len(line) > MAX_LINE_BYTES:
        raise InvalidLabelledData(
            f"Line {line_number} of {path.name} is longer than {MAX_LINE_BYTES // 2**20} MiB.", "Check that it is a file of labelled texts."
        )
    if bytes_left < 0:
        raise InvalidLabelledData(f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, uncompressed.", "Use a smaller file.")


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
        raise InvalidLabelledData(f"Line {line_number} of {path.name} has the label {quote(_sanitize(label.strip()))}.", _LABEL_ADVICE)
    return index


def _sanitize(text: str) -> str:
    """Return the beginning of a text, without characters that a terminal would obey."""
    return printable(text[:MAX_QUOTED_CHARACTERS])
