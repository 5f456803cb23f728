"""The one place where a loosely typed post of any file becomes a row of posts.SCHEMA. Reading files is not done here.

`account` is the name within the file, fit for `file:ID/NAME`. What a file does not say is None, never 0.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from dashboard.core import post_text, posts
from dashboard.core.errors import UnknownColumns
from dashboard.core.formatting import ELLIPSIS, format_list, quote, truncate
from dashboard.core.html_entities import unescape_entities
from dashboard.sources.files.readers import cell_values
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.column_names import find_paths
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_COLUMNS, MAX_ELEMENT_CHARS
from dashboard.sources.files.readers.timestamps import TimestampParser

Row = dict[str, Any]
BATCH_ROWS, BATCH_CHARS = 10_000, 2**22  # rows, and characters, that are handed on together
REQUIRED_FIELDS = ("text", "created_at")  # without these a file is no list of posts
SAMPLE_ROWS = 3  # rows that are shown to a person who is asked which column is which

_INSPECTED_POSTS, _INSPECTED_CHARS = 2_000, 2**22  # posts, and characters, that are looked at before the first row is made
_MAX_CACHED_NAMES = 20_000  # spellings of accounts that are remembered
_MAX_NAME_CHARS = 400  # characters of one
_ID_PATTERN = re.compile(r"[!-~]{1,300}", re.ASCII)
_NUMERIC_ID_PATTERN = re.compile(r"x?(\d{1,20})", re.ASCII)  # R puts an x before numbers that it would round
_ROUNDED_ID_PATTERN = re.compile(r"x?\d+([.,]\d*)?[eE]\+?\d+|x?\d{16,}\.\d*", re.ASCII)
_SPREADSHEET_DIGITS = 15  # by spreadsheets; the others become 0
_X_HANDLE_PATTERN = re.compile(r"[a-z0-9_]{1,15}", re.ASCII)
_FORMULA_GUARD = re.compile(r"'[=+\-@\t\r]")  # as our own CSV keeps spreadsheets from computing
_UNCLEAN_CHARACTER = re.compile(r"[^\n\t -~\xa0-\ud7ff\ue000-\U0010ffff]")  # what `posts.clean` would take out
_X_ONLY_KEYS = frozenset({"id_str", "public_metrics", "author_id", "edit_history_tweet_ids"})  # keys that only X's posts have
_METRIC_FIELDS = ("likes", "reposts", "replies", "quotes", "views")


class RowParser:
    """Turns the posts of one file into rows, counting what it can't read.

    `fallback` is the name for posts that name no account, as those of a `script` of X's archive; with `owner`, the archive's handle,
    all posts are theirs. `chosen` maps fields to columns as a person decided; `unit` is what the posts' numbers count.
    """

    def __init__(
        self,
        tally: ImportTally,
        fallback_account: str,
        unit: str,
        *,
        owner_handle: str | None = None,
        is_script: bool = False,
        column_by_field: Mapping[str, str] | None = None,
    ) -> None:
        self._tally, self._unit, self._is_script, self._has_owner = tally, unit, is_script, owner_handle is not None
        self._default_account = (
            cell_values.normalize_account_name(owner_handle or "") or cell_values.normalize_account_name(fallback_account) or "unnamed"
        )
        picked = tuple(sorted((column_by_field or {}).items()))
        self._find_field_paths = lru_cache(maxsize=64)(lambda keys: find_paths(keys, picked))  # a file's posts have few sets of keys
        self._timestamp_parser, self._has_rounded_ids = TimestampParser(tally), False
        self._account_names: dict[str, str] = {}
        self._spelling_by_name: dict[str, str] = {}

    def iter_batches(self, numbered_posts: Iterable[tuple[int, Any]]) -> Iterator[list[Row]]:
        """Yield rows of numbered posts, a batch at a time. Raises UnknownColumns if the first ones have no text or no time."""
        waiting = iter(numbered_posts)
        some = _take_sample(waiting)
        self._inspect_sample([post for _, post in some if isinstance(post, dict)])
        batch, text = list[Row](), 0
        for number, post in chain(some, waiting):
            row = self._parse_row(number, post)
            if row is not None:
                batch.append(row)
                text += len(row["text"])
            if len(batch) >= BATCH_ROWS or text >= BATCH_CHARS:
                yield batch
                batch, text = [], 0
        if batch:
            yield batch

    def _inspect_sample(self, sample: list[Row]) -> None:
        """Look at the first posts: do they have what is needed, how are dates written, are ids still whole."""
        if not sample:
            return
        places = [self._find_field_paths(tuple(post)) for post in sample]
        missing = [field for field in REQUIRED_FIELDS if not any(field in where for where in places)]
        if missing:
            raise unknown_columns_error(
                list(dict.fromkeys(chain(*sample))), [list(post.values()) for post in sample[:SAMPLE_ROWS]], missing
            )
        self._timestamp_parser.detect_date_order(
            first_value(post, where.get("created_at")) for post, where in zip(sample, places, strict=True)
        )
        ids = [str(first_value(post, where.get("id"))) for post, where in zip(sample, places, strict=True)]
        long = [one for one in ids if len(one) > _SPREADSHEET_DIGITS + 1 and one.isdecimal()]
        self._has_rounded_ids = len(long) > 2 and not any(one[_SPREADSHEET_DIGITS:].strip("0") for one in long)

    def _parse_row(self, number: int, post: Any) -> Row | None:
        """Return a post as a row, None if it is none, which is counted."""
        self._tally.count_rows()
        if not isinstance(post, dict) or len(post) > MAX_COLUMNS:
            self._tally.reject_row(f"{self._unit} {number:,}", "is no post")
            return None
        where = self._find_field_paths(tuple(post))
        written = cell_values.parse_text(post, where.get("text", ()))
        if written is None:
            self._tally.reject_row(f"{self._unit} {number:,}", "has no text")
            return None
        kind = first_value(post, where.get("kind"))
        ours = kind in posts.POST_KINDS  # only our own files say the kind in our words, and only they are not escaped
        text = self._clean_text(written[1:] if ours and _FORMULA_GUARD.match(written) else written, is_escaped=not ours)
        account, identity = self._parse_account_name(post, where), self._parse_id(first_value(post, where.get("id")))
        return {
            "account": account,
            "id": identity,
            "created_at": self._parse_timestamp(post, where),
            "text": text,
            "kind": kind if ours else cell_values.parse_kind(post, where, text),
            "lang": cell_values.parse_language(first_value(post, where.get("lang"))),
            "url": cell_values.parse_url(first_value(post, where.get("url"))) or self._build_x_url(post, account, identity),
        } | {count: cell_values.parse_count(first_value(post, where[count])) if count in where else None for count in _METRIC_FIELDS}

    def _clean_text(self, text: str, *, is_escaped: bool) -> str:
        """Do what `posts.clean` does, sooner for texts that have nothing to be taken out."""
        if len(text) > post_text.MAX_TEXT_CHARACTERS:
            self._tally.add_notice("cut")
        shown = unescape_entities(text[: post_text.MAX_TEXT_CHARACTERS]) if is_escaped else text[: post_text.MAX_TEXT_CHARACTERS]
        if shown.isascii() and shown.isprintable():
            return shown
        return post_text.clean_text(shown) if _UNCLEAN_CHARACTER.search(shown) else unicodedata.normalize("NFC", shown)

    def _parse_timestamp(self, post: RawPost, field_paths: FieldPaths) -> datetime | None:
        """Return the time of a post; a date whose hour is in another column is joined with it."""
        written, zone = first_value(post, field_paths.get("created_at")), first_value(post, field_paths.get("zone"))
        if isinstance(written, str) and len(written) <= 10 and "hour" in field_paths and not written.isdecimal():
            hour = first_value(post, field_paths["hour"])
            written = f"{written} {hour}" if isinstance(hour, str) and hour != written else written
        return self._timestamp_parser.parse(written, zone)

    def _parse_account_name(self, post: RawPost, field_paths: FieldPaths) -> str:
        """Return the account's name within the file."""
        if self._has_owner:
            return self._default_account
        written = first_value(post, field_paths.get("account"))
        written = str(written) if isinstance(written, int) and abs(written) < 10**20 else written
        if not isinstance(written, str):
            self._tally.add_notice("handleless" if self._is_script else "nameless")
            return self._default_account
        written = written[:_MAX_NAME_CHARS]
        if written not in self._account_names:
            self._account_names[written] = self._normalize_account_name(written)
        return self._account_names[written]

    def _normalize_account_name(self, raw_name: str) -> str:
        """Clean a name that was not seen before, and notice if another one looked the same after it."""
        if len(self._account_names) >= _MAX_CACHED_NAMES:
            self._account_names.clear()
            self._spelling_by_name.clear()
        name = cell_values.normalize_account_name(raw_name) or self._default_account
        spelled = raw_name.strip().removeprefix("@").lower()
        if self._spelling_by_name.setdefault(name, spelled) != spelled:
            self._tally.add_notice("alike")
        return name

    def _build_x_url(self, post: RawPost, account: str, post_id: str) -> str | None:
        """Return where a post can be read on X if it can only be X's; without a known handle X finds it by its id."""
        if _X_ONLY_KEYS.isdisjoint(post) or not post_id.isdecimal():
            return None
        known = (
            _X_HANDLE_PATTERN.fullmatch(account)
            and account != str(post.get("author_id"))
            and (self._has_owner or account != self._default_account)
        )
        return f"https://x.com/{account if known else 'i'}/status/{post_id}"

    def _parse_id(self, value: Any) -> str:
        """Return the id as text; one that is missing or has lost digits becomes the row's number in the file."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**20:
            value = str(value)
        elif isinstance(value, float) and value.is_integer() and 0 <= value < 2**53:
            value = str(int(value))
        elif isinstance(value, float):
            value = f"{value:e}"
        text = value.strip() if isinstance(value, str) else ""
        numbered = _NUMERIC_ID_PATTERN.fullmatch(text.removesuffix(".0") if len(text) < 18 else text)
        if self._has_rounded_ids or _ROUNDED_ID_PATTERN.fullmatch(text):
            self._tally.add_notice("digits")
        elif numbered:
            return numbered[1]
        elif _ID_PATTERN.fullmatch(text):
            return text
        return f"row-{self._tally.rows_read}"


def _take_sample(numbered_posts: Iterator[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Take the first posts, no more of them than memory holds easily."""
    some, text = list[tuple[int, Any]](), 0
    while len(some) < _INSPECTED_POSTS and text < _INSPECTED_CHARS and (found := next(numbered_posts, None)) is not None:
        some.append(found)
        try:
            text += len(str(found[1]))
        except (RecursionError, ValueError):  # nested too deep, or a number too long to be written
            text += MAX_ELEMENT_CHARS
    return some


def unknown_columns_error(columns: list[str], rows: list[list[Any]], missing_fields: list[str], detail: str = "") -> UnknownColumns:
    """Return the question which column is which, with some rows cut to what a page can show."""
    wanted = format_list([{"text": "the text", "created_at": "the time"}.get(field, quote(field)) for field in missing_fields])
    names = ", ".join(quote(_format_sample_cell(column)) for column in columns[:8]) + f" {ELLIPSIS}" * (len(columns) > 8)
    return UnknownColumns(
        detail or f"No column is known to hold {wanted} of the posts. The file has {names}.",
        "Say which column is which.",
        columns=columns[:MAX_COLUMNS],
        sample_rows=[[_format_sample_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows[:SAMPLE_ROWS]],
        missing_fields=missing_fields,
    )


def _format_sample_cell(cell: Any) -> str:
    text = post_text.clean_text(str(cell)[:400]) if isinstance(cell, (str, int, float)) else ""
    return truncate(text, 80)
