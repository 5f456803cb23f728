"""Finds out about posts what charts need, so that their texts aren't needed any more: languages, words and scores.

The same functions compute it as for a page. Files don't belong here.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property

import polars as pl

from dashboard.analytics import analyzed_languages, sentiment
from dashboard.analytics.fact_tables import FactTables
from dashboard.analytics.post_facts import FactGroup, compute_facts
from dashboard.core import posts
from dashboard.core.methods import METHODS
from dashboard.core.query import Query
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import facts
from dashboard.reports.fetched import Fetched
from dashboard.reports.known_posts import KnownPosts
from dashboard.scale.options import Options

POST_COLUMNS = sentiment.POST_SCORE_COLUMNS


class _ComputedFacts(FactTables):
    """Facts that are computed whenever they are asked for, because every post comes only once."""

    def find(self, group: FactGroup, posts: pl.DataFrame) -> pl.DataFrame:
        """Return the facts of each post, in the order of the posts."""
        return compute_facts(group, posts)


class PostAnalyzer:
    """Finds out about posts what `options` ask for. Models are loaded with the first post that needs them."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def analyze(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return posts with the evidence of their languages, and POST_COLUMNS of each method.

        `frame` has posts.SCHEMA, and may have more columns. The columns of a method have its name in front. Raises ModelUnavailable if a
        model can't be loaded.
        """
        texts = frame.select(list(posts.SCHEMA))
        evidence = compute_facts(facts.language_group(), texts)
        evidence = evidence.with_columns(
            analyzed_languages.find_variants(texts.select("account", "kind").hstack(evidence), self._variant_languages)
        )
        scores = [scored for method in self._options.methods for scored in self._score(texts, evidence, method)]
        return pl.concat([frame, evidence, *scores], how="horizontal")

    def _score(self, texts: pl.DataFrame, evidence: pl.DataFrame, method: str) -> Iterator[pl.DataFrame]:
        """Yield the scores of posts in the language that is sure, else in English, and those in their variants if they differ."""
        is_foreign = pl.col("is_sure") & (pl.col("language") != analyzed_languages.ENGLISH)
        languages = evidence.select(pl.when(is_foreign).then("language"))["language"]
        scored = self._known.look_up_scores(texts, method, languages)
        yield scored.select(pl.col(name).alias(f"{method}_{name}") for name in POST_COLUMNS)
        if not self._known.read_languages(method):
            return
        numbered = texts.with_row_index("_row").hstack(evidence.select("variant"))
        variants = numbered.drop_nulls("variant")
        rescored = self._known.look_up_scores(variants, method, variants["variant"])
        prefix = f"{method}_{analyzed_languages.VARIANT_PREFIX}"
        columns = rescored.select("_row", *(pl.col(name).alias(f"{prefix}{name}") for name in POST_COLUMNS))
        yield numbered.select("_row").join(columns, on="_row", how="left", maintain_order="left").drop("_row")

    @property
    def _variant_languages(self) -> AbstractSet[str]:
        """The languages besides English in which any method reads posts, if it reads each language in its own way."""
        return {language for method in self._options.methods for language in self._known.read_languages(method) or ()}

    def find_versions(self) -> dict[str, str]:
        """Return what tells the results from those of other code, lexicons and models, by what they are of."""
        groups = {method: facts.score_group(method, self._labeller) for method in self._options.methods}
        return {"language": facts.language_group().id.version} | {method: group.id.version for method, group in groups.items()}

    @cached_property
    def _known(self) -> KnownPosts:
        any_query = Query.parse({"users": ["file:collection"]})
        return KnownPosts(any_query, Fetched(labeller=self._labeller, facts=_ComputedFacts()))

    @cached_property
    def _labeller(self) -> Labeller | None:
        if not any(METHODS[method].needs_labeller for method in self._options.methods):
            return None
        from dashboard.scale.models import load_labeller

        return load_labeller(self._options.model_path, is_trusted=self._options.is_model_trusted)
