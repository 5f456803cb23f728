"""Some posts of a file together, as the file has them, and their values by field. What the values mean is decided in `post_fields.py`.

Looking at a field of many posts at once is what makes large tables fast to read, because a table has it in one column.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

from dashboard.core.messages import deferred
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, are_digits, first_value, is_null, parse_text
from dashboard.sources.files.readers.field_paths import KeyPath
from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.shapes.shape import get_value

MAX_GROUPED_POSTS = 1_000  # more don't fit into the processor's caches
MAX_GROUPED_CELLS = 50_000  # of a table, whose short rows get a cell for each of its columns

FindFieldPaths = Callable[[RawPost], FieldPaths]


@dataclass(frozen=True)
class Unreadable:
    """What a reader couldn't read as a post: `reason` continues the sentence with a verb, and `row` is what could be parsed of it."""

    reason: str
    row: Any = None


class RawPosts:
    """Objects, each with keys of its own. `find_paths` comes first; some objects may turn out not to be posts."""

    def __init__(self, numbers: Sequence[int], posts: Sequence[Any], field_paths: Sequence[FieldPaths] = ()) -> None:
        self.numbers, self._posts, self._field_paths = numbers, posts, field_paths

    def __len__(self) -> int:
        return len(self.numbers)

    def select(self, positions: Sequence[int]) -> "RawPosts":
        """Return the posts at these positions."""
        return RawPosts(*(_pick(values, positions) for values in (self.numbers, self._posts, self._field_paths)))

    def find_paths(self, find_field_paths: FindFieldPaths) -> None:
        """Find the paths to the fields of each post; what isn't a post has none."""
        self._field_paths = [find_field_paths(post) if _is_post(post) else {} for post in self._posts]

    def explain_unreadable(self, position: int) -> tuple[str, Any]:
        """Return why a post can't be read, as the end of a sentence, and what it is."""
        post = self.post(position)
        if isinstance(post, Unreadable):
            return post.reason, post.row
        has_text = _is_post(post) and (parse_text(post, self.paths(position).get("text", ())) or "").strip()
        return deferred("has no text") if _is_post(post) and not has_text else deferred("isn’t a post"), post

    def post(self, position: int) -> Any:
        """Return one post."""
        return self._posts[position]

    def list_posts(self) -> list[Any]:
        """Return all posts."""
        return list(map(self.post, range(len(self))))

    def paths(self, position: int) -> FieldPaths:
        """Return the paths to the fields of one post."""
        return self._field_paths[position]

    @property
    def shared_paths(self) -> FieldPaths | None:
        """The paths to the fields of all posts; None if they differ."""
        return self._field_paths[0] if len(set(map(id, self._field_paths))) == 1 else None

    @property
    def fields(self) -> set[str]:
        """The fields that any of the posts has a path to."""
        return set(chain.from_iterable(self._field_paths))

    def has_any_key(self, keys: frozenset[str]) -> bool:
        """Return whether any of the posts has one of these keys."""
        return not all(map(keys.isdisjoint, self._posts))

    def list_texts(self) -> Sequence[str | None]:
        """Return the text of each post, as `cell_values.parse_text` does."""
        return [parse_text(self.post(position), self.paths(position).get("text", ())) for position in range(len(self))]

    def list_values(self, field: str) -> Sequence[Any]:
        """Return a field of each post, as `cell_values.first_value` does."""
        return [first_value(post, paths.get(field)) for post, paths in zip(self._posts, self._field_paths, strict=True)]

    def list_columns(self, field: str) -> list[Sequence[Any]]:
        """Return what is at each post's first path to a field, at its second path, and so on; None for posts with fewer paths."""
        rows = zip(self._posts, self._field_paths, strict=True)
        values = [[get_value(post, path) for path in paths.get(field, ())] for post, paths in rows]
        return list(zip_longest(*values)) if any(values) else []

    def values_at(self, path: KeyPath) -> Sequence[Any]:
        """Return what is at a path in each post."""
        return [get_value(post, path) for post in self._posts]


def _is_post(post: Any) -> bool:
    return isinstance(post, dict) and len(post) <= MAX_COLUMNS


