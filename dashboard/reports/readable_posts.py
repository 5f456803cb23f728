"""Which of the posts in view the methods can read, by their languages.

How posts are scored belongs in the layers that build on this one.
"""

from collections import Counter
from functools import cached_property

import polars as pl

from dashboard.analytics.partial_sums import count_each
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.methods import METHODS, Method
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.reports.known_posts import KnownPosts
from dashboard.reports.language_split import MIN_ROW_POSTS, LanguageSplit
from dashboard.reports.shown_posts import ENGLISH


class ReadablePosts(KnownPosts):
    """The shown posts with their languages, and which of them each method reads."""

    @property
    def method(self) -> Method:
        """The method of the query."""
        return METHODS[self.query.method]

    @property
    def model_title(self) -> str:
        """Name and version of the model that labels posts; empty without one."""
        return self.fetched.labeller.title if self.fetched.labeller else ""

    @cached_property
    def posts_by_language(self) -> dict[str | None, int]:
        """The number of posts in each language; None stands for English, and for languages that can't be determined."""
        counts = Counter[str | None]()
        for language, posts in self.account_language_counts[["language", "posts"]].iter_rows():
            counts[language] += posts
        return dict(counts)

    @cached_property
    def is_foreign(self) -> pl.Series:
        """Whether each of `filtered_posts` is in a language other than English."""
        return self.languages.is_not_null()

    @cached_property
    def is_read(self) -> pl.Series:
        """Whether the method reads each of `filtered_posts`."""
        return self.is_read_by(self.query.method, self.languages)

    @property
    def scores_all_languages(self) -> bool:
        """Whether posts in every language are scored: a mounted model labels them, and it isn't known which languages it understands."""
        return self.read_languages(self.query.method) is None

    @cached_property
    def scorable_posts(self) -> pl.DataFrame:
        """The posts that the method can score: all, or only those in the languages that it reads."""
        return self.filtered_posts if self.is_read.all() else self.filtered_posts.filter(self.is_read)

    @property
    def language_filter(self) -> PostQuery:
        """The query parameters that select only the scored posts."""
        return self.language_filter_of(self.query.method)

    def language_filter_of(self, method: str) -> PostQuery:
        """Return the query parameters that select only the posts that a method reads; several languages are those of the AI model."""
        read = self.read_languages(method)
        return () if read is None else (("language", "read" if read else "english"),)

    @cached_property
    def scorable_languages(self) -> pl.Series:
        """The language of each of `scorable_posts`, null if it is English or can't be determined."""
        return self.languages if self.is_read.all() else self.languages.filter(self.is_read)

    @property
    def languages_of_scored(self) -> pl.Series:
        """The language of each of `scored_posts`, English if it can't be determined."""
        return self.scorable_languages.fill_null(ENGLISH)

    @cached_property
    def account_language_counts(self) -> pl.DataFrame:
        """account, language (null as in `languages`), posts and is_read of all posts, of which the method may read none."""
        counts = self.post_language_counts
        if self.analyzed:
            rows = pl.concat([counts, self.shown_analyzed_counts[counts.columns]])
            counts = rows.group_by("account", "language", maintain_order=True).agg(pl.col("posts").sum())
        return counts.hstack([self.is_read_by(self.query.method, counts["language"]).alias("is_read")])

    @cached_property
    def unread_counts(self) -> pl.DataFrame:
        """account, posts, unread, and the `language` of most unread posts, of the accounts that have some."""
        unread = pl.col("posts").filter(~pl.col("is_read"))
        return (
            self.account_language_counts.group_by("account", maintain_order=True)
            .agg(
                pl.col("posts").sum(),
                unread=unread.sum(),
                language=pl.col("language").filter(~pl.col("is_read")).get(unread.arg_max()),
            )
            .filter(pl.col("unread") > 0)
        )

    def find_reader(self, language: str) -> str:
        """Return the first method that is known to read a language, empty if there is none."""
        return next((method.name for method in METHODS if language in (self.read_languages(method.name) or ())), "")

    @cached_property
    def unread_accounts(self) -> list[str]:
        """The accounts none of whose posts the method reads, so that nothing is known of their sentiment."""
        return self.unread_counts.filter(pl.col("unread") == pl.col("posts"))["account"].to_list()

    @property
    def reads_no_post(self) -> bool:
        """Whether there are posts, and the method reads none of them."""
        counts = self.account_language_counts
        return bool(counts.height and not counts["is_read"].any())

    def split_languages(self, counts: pl.DataFrame) -> LanguageSplit:
        """Return the accounts with enough posts in several languages. `counts` has account, language and posts."""
        languages: dict[str, list[str]] = {}
        for account, language, posts in counts[["account", "language", "posts"]].iter_rows():
            if posts >= (MIN_PROVISIONAL_POSTS if self.is_graded_provisional(language) else MIN_ROW_POSTS):
                languages.setdefault(account, []).append(language)
        return LanguageSplit({account: languages[account] for account in self.labels if len(languages.get(account, ())) > 1})

    def is_graded_provisional(self, language: str) -> bool:
        """Return whether the AI model reads a language so roughly that only shares over many posts can be shown."""
        labeller = self.fetched.labeller
        return bool(labeller and language in labeller.languages and labeller.languages[language]["grade"] == "provisional")

    def is_provisional(self, language: str) -> bool:
        """Return the same for the method of the query."""
        return self.method.needs_labeller and self.is_graded_provisional(language)

    @cached_property
    def _is_comparable(self) -> pl.Series:
        return self.is_read_by_any(self.languages)

    @cached_property
    def comparable_posts(self) -> pl.DataFrame:
        """The posts that at least one of the compared methods reads, with their `language`, English if it can't be determined."""
        return self.filtered_posts.with_columns(language=self.languages.fill_null(ENGLISH)).filter(self._is_comparable)

    @cached_property
    def comparable_split(self) -> LanguageSplit:
        """The accounts whose comparable posts are in several languages with enough posts each."""
        labeller = self.fetched.labeller
        is_known = labeller is None or not labeller.reads_all_languages
        return self.split_languages(count_languages(self.comparable_posts)) if is_known else LanguageSplit({})

    @cached_property
    def unread_posts(self) -> pl.DataFrame:
        """The posts that no available method reads, with their `language`."""
        known = self.filtered_posts.with_columns(language=self.languages)
        return known.filter(~self._is_comparable)


def count_languages(posts: pl.DataFrame) -> pl.DataFrame:
    """Return account, language and the number of posts, each account's commonest language first."""
    counts = count_each(posts).group_by("account", "language").agg(pl.col("posts").sum())
    return counts.sort(["account", "posts", "language"], descending=[False, True, False])
