"""The posts in view with their scores by the method of the query, the sums of each account, and their reactions.

Which posts a method can score belongs in `readable_posts`, and tables by interval in `interval_tables`.
"""

from collections.abc import Iterable
from functools import cached_property

import polars as pl

from dashboard.analytics import agreement, analyzed_languages, engagement, sentiment, summary
from dashboard.analytics.partial_sums import SUM_COLUMNS, split_sums
from dashboard.core.post_sums import COUNT_SCHEMA
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.reports.language_split import LanguageSplit
from dashboard.reports.readable_posts import ReadablePosts, count_languages
from dashboard.reports.shown_posts import ENGLISH

_SUM_COLUMNS = ["account", "created_at", "date_only", "language", *SUM_COLUMNS]


class ScoredPosts(ReadablePosts):
    """The readable posts with their scores and reactions, and the sums of each account."""

    @cached_property
    def scored_language_counts(self) -> pl.DataFrame:
        """account, language and posts of `scored_posts`, each account's commonest language first."""
        counts = self.post_language_counts
        read = counts.filter(self.is_read_by(self.query.method, counts["language"])).with_columns(pl.col("language").fill_null(ENGLISH))
        analyzed = [self.analyzed_score_sums[read.columns]] if self.analyzed else []
        return count_languages(pl.concat([read, *analyzed]))

    @cached_property
    def main_languages(self) -> dict[str, str]:
        """The language that most of the scored posts of each account are in."""
        languages: dict[str, str] = {}
        for account, language, _ in self.scored_language_counts.iter_rows():
            languages.setdefault(account, language)
        return languages

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
        return LanguageSplit({}) if self.scores_all_languages else self.split_languages(self.scored_language_counts)

    @cached_property
    def provisional_accounts(self) -> list[str]:
        """The accounts whose main language is provisional."""
        return [account for account, language in self.main_languages.items() if self.is_provisional(language)]

    @cached_property
    def scored_posts(self) -> pl.DataFrame:
        """The scorable posts with the scores of the query's method."""
        return self.look_up_scores(self.scorable_posts, self.query.method, self.scorable_languages)

    @cached_property
    def score_sums(self) -> pl.DataFrame:
        """The scorable posts as rows that stand for one or several, in their languages, with partial_sums.SUM_COLUMNS.

        Columns: account, created_at, date_only and language (English if it can't be determined), then the sums.
        """
        posts = split_sums(self.scored_posts).hstack([self.languages_of_scored])[_SUM_COLUMNS]
        return pl.concat([posts, self.analyzed_score_sums]) if self.analyzed else posts

    @cached_property
    def analyzed_score_sums(self) -> pl.DataFrame:
        """The rows of `score_sums` whose posts were analyzed before."""
        loaded = [sums.load_scores(self.query.method) for sums in self.analyzed]
        alike = [pl.concat(frames) for frames in _group_by_columns(loaded)]  # rows of posts, and sums of several
        rows = [split_sums(self._select_scorable(frame))[_SUM_COLUMNS] for frame in alike]
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
