"""What is known of a post from its text and its language tag: looked up here, and computed only for posts that are new.

Which posts are looked up, and what follows from the facts, belongs in the layers that build on this one.
"""

import polars as pl

from dashboard.analytics import agreement
from dashboard.reports import facts
from dashboard.reports.shown_posts import ShownPosts


class KnownPosts(ShownPosts):
    """The shown posts, and how to look up facts of them."""

    def find_languages(self, frame: pl.DataFrame) -> pl.Series:
        """Return the language of each post, null if it is English or can't be determined."""
        return self.fetched.facts.find(facts.language_group(), frame)["language"]

    def list_words(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the words of each post, as lexicon.list_words does."""
        return self.fetched.facts.find(facts.word_group(), frame)

    def look_up_scores(self, frame: pl.DataFrame, method: str) -> pl.DataFrame:
        """Return posts with the scores of a method. Raises ModelUnavailable if it needs a labeller and there is none."""
        return frame.hstack(self.fetched.facts.find(facts.score_group(method, self.fetched.labeller), frame))

    def rate_posts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return posts with the verdicts of every available method, as agreement.rate_posts does."""
        return agreement.rate_posts(frame, self.fetched.labeller, self.look_up_scores)
