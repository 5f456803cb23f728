"""Turns the loosely typed posts of any file into batches of posts of posts.SCHEMA, after a look at the first of them.

Files are read in the other modules, and what the values of a post mean is decided in `post_fields.py` and the modules it uses, not here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice

from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost
from dashboard.sources.files.readers.column_questions import unknown_columns_error
from dashboard.sources.files.readers.field_paths import find_paths
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.readers.post_batch import PostBatch, join_batches
from dashboard.sources.files.readers.post_fields import PostFields
from dashboard.sources.files.readers.post_samples import take_sample
from dashboard.sources.files.readers.raw_posts import RawPosts
from dashboard.sources.files.readers.required_fields import REQUIRED_FIELDS, check_shape
from dashboard.sources.files.readers.unreadable_rows import find_unreadable
from dashboard.sources.files.shapes.shape import recognize_object
from dashboard.sources.files.times.choices import TimeChoices

BATCH_ROWS, BATCH_CHARS = 10_000, 2**22  # a batch ends with the posts that reach the first of them


class RowParser:
    """Turns the posts of one file into rows and counts the unreadable ones in a tally.

    `fallback_account` is used for posts that don't name an account, such as those of X's archive (`is_script`). With `owner_handle`, the
    handle in the archive, all posts belong to that account. `column_by_field` has the columns that a person chose, and `time_choices` what
    the person says about times. `unit` says what the numbers of the posts count: "line" or "post".
    `file_number` is that of the file among several that are read together, from 0.
    """

    def __init__(
        self,
        tally: ImportTally,
        fallback_account: str,
        unit: str,
        time_choices: TimeChoices,
        *,
        owner_handle: str | None = None,
        is_script: bool = False,
        column_by_field: Mapping[str, str] | None = None,
        file_number: int = 0,
    ) -> None:
        self._tally, self._unit, self._is_script = tally, unit, is_script
        chosen_columns = tuple(sorted((column_by_field or {}).items()))
        self._find_known_paths = lru_cache(maxsize=64)(
            lambda keys, shape: find_paths(keys, chosen_columns, shape)
        )  # posts of one file share a few sets of keys
        self._time_choices = time_choices
        self._fields = PostFields(
            tally,
            fallback_account,
            unit,
            time_choices,
            owner_handle=owner_handle,
            is_script=is_script,
            chosen_date_column=(column_by_field or {}).get("created_at", ""),
            file_number=file_number,
        )

    def iter_batches(
        self, groups: Iterable[RawPosts], reopen_groups: Callable[[], Iterable[RawPosts]] | None = None
    ) -> Iterator[PostBatch]:
        """Yield batches of posts.

        `reopen_groups` returns the same groups from the start; it is called if the first posts don't show how times are written. Raises
        UnknownColumns if the first posts have no text or no time, or if only a person can say how times are written, and InvalidFile if
        none of them has a readable time.
        """
        remaining_groups = iter(groups)
        sample, rest = take_sample(remaining_groups, self._count_unreadable)
        self._inspect_sample([post for group in sample for post in group.list_posts() if isinstance(post, dict)], reopen_groups)
        parsed, rows, characters = list[PostBatch](), 0, 0
        for group in chain(sample, rest, remaining_groups):
            if batch := self._parse(group):
                parsed.append(batch)
                rows += len(batch)
                characters += sum(map(len, batch.columns["text"]))
            if rows >= BATCH_ROWS or characters >= BATCH_CHARS:
                yield join_batches(parsed)
                parsed, rows, characters = [], 0, 0
        if parsed:
            yield join_batches(parsed)

    def _inspect_sample(self, sample: list[RawPost], reopen_groups: Callable[[], Iterable[RawPosts]] | None) -> None:
        """Check that the first posts have the required fields, and detect how times are written and whether IDs are rounded."""
        if not sample:
            return
        shape = recognize_object(sample[0])
        if shape and shape.date_order and not self._time_choices.order:
            self._fields.set_usual_order(shape.date_order)
        sample_paths = [self._find_field_paths(post) for post in sample]
        missing = [field for field in REQUIRED_FIELDS if not any(field in field_paths for field_paths in sample_paths)]
        if missing:
            check_shape(shape, missing)
            columns = list(dict.fromkeys(chain(*sample)))
            raise unknown_columns_error(columns, [[post.get(column) for column in columns] for post in sample], missing)
        posts_with_paths = list(zip(sample, sample_paths, strict=True))

        def reopen_with_paths() -> Iterator[tuple[RawPost, FieldPaths]]:
            """Return the posts of the file that follow the sample."""
            groups = reopen_groups() if reopen_groups else ()
            posts_again = (post for group in groups for post in group.list_posts() if isinstance(post, dict) and len(post) <= MAX_COLUMNS)
            return ((post, self._find_field_paths(post)) for post in islice(posts_again, len(sample), None))

        if self._fields.times.inspect(posts_with_paths, reopen_with_paths):
            self._fields.times.columns.survey(reopen_with_paths())
        self._fields.times.check_questions(posts_with_paths)
        self._fields.inspect_values(posts_with_paths, shape.line_break if shape else "\n")
        if not self._is_script:
            self._tally.evidence.add_sample(posts_with_paths, self._fields.times.columns.select_paths)

    def _find_field_paths(self, post: RawPost) -> FieldPaths:
        """Return the paths to the fields of a post, by its shape if that is known."""
        return self._find_known_paths(tuple(post), recognize_object(post))

    def _reject(self, group: RawPosts, position: int) -> None:
        """Mark a post that was counted as unreadable."""
        self._tally.reject_row(f"{self._unit} {group.numbers[position]:,}", *group.explain_unreadable(position))

    def _count_unreadable(self, group: RawPosts, position: int) -> None:
        """Count a row of the sample that its reader couldn't read."""
        self._tally.count_rows()
        self._reject(group, position)

    def _parse(self, group: RawPosts) -> PostBatch | None:
        """Return posts as a batch, None if all of them are unreadable. Those are counted."""
        group.find_paths(self._find_field_paths)
        row_numbers: Sequence[int] = range(self._tally.rows_read + 1, self._tally.rows_read + len(group) + 1)
        self._tally.count_rows(len(group))
        texts = group.list_texts()
        if unreadable := find_unreadable(group, texts):
            for position in unreadable:
                self._reject(group, position)
            readable = sorted(set(range(len(group))) - set(unreadable))
            group, texts, row_numbers = group.select(readable), [texts[n] for n in readable], [row_numbers[n] for n in readable]
        return self._fields.parse(group, texts, row_numbers) if len(group) else None
