"""What is known of a post from its text and its language tag: looked up here, and computed only for posts that are new.

Which posts are looked up, and what follows from the facts, belongs in the layers that build on this one.
"""

from collections import Counter
from collections.abc import Set as AbstractSet
from functools import cached_property

import polars as pl

from dashboard.analytics import agreement, analyzed_languages, language_filter, sentiment
from dashboard.analytics.post_facts import KEY
from dashboard.analytics.word_index import Keys, Places, WordIndex, index_words
from dashboard.core.methods import METHODS
from dashboard.core.post_sums import COUNT_SCHEMA
from dashboard.core.readings import MIN_PROVISIONAL_PROBABILITY
from dashboard.reports import facts
from dashboard.reports.shown_posts import ENGLISH, ShownPosts

_UNREAD = "unread"  # in place of the language of a post that a method doesn't read
_EMPTY_SCORES = {name: pl.lit(None, dtype) for name, dtype in sentiment.SCORE_SCHEMA.items()}


class KnownPosts(ShownPosts):
    """The shown posts, and how to look up facts of them."""

    def find_languages(self, frame: pl.DataFrame) -> pl.Series:
        """Return the language of each post, null if it is English or can't be determined."""
        evidence = self.fetched.facts.find(facts.language_group(), frame)
        return language_filter.decide_languages(frame[["account"]].hstack(evidence), self.language_habits)

    @cached_property
    def language_habits(self) -> pl.DataFrame:
        """The language that each account usually posts in, as language_filter.find_habits returns it, judged by all posts read."""
        return language_filter.find_habits(self._read_evidence)

    @cached_property
    def _read_evidence(self) -> pl.DataFrame:
        """account, created_at, kind and the evidence of the language of each of `read_posts`."""
        evidence = self.fetched.facts.find(facts.language_group(), self.read_posts)
        return self.read_posts[["account", "created_at", "kind"]].hstack(evidence)

    def decide_languages(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows of posts that were analyzed before with their decided languages, null for English."""
        return analyzed_languages.decide(rows, self.analyzed_habits)

    @cached_property
    def analyzed_habits(self) -> pl.DataFrame:
        """The language that each account usually posts in whose posts were analyzed before, judged by all posts of the period."""
        columns = ["account", "kind", "language", "is_sure"]
        counts = [pl.DataFrame(schema={name: COUNT_SCHEMA[name] for name in columns})]
        counts += [sums.counts.select(columns) for sums in self.analyzed if sums.is_exact]
        return language_filter.find_habits(pl.concat(counts))

    @cached_property
    def languages_of_period(self) -> pl.Series:
        """The language of each of `posts_of_period`, null if it is English or can't be determined."""
        if self.posts_of_period is not self.visible_posts:
            return self.find_languages(self.posts_of_period)
        return language_filter.decide_languages(self.select_visible(self._read_evidence), self.language_habits)

    @cached_property
    def languages(self) -> pl.Series:
        """The same of each of `filtered_posts`."""
        return self.languages_of_period.filter(self._is_in_chosen_language) if self.query.language else self.languages_of_period

    @cached_property
    def filtered_posts(self) -> pl.DataFrame:
        """The posts of the selected kinds, period and languages; those whose language can't be determined count as English."""
        return self.posts_of_period.filter(self._is_in_chosen_language) if self.query.language else self.posts_of_period

    @cached_property
    def _is_in_chosen_language(self) -> pl.Series:
        return self.languages_of_period.fill_null(ENGLISH).is_in(self.query.language)

    @cached_property
    def _period_language_counts(self) -> pl.DataFrame:
        """account, language (null as in `languages`) and posts of `posts_of_period`, those whose first post is first in front."""
        rows = self.posts_of_period[["account"]].hstack([self.languages_of_period])
        return rows.group_by("account", "language", maintain_order=True).agg(posts=pl.len().cast(pl.Int64))

    @cached_property
    def post_language_counts(self) -> pl.DataFrame:
        """The same of `filtered_posts`."""
        counts = self._period_language_counts
        return counts.filter(pl.col("language").fill_null(ENGLISH).is_in(self.query.language)) if self.query.language else counts

    @cached_property
    def language_counts(self) -> list[tuple[str, int]]:
        """The languages of the posts of the period, the commonest first, with their numbers of posts; the unknown ones count as English."""
        counts = Counter[str]()
        for language, posts in self._period_language_counts[["language", "posts"]].iter_rows():
            counts[ENGLISH if language is None else language] += posts
        if self.analyzed:
            visible = self.select_visible(self.decide_languages(self.analyzed_counts))
            languages = visible.group_by(pl.col("language").fill_null(ENGLISH)).agg(pl.col("posts").sum())
            counts.update(dict(languages.iter_rows()))
        return counts.most_common()

    def list_words(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the words of each post, as lexicon.list_words does."""
        return self.fetched.facts.find(facts.word_group(), frame)

    def index_words(self, frame: pl.DataFrame, account: str, keys: Keys) -> tuple[WordIndex, Places]:
        """Return an index of the words of an account, and the places of these posts of a frame in it."""
        index = self.fetched.facts.derive(facts.word_group(), account, index_words)
        places = index.find(keys) if index else None
        if index is None or places is None:
            posts = frame.filter(pl.col("account") == account)
            index = index_words(posts[[KEY]].hstack(self.list_words(posts)))
            places = index.find(keys)
            assert places is not None  # the index is of these posts
        return index, places

    def read_languages(self, method: str) -> AbstractSet[str] | None:
        """Return the languages that a method reads besides English; None if it reads every post, whatever its language."""
        labeller = self.fetched.labeller
        if METHODS[method].languages == "english" or labeller is None:
            return frozenset()
        return None if labeller.reads_all_languages else labeller.languages.keys()

    def is_read_by(self, method: str, languages: pl.Series) -> pl.Series:
        """Return whether a method reads posts in these languages, null standing for English."""
        read = self.read_languages(method)
        if read is None:
            return pl.repeat(True, languages.len(), eager=True)
        return languages.is_null() | languages.is_in(list(read)) if read else languages.is_null()

    def is_read_by_any(self, languages: pl.Series) -> pl.Series:
        """Return whether at least one of the available methods reads posts in these languages, null standing for English."""
        return (
            pl.DataFrame([self.is_read_by(method.name, languages).alias(method.name) for method in METHODS])
            .select(pl.any_horizontal(pl.all()))
            .to_series()
        )

    def look_up_scores(self, frame: pl.DataFrame, method: str, languages: pl.Series) -> pl.DataFrame:
        """Return posts with the scores of a method, each language by what reads it, and null for posts that the method doesn't read.

        `languages` are those of the posts, null for English. Raises ModelUnavailable if the method needs a labeller and there is none.
        """
        if self.read_languages(method) is None or not languages.count():
            return frame.hstack(self._find_scores(frame, method, None))
        is_read = self.is_read_by(method, languages)
        numbered = frame.with_row_index("_place").with_columns(_language=pl.when(is_read).then(languages).otherwise(pl.lit(_UNREAD)))
        parts = [
            posts.hstack(self._find_scores(posts, method, language)) if language != _UNREAD else posts.with_columns(**_EMPTY_SCORES)
            for (language,), posts in numbered.partition_by("_language", as_dict=True, maintain_order=True).items()
        ]
        return pl.concat(parts).sort("_place")[[*frame.columns, *sentiment.SCORE_SCHEMA]]

    def is_uncertain(self, scored_posts: pl.DataFrame, languages: pl.Series) -> pl.Series:
        """Return whether each scored post is in a provisional language and too uncertain to be shown alone.

        Shares over many posts count it all the same.
        """
        labeller = self.fetched.labeller
        scores = labeller.languages if labeller else {}
        provisional = [language for language, measured in scores.items() if measured["grade"] == "provisional"]
        is_unsure = (scored_posts["confidence"] < MIN_PROVISIONAL_PROBABILITY) & languages.is_in(provisional)
        return is_unsure.fill_null(value=False)

    def _find_scores(self, frame: pl.DataFrame, method: str, language: object) -> pl.DataFrame:
        """Return the scores of posts in one language, None standing for English."""
        group = facts.score_group(method, self.fetched.labeller, str(language) if language else None)
        return self.fetched.facts.find(group, frame)

    def rate_posts(self, frame: pl.DataFrame, languages: pl.Series) -> pl.DataFrame:
        """Return posts with the verdicts of every available method, as agreement.rate_posts does; null where it doesn't read one.

        `languages` are those of the posts, null for English.
        """
        return agreement.rate_posts(frame, self.fetched.labeller, lambda posts, method: self.look_up_scores(posts, method, languages))
