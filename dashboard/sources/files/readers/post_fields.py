"""Parses the values of posts to the columns of posts.SCHEMA. Which rows are posts is decided in `rows.py`, not here.

Posts are converted many at a time, field by field: each field has a module of its own, which decides with one look at all of its values
whether the usual, simple form of it is all there is. `account` is a name within the file, in the form that `file:ID/NAME` allows.
Unknown values are None, never 0.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dashboard.sources.files.readers.account_names import AccountNames
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value, parse_text
from dashboard.sources.files.readers.edits import parse_versions
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.languages import parse_languages
from dashboard.sources.files.readers.post_batch import PostBatch
from dashboard.sources.files.readers.post_counts import COUNT_FIELDS, PostCounts
from dashboard.sources.files.readers.post_ids import PostIds
from dashboard.sources.files.readers.post_kinds import PostKinds, list_named_kinds
from dashboard.sources.files.readers.post_texts import PostTexts
from dashboard.sources.files.readers.post_times import PostTimes
from dashboard.sources.files.readers.post_urls import list_urls
from dashboard.sources.files.readers.raw_posts import RawPosts
from dashboard.sources.files.times.choices import TimeChoices


class PostFields:
    """The fields of one file's posts, with the choices that `rows.RowParser` describes.

    First, `inspect_values` and the methods of `times` look at the first posts.
    """

    def __init__(
        self,
        tally: ImportTally,
        fallback_account: str,
        unit: str,
        time_choices: TimeChoices,
        *,
        owner_handle: str | None,
        is_script: bool,
        chosen_date_column: str,
        file_number: int,
    ) -> None:
        self._tally, self._unit, self._time_choices, self._chosen_date_column = tally, unit, time_choices, chosen_date_column
        self.times = PostTimes(tally, time_choices, chosen_date_column)
        self._texts, self._ids, self._counts = PostTexts(tally, is_script=is_script), PostIds(tally, file_number), PostCounts(tally)
        self._kinds = PostKinds()
        missing_notice = "handleless" if is_script else "nameless"
        self._accounts = AccountNames(tally, fallback_account, owner_handle, self._texts.repair_name, missing_notice)

    def set_usual_order(self, date_order: str) -> None:
        """Set the order of day and month that the tool which wrote the file uses, such as "mdy". Must come before a look at the sample."""
        self.times = PostTimes(self._tally, replace(self._time_choices, usual_order=date_order), self._chosen_date_column)

    def inspect_values(self, posts_with_paths: list[tuple[RawPost, FieldPaths]], line_break: str) -> None:
        """Detect how texts, IDs, kinds and counts are written."""
        self._texts.inspect([parse_text(post, paths.get("text", ())) or "" for post, paths in posts_with_paths], line_break)
        self._ids.inspect([first_value(post, paths.get("id")) for post, paths in posts_with_paths])
        self._kinds.inspect(posts_with_paths)
        for field in COUNT_FIELDS:
            self._counts.inspect(field, [first_value(post, paths.get(field)) for post, paths in posts_with_paths])

    def parse(self, group: RawPosts, raw_texts: Sequence[Any], row_numbers: Sequence[int]) -> PostBatch:
        """Return posts that have a text as a batch."""
        named_kinds = list_named_kinds(group)
        are_exported = [kind is not None for kind in named_kinds]
        addresses = group.list_values("url")
        texts = self._texts.parse_all(group, raw_texts, are_exported)
        moments, are_dates = self.times.parse_all(group, self._unit)
        accounts = self._accounts.parse_all(group.list_values("account"), addresses)
        ids = self._ids.parse_all(group.list_values("id"), addresses, row_numbers)
        return PostBatch(
            {
                "account": accounts,
                "id": ids,
                "created_at": moments,
                "date_only": _add_exported_dates(group, are_dates, are_exported),
                "text": texts,
                "kind": named_kinds if all(are_exported) else self._kinds.parse_all(group, texts, named_kinds),
                "lang": parse_languages(group),
                "url": list_urls(group, addresses, accounts, ids, self._accounts),
                **self._counts.parse_all(group),
                **parse_versions(group, ids),
            }
        )


def _add_exported_dates(group: RawPosts, are_dates: Sequence[bool], are_exported: Sequence[bool]) -> Sequence[bool]:
    """Return which posts have only a date: those whose times are dates, and those of which Chorus's own export says so."""
    if True not in are_exported:
        return are_dates
    marked = group.values_at(("date_only",))
    return [
        is_date or (is_exported and str(mark).lower() == "true")
        for is_date, is_exported, mark in zip(are_dates, are_exported, marked, strict=True)
    ]
