"""A post as a page shows it: its text with highlighted words, its scores by each method, its reactions and its link.

Which posts are shown, and with which notes, is decided in `posts_page.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.analytics import agreement, highlight
from dashboard.analytics.highlight import TextSegment
from dashboard.charts.palette import Style
from dashboard.core.account_labels import describe_handle, find_author
from dashboard.core.accounts import Account
from dashboard.core.formatting.numbers import UNKNOWN_DASH, format_signed
from dashboard.core.languages import name_language
from dashboard.core.methods import DEFAULT_METHOD, Method
from dashboard.core.posts import AUTHOR, REACTION_COLUMNS
from dashboard.prediction.protocols import Explanation
from dashboard.reports import verdicts
from dashboard.reports.analysis import Analysis
from dashboard.reports.notes import post_language_notes
from dashboard.reports.verdicts import Verdict

MAX_HIGHLIGHTED_CHARACTERS = 2_000  # per post, because explaining 50 of X's longest posts would take minutes


@dataclass(frozen=True)
class MethodScore:
    """A method's score of a post: `text` is the number, or a dash if there is none; `polarity` is up, down or flat."""

    method: str
    text: str
    polarity: str


@dataclass(frozen=True)
class PostView:
    """A post as a page shows it: its `text`, split into `segments`, and the `unhighlighted_text` at the end of a very long post.

    `url` links to the original; it's empty if there is none. `explanation` is the model's, None if there is none.
    """

    label: str  # of the account, or of the series of accounts, that the post counts for
    handle: str  # with its network, for tooltips
    author: Account | None  # who posted it, if the label is that of a series
    author_label: str  # whom the page names: the author, or else the account
    style: Style
    id: str
    created_at: datetime
    date_only: bool  # then the time of day is unknown
    kind: str
    language: str  # its name in English; empty for English, and if it can't be determined
    unread_reason: str  # why it has no sentiment; empty if it has one
    text: str
    unhighlighted_text: str
    segments: Sequence[TextSegment]
    url: str
    reaction_counts: Sequence[tuple[str, int]]
    scores: Sequence[MethodScore]
    verdict: Verdict
    explanation: Explanation | None


def build_post_views(posts: pl.DataFrame, analysis: Analysis, word: str) -> list[PostView]:
    """Return posts (posts.SCHEMA and `language`) as a page shows them, in their order, with occurrences of `word` highlighted."""
    rated = analysis.rate_posts(posts, posts["language"])
    reasons = post_language_notes.explain_unread(posts, analysis)
    prefixes = [_highlightable_prefix(text or "") for text in posts["text"]]
    explanations = [
        None if reason else _explain(prefix, language, analysis)
        for prefix, language, reason in zip(prefixes, posts["language"], reasons, strict=True)
    ]
    segment_lists = highlight.split_segments(prefixes, _choose_highlight_method(analysis.query.method, explanations), word)
    return [
        _build_post_view(row | {"unread_reason": reason}, prefix, segments, explanation, analysis)
        for row, reason, prefix, segments, explanation in zip(
            rated.iter_rows(named=True), reasons, prefixes, segment_lists, explanations, strict=True
        )
    ]


def _explain(text: str, language: str | None, analysis: Analysis) -> Explanation | None:
    """Return the model's reasons for its label of a text, None if another method was chosen."""
    labeller = analysis.fetched.labeller if analysis.method.needs_labeller else None
    return labeller.find(language).explain(text) if labeller and text.strip() else None


def _build_post_view(
    row: Mapping[str, Any], highlighted_text: str, segments: Sequence[TextSegment], explanation: Explanation | None, analysis: Analysis
) -> PostView:
    account, url, methods = row["account"], row["url"] or "", agreement.compared_methods()
    label, author_name = analysis.account_labels[account], row.get(AUTHOR)
    author = find_author(author_name) if author_name else None
    return PostView(
        label=label,
        handle=describe_handle(str(author or account)),
        author=author,
        author_label=author.author_label if author else author_name or label,
        style=analysis.account_styles[account],
        id=row["id"],
        created_at=row["created_at"].astimezone(analysis.query.zone),
        date_only=row["date_only"],
        kind=row["kind"],
        language=name_language(row["language"]) if row["language"] else "",
        unread_reason=row["unread_reason"],
        text=highlighted_text,
        unhighlighted_text=(row["text"] or "")[len(highlighted_text) :],
        segments=[TextSegment(segment.text) for segment in segments] if row["unread_reason"] else segments,
        url=url if re.match(r"https?://[^/]", url) else "",
        reaction_counts=[(name, row[name]) for name in (*REACTION_COLUMNS, "views") if row[name] is not None],
        scores=[_build_method_score(row, method) for method in methods],
        verdict=verdicts.sum_up([row.get(method.name) for method in methods]),
        explanation=explanation,
    )


def _highlightable_prefix(text: str) -> str:
    """Return the start of a text in which words are highlighted, up to the end of a word."""
    prefix = re.match(rf"(?s).{{0,{MAX_HIGHLIGHTED_CHARACTERS}}}(?!\w)", text)
    return prefix[0] if prefix and prefix[0] else text[:MAX_HIGHLIGHTED_CHARACTERS]


def _choose_highlight_method(method: str, explanations: Sequence[Explanation | None]) -> str:
    """Return the method whose words are marked: the default one if this method has no lexicon and there are no explanations."""
    return method if any(explanations) or highlight.has_word_list(method) else DEFAULT_METHOD


def _build_method_score(row: Mapping[str, Any], method: Method) -> MethodScore:
    value = row.get(f"{method.name}_score")
    if value is None or row["unread_reason"]:
        return MethodScore(method.name, UNKNOWN_DASH, "flat")
    polarity = {1: "up", -1: "down"}.get(row[method.name], "flat")
    return MethodScore(method.name, format_signed(value, 0 if method.has_whole_scores else 2), polarity)
