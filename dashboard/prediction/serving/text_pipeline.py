"""Predicts with the commonest kind of mounted pipeline, TF-IDF and then a linear classifier, without scikit-learn's sparse tables.

For a single text these tables take most of the time. `build_fast_pipeline` returns None for every pipeline that isn't exactly of this kind,
or that predicts anything different from scikit-learn for a few texts; such pipelines predict by themselves. How words are split into groups
of letters belongs in `letter_groups.py`.
"""

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from dashboard.prediction.serving.letter_groups import LetterGroupColumns

_log = logging.getLogger(__name__)
Array = np.ndarray[Any, Any]
_MAX_GROUP_CHARACTERS = 50_000  # of texts whose terms are in memory at the same time
_MAX_REASON_CHARACTERS = 500  # of an error in the log
_TOLERANCE = 1e-9  # of a probability or score, because sums are added up in another order
_TRIAL_TEXTS = (
    "",
    "A first text.",
    "I’m NOT happy: the the the ferry was late again!!! 😀 https://example.com/1",
    "größer  und\tschöner, 100 %",
    "日本 の船",
)


class FastTextPipeline:
    """A pipeline that `build_fast_pipeline` understands, with the same methods as far as its classifier has them."""

    def __init__(self, vectorizers: Sequence["_Vectorizer"], classifier: Any) -> None:
        self._vectorizers, self._coefficients = vectorizers, classifier.coef_
        self._intercept = np.zeros(len(classifier.coef_)) + classifier.intercept_  # may be a single 0.0
        self._classifier = copy.copy(classifier)  # makes probabilities of scores, which it takes for its features
        self._classifier.coef_, self._classifier.intercept_ = np.eye(len(classifier.coef_)), np.zeros(len(classifier.coef_))
        self._classifier.n_features_in_ = len(classifier.coef_)

    def predict_proba(self, texts: Sequence[str]) -> Array:
        """Return the probabilities of the classes: texts × classes."""
        return np.asarray(self._classifier.predict_proba(self._score(texts)))

    def decision_function(self, texts: Sequence[str]) -> Array:
        """Return the classifier's scores, texts × classes, or one per text if there are two classes."""
        return np.asarray(self._classifier.decision_function(self._score(texts)))

    def _score(self, texts: Sequence[str]) -> Array:
        """Return the classifier's scores: texts × its rows of coefficients."""
        return np.concatenate([self._score_group(group) for group in _group_texts(texts)])

    def _score_group(self, texts: Sequence[str]) -> Array:
        scores, first_column = np.tile(self._intercept, (len(texts), 1)), 0
        for vectorizer in self._vectorizers:
            text_indices, columns, values = vectorizer.transform(texts)
            columns += first_column
            for index, coefficients in enumerate(self._coefficients):
                scores[:, index] += np.bincount(text_indices, coefficients[columns] * values, len(texts))
            first_column += vectorizer.column_count
        return scores


class _Vectorizer:
    """A fitted TfidfVectorizer."""

    def __init__(self, vectorizer: Any) -> None:
        self._vocabulary: dict[str, int] = vectorizer.vocabulary_
        self.column_count = len(self._vocabulary)
        self._idf = vectorizer.idf_ if vectorizer.use_idf else None
        self._norm, self._is_binary, self._is_sublinear = vectorizer.norm, vectorizer.binary, vectorizer.sublinear_tf
        self._find_columns = self._build_letter_finder(vectorizer) if vectorizer.analyzer == "char_wb" else self._build_finder(vectorizer)

    def transform(self, texts: Sequence[str]) -> tuple[Array, Array, Array]:
        """Return what isn't zero in the table of texts × columns: the index of each text, the columns and the values."""
        columns_by_text = [self._find_columns(text) for text in texts]
        text_indices = np.repeat(np.arange(len(texts)), [len(columns) for columns in columns_by_text])
        columns = np.array(list(chain.from_iterable(columns_by_text)), dtype=np.int64)
        cells, counts = np.unique(text_indices * self.column_count + columns, return_counts=True)
        text_indices, columns = np.divmod(cells, self.column_count)
        values = np.ones(len(cells)) if self._is_binary else counts.astype(np.float64)
        if self._is_sublinear:
            values = np.log(values) + 1
        if self._idf is not None:
            values *= self._idf[columns]
        return text_indices, columns, self._normalize(values, text_indices, len(texts))

    def _normalize(self, values: Array, text_indices: Array, text_count: int) -> Array:
        """Return values divided by the length of their text's row."""
        if not self._norm:
            return values
        lengths = np.bincount(text_indices, values**2 if self._norm == "l2" else np.abs(values), text_count)
        lengths = np.sqrt(lengths) if self._norm == "l2" else lengths
        return values / np.where(lengths == 0, 1, lengths)[text_indices]

    def _look_up(self, terms: Sequence[str]) -> list[int]:
        return [column for column in map(self._vocabulary.get, terms) if column is not None]

    def _build_finder(self, vectorizer: Any) -> Callable[[str], list[int]]:
        analyze = vectorizer.build_analyzer()
        return lambda text: self._look_up(analyze(text))

    def _build_letter_finder(self, vectorizer: Any) -> Callable[[str], list[int]]:
        preprocess, words = vectorizer.build_preprocessor(), LetterGroupColumns(self._look_up, *vectorizer.ngram_range)
        return lambda text: list(chain.from_iterable(map(words.find, preprocess(text).split())))


