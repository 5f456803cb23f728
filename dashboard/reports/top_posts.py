"""Lists the posts with the most reactions, as a report shows them. The page with all posts is `posts_page`."""

import re
from dataclasses import dataclass

import polars as pl

from dashboard.charts.palette import Style
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.account_labels import label_author
from dashboard.core.formatting.dates import format_day
from dashboard.core.formatting.directions import isolate
from dashboard.core.formatting.texts import ELLIPSIS, truncate_at_word
from dashboard.core.posts import AUTHOR
from dashboard.reports.analysis import Analysis

MAX_LISTED_POSTS = 5
_MAX_EXCERPT_CHARACTERS = 40


@dataclass(frozen=True)
class TopPost:
    """A post with its reactions, whose it is, the beginning of its text ("" without text), its day, and the query for its page.

    `label` is that of the author if the account is a series of several.
    """

    label: str
    style: Style
    reactions: int
    excerpt: str
    day: str
    post_query: PostQuery


def list_top_posts(analysis: Analysis) -> list[TopPost]:
    """Return the posts with the most reactions, the most first and of equals the newest; none without any known reactions.

    Reposts are left out, because networks report the original's reactions for them.
    """
    rows = (
        analysis.counted_reactions.filter(pl.col("reactions") > 0)
        .sort("reactions", "created_at", "account", "id", descending=[True, True, False, True])
        .head(MAX_LISTED_POSTS)
    )
    return [
        TopPost(
            day=format_day(row["created_at"].astimezone(analysis.query.zone), year=not analysis.is_within_a_year),
            label=label_author(row.get(AUTHOR)) or analysis.account_labels[row["account"]],
            style=analysis.account_styles[row["account"]],
            reactions=row["reactions"],
            excerpt=_shorten(row["text"] or ""),
            post_query=(("account", row["account"]), ("id", row["id"])),
        )
        for row in rows.iter_rows(named=True)
    ]


def _shorten(text: str) -> str:
    """Return the beginning of a text on one line; an ellipsis follows a word and no punctuation."""
    shortened = truncate_at_word(" ".join(text.split()), _MAX_EXCERPT_CHARACTERS)
    return isolate(re.sub(rf"[.,;:!?]+{ELLIPSIS}$", ELLIPSIS, shortened))
