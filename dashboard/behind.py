"""The posts behind a chart, or behind one mark of it: a reading and a selection become the very posts that were counted there.

No HTTP, no fetching, no cache: the same call works in a notebook. X's terms are kept here: data files hold ids of its posts alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import polars as pl

from dashboard import notes
from dashboard.analytics import languages, marked, methods, sentiment
from dashboard.analytics.marked import Piece
from dashboard.analytics.sentiment import Method
from dashboard.counts import Counts
from dashboard.errors import InvalidQuery, SourceError
from dashboard.plain import plain, written
from dashboard.posts import SCHEMA, Timeline
from dashboard.prediction import language
from dashboard.prediction.labeller import Labeller
from dashboard.prediction.models import Explanation
from dashboard.query import Query
from dashboard.reading import Reading
from dashboard.selection import PER_PAGE, Selection

MOST_OF_X = 500  # posts of X in one data file, as its terms allow by hand
MOST_COMPARED = 5_000  # posts that are sorted by disagreement, for which every method reads each of them
_REACTIONS = ("likes", "reposts", "replies", "quotes")
_SIGNS = {"positive": 1, "neutral": 0, "negative": -1}
_SCORED = ("words", "matched", "positive", "negative", "score")
_IDS_ONLY = ("account", "id")


@dataclass(frozen=True)
class Score:
    """What a method says of a post: `text` as people write it, a dash if it can't say; `tone` is up, down or flat."""

    method: Method
    text: str
    tone: str


