"""Turns the loosely typed posts of any file into rows of posts.SCHEMA. Files are read in the other modules, not here.

`account` is a name within the file, in the form that `file:ID/NAME` allows. Unknown values are None, never 0.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from dashboard.core import post_text, posts
from dashboard.core.deferred_texts import defer_quote
from dashboard.core.formatting.texts import excerpt, truncate
from dashboard.core.html_entities import unescape_entities
from dashboard.core.messages import deferred
from dashboard.core.spreadsheet_cells import unguard_formula
from dashboard.sources.files.readers import cell_values
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.column_questions import unknown_columns_error
from dashboard.sources.files.readers.count_columns import CountColumn
from dashboard.sources.files.readers.edits import parse_version
from dashboard.sources.files.readers.escaped_texts import EscapedTexts
from dashboard.sources.files.readers.field_paths import find_paths
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.languages import parse_language
from dashboard.sources.files.readers.limits import MAX_COLUMNS, MAX_ELEMENT_CHARS
from dashboard.sources.files.readers.mojibake import find_damaged_word, has_damaged_texts, repair_text
from dashboard.sources.files.readers.post_addresses import parse_account_reference, parse_post_address
from dashboard.sources.files.readers.post_times import PostTimes
from dashboard.sources.files.readers.shortened_texts import complete_text, is_cut_off
from dashboard.sources.files.readers.text_formats import has_html, is_html_document
from dashboard.sources.files.shapes.shape import Shape, get_value, recognize_object
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.mastodon_html import html_to_text

Row = dict[str, Any]
BATCH_ROWS, BATCH_CHARS = 10_000, 2**22  # a batch ends at whichever it reaches first
REQUIRED_FIELDS = ("text", "created_at")  # without these a file isn't a list of posts

_INSPECTED_POSTS, _INSPECTED_CHARS = 2_000, 2**22  # the sample inspected before the first row is built
_MAX_CACHED_NAMES = 20_000  # spellings of account names that are cached
_MAX_NAME_CHARS = 400
_MAX_EXAMPLE_CHARS = 40  # of a text in a notice
_ID_PATTERN = re.compile(r"[!-~]{1,300}", re.ASCII)
# R packages prefix long numbers with an x, and people write '123 or ="123", so that no program rounds them.
_NUMERIC_ID_PATTERN = re.compile(r"(?:x|'|=?\"+)?(\d{1,20})\"*", re.ASCII)
_ROUNDED_ID_PATTERN = re.compile(r"x?\d+([.,]\d*)?[eE]\+?\d+|x?\d{16,}\.\d*", re.ASCII)
_SPREADSHEET_DIGITS = 15  # digits that spreadsheets keep of a number; the rest become 0
_SPREADSHEET_ERRORS = {"#NAME?", "#VALUE!", "#REF!", "#ERROR!"}  # that replace a text which begins like a formula
_X_HANDLE_PATTERN = re.compile(r"[a-z0-9_]{1,15}", re.ASCII)
_UNCLEAN_CHARACTER = re.compile(r"[^\n\t -~\xa0-\ud7ff\ue000-\U0010ffff]")  # what `post_text.clean_text` would remove
_X_ONLY_KEYS = frozenset({"id_str", "public_metrics", "author_id", "edit_history_tweet_ids"})  # keys found only in posts from X
_METRIC_FIELDS = ("likes", "reposts", "replies", "quotes", "views")


class RowParser:
    """Turns the posts of one file into rows and counts the unreadable ones in a tally.

    `fallback_account` is used for posts that don't name an account, such as those of X's archive (`is_script`). With `owner_handle`, the
    handle in the archive, all posts belong to that account. `column_by_field` has the columns that a person chose, and `time_choices` what
    the person says about times. `unit` says what the numbers of the posts count: "line" or "post".
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
    ) -> None:
        self._tally, self._unit, self._is_script, self._has_owner = tally, unit, is_script, owner_handle is not None
        self._default_account = (
            cell_values.normalize_account_name(owner_handle or "") or cell_values.normalize_account_name(fallback_account) or "unnamed"
        )
        self._tally.add_spelling(self._default_account, owner_handle or fallback_account)
        chosen_columns = tuple(sorted((column_by_field or {}).items()))
        self._find_known_paths = lru_cache(maxsize=64)(
            lambda keys, shape: find_paths(keys, chosen_columns, shape)
        )  # posts of one file share a few sets of keys
        self._time_choices, self._chosen_date_column = time_choices, (column_by_field or {}).get("created_at", "")
        self._post_times, self._has_rounded_ids = PostTimes(tally, time_choices, self._chosen_date_column), False
        self._count_columns: dict[str, CountColumn] = {field: CountColumn((), tally) for field in _METRIC_FIELDS}
        self._is_html, self._is_damaged, self._line_break, self._escapes = False, False, "\n", EscapedTexts()
        self._account_names: dict[str, str] = {}
        self._spelling_by_name: dict[str, str] = {}

    def iter_batches(
        self, numbered_posts: Iterable[tuple[int, Any]], reopen_posts: Callable[[], Iterable[tuple[int, Any]]] | None = None
    ) -> Iterator[list[Row]]:
        """Yield batches of rows, built from pairs (number, post).

        `reopen_posts` returns the same pairs from the start, without counting anything; it is called if the first posts don't show how
        times are written. Raises UnknownColumns if the first posts have no text or no time, or if only a person can say how times are
        written, and InvalidFile if none of them has a readable time.
        """
        remaining_posts = iter(numbered_posts)
        sample = _take_sample(remaining_posts)
        self._inspect_sample([post for _, post in sample if isinstance(post, dict)], reopen_posts)
        batch, batch_chars = list[Row](), 0
        for number, post in chain(sample, remaining_posts):
            row = self._parse_row(number, post)
            if row is not None:
                batch.append(row)
                batch_chars += len(row["text"])
            if len(batch) >= BATCH_ROWS or batch_chars >= BATCH_CHARS:
                yield batch
                batch, batch_chars = [], 0
        if batch:
            yield batch

    def _inspect_sample(self, sample: list[Row], reopen_posts: Callable[[], Iterable[tuple[int, Any]]] | None) -> None:
        """Check that the first posts have the required fields, and detect how times are written and whether IDs are rounded."""
        if not sample:
            return
        shape = recognize_object(sample[0])
        self._line_break = shape.line_break if shape else "\n"
        if shape and shape.date_order and not self._time_choices.order:
            self._post_times = PostTimes(self._tally, replace(self._time_choices, usual_order=shape.date_order), self._chosen_date_column)
        sample_paths = [self._find_field_paths(post) for post in sample]
        missing = [field for field in REQUIRED_FIELDS if not any(field in field_paths for field_paths in sample_paths)]
        if missing:
            check_shape(shape, missing)
            columns = list(dict.fromkeys(chain(*sample)))
            raise unknown_columns_error(columns, [[post.get(column) for column in columns] for post in sample], missing)
        posts_with_paths = list(zip(sample, sample_paths, strict=True))

        def reopen_with_paths() -> Iterator[tuple[Row, FieldPaths]]:
            """Return the posts of the file that follow the sample."""
            posts_again = (
                (post for _, post in reopen_posts() if isinstance(post, dict) and len(post) <= MAX_COLUMNS) if reopen_posts else ()
            )
            return ((post, self._find_field_paths(post)) for post in islice(posts_again, len(sample), None))

        if self._post_times.inspect(posts_with_paths, reopen_with_paths):
            self._post_times.survey(reopen_with_paths())
        self._post_times.check_questions(posts_with_paths)
        self._inspect_texts_and_counts(posts_with_paths)
        if not self._is_script:
            self._tally.evidence.add_sample(posts_with_paths, self._post_times.select_paths)
        ids = [str(first_value(post, field_paths.get("id"))) for post, field_paths in zip(sample, sample_paths, strict=True)]
        long_ids = [post_id for post_id in ids if len(post_id) > _SPREADSHEET_DIGITS + 1 and post_id.isdecimal()]
        self._has_rounded_ids = len(long_ids) > 2 and not any(post_id[_SPREADSHEET_DIGITS:].strip("0") for post_id in long_ids)

    def _inspect_texts_and_counts(self, posts_with_paths: list[tuple[Row, FieldPaths]]) -> None:
        """Detect whether the texts are HTML, escaped or damaged, and how counts are written in each column."""
        texts = [cell_values.parse_text(post, paths.get("text", ())) or "" for post, paths in posts_with_paths]
        self._escapes = EscapedTexts() if self._is_script else EscapedTexts(texts)
        texts = [self._escapes.decode(text) for text in texts]
        self._is_html, self._is_damaged = has_html(texts), not self._is_script and has_damaged_texts(texts)
        self._count_columns = {
            field: CountColumn([first_value(post, paths.get(field)) for post, paths in posts_with_paths], self._tally)
            for field in _METRIC_FIELDS
        }

    def _find_field_paths(self, post: RawPost) -> FieldPaths:
        """Return the paths to the fields of a post, by its shape if that is known."""
        return self._find_known_paths(tuple(post), recognize_object(post))

    def _parse_row(self, number: int, post: Any) -> Row | None:
        """Return a post as a row, or None if it is unreadable, which is counted."""
        self._tally.count_rows()
        if not isinstance(post, dict) or len(post) > MAX_COLUMNS:
            self._tally.reject_row(f"{self._unit} {number:,}", deferred("isn't a post"), post)
            return None
        field_paths = self._find_field_paths(post)
        raw_text = cell_values.parse_text(post, field_paths.get("text", ()))
        if raw_text is None or (not raw_text.strip() and self._is_blank(post, field_paths)):
            self._tally.reject_row(f"{self._unit} {number:,}", deferred("has no text"), post)
            return None
        if raw_text in _SPREADSHEET_ERRORS:
            raw_text = self._drop_error(raw_text)
        kind = first_value(post, field_paths.get("kind"))
        is_chorus_export = kind in posts.POST_KINDS  # only our own exports have such a column, and only their text isn't escaped
        raw_text = self._repair(raw_text, is_text=True) if is_chorus_export else self._complete_text(raw_text, post, field_paths)
        text = self._clean_text(unguard_formula(raw_text) if is_chorus_export else raw_text, is_escaped=not is_chorus_export)
        if is_cut_off(text, post, field_paths):
            self._tally.add_notice("cut_off", example=defer_quote(truncate(" ".join(text.split()), _MAX_EXAMPLE_CHARS)))
        created_at, date_only = self._post_times.parse(post, field_paths, f"{self._unit} {number:,}")
        address = first_value(post, field_paths.get("url"))
        account, post_id = self._parse_account_name(post, field_paths, address), self._parse_post_id(post, field_paths, address)
        row: Row = {
            "account": account,
            "id": post_id,
            "created_at": created_at,
            "date_only": date_only or (is_chorus_export and str(post.get("date_only")).lower() == "true"),
            "text": text,
            "kind": kind if is_chorus_export else cell_values.parse_kind(post, field_paths, text),
            "lang": self._parse_post_language(post, field_paths),
            "url": cell_values.parse_url(address) or self._build_x_url(post, account, post_id),
        } | {
            metric: self._count_columns[metric].parse(first_value(post, field_paths[metric])) if metric in field_paths else None
            for metric in _METRIC_FIELDS
        }
        if "versions" in field_paths or "edited_at" in field_paths:
            row |= parse_version(post, field_paths, post_id)
        return row

    def _drop_error(self, error: str) -> str:
        """Report a text that a spreadsheet has lost, and return an empty one in its place."""
        self._tally.add_notice("lost_texts", example=defer_quote(error))
        return ""

    def _complete_text(self, text: str, post: RawPost, field_paths: FieldPaths) -> str:
        """Return a text as it was posted, without what the tool that wrote the file did to it."""
        whole_text = self._escapes.decode(complete_text(text, post, field_paths))
        return self._repair(whole_text, is_text=True).replace(self._line_break, "\n")

    def _repair(self, text: str, *, is_text: bool = False) -> str:
        """Return a text or a name as it was before a wrong encoding damaged it, if most texts of the file are damaged."""
        repaired = repair_text(text) if self._is_damaged else text
        if is_text and repaired != text:
            self._tally.add_notice("repaired", example=_describe_repair(find_damaged_word(text)))
        return repaired

    @staticmethod
    def _is_blank(post: RawPost, field_paths: FieldPaths) -> bool:
        """Return whether a row has neither a date nor an ID, as those below a table don't."""
        return first_value(post, field_paths.get("created_at")) is None and first_value(post, field_paths.get("id")) is None

    @staticmethod
    def _parse_post_language(post: RawPost, field_paths: FieldPaths) -> str | None:
        for path in field_paths.get("lang", ()):
            if code := parse_language(get_value(post, path)):
                return code
        return None

    def _parse_post_id(self, post: RawPost, field_paths: FieldPaths, address: Any) -> str:
        """Return a post's ID, by its address if the file has no other."""
        return self._parse_id(first_value(post, field_paths.get("id")) or parse_post_address(address)[1])

    def _clean_text(self, text: str, *, is_escaped: bool) -> str:
        """Unescape, shorten and clean a text; plain ASCII, the usual case, skips the slow cleaning."""
        if is_escaped and "<" in text and (self._is_html or is_html_document(text)):
            return html_to_text(text)
        if len(text) > post_text.MAX_TEXT_CHARACTERS:
            self._tally.add_notice("cut")
        cleaned = unescape_entities(text[: post_text.MAX_TEXT_CHARACTERS]) if is_escaped else text[: post_text.MAX_TEXT_CHARACTERS]
        if cleaned.isascii() and cleaned.isprintable():
            return cleaned
        return post_text.clean_text(cleaned) if _UNCLEAN_CHARACTER.search(cleaned) else unicodedata.normalize("NFC", cleaned)

    def _parse_account_name(self, post: RawPost, field_paths: FieldPaths, address: Any) -> str:
        """Return the account's name within the file, from the cache if it was seen before."""
        if self._has_owner:
            return self._default_account
        raw_name = first_value(post, field_paths.get("account")) or parse_post_address(address)[0] or None
        raw_name = str(raw_name) if isinstance(raw_name, int) and abs(raw_name) < 10**20 else raw_name
        if not isinstance(raw_name, str):
            self._tally.add_notice("handleless" if self._is_script else "nameless")
            return self._default_account
        raw_name = raw_name[:_MAX_NAME_CHARS]
        name = self._account_names.get(raw_name)
        if name is None:
            name = self._account_names[raw_name] = self._normalize_account_name(self._repair(raw_name))
        return name

    def _normalize_account_name(self, raw_name: str) -> str:
        """Normalize a new name, and add a notice if another spelling has the same normalized name."""
        if len(self._account_names) >= _MAX_CACHED_NAMES:
            self._account_names.clear()
            self._spelling_by_name.clear()
        handle = parse_account_reference(raw_name)
        name = cell_values.normalize_account_name(handle) or self._default_account
        self._tally.add_spelling(name, handle)
        spelling = handle.strip().removeprefix("@").lower()
        if self._spelling_by_name.setdefault(name, spelling) != spelling:
            self._tally.add_notice("alike")
        return name

    def _build_x_url(self, post: RawPost, account: str, post_id: str) -> str | None:
        """Return a post's URL on X, or None if the post isn't clearly from X. Without a known handle, `i` takes its place in the path."""
        if _X_ONLY_KEYS.isdisjoint(post) or not post_id.isdecimal():
            return None
        has_handle = (
            _X_HANDLE_PATTERN.fullmatch(account)
            and account != str(post.get("author_id"))
            and (self._has_owner or account != self._default_account)
        )
        return f"https://x.com/{account if has_handle else 'i'}/status/{post_id}"

    def _parse_id(self, value: Any) -> str:
        """Return a post's ID as text; a missing or rounded one is replaced by `row-` and the row's number."""
        if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= 20 and not self._has_rounded_ids:
            return value  # as most are
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**20:
            value = str(value)
        elif isinstance(value, float) and value.is_integer() and 0 <= value < 2**53:
            value = str(int(value))
        elif isinstance(value, float):
            value = f"{value:e}"
        text = value.strip() if isinstance(value, str) else ""
        numeric_id = _NUMERIC_ID_PATTERN.fullmatch(text.removesuffix(".0") if len(text) < 18 else text)
        if self._has_rounded_ids or _ROUNDED_ID_PATTERN.fullmatch(text):
            self._tally.add_notice("digits")
        elif numeric_id:
            return numeric_id[1]
        elif _ID_PATTERN.fullmatch(text):
            return text
        return f"row-{self._tally.rows_read}"


def _describe_repair(word: str) -> str:
    damaged, repaired = defer_quote(excerpt(word)), defer_quote(excerpt(repair_text(word)))
    return deferred("%(damaged)s is %(repaired)s", damaged=damaged, repaired=repaired)


def check_shape(shape: Shape | None, missing_fields: list[str]) -> None:
    """Raise InvalidFile if a file without the text or the time of posts is known not to have them."""
    if shape and missing_fields and not shape.is_readable:
        raise shape.explain_refusal()


def _take_sample(numbered_posts: Iterator[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Take the first posts, up to a number of posts and characters that fits in memory easily."""
    sample, sample_chars = list[tuple[int, Any]](), 0
    while len(sample) < _INSPECTED_POSTS and sample_chars < _INSPECTED_CHARS and (entry := next(numbered_posts, None)) is not None:
        sample.append(entry)
        try:
            sample_chars += len(str(entry[1]))
        except (RecursionError, ValueError):  # nested too deeply, or a number with too many digits to print
            sample_chars += MAX_ELEMENT_CHARS
    return sample
