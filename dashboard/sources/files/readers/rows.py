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

from dashboard.core import posts
from dashboard.core.errors import UnknownColumns
from dashboard.core.html_entities import unescaped
from dashboard.sources.files.readers import cell_values
from dashboard.sources.files.readers.cell_values import Post, Where, first
from dashboard.sources.files.readers.column_names import paths
from dashboard.sources.files.readers.import_tally import Tally
from dashboard.sources.files.readers.limits import LONGEST_ELEMENT, MOST_COLUMNS
from dashboard.sources.files.readers.timestamps import Times

Row = dict[str, Any]
BATCH, BATCH_TEXT = 10_000, 2**22  # rows, and characters, that are handed on together
NEEDED = ("text", "created_at")  # without these a file is no list of posts
SAMPLE = 3  # rows that are shown to a person who is asked which column is which

_LEARNT_FROM, _LEARNT_TEXT = 2_000, 2**22  # posts, and characters, that are looked at before the first row is made
_MOST_NAMES = 20_000  # spellings of accounts that are remembered
_LONGEST_NAME = 400  # characters of one
_ID = re.compile(r"[!-~]{1,300}", re.ASCII)
_NUMBERED = re.compile(r"x?(\d{1,20})", re.ASCII)  # R puts an x before numbers that it would round
_SPREADSHEET = re.compile(r"x?\d+([.,]\d*)?[eE]\+?\d+|x?\d{16,}\.\d*", re.ASCII)
_DIGITS_KEPT = 15  # by spreadsheets; the others become 0
_X_HANDLE = re.compile(r"[a-z0-9_]{1,15}", re.ASCII)
_GUARDED = re.compile(r"'[=+\-@\t\r]")  # as our own CSV keeps spreadsheets from computing
_SUSPECT = re.compile(r"[^\n\t -~\xa0-\ud7ff\ue000-\U0010ffff]")  # what `posts.clean` would take out
_OF_X = frozenset({"id_str", "public_metrics", "author_id", "edit_history_tweet_ids"})  # keys that only X's posts have
_COUNTS = ("likes", "reposts", "replies", "quotes", "views")


