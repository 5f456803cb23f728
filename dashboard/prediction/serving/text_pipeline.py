"""Predicts with the commonest kind of mounted pipeline, TF-IDF and then a linear classifier, without scikit-learn's sparse tables.

For a single text these tables take most of the time. `speed_up` returns None for every pipeline that isn't exactly of this kind, or that
predicts something else than scikit-learn does for a few texts; such pipelines predict by themselves.
"""

import copy
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_MAX_KEPT_WORDS = 20_000  # words whose groups of letters are kept, about 300 bytes each
_MAX_KEPT_CHARACTERS = 64  # of such a word
_TOLERANCE = 1e-9  # of a probability or score, because sums are added up in another order
_TRIAL_TEXTS = (
    "",
    "A first text.",
    "I’m NOT happy: the the the ferry was late again!!! 😀 https://example.com/1",
    "größer  und\tschöner, 100 %",
    "日本 の船",
)


class FastTextPipeline:
    """A pipeline that `speed_up` understands, with the same methods as far as its classifier has them."""

    def __init__(self, vectorizers: Sequence["_Vectorizer"], classifier: Any) -> None:
        self._vectorizers, self._coefficients, self._intercept = vectorizers, classifier.coef_, classifier.intercept_
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
        scores, first_column = np.tile(self._intercept.astype(np.float64), (len(texts), 1)), 0
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
        """Return a function that returns the column of each group of letters in a text.

        No group spans two words, so those of a word are kept.
        """
        preprocess, (shortest, longest), kept = vectorizer.build_preprocessor(), vectorizer.ngram_range, dict[str, list[int]]()

        def find_word(word: str) -> list[int]:
            columns = self._look_up(_list_letter_groups(word, shortest, longest))
            if len(word) <= _MAX_KEPT_CHARACTERS:
                if len(kept) >= _MAX_KEPT_WORDS:
                    kept.clear()
                kept[word] = columns
            return columns

        def find(text: str) -> list[int]:
            columns = list[int]()
            for word in preprocess(text).split():
                word_columns = kept.get(word)
                columns += find_word(word) if word_columns is None else word_columns
            return columns

        return find


def speed_up(pipeline: Any) -> FastTextPipeline | None:
    """Return a faster form of a pipeline, None if it has another kind of parts or predicts differently."""
    try:
        vectorizers, classifier = _find_parts(pipeline)
        if vectorizers is None or classifier is None:
            return None
        fast = FastTextPipeline([_Vectorizer(vectorizer) for vectorizer in vectorizers], classifier)
        return fast if _predicts_the_same(fast, pipeline, vectorizers) else None
    except Exception:  # whatever a foreign object does; its own errors are reported when it predicts by itself
        return None


def _find_parts(pipeline: Any) -> tuple[list[Any] | None, Any]:
    """Return the vectorizers and the linear classifier of a pipeline, None for what is of another kind."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.svm import LinearSVC

    if type(pipeline) is not Pipeline or len(pipeline.steps) != 2:
        return None, None
    features, classifier = (step for _, step in pipeline.steps)
    if type(features) is FeatureUnion and not features.transformer_weights:
        vectorizers = [transformer for _, transformer in features.transformer_list]
    else:
        vectorizers = [features]
    is_known = all(type(part) is TfidfVectorizer and part.dtype == np.float64 and part.input == "content" for part in vectorizers)
    is_linear = type(classifier) in (LogisticRegression, SGDClassifier, LinearSVC) and isinstance(classifier.coef_, np.ndarray)
    return vectorizers if is_known else None, classifier if is_linear else None


def _predicts_the_same(fast: FastTextPipeline, pipeline: Any, vectorizers: Sequence[Any]) -> bool:
    """Return whether both predict the same for the trial texts, and for some terms of each vocabulary."""
    terms = [" ".join(list(vectorizer.vocabulary_)[::step][:200]) for vectorizer in vectorizers for step in (1, 7, 97)]
    texts, method = [*_TRIAL_TEXTS, *terms], "predict_proba" if hasattr(pipeline, "predict_proba") else "decision_function"
    expected, actual = (np.asarray(getattr(predictor, method)(texts)) for predictor in (pipeline, fast))
    return actual.shape == expected.shape and bool(np.allclose(actual, expected, rtol=_TOLERANCE, atol=_TOLERANCE))


def _list_letter_groups(word: str, shortest: int, longest: int) -> list[str]:
    """Return what `analyzer="char_wb"` makes of a word: the groups of letters of each size, with a space on each side of the word."""
    padded, groups = f" {word} ", list[str]()
    for size in range(shortest, longest + 1):
        group_count = max(len(padded) - size, 0) + 1
        groups += [padded[start : start + size] for start in range(group_count)]
        if group_count == 1:  # the whole word, which counts only once
            break
    return groups
