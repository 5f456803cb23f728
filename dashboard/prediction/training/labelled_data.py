"""Files of labelled texts, to learn from and to measure on: TSV, CSV and JSON lines, gzipped or not. Reading only, no model.

A file has columns (or keys) `label` and `text`, others are ignored. A label is 0, 1, 2 or negative, neutral, positive. TSV knows no
quoting: a tab parts cells, a line feed parts rows, everything else is text. What can't be understood is refused with its line.
"""

import csv
import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidLabelledData
from dashboard.core.formatting import MAX_QUOTED_CHARACTERS, printable, quote
from dashboard.prediction.protocols import LABELS

Array = np.ndarray[Any, Any]
Row = tuple[int, object, object]  # line, label, text
MAX_BYTES = 256 * 2**20  # unpacked
MAX_LINE_BYTES = 2**20  # bytes
MAX_ROWS = 1_000_000
MAX_TEXT_CHARACTERS = 25_000  # characters of a text, as many as /predict takes
_LABEL_INDEX = {word: place for place, label in enumerate(LABELS) for word in (label, str(place))}
_LABEL_ADVICE = "Write labels as 0, 1, 2 or negative, neutral, positive."
_SUPPORTED_FORMATS = ".tsv, .csv or .jsonl, each also with .gz"


@dataclass(frozen=True)
class LabelledDataset:
    """What a file holds: `labels` are places in LABELS, one a text; `left_out` says why rows were, and how many."""

    path: Path
    texts: list[str]
    labels: Array
    skipped_rows: dict[str, int]

    @property
    def label_counts(self) -> list[int]:
        """How many texts each of LABELS has."""
        return [int(each) for each in np.bincount(self.labels, minlength=len(LABELS))]

    @cached_property
    def digest(self) -> str:
        """The sha256 of the file, in hexadecimal."""
        return compute_digest(self.path)


def load_dataset(path: Path) -> LabelledDataset:
    """Return the labelled texts of a file, in its order; rows with an empty label or text are left out. Raises InvalidExamples."""
    texts: list[str] = []
    labels: list[int] = []
    left_out = Counter[str]()
    for line, label, text in _read_rows(path):
        label, text = _parse_cell(path, line, "label", label), _parse_cell(path, line, "text", text)
        if not label.strip() or not text.strip():
            left_out["no label" if not label.strip() else "no text"] += 1
            continue
        if len(texts) == MAX_ROWS:
            raise InvalidLabelledData(f"{path.name} has more than {MAX_ROWS:,} rows.", "Take a part of it.")
        labels.append(_parse_label(path, line, label))
        texts.append(text)
    if not texts:
        raise InvalidLabelledData(f"{path.name} has no labelled text.", "Give a file with a header, and a label and a text a row.")
    return LabelledDataset(path, texts, np.array(labels), dict(left_out))


def compute_digest(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def dataset_name(path: Path) -> str:
    """Return a file's name without what it ends in: `val` of `val.tsv.gz`."""
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file by its name's ending."""
    kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if kind in ("jsonl", "ndjson"):
        return _read_json_lines(path)
    if kind in ("tsv", "csv"):
        return _read_table(path, read_tsv(path) if kind == "tsv" else _read_csv(path))
    raise InvalidLabelledData(f"{path.name} is of no kind that is read here.", f"Give {_SUPPORTED_FORMATS}.")


def _read_table(path: Path, numbered_rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    """Yield line, label and text of a table whose first row is the header."""
    _, header = next(numbered_rows, (0, []))
    names = [name.strip().casefold() for name in header]
    for wanted in ("label", "text"):
        if names.count(wanted) != 1:
            found = f"its columns are {', '.join(quote(_sanitize(name)) for name in header[:10])}" if header else "it is empty"
            raise InvalidLabelledData(
                f"{path.name} needs exactly one column “{wanted}” in line 1; {found}.", "Write a header with “label” and “text”."
            )
    label, text = names.index("label"), names.index("text")
    for line, cells in numbered_rows:
        if len(cells) != len(header):
            told = f"Line {line} of {path.name} has {len(cells)} cells, but there are {len(header)} columns."
            raise InvalidLabelledData(told, "Take tabs and line breaks out of the texts, or write CSV with quotes.")
        yield line, cells[label], cells[text]


def read_tsv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table of tabs, the header first, with their lines; blank lines are left out. Raises InvalidExamples."""
    return ((line, told.split("\t")) for line, told in _read_lines(path) if told.strip("\t "))


def _read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of CSV (RFC 4180) with the line that each begins in."""
    reader, begin = csv.reader((f"{told}\n" for _, told in _read_lines(path)), strict=True), 1
    try:
        for cells in reader:
            if cells:
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as problem:
        raise InvalidLabelledData(
            f"{path.name} is no CSV from line {begin} on: {problem}.", "Double the quotes inside quoted cells."
        ) from None


def _read_json_lines(path: Path) -> Iterator[Row]:
    for line, told in _read_lines(path):
        if not told.strip():
            continue
        try:
            given = json.loads(told)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict) or not {"label", "text"} <= set(given):
            told = f"Line {line} of {path.name} is no JSON object with “label” and “text”."
            raise InvalidLabelledData(told, 'Write one a line, such as {"label": 2, "text": "…"}.')
        yield line, given["label"], given["text"]


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, without their ends, unpacked if it is packed. Raises InvalidExamples."""
    left = MAX_BYTES
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as lines:
            for number in count(1):
                line = lines.readline(MAX_LINE_BYTES + 1)
                left -= len(line)
                if not line:
                    return
                _check_size(path, number, line, left)
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise InvalidLabelledData(f"Line {number} of {path.name} is not written in UTF-8.", "Save the file as UTF-8.") from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise InvalidLabelledData(f"{path.name} is a damaged gzip file.", "Copy or pack it anew.") from None
    except OSError as problem:
        raise InvalidLabelledData(f"{path.name} can't be read: {problem.strerror}.", "Check its path and its rights.") from None


def _check_size(path: Path, line_number: int, line: bytes, bytes_left: int) -> None:
    if len(line) > MAX_LINE_BYTES:
        raise InvalidLabelledData(
            f"Line {line_number} of {path.name} is longer than {MAX_LINE_BYTES // 2**20} MiB.", "Is it a file of rows?"
        )
    if bytes_left < 0:
        raise InvalidLabelledData(f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, unpacked.", "Take a part of it.")


def _parse_cell(path: Path, line_number: int, column: str, value: object) -> str:
    """Return a label or a text as text. JSON may have written it as anything."""
    if value is None:
        return ""
    if not isinstance(value, str) and (column == "text" or isinstance(value, bool) or not isinstance(value, int)):
        raise InvalidLabelledData(
            f"Line {line_number} of {path.name} has a {column} of another type.", f"{_LABEL_ADVICE} Write texts in quotes."
        )
    if len(told := str(value)) > MAX_TEXT_CHARACTERS:
        raise InvalidLabelledData(
            f"Line {line_number} of {path.name} has more than {MAX_TEXT_CHARACTERS:,} characters in its {column}.", "Shorten it."
        )
    return told


def _parse_label(path: Path, line_number: int, label: str) -> int:
    place = _LABEL_INDEX.get(label.strip().casefold())
    if place is None:
        raise InvalidLabelledData(f"Line {line_number} of {path.name} has the label “{_sanitize(label.strip())}”.", _LABEL_ADVICE)
    return place


def _sanitize(text: str) -> str:
    """Return what a file says, short and without what a terminal would obey."""
    return printable(text[:MAX_QUOTED_CHARACTERS])
