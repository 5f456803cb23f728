"""What an import understood: the tool, its columns, sample rows and refused rows. Counts and notices belong in `import_tally.py`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from dashboard.core.formatting.texts import truncate
from dashboard.sources.files.import_summary import RefusedRow
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.column_questions import SAMPLE_ROWS, format_sample_cell
from dashboard.sources.files.readers.field_paths import KeyPath
from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.shapes.shape import ConvertedPost, recognize_object

MAX_REFUSED_ROWS = 5  # that are kept with an excerpt; later ones are only counted
SHOWN_FIELDS = ("text", "created_at", "account", "id", "lang", "likes", "reposts", "replies", "quotes", "views")
_EXAMINED_POSTS = 200  # of the sample, to see which of several columns has the values
_MAX_COLUMN_CHARS, _MAX_EXCERPT_CHARS, _MAX_EXCERPT_CELLS = 400, 160, 12


@dataclass
class ImportEvidence:
    """What the first posts show. `column_by_field` has the columns that were used; it is empty for posts that had to be converted.

    `columns` and `sample_rows` are those that a person needs to match the columns again.
    """

    tool: str = ""
    is_archive: bool = False  # whether the file has others in it, which may be private
    column_by_field: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    sample_rows: list[list[str]] = field(default_factory=list)
    refused_rows: list[RefusedRow] = field(default_factory=list)

    def add_refused_row(self, location: str, reason: str, row: Any = None) -> None:
        """Keep one of the first refused rows, with an excerpt if it could be parsed at all."""
        if len(self.refused_rows) < MAX_REFUSED_ROWS:
            self.refused_rows.append(RefusedRow(location, reason, format_row_excerpt(row)))

    def add_sample(
        self, sample: Sequence[tuple[RawPost, FieldPaths]], select_time_paths: Callable[[tuple[KeyPath, ...]], tuple[KeyPath, ...]]
    ) -> None:
        """Keep what the first posts show, in an archive those of its first file.

        `select_time_paths` returns those of the paths to times that are used, best first.
        """
        if self.tool or self.columns:
            return
        first_post = sample[0][0]
        if isinstance(first_post, ConvertedPost):
            self.tool = first_post.shape.title
            return
        shape = recognize_object(first_post)
        self.tool = shape.title if shape else ""
        names = dict.fromkeys(chain.from_iterable(post for post, _ in sample))
        self.columns = [name for name in names if len(name) <= _MAX_COLUMN_CHARS and _is_unicode(name)][:MAX_COLUMNS]
        self.sample_rows = [[format_sample_cell(post.get(column)) for column in self.columns] for post, _ in sample[:SAMPLE_ROWS]]
        for field_name in SHOWN_FIELDS:
            select_paths = select_time_paths if field_name == "created_at" else tuple
            paths = Counter(
                _find_used_path(post, select_paths(field_paths.get(field_name, ()))) for post, field_paths in sample[:_EXAMINED_POSTS]
            )
            del paths[None]
            if paths:
                self.column_by_field[field_name] = format_sample_cell(".".join(paths.most_common(1)[0][0] or ()))


def format_row_excerpt(row: Any) -> str:
    """Return the beginning of a row as a page shows it: some of its cells, shortened."""
    cells = row.values() if isinstance(row, Mapping) else row if isinstance(row, list) else [row]
    shown = [format_sample_cell(cell).replace("\n", " ").replace("\t", " ") for cell in islice(cells, _MAX_EXCERPT_CELLS)]
    return truncate(" · ".join(cell for cell in shown if cell.strip()), _MAX_EXCERPT_CHARS)


def _is_unicode(text: str) -> bool:
    """Return whether a text can be encoded, which halves of surrogate pairs in JSON can't."""
    return text == text.encode("utf-8", "replace").decode()


def _find_used_path(post: RawPost, paths: tuple[KeyPath, ...]) -> KeyPath | None:
    """Return the first of the paths at which a post has a value."""
    return next((path for path in paths if first_value(post, (path,)) is not None), None)
