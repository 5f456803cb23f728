"""The rows of files of labelled texts: TSV, CSV and JSON Lines, gzipped or not, bounded in size.

What the cells mean is decided in `labelled_data.py`. A file has the columns (or keys) `label` and `text`, and maybe `lang`; others are
ignored. TSV has no quoting: tabs separate cells, line feeds separate rows, and everything else is text.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from dashboard.core.errors import InvalidLabelledData
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.texts import MAX_QUOTED_CHARACTERS, format_list, printable, quote

Row = tuple[int, object, object, object]  # line number, label, text, language
MAX_BYTES = 256 * 2**20  # uncompressed
MAX_LINE_BYTES = 2**20
_MAX_LISTED_COLUMNS = 10
_FORMAT_ADVICE = "Use a .tsv, .csv or .jsonl file, or one of these with .gz."
_HEADER_ADVICE = "The first line must name the columns “label” and “text” once each."


def read_rows(path: Path) -> Iterator[Row]:
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
    columns = format_list([quote(shorten_for_terminal(cell)) for cell in header], _MAX_LISTED_COLUMNS)
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


def shorten_for_terminal(text: str) -> str:
    """Return the beginning of a text, without characters that a terminal would obey."""
    return printable(text[:MAX_QUOTED_CHARACTERS])
