"""Builds the page of posts behind a chart, or behind one of its marks: exactly the posts that were counted there.

There is no HTTP, fetching or cache in here, so the same call works in a notebook.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from dashboard.analytics.coverage import SAMPLED_FROM
from dashboard.core import sharing_terms
from dashboard.core.accounts import source_notice
from dashboard.core.errors import InvalidQuery, ModelUnavailable
from dashboard.core.formatting.numbers import format_number
from dashboard.core.local_day_columns import restore_dates
from dashboard.core.messages import deferred, gettext
from dashboard.core.post_selection import POSTS_PER_PAGE, PostSelection
from dashboard.core.posts import list_author_column
from dashboard.core.query import Query
from dashboard.reports import post_filter
from dashboard.reports.analysis import Analysis
from dashboard.reports.empty_periods import explain_empty_period
from dashboard.reports.exported_table import ExportedTable
from dashboard.reports.fetched import Fetched
from dashboard.reports.json_document import describe_table
from dashboard.reports.notes import post_language_notes, scoring_notes
from dashboard.reports.notes.analyzed_notes import explain_missing_posts
from dashboard.reports.post_view import PostView, build_post_views

MAX_EXPORT_ROWS = 20_000
MAX_EXPORT_TEXT_BYTES = 8_000_000  # because JSON takes more bytes than the texts, and a response has at most 32 MB


@dataclass(frozen=True)
class PostsPage(ExportedTable):
    """The posts of a selection, in its order. `reports` is empty, because the page has no chart."""

    analysis: Analysis
    selection: PostSelection
    table: pl.DataFrame  # posts.SCHEMA, posts.AUTHOR if there are any, and `language`, null for English and unknown ones

    reports = ()

    @property
    def query(self) -> Query:
        """The query."""
        return self.analysis.query

    @property
    def total_posts(self) -> int:
        """The number of selected posts."""
        return self.table.height

    @cached_property
    def polarity_counts(self) -> dict[str, int]:
        """The number of posts of each polarity, and as "" of all, whichever is selected; empty if posts would have to be scored slowly."""
        if self.analysis.method.is_slow and self.selection.polarity is None:
            return {}
        posts = self.table
        if self.selection.polarity:
            posts = post_filter.select_posts(self.analysis, self.selection.with_changes(polarity=None, sort="newest"))
        return {"": posts.height, **post_filter.count_polarities(posts, self.analysis)}

    @property
    def page_count(self) -> int:
        """The number of pages, at least one."""
        return max(1, -(-self.total_posts // POSTS_PER_PAGE))

    @property
    def demo_notice(self) -> str:
        """The label of demo data, empty if there is none."""
        return source_notice(self.query.users)

    @property
    def empty_period(self) -> str:
        """The sentence to show instead of posts if the chosen period has none at all, otherwise empty."""
        return explain_empty_period(self.analysis.query, self.analysis.labels, self.analysis.coverage_table)

    @property
    def warnings(self) -> list[str]:
        """Sentences on accounts that couldn't be read, or only partially."""
        return self.analysis.warnings

    @property
    def remarks(self) -> list[str]:
        """Everything else that a reader should know about the posts."""
        return [*self.analysis.remarks, *self._language_remarks, *self._export_limit_remarks, *scoring_notes.lexicon_attributions()]

    @property
    def notes(self) -> list[str]:
        """All notes of a data file, most important first."""
        return [
            *filter(None, [self.demo_notice]),
            *self.warnings,
            *self.remarks,
            *sharing_terms.build_remarks(self.table, self.query.users),
        ]

    @property
    def _language_remarks(self) -> list[str]:
        return post_language_notes.describe_listed_posts(self.table["language"], self.analysis)

    @property
    def _export_limit_remarks(self) -> list[str]:
        """A sentence on the posts that a data file leaves out because of its size; empty if it has them all."""
        exported = self._exported_posts.height
        remark = gettext(
            "The download contains the first %(count)s of %(total)s posts. Choose a shorter period to get the rest.",
            count=format_number(exported),
            total=format_number(self.total_posts),
        )
        return [remark] if exported < self.total_posts and exported < self._exportable_posts.height else []

    @cached_property
    def _exportable_posts(self) -> pl.DataFrame:
        """The posts that their networks' terms allow in a data file, before any redaction."""
        return self.table.filter(sharing_terms.is_within_limit(self.query.users))

    @cached_property
    def _exported_posts(self) -> pl.DataFrame:
        """The posts of a data file, before any redaction. Texts that will be removed don't count towards its size."""
        size = pl.when(~sharing_terms.is_restricted(self.query.users)).then(pl.col("text").str.len_bytes()).fill_null(0)
        return self._exportable_posts.head(MAX_EXPORT_ROWS).filter(size.cum_sum() <= MAX_EXPORT_TEXT_BYTES)

    @cached_property
    def posts(self) -> list[PostView]:
        """The posts of the selected page."""
        page_posts = self.table.slice((self.selection.page - 1) * POSTS_PER_PAGE, POSTS_PER_PAGE)
        return build_post_views(page_posts, self.analysis, self.selection.word or "")

    def select_coverage(self) -> pl.DataFrame:
        """Return coverage: account, asked, fetched, first, last, cut_by, name."""
        return self.analysis.coverage_table.drop(SAMPLED_FROM)

    def describe(self) -> dict[str, Any]:
        """Return the public contract's JSON document without its data."""
        languages = [*self.query.language, *([self.selection.language] if self.selection.language else [])]
        query_json = self.query.to_json() | self.selection.to_json() | {"language": ",".join(languages) or None}
        return describe_table(query_json, self.select_coverage(), self.notes, self.analysis.fetched_at)

    def select_exported_rows(self) -> pl.DataFrame:
        """Return the posts of a data file: account, posts.AUTHOR if there are any, id, the rest of posts.SCHEMA, and the method's scores.

        Values that X's terms forbid are null.
        If there are too many posts, only the first ones are included.
        """
        scored = post_filter.add_scores(self._exported_posts, self.analysis)
        is_certain = ~self.analysis.is_uncertain(scored, scored["language"])
        first = ["account", *list_author_column(scored), "id"]
        scored = scored.with_columns(pl.when(is_certain).then(pl.col("matched", "positive", "negative", "score"))).select(
            *first, pl.exclude(*first, "language", "hits", "confidence", "date_only"), "date_only"
        )
        dated = scored.with_columns(created_at=restore_dates(pl.col("created_at"), pl.col("date_only"), self.query.tz))
        return sharing_terms.redact_table(dated, self.query.users)


def build_posts_page(query: Query, selection: PostSelection, fetched: Fetched) -> PostsPage:
    """Return the page of the selected posts. Without a labeller, it has no scores by the model.

    Raises InvalidQuery if there are too many posts to compare, and ModelUnavailable if the method needs a labeller and there is none.
    """
    analysis = Analysis(query, fetched)
    if analysis.analyzed:
        raise InvalidQuery([("users", explain_missing_posts(analysis))])
    if analysis.method.needs_labeller and fetched.labeller is None:
        raise ModelUnavailable(deferred("The AI model isn’t available."), deferred("Choose another method."))
    return PostsPage(analysis, selection, post_filter.select_posts(analysis, selection))
