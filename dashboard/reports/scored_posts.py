"""The posts in view with their languages, their scores by the method of the query, and their reactions.

Tables by interval don't belong here.
"""

from functools import cached_property

import polars as pl

from dashboard.analytics import agreement, engagement, summary
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.methods import METHODS, Method
from dashboard.reports.known_posts import KnownPosts


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
    def languages(self) -> pl.Series:
        """The language of each of `filtered_posts`, null if it is English or can't be determined."""
        return self.find_languages(self.filtered_posts)

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
    def comparable_posts(self) -> pl.DataFrame:
        """The posts that at least one of the compared methods reads."""
        return self.filtered_posts.filter(self.is_read_by_any(self.languages))

    @cached_property
    def scored_posts(self) -> pl.DataFrame:
        """The scorable posts with the scores of the query's method."""
        return self.score_posts(self.scorable_posts)

    def score_posts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return posts with the scores of the query's method."""
        return self.look_up_scores(frame, self.query.method)

    @cached_property
    def rated_posts(self) -> pl.DataFrame:
        """The comparable posts, or a sample if there are very many, with the verdicts of every available method that reads them."""
        return self.rate_posts(agreement.sample_posts(self.comparable_posts))

    @cached_property
    def method_agreement(self) -> pl.DataFrame:
        """How often each pair of methods agrees on `rated_posts`."""
        return agreement.pairwise_agreement(self.rated_posts)

    @cached_property
    def account_summaries(self) -> pl.DataFrame:
        """One row of sums per account."""
        return summary.summary(self.scored_posts, self.whole_day_spans, self.filtered_posts)

    @cached_property
    def reactions(self) -> pl.DataFrame:
        """The reactions to each scored post, one row per post."""
        return engagement.engagement(self.scored_posts, self.query.tz)

    @cached_property
    def counted_reactions(self) -> pl.DataFrame:
        """The reactions to each post in any language, where they are known."""
        return engagement.count_reactions(self.filtered_posts)

    @cached_property
    def median_reactions(self) -> pl.DataFrame:
        """The median reactions to the negative, neutral and positive posts of each account."""
        return engagement.median_reactions(self.reactions)