class Reader:
    """Turns the posts of one file into rows, counting what it can't read.

    `fallback` is the name for posts that name no account, as those of a `script` of X's archive; with `owner`, the archive's handle,
    all posts are theirs. `chosen` maps fields to columns as a person decided; `unit` is what the posts' numbers count.
    """

    def __init__(
        self,
        tally: Tally,
        fallback: str,
        unit: str,
        *,
        owner: str | None = None,
        script: bool = False,
        chosen: Mapping[str, str] | None = None,
    ) -> None:
        self._tally, self._unit, self._script, self._named = tally, unit, script, owner is not None
        self._account = cell_values.local_name(owner or "") or cell_values.local_name(fallback) or "unnamed"
        picked = tuple(sorted((chosen or {}).items()))
        self._where = lru_cache(maxsize=64)(lambda keys: paths(keys, picked))  # a file's posts have few sets of keys
        self._times, self._rounded = Times(tally), False
        self._names: dict[str, str] = {}
        self._spelled: dict[str, str] = {}

    def batches(self, found: Iterable[tuple[int, Any]]) -> Iterator[list[Row]]:
        """Yield rows of numbered posts, a batch at a time. Raises UnknownColumns if the first ones have no text or no time."""
        waiting = iter(found)
        some = _beginning(waiting)
        self._learn([post for _, post in some if isinstance(post, dict)])
        batch, text = list[Row](), 0
        for number, post in chain(some, waiting):
            row = self._row(number, post)
            if row is not None:
                batch.append(row)
                text += len(row["text"])
            if len(batch) >= BATCH or text >= BATCH_TEXT:
                yield batch
                batch, text = [], 0
        if batch:
            yield batch

    def _learn(self, some: list[Row]) -> None:
        """Look at the first posts: do they have what is needed, how are dates written, are ids still whole."""
        if not some:
            return
        places = [self._where(tuple(post)) for post in some]
        missing = [field for field in NEEDED if not any(field in where for where in places)]
        if missing:
            raise unknown_columns(list(dict.fromkeys(chain(*some))), [list(post.values()) for post in some[:SAMPLE]], missing)
        self._times.learn(first(post, where.get("created_at")) for post, where in zip(some, places, strict=True))
        ids = [str(first(post, where.get("id"))) for post, where in zip(some, places, strict=True)]
        long = [one for one in ids if len(one) > _DIGITS_KEPT + 1 and one.isdecimal()]
        self._rounded = len(long) > 2 and not any(one[_DIGITS_KEPT:].strip("0") for one in long)

    def _row(self, number: int, post: Any) -> Row | None:
        """Return a post as a row, None if it is none, which is counted."""
        self._tally.count()
        if not isinstance(post, dict) or len(post) > MOST_COLUMNS:
            self._tally.refuse(f"{self._unit} {number:,}", "is no post")
            return None
        where = self._where(tuple(post))
        written = cell_values.text(post, where.get("text", ()))
        if written is None:
            self._tally.refuse(f"{self._unit} {number:,}", "has no text")
            return None
        kind = first(post, where.get("kind"))
        ours = kind in posts.KINDS  # only our own files say the kind in our words, and only they are not escaped
        text = self._clean(written[1:] if ours and _GUARDED.match(written) else written, escaped=not ours)
        account, identity = self._name(post, where), self._identity(first(post, where.get("id")))
        return {
            "account": account,
            "id": identity,
            "created_at": self._moment(post, where),
            "text": text,
            "kind": kind if ours else cell_values.kind(post, where, text),
            "lang": cell_values.lang(first(post, where.get("lang"))),
            "url": cell_values.url(first(post, where.get("url"))) or self._on_x(post, account, identity),
        } | {count: cell_values.count(first(post, where[count])) if count in where else None for count in _COUNTS}

    def _clean(self, text: str, *, escaped: bool) -> str:
        """Do what `posts.clean` does, sooner for texts that have nothing to be taken out."""
        if len(text) > posts.LONGEST_TEXT:
            self._tally.notice("cut")
        shown = unescaped(text[: posts.LONGEST_TEXT]) if escaped else text[: posts.LONGEST_TEXT]
        if shown.isascii() and shown.isprintable():
            return shown
        return posts.clean(shown) if _SUSPECT.search(shown) else unicodedata.normalize("NFC", shown)

    def _moment(self, post: Post, where: Where) -> datetime | None:
        """Return the time of a post; a date whose hour is in another column is joined with it."""
        written, zone = first(post, where.get("created_at")), first(post, where.get("zone"))
        if isinstance(written, str) and len(written) <= 10 and "hour" in where and not written.isdecimal():
            hour = first(post, where["hour"])
            written = f"{written} {hour}" if isinstance(hour, str) and hour != written else written
        return self._times.read(written, zone)

    def _name(self, post: Post, where: Where) -> str:
        """Return the account's name within the file."""
        if self._named:
            return self._account
        written = first(post, where.get("account"))
        written = str(written) if isinstance(written, int) and abs(written) < 10**20 else written
        if not isinstance(written, str):
            self._tally.notice("handleless" if self._script else "nameless")
            return self._account
        written = written[:_LONGEST_NAME]
        if written not in self._names:
            self._names[written] = self._remember(written)
        return self._names[written]

    def _remember(self, written: str) -> str:
        """Clean a name that was not seen before, and notice if another one looked the same after it."""
        if len(self._names) >= _MOST_NAMES:
            self._names.clear()
            self._spelled.clear()
        name = cell_values.local_name(written) or self._account
        spelled = written.strip().removeprefix("@").lower()
        if self._spelled.setdefault(name, spelled) != spelled:
            self._tally.notice("alike")
        return name

    def _on_x(self, post: Post, account: str, identity: str) -> str | None:
        """Return where a post can be read on X if it can only be X's; without a known handle X finds it by its id."""
        if _OF_X.isdisjoint(post) or not identity.isdecimal():
            return None
        known = _X_HANDLE.fullmatch(account) and account != str(post.get("author_id")) and (self._named or account != self._account)
        return f"https://x.com/{account if known else 'i'}/status/{identity}"

    def _identity(self, written: Any) -> str:
        """Return the id as text; one that is missing or has lost digits becomes the row's number in the file."""
        if isinstance(written, int) and not isinstance(written, bool) and 0 <= written < 10**20:
            written = str(written)
        elif isinstance(written, float) and written.is_integer() and 0 <= written < 2**53:
            written = str(int(written))
        elif isinstance(written, float):
            written = f"{written:e}"
        text = written.strip() if isinstance(written, str) else ""
        numbered = _NUMBERED.fullmatch(text.removesuffix(".0") if len(text) < 18 else text)
        if self._rounded or _SPREADSHEET.fullmatch(text):
            self._tally.notice("digits")
        elif numbered:
            return numbered[1]
        elif _ID.fullmatch(text):
            return text
        return f"row-{self._tally.read}"


def _beginning(waiting: Iterator[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Take the first posts, no more of them than memory holds easily."""
    some, text = list[tuple[int, Any]](), 0
    while len(some) < _LEARNT_FROM and text < _LEARNT_TEXT and (found := next(waiting, None)) is not None:
        some.append(found)
        try:
            text += len(str(found[1]))
        except (RecursionError, ValueError):  # nested too deep, or a number too long to be written
            text += LONGEST_ELEMENT
    return some


def unknown_columns(columns: list[str], rows: list[list[Any]], missing: list[str], detail: str = "") -> UnknownColumns:
    """Return the question which column is which, with some rows cut to what a page can show."""
    wanted = " and ".join({"text": "the text", "created_at": "the time"}.get(field, f"“{field}”") for field in missing)
    names = ", ".join(f"“{_shown(column)}”" for column in columns[:8]) + (" …" if len(columns) > 8 else "")
    return UnknownColumns(
        detail or f"No column is known to hold {wanted} of the posts. The file has {names}.",
        "Say which column is which.",
        columns=columns[:MOST_COLUMNS],
        sample=[[_shown(cell) for cell in row[:MOST_COLUMNS]] for row in rows[:SAMPLE]],
        missing=missing,
    )


def _shown(cell: Any) -> str:
    text = posts.clean(str(cell)[:400]) if isinstance(cell, (str, int, float)) else ""
    return text if len(text) <= 80 else text[:79] + "…"
