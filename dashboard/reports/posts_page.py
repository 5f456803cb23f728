"""The posts behind a chart, or behind one mark of it: a reading and a selection become the very posts that were counted there.

No HTTP, no fetching, no cache: the same call works in a notebook.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from dashboard.analytics import agreement, highlight
from dashboard.analytics.highlight import Piece
from dashboard.analytics.sentiment import Method
from dashboard.core import x_terms
from dashboard.core.counts import Counts
from dashboard.core.errors import ModelUnavailable, SourceError
from dashboard.core.post_selection import PER_PAGE, Selection
from dashboard.core.posts import SCHEMA, Timeline
from dashboard.core.query import Query
from dashboard.prediction.protocols import Explanation
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import notes, post_filter
from dashboard.reports.analysis import Reading
from dashboard.reports.csv_export import plain, written

MOST_ROWS, MOST_BYTES = 20_000, 8_000_000  # posts and bytes of text in one data file: 32 MB can be sent at once, and JSON takes more
MARKED = 2_000  # characters of a post in which words are marked: to explain 50 of X's longest takes minutes
_REACTIONS = ("likes", "reposts", "replies", "quotes")


@dataclass(frozen=True)
class Score:
    """What a method says of a post: `text` as people write it, a dash if it can't say; `tone` is up, down or flat."""

    method: Method
    text: str
    tone: str


@dataclass(frozen=True)
class Post:
    """A post as a page shows it: its `text`, in `pieces`, and the `rest` of a very long one, in which no word is marked.

    `url` is where the original stands, empty if nowhere; `why` is a model's explanation, if there is one.
    """

    label: str
    colour: str
    id: str
    moment: datetime
    kind: str
    foreign: bool  # and read by no method
    text: str
    rest: str
    pieces: Sequence[Piece]
    url: str
    counts: Sequence[tuple[str, int]]
    scores: Sequence[Score]
    why: Explanation | None