def build_fast_pipeline(pipeline: Any) -> FastTextPipeline | None:
    """Return a faster form of a pipeline, None if it has another kind of parts or predicts differently."""
    reason = "it has parts of another kind"
    try:
        if parts := _find_parts(pipeline):
            vectorizers, classifier = parts
            fast = FastTextPipeline([_Vectorizer(vectorizer) for vectorizer in vectorizers], classifier)
            if _predicts_the_same(fast, pipeline, vectorizers):
                return fast
            reason = "it would predict differently"
    except Exception as error:  # whatever a foreign object does; its own errors are reported when it predicts by itself
        reason = repr(error)[:_MAX_REASON_CHARACTERS]
    _log.debug("The pipeline predicts with scikit-learn's own tables: %s", reason)
    return None


def _find_parts(pipeline: Any) -> tuple[list[Any], Any] | None:
    """Return the vectorizers and the linear classifier of a pipeline, None if any part is of another kind."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.svm import LinearSVC

    if type(pipeline) is not Pipeline or len(pipeline.steps) != 2:
        return None
    features, classifier = (step for _, step in pipeline.steps)
    if type(features) is FeatureUnion and not features.transformer_weights:
        vectorizers = [transformer for _, transformer in features.transformer_list]
    else:
        vectorizers = [features]
    is_known = all(type(part) is TfidfVectorizer and part.dtype == np.float64 and part.input == "content" for part in vectorizers)
    is_linear = type(classifier) in (LogisticRegression, SGDClassifier, LinearSVC) and isinstance(classifier.coef_, np.ndarray)
    has_own_methods = any(map(_has_own_methods, (pipeline, features, *vectorizers, classifier)))
    return (vectorizers, classifier) if is_known and is_linear and not has_own_methods else None


def _has_own_methods(part: Any) -> bool:
    """Return whether a method of a part's class was replaced on this object."""
    return any(callable(getattr(type(part), name, None)) for name in vars(part))


def _predicts_the_same(fast: FastTextPipeline, pipeline: Any, vectorizers: Sequence[Any]) -> bool:
    """Return whether both have the same scores and probabilities for the trial texts, and for terms of each vocabulary.

    Scores are compared even if there are probabilities, because probabilities near 0 and 1 hide differences.
    """
    terms_by_text = [list(vectorizer.vocabulary_)[::step][:200] for vectorizer in vectorizers for step in (1, 7, 97)]
    texts = [*_TRIAL_TEXTS, *(" ".join([*terms, *terms[::2]]) for terms in terms_by_text)]  # every other term occurs twice
    methods = [name for name in ("decision_function", "predict_proba") if hasattr(pipeline, name)]
    return all(_are_close(getattr(fast, method)(texts), np.asarray(getattr(pipeline, method)(texts))) for method in methods)


def _are_close(actual: Array, expected: Array) -> bool:
    return actual.shape == expected.shape and bool(np.allclose(actual, expected, rtol=_TOLERANCE, atol=_TOLERANCE))


def _group_texts(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield texts in groups of a limited number of characters. A longer text is a group by itself."""
    group, size = list[str](), 0
    for text in texts:
        if group and size + len(text) > _MAX_GROUP_CHARACTERS:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    yield group