class TableRows(RawPosts):
    """Rows of one table, as columns of texts and numbers."""

    def __init__(
        self, names: Sequence[str], numbers: Sequence[int], columns: Sequence[Sequence[Any]], shared_paths: FieldPaths | None = None
    ) -> None:
        self.numbers, self._names = numbers, names
        self._column_by_name: Mapping[str, Sequence[Any]] = dict(zip(names, columns, strict=True))
        self._shared_paths = shared_paths or {}

    @classmethod
    def from_rows(cls, names: Sequence[str], numbered_rows: Iterable[tuple[int, Sequence[Any]]]) -> "TableRows":
        """Build them from at least one row with its number, each with a cell per name."""
        numbers, rows = zip(*numbered_rows, strict=True)
        return cls(names, numbers, list(zip(*rows, strict=True)))

    def select(self, positions: Sequence[int]) -> RawPosts:
        """Return the rows at these positions."""
        columns = [_pick(column, positions) for column in self._column_by_name.values()]
        return TableRows(self._names, _pick(self.numbers, positions), columns, self._shared_paths)

    def with_columns(self, columns: Mapping[str, Sequence[Any]]) -> RawPosts:
        """Return the rows with more columns."""
        all_columns = {**self._column_by_name, **columns}
        return TableRows(list(all_columns), self.numbers, list(all_columns.values()))

    def without_header(self) -> RawPosts:
        """Return the rows without those that repeat the names of the columns."""
        names = list(self._names)
        if names[0] not in self._column_by_name[names[0]]:
            return self
        return self.select([position for position in range(len(self)) if list(self.post(position).values()) != names])

    def find_paths(self, find_field_paths: FindFieldPaths) -> None:
        """Find the paths to the fields, which all rows share."""
        self._shared_paths = find_field_paths(dict.fromkeys(self._names, ""))

    def post(self, position: int) -> dict[str, Any]:
        """Return one row by column name."""
        return {name: column[position] for name, column in self._column_by_name.items()}

    def paths(self, position: int) -> FieldPaths:
        """Return the paths to the fields of any row."""
        return self._shared_paths

    @property
    def shared_paths(self) -> FieldPaths:
        """The paths to the fields."""
        return self._shared_paths

    @property
    def fields(self) -> set[str]:
        """The fields that have a column."""
        return set(self._shared_paths)

    def has_any_key(self, keys: frozenset[str]) -> bool:
        """Return whether the table has one of these columns."""
        return not keys.isdisjoint(self._column_by_name)

    def list_texts(self) -> Sequence[str | None]:
        """Return the text of each row, as `cell_values.parse_text` does."""
        columns = self.list_columns("text")
        if columns and set(map(type, columns[0])) == {str} and (len(columns) == 1 or not _find_nulls(columns[0])):
            return columns[0]
        return super().list_texts()

    def list_values(self, field: str) -> Sequence[Any]:
        """Return a field of each row, as `cell_values.first_value` does."""
        first, *others = map(_hide_nulls, self.list_columns(field) or [[None] * len(self)])
        for column in others if None in first else ():
            first = [cell if value is None else value for value, cell in zip(first, column, strict=True)]
        return first

    def list_columns(self, field: str) -> list[Sequence[Any]]:
        """Return the columns of a field, best first. Cells have no objects inside them, so a path with several keys leads nowhere."""
        return [self.values_at(path) for path in self._shared_paths.get(field, ()) if len(path) == 1]

    def values_at(self, path: KeyPath) -> Sequence[Any]:
        """Return a column."""
        column = self._column_by_name.get(path[0]) if len(path) == 1 else None
        return [None] * len(self) if column is None else column


def _pick(values: Sequence[Any], positions: Sequence[int]) -> list[Any]:
    return [values[position] for position in positions] if values else []


def _find_nulls(column: Sequence[Any]) -> set[Any]:
    """Return the cells that stand for no value. Digits, of which columns of counts and IDs have different ones, never do."""
    return set() if are_digits(column) else {cell for cell in set(column) if is_null(cell)}


def _hide_nulls(column: Sequence[Any]) -> Sequence[Any]:
    """Return a column with None for every cell that stands for no value."""
    nulls = _find_nulls(column)
    return [None if cell in nulls else cell for cell in column] if nulls else column


def group_posts(numbered_posts: Iterable[tuple[int, Any]], count_read_bytes: Callable[[], int]) -> Iterator[RawPosts]:
    """Yield posts in groups. A group ends with the block of the file that it was read from, so that large posts don't add up."""
    numbers, posts, read_bytes = list[int](), list[Any](), count_read_bytes()
    for number, post in numbered_posts:
        numbers.append(number)
        posts.append(post)
        if len(posts) >= MAX_GROUPED_POSTS or count_read_bytes() != read_bytes:
            yield RawPosts(numbers, posts)
            numbers, posts, read_bytes = [], [], count_read_bytes()
    if posts:
        yield RawPosts(numbers, posts)