@dataclass(frozen=True)
class Behind:
    """The posts of a selection, in its order. Nothing of it is a chart, so `reports` is empty."""

    reading: Reading
    selection: Selection
    table: pl.DataFrame  # of posts.SCHEMA, with `foreign`: whether no method reads it for its language

    reports = ()

    @property
    def query(self) -> Query:
        """The question."""
        return self.reading.query

    @property
    def total(self) -> int:
        """How many posts there are."""
        return self.table.height

    @property
    def pages(self) -> int:
        """On how many pages they stand, at least one."""
        return max(1, -(-self.total // PER_PAGE))

    @property
    def demo(self) -> str:
        """The label of demo data, empty if there is none."""
        return notes.DEMO if any(user.network == "demo" for user in self.query.users) else ""

    @property
    def warnings(self) -> list[str]:
        """What went wrong."""
        return self.reading.warnings

    @property
    def remarks(self) -> list[str]:
        """What else is to be said of the posts."""
        return [*self.reading.remarks, *self._of_languages, *self._of_files, f"{notes.AFINN}."]

    @property
    def notes(self) -> list[str]:
        """Everything that is to be said of a data file, most important first."""
        return [*filter(None, [self.demo]), *self.warnings, *self.remarks, *x_terms.remarks(self.table, self.query.users)]

    @property
    def _of_languages(self) -> list[str]:
        foreign = int(self.table["foreign"].sum())
        one, many = "is in another language than English", "are in other languages than English"
        what = ", where a model may be wrong" if self.reading.reads_all else f"; no method reads {'it' if foreign == 1 else 'them'}"
        return [f"{foreign:,} of these posts {one if foreign == 1 else many}{what}."] if foreign else []

    @property
    def _of_files(self) -> list[str]:
        """What a data file leaves out for its size."""
        kept = self._filed.height
        bounds = f"{MOST_ROWS:,} posts, or {MOST_BYTES // 10**6} MB of text"
        much = f"A data file holds at most {bounds}: the first {kept:,} of these {self.total:,} posts. A shorter time has fewer."
        return [much] if kept < self.total and kept < self._allowed.height else []

    @cached_property
    def _allowed(self) -> pl.DataFrame:
        """The posts that may be handed on, as they are."""
        return self.table.filter(x_terms.allowed(x_terms.of_x(self.query.users)))

    @cached_property
    def _filed(self) -> pl.DataFrame:
        """The posts of a data file, as they are; texts of X are not in it."""
        size = pl.when(~x_terms.of_x(self.query.users)).then(pl.col("text").str.len_bytes()).fill_null(0)
        return self._allowed.head(MOST_ROWS).filter(size.cum_sum() <= MOST_BYTES)

    @cached_property
    def posts(self) -> list[Post]:
        """The posts of the page that was asked for."""
        shown = self.table.slice((self.selection.page - 1) * PER_PAGE, PER_PAGE)
        labeller, method = self.reading.labeller, self.query.method
        read = agreement.judged(shown.select(list(SCHEMA)), labeller)
        unread = [foreign and not self.reading.reads_all for foreign in shown["foreign"]]
        heads = [_head(text or "") for text in shown["text"]]
        whys = [_why(head, labeller) if method == "model" and not blind else None for head, blind in zip(heads, unread, strict=True)]
        marks = highlight.pieces(heads, _listed(method, whys), self.selection.word or "")
        rows = (row | {"foreign": blind} for row, blind in zip(read.iter_rows(named=True), unread, strict=True))
        return [self._post(row, head, pieces, why) for row, head, pieces, why in zip(rows, heads, marks, whys, strict=True)]

    def rows(self) -> list[dict[str, Any]]:
        """Return the posts of a data file as plain values."""
        return plain(self.exported())

    def coverage_rows(self) -> list[dict[str, Any]]:
        """Return coverage as plain values."""
        return plain(self.reading.covered)

    def csv(self) -> str:
        """Return the rows as RFC 4180 text, each followed by its account's coverage, with no cell a spreadsheet would compute."""
        return written(self.exported().join(self.reading.covered, on="account", how="left", maintain_order="left"))

    def exported(self) -> pl.DataFrame:
        """Return the frame of a data file: account, id, the rest of posts.SCHEMA, and the method's scores; null where it must not tell.

        Of very many posts the first are in it.
        """
        scored = post_filter.scored(self._filed, self.reading).select("account", "id", pl.exclude("account", "id", "foreign"))
        return x_terms.handed_on(scored, self.query.users)

    def _post(self, row: Mapping[str, Any], head: str, pieces: Sequence[Piece], why: Explanation | None) -> Post:
        account, url = row["account"], row["url"] or ""
        return Post(
            label=self.reading.labels[account],
            colour=self.reading.looks[account].colour,
            id=row["id"],
            moment=row["created_at"].astimezone(self.query.zone),
            kind=row["kind"],
            foreign=row["foreign"],
            text=head,
            rest=(row["text"] or "")[len(head) :],
            pieces=[Piece(piece.text) for piece in pieces] if row["foreign"] else pieces,
            url=url if re.match(r"https?://[^/]", url) else "",
            counts=[(name, row[name]) for name in (*_REACTIONS, "views") if row[name] is not None],
            scores=[_score(row, method) for method in agreement.METHODS],
            why=why,
        )


def build(
    query: Query,
    selection: Selection,
    answers: Sequence[Timeline | Counts],
    failures: Mapping[str, SourceError],
    besides: Sequence[str] = (),
    labeller: Labeller | None = None,
) -> Behind:
    """Pick and sort the posts; arguments are those of report.build. Without a labeller the model is silent on the page.

    Raises InvalidQuery if there are too many posts to compare, and ModelUnavailable if the method is `model` and there is no labeller.
    """
    reading = Reading(query, answers, failures, besides, labeller)
    if query.method == "model" and labeller is None:
        raise ModelUnavailable("No model was given to label the posts.", "Give one, or choose another method.")
    return Behind(reading, selection, post_filter.picked(reading, selection))


def _head(text: str) -> str:
    """Return the first MARKED characters of a text, up to the end of a word."""
    found = re.match(rf"(?s).{{0,{MARKED}}}(?!\w)", text)
    return found[0] if found and found[0] else text[:MARKED]


def _listed(method: Method, whys: Sequence[Explanation | None]) -> Method:
    """Return by which list words are marked: of a model that can't explain itself, by Hu and Liu's."""
    return "bing" if method == "model" and not any(whys) else method


def _why(text: str | None, labeller: Labeller | None) -> Explanation | None:
    return labeller.model.explain(text) if labeller and text and text.strip() else None


def _score(row: Mapping[str, Any], method: Method) -> Score:
    value = row.get(f"{method}_score")
    if value is None or row["foreign"]:
        return Score(method, "–", "flat")
    tone = {1: "up", -1: "down"}.get(row[method], "flat")
    text = f"{value:+.2f}" if method in ("vader", "model") else f"{value:+.0f}"
    return Score(method, re.sub(r"^[+-](0(\.00)?)$", r"\1", text).replace("-", "−"), tone)
