"""The posts in view with their languages, their scores by the method of the query, and their reactions.

Tables by interval don't belong here.
"""

from collections.abc import Iterable
from functools import cached_property

import polars as pl

from dashboard.analytics import agreement, analyzed_languages, engagement, sentiment, summary
from dashboard.analytics.partial_sums import SUM_COLUMNS, count_each, split_sums
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.methods import METHODS, Method
from dashboard.core.post_sums import COUNT_SCHEMA
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.reports.known_posts import KnownPosts
from dashboard.reports.language_split import MIN_ROW_POSTS, LanguageSplit
from dashboard.reports.shown_posts import ENGLISH

_SUM_COLUMNS = ["account", "created_at", "date_only", "language", *SUM_COLUMNS]


class ScoredPosts(KnownPosts):
    """The shown posts with their languages, scores and reactions, and the sums of each account."""

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
        analyzed = self.shown_analyzed_counts.select("language", "posts")
        rows = pl.concat([count_each(self.languages.rename("language").to_frame()), analyzed])
        return dict(rows.group_by("language", maintain_order=True).agg(pl.col("posts").sum()).iter_rows())

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
        return self.filtered_posts if self.scores_all_languages else self.filtered_posts.filter(self.is_read)

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
        return self.languages if self.scores_all_languages else self.languages.filter(self.is_read)

    @property
    def languages_of_scored(self) -> pl.Series:
        """The language of each of `scored_posts`, English if it can't be determined."""
        return self.scorable_languages.fill_null(ENGLISH)

    @cached_property
    def scored_language_counts(self) -> pl.DataFrame:
        """account, language and posts of `scored_posts`, each account's commonest language first."""
        posts = count_each(self.scorable_posts.select("account", language=self.languages_of_scored))
        return _count_languages(pl.concat([posts, self.analyzed_score_sums.select("account", "language", "posts")]))

    @cached_property
    def account_language_counts(self) -> pl.DataFrame:
        """account, language (null as in `languages`), posts and is_read of all posts, of which the method may read none."""
        posts = count_each(self.filtered_posts.select("account", language=self.languages))
        analyzed = self.shown_analyzed_counts.select("account", "language", "posts")
        counts = pl.concat([posts, analyzed]).group_by("account", "language", maintain_order=True).agg(pl.col("posts").sum())
        return counts.with_columns(is_read=self.is_read_by(self.query.method, counts["language"]))

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

    @cached_property
    def main_languages(self) -> dict[str, str]:
        """The language that most of the scored posts of each account are in."""
        return dict(self.scored_language_counts.group_by("account", maintain_order=True).first().select("account", "language").iter_rows())

    @property
    def has_mixed_accounts(self) -> bool:
        """Whether the scored posts of any account are in several languages, and it is known which ones the method understands."""
        return not self.scores_all_languages and self.scored_language_counts.height > len(self.main_languages)

    @cached_property
    def main_language_sums(self) -> pl.DataFrame:
        """The score sums in the main language of their account: over time, sentiment is only compared within one language.

        All of them if one model reads every language, because nobody knows then which ones it understands.
        """
        if not self.has_mixed_accounts:
            return self.score_sums
        main = pl.col("account").replace_strict(self.main_languages, default=None, return_dtype=pl.String)
        return self.score_sums.filter(pl.col("language") == main)

    @cached_property
    def compared_languages(self) -> dict[str, str]:
        """The main language of each account whose scored posts are in several, for sentences that are about that language only."""
        if not self.has_mixed_accounts:
            return {}
        several = self.scored_language_counts.group_by("account").len().filter(pl.col("len") > 1)["account"]
        return {account: self.main_languages[account] for account in several}

    @cached_property
    def language_split(self) -> LanguageSplit:
        """The accounts whose scored posts are in several languages with enough posts each."""
        return LanguageSplit({}) if self.scores_all_languages else self._split(self.scored_language_counts)

    def _split(self, counts: pl.DataFrame) -> LanguageSplit:
        """Return the accounts with enough posts in several languages; `counts` is like `scored_language_counts`."""
        is_enough = [
            count >= (MIN_PROVISIONAL_POSTS if self.is_graded_provisional(language) else MIN_ROW_POSTS)
            for language, count in counts.select("language", "posts").iter_rows()
        ]
        rows = counts.filter(pl.Series(is_enough, dtype=pl.Boolean)).rows_by_key("account")
        return LanguageSplit({account: [row[0] for row in rows[account]] for account in self.labels if len(rows.get(account, ())) > 1})

    def is_graded_provisional(self, language: str) -> bool:
        """Return whether the AI model reads a language so roughly that only shares over many posts can be shown."""
        labeller = self.fetched.labeller
        return bool(labeller and language in labeller.languages and labeller.languages[language]["grade"] == "provisional")

    def is_provisional(self, language: str) -> bool:
        """Return the same for the method of the query."""
        return self.method.needs_labeller and self.is_graded_provisional(language)

    @cached_property
    def provisional_accounts(self) -> list[str]:
        """The accounts whose main language is provisional."""
        return [account for account, language in self.main_languages.items() if self.is_provisional(language)]

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
        return self._split(_count_languages(self.comparable_posts)) if is_known else LanguageSplit({})

    @cached_property
    def unread_posts(self) -> pl.DataFrame:
        """The posts that no available method reads, with their `language`."""
        known = self.filtered_posts.with_columns(language=self.languages)
        return known.filter(~self._is_comparable)

    @cached_property
    def scored_posts(self) -> pl.DataFrame:
        """The scorable posts with the scores of the query's method."""
        return self.look_up_scores(self.scorable_posts, self.query.method, self.scorable_languages)

    @cached_property
    def score_sums(self) -> pl.DataFrame:
        """The scorable posts as rows that stand for one or several, in their languages, with partial_sums.SUM_COLUMNS.

        Columns: account, created_at, date_only and language (English if it can't be determined), then the sums.
        """
        posts = split_sums(self.scored_posts).with_columns(language=self.languages_of_scored).select(_SUM_COLUMNS)
        return pl.concat([posts, self.analyzed_score_sums])

    @cached_property
    def analyzed_score_sums(self) -> pl.DataFrame:
        """The rows of `score_sums` whose posts were analyzed before."""
        loaded = [sums.load_scores(self.query.method) for sums in self.analyzed]
        alike = [pl.concat(frames) for frames in _group_by_columns(loaded)]  # rows of posts, and sums of several
        rows = [split_sums(self._select_scorable(frame)).select(_SUM_COLUMNS) for frame in alike]
        empty = pl.DataFrame(schema={name: COUNT_SCHEMA.get(name, pl.Int64) for name in _SUM_COLUMNS})
        return pl.concat([empty, *rows]).with_columns(pl.col("language").fill_null(ENGLISH))

    def _select_scorable(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the visible rows of posts that were analyzed before and are in a language that the method reads."""
        visible = self.select_analyzed(rows)
        read = visible.filter(self.is_read_by(self.query.method, visible["language"]))
        return analyzed_languages.choose_scores(read, list(sentiment.POST_SCORE_COLUMNS)).drop_nulls("score")

    @cached_property
    def rated_posts(self) -> pl.DataFrame:
        """The comparable posts, or a sample if there are very many, with the verdicts of every available method that reads them."""
        sample = agreement.sample_posts(self.comparable_posts)
        return self.rate_posts(sample, sample.select(pl.when(pl.col("language") != ENGLISH).then("language"))["language"])

    @cached_property
    def method_agreement(self) -> pl.DataFrame:
        """How often each pair of methods agrees on `rated_posts`."""
        return agreement.pairwise_agreement(self.rated_posts)

    @cached_property
    def account_summaries(self) -> pl.DataFrame:
        """One row of sums per account."""
        return summary.summary(self.score_sums, self.whole_day_spans, self.post_counts)

    @cached_property
    def main_summaries(self) -> pl.DataFrame:
        """The same of the posts in each account's main language; share and mean are null if that is provisional and the posts are few."""
        if self.has_mixed_accounts:
            summaries = summary.summary(self.main_language_sums, self.whole_day_spans, self.post_counts)
        else:
            summaries = self.account_summaries
        is_unsure = pl.col("account").is_in(self.provisional_accounts) & (pl.col("read") < MIN_PROVISIONAL_POSTS)
        return summaries.with_columns(pl.when(~is_unsure).then(pl.col("share", "mean")))

    @cached_property
    def reactions(self) -> pl.DataFrame:
        """The reactions to each scored post, one row per post."""
        return engagement.engagement(self.scored_posts, self.query.tz)

    @cached_property
    def shown_reactions(self) -> pl.DataFrame:
        """The same of the posts that can be shown one by one: without those that are too uncertain in a provisional language."""
        is_uncertain = self.is_uncertain(self.scored_posts, self.languages_of_scored)
        return engagement.engagement(self.scored_posts.filter(~is_uncertain), self.query.tz) if is_uncertain.any() else self.reactions

    @cached_property
    def counted_reactions(self) -> pl.DataFrame:
        """The reactions to each post in any language, where they are known."""
        return engagement.count_reactions(self.filtered_posts)

    @cached_property
    def median_reactions(self) -> pl.DataFrame:
        """The median reactions to the negative, neutral and positive posts of each account."""
        return engagement.median_reactions(self.reactions)


def _group_by_columns(frames: Iterable[pl.DataFrame]) -> Iterable[list[pl.DataFrame]]:
    """Return frames in groups with the same columns."""
    groups: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    for frame in frames:
        groups.setdefault(tuple(frame.columns), []).append(frame)
    return groups.values()


def _count_languages(posts: pl.DataFrame) -> pl.DataFrame:
    """Return account, language and the number of posts, each account's commonest language first."""
    counts = count_each(posts).group_by("account", "language").agg(pl.col("posts").sum())
    return counts.sort(["account", "posts", "language"], descending=[False, True, False])