@dataclass(frozen=True)
class Post:
    """A post as a page shows it. `url` is where the original stands, empty if nowhere; `why` is a model's explanation, if there is one."""

    label: str
    colour: str
    id: str
    moment: datetime
    kind: str
    foreign: bool
    text: str
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
    table: pl.DataFrame  # of posts.SCHEMA, with `foreign`, and the scores of the question's method, null where it can't read

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
        foreign = int(self.table["foreign"].sum())
        unread = [f"{foreign:,} of these posts {'is' if foreign == 1 else 'are'} in other languages than English; no method reads them."]
        return [*self.reading.remarks, *(unread if foreign else []), f"{notes.AFINN}."]

    @property
    def notes(self) -> list[str]:
        """Everything that is to be said of a data file, most important first."""
        return [*filter(None, [self.demo]), *self.warnings, *self.remarks, *_of_x(self.table.filter(self._from_x).height)]

    @property
    def _from_x(self) -> pl.Expr:
        """Say of a post whether it was read from X; what people import is their own."""
        return pl.col("account").is_in([str(user) for user in self.query.users if user.network == "x"])

    @cached_property
    def posts(self) -> list[Post]:
        """The posts of the page that was asked for."""
        shown = self.table.slice((self.selection.page - 1) * PER_PAGE, PER_PAGE)
        labeller, method = self.reading.labeller, self.query.method
        read = methods.judged(shown.select(list(SCHEMA)), labeller)
        whys = [_why(row["text"], labeller) if method == "model" and not row["foreign"] else None for row in shown.iter_rows(named=True)]
        marks = marked.pieces(shown["text"].fill_null("").to_list(), _listed(method, whys), self.selection.word or "")
        rows = read.hstack(shown.select("foreign")).iter_rows(named=True)
        return [self._post(row, pieces, why) for row, pieces, why in zip(rows, marks, whys, strict=True)]

    def rows(self) -> list[dict[str, Any]]:
        """Return every post as plain values; of posts on X the account and the id alone, and at most MOST_OF_X of them."""
        return plain(self.exported())

    def coverage_rows(self) -> list[dict[str, Any]]:
        """Return coverage as plain values."""
        return plain(self.reading.covered)

    def csv(self) -> str:
        """Return the rows as RFC 4180 text, each followed by its account's coverage, with no cell a spreadsheet would compute."""
        return written(self.exported().join(self.reading.covered, on="account", how="left", maintain_order="left"))

    def exported(self) -> pl.DataFrame:
        """Return the frame of a data file: account, id, the rest of posts.SCHEMA, and the method's scores; null where it must not tell."""
        kept = self.table.filter(~self._from_x | (self._from_x.cast(pl.Int64).cum_sum() <= MOST_OF_X))
        hidden = [name for name in (*SCHEMA, *_SCORED) if name not in _IDS_ONLY]
        return kept.select(*_IDS_ONLY, pl.when(~self._from_x).then(pl.col(hidden)))

    def _post(self, row: Mapping[str, Any], pieces: Sequence[Piece], why: Explanation | None) -> Post:
        account, url = row["account"], row["url"] or ""
        return Post(
            label=self.reading.labels[account],
            colour=self.reading.looks[account].colour,
            id=row["id"],
            moment=row["created_at"].astimezone(self.query.zone),
            kind=row["kind"],
            foreign=row["foreign"],
            text=row["text"] or "",
            pieces=[Piece(piece.text) for piece in pieces] if row["foreign"] else pieces,
            url=url if re.match(r"https?://[^/]", url) else "",
            counts=[(name, row[name]) for name in (*_REACTIONS, "views") if row[name] is not None],
            scores=[_score(row, method) for method in methods.METHODS],
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
    posts = _known(_timed(reading.shown, selection, query), selection, query.method)
    scored = _scored(posts, query.method, labeller)
    if selection.polarity:
        scored = scored.filter((pl.col("positive") - pl.col("negative")).sign() == _SIGNS[selection.polarity])
    return Behind(reading, selection, _sorted(scored, selection, labeller))


def _timed(posts: pl.DataFrame, selection: Selection, query: Query) -> pl.DataFrame:
    """Return the posts of an account, a span and an hour of the week; days and hours are those of the clock in the question's zone."""
    local = pl.col("created_at").dt.convert_time_zone(query.tz)
    wanted = [pl.lit(True)]
    wanted += [pl.col("account") == str(selection.account)] if selection.account else []
    wanted += [pl.col("id") == selection.id] if selection.id else []
    wanted += [_side(local, selection.start) >= selection.start] if selection.start else []
    wanted += [_side(local, selection.end) < selection.end] if selection.end else []
    wanted += [local.dt.weekday() == selection.weekday] if selection.weekday else []
    wanted += [local.dt.hour() == selection.hour] if selection.hour is not None else []
    return posts.filter(*wanted)


def _side(local: pl.Expr, end: date | datetime | None) -> pl.Expr:
    """Return of a post what an end of a span is compared with: its instant, or its day on the calendar of the zone."""
    return pl.col("created_at") if isinstance(end, datetime) else local.dt.date()


def _known(posts: pl.DataFrame, selection: Selection, method: Method) -> pl.DataFrame:
    """Return the posts of a language and with a word, each with `foreign`; words are looked up only where they are read."""
    told = posts.with_columns(foreign=languages.foreign(posts, language.languages))
    if selection.language == "other":
        told = told.filter("foreign")
    if selection.language == "english" or selection.word or selection.polarity:
        told = told.filter(~pl.col("foreign"))
    return marked.holding(told, selection.word, method) if selection.word else told


def _scored(posts: pl.DataFrame, method: Method, labeller: Labeller | None) -> pl.DataFrame:
    """Return posts with the method's scores, null where it does not read."""
    read = sentiment.scored(posts.filter(~pl.col("foreign")), method, labeller)
    return pl.concat([read, posts.filter("foreign")], how="diagonal")


def _sorted(posts: pl.DataFrame, selection: Selection, labeller: Labeller | None) -> pl.DataFrame:
    """Return posts in the order asked for; equal ones newest first, what is unknown last."""
    if selection.sort == "oldest":
        return posts.sort("created_at", "account", "id")
    if selection.sort == "disagreement":
        posts = _compared(posts, labeller)
    reactions = pl.when(pl.any_horizontal(pl.col(_REACTIONS).is_not_null())).then(pl.sum_horizontal(_REACTIONS))
    score = pl.col("score")
    first = {"positive": score, "negative": -score, "reactions": reactions, "disagreement": pl.col("disagreement")}.get(selection.sort)
    order = [] if first is None else [first]
    down = [True] * len(order) + [True, False, True]
    return posts.sort(*order, "created_at", "account", "id", descending=down, nulls_last=True).drop("disagreement", strict=False)


def _compared(posts: pl.DataFrame, labeller: Labeller | None) -> pl.DataFrame:
    if posts.height > MOST_COMPARED:
        much = f"To sort by disagreement every method reads every post; {posts.height:,} are too many, {MOST_COMPARED:,} at most."
        raise InvalidQuery([("sort", f"{much} Choose a bar of a chart, a shorter time, or another order.")])
    judged = methods.judged(posts.filter(~pl.col("foreign")).select(list(SCHEMA)), labeller)
    return posts.join(judged.select("account", "id", "disagreement"), on=["account", "id"], how="left", maintain_order="left")


def _of_x(count: int) -> list[str]:
    more = f" The first {MOST_OF_X} of {count:,} are in it." if count > MOST_OF_X else ""
    return [f"X's terms: of its posts a data file holds the account and the id alone, and at most {MOST_OF_X}.{more}"] if count else []


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
