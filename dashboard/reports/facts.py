"""The groups of facts that reports look up: the languages of posts, their words, and their scores by each method.

How facts are computed belongs in `analytics` and `prediction`, and where they are kept in `analytics.fact_tables`.
"""

from functools import cache

import polars as pl

from dashboard.analytics import language_filter, lexicon, segmentation, sentiment
from dashboard.analytics.post_facts import FactGroup, GroupId
from dashboard.core import look_alikes, post_text
from dashboard.core.code_digest import digest_modules
from dashboard.core.errors import ModelUnavailable
from dashboard.core.messages import deferred
from dashboard.core.methods import METHODS
from dashboard.prediction import language_detection
from dashboard.prediction.serving.labeller import Labeller


@cache
def language_group() -> FactGroup:
    """Return the group with `language` (String) and `is_sure` (Boolean), as language_filter.find_evidence returns them."""
    version = digest_modules([language_filter], pl.__version__, language_detection.digest())
    return FactGroup(GroupId("language", version), lambda posts: language_filter.find_evidence(posts, language_detection.weigh_all))


@cache
def word_group() -> FactGroup:
    """Return the group with `unique_words` and `repeated_words`, as lexicon.list_words returns them."""
    version = digest_modules([lexicon, segmentation, look_alikes, post_text], pl.__version__, segmentation.describe_version())
    return FactGroup(GroupId("words", version), lexicon.list_words)


def score_group(method: str, labeller: Labeller | None, language: str | None = None) -> FactGroup:
    """Return the group with sentiment.SCORE_COLUMNS by a method, of posts in a language; None stands for English.

    Raises ModelUnavailable if the method needs a labeller and there is none.
    """
    if not METHODS[method].needs_labeller:
        return sentiment.score_group(method)
    if labeller is None:
        raise ModelUnavailable(deferred("There is no model to label the posts."), deferred("Choose another method."))
    reader = labeller.find(language)
    return sentiment.score_group(method, reader, reader.version, language or "")
