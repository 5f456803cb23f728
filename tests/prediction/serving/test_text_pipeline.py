"""Pipelines of TF-IDF and a linear classifier predict the same without scikit-learn's tables, and all others predict by themselves."""

import importlib
import logging
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dashboard.prediction.serving.text_pipeline import FastTextPipeline, build_fast_pipeline

pytestmark = pytest.mark.training

TRAINING_TEXTS = ["so good", "good and nice day", "bad", "so bad a day", "the ferry", "a ferry ride", "Größe zählt", "große Freude"] * 2
LABELS = [1, 1, 0, 0, 2, 2, 1, 1] * 2
TEXTS = [
    "",
    " ",
    "good",
    "GOOD day, so good good!",
    "nothing known: xyz",
    "größe große",
    "a",
    "ferry\u2003ride\n\nday " * 50,
    "日本 😀 ñandú",
    "x" * 300,
]
VECTORIZERS: dict[str, dict[str, Any]] = {
    "words": {},
    "words and pairs": {"ngram_range": (1, 2)},
    "pairs and triples": {"ngram_range": (2, 3)},
    "letters": {"analyzer": "char", "ngram_range": (1, 3)},
    "letters of words": {"analyzer": "char_wb", "ngram_range": (2, 5)},
    "single letters of words": {"analyzer": "char_wb", "ngram_range": (1, 1)},
    "long groups of letters": {"analyzer": "char_wb", "ngram_range": (4, 9)},
    "present or not": {"binary": True},
    "logarithms of counts": {"sublinear_tf": True},
    "sums of 1": {"norm": "l1"},
    "lengths as they are": {"norm": None, "analyzer": "char_wb"},
    "counts only": {"use_idf": False},
    "idf without smoothing": {"smooth_idf": False},
    "without stop words": {"stop_words": "english"},
    "without accents": {"strip_accents": "unicode", "analyzer": "char_wb", "ngram_range": (2, 3)},
    "capitals": {"lowercase": False},
    "other tokens": {"token_pattern": r"\w"},
    "a tokenizer": {"tokenizer": str.split, "token_pattern": None},
}


def fit(features: Any, classifier: Any, labels: list[Any] = LABELS) -> Any:
    """Return a fitted pipeline."""
    return importlib.import_module("sklearn.pipeline").make_pipeline(features, classifier).fit(TRAINING_TEXTS, labels)


def vectorizer(**settings: Any) -> Any:
    """Return a vectorizer that isn't fitted."""
    return importlib.import_module("sklearn.feature_extraction.text").TfidfVectorizer(**settings)


def regression(**settings: Any) -> Any:
    """Return a logistic regression that isn't fitted."""
    return importlib.import_module("sklearn.linear_model").LogisticRegression(**settings)


def assert_predicts_the_same(pipeline: Any, method: str = "predict_proba") -> None:
    """Compare single texts and all at once."""
    fast = build_fast_pipeline(pipeline)
    assert fast is not None
    expected = np.asarray(getattr(pipeline, method)(TEXTS))
    assert getattr(fast, method)(TEXTS) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    alone = np.concatenate([getattr(fast, method)([text]) for text in TEXTS])
    assert alone == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", VECTORIZERS)
def test_each_setting_of_the_vectorizer_predicts_the_same(name: str) -> None:
    """Probabilities are equal to 1e-12, for empty, unknown and long texts too."""
    assert_predicts_the_same(fit(vectorizer(**VECTORIZERS[name]), regression()))


def test_several_vectorizers_predict_the_same() -> None:
    """Their columns follow each other."""
    union = importlib.import_module("sklearn.pipeline").make_union(*(vectorizer(**settings) for settings in VECTORIZERS.values()))
    assert_predicts_the_same(fit(union, regression()))


@pytest.mark.parametrize("labels", [LABELS, ["no" if label else "yes" for label in LABELS]], ids=["three labels", "two labels"])
@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
def test_each_loss_predicts_the_same(labels: list[Any], loss: str) -> None:
    """Probabilities are made as the classifier makes them, with two labels and with three."""
    classifier = importlib.import_module("sklearn.linear_model").SGDClassifier(loss=loss, random_state=0)
    assert_predicts_the_same(fit(vectorizer(), classifier, labels))
    assert_predicts_the_same(fit(vectorizer(), regression(fit_intercept=False), labels))


@pytest.mark.parametrize("labels", [LABELS, [min(label, 1) for label in LABELS]], ids=["three labels", "two labels"])
def test_scores_are_the_same(labels: list[Any]) -> None:
    """This holds for classifiers without probabilities."""
    classifier = importlib.import_module("sklearn.svm").LinearSVC(random_state=0)
    assert_predicts_the_same(fit(vectorizer(), classifier, labels), "decision_function")


@pytest.mark.parametrize("labels", [LABELS, [min(label, 1) for label in LABELS]], ids=["three labels", "two labels"])
def test_scores_without_an_intercept_are_the_same(labels: list[Any]) -> None:
    """Such a classifier has the number 0.0 instead of an array of intercepts."""
    classifier = importlib.import_module("sklearn.svm").LinearSVC(fit_intercept=False, random_state=0)
    assert_predicts_the_same(fit(vectorizer(), classifier, labels), "decision_function")


def test_memory_does_not_grow_with_the_number_of_long_texts() -> None:
    """Only some texts' groups of letters are in memory at the same time."""
    fast = build_fast_pipeline(fit(vectorizer(analyzer="char", ngram_range=(2, 2)), regression()))
    assert fast is not None
    assert measure_peak(fast, ["good bad ferry " * 1_600] * 8) < 1.5 * measure_peak(fast, ["good bad ferry " * 1_600] * 2)


def measure_peak(fast: FastTextPipeline, texts: list[str]) -> int:
    """Return how many bytes were allocated at most while a pipeline predicted."""
    tracemalloc.start()
    try:
        fast.predict_proba(texts)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def weighted_union() -> Any:
    """Return a pipeline that multiplies its features."""
    union = importlib.import_module("sklearn.pipeline").FeatureUnion([("words", vectorizer())], transformer_weights={"words": 2})
    return fit(union, regression())


def other_vectorizer() -> Any:
    """Return a pipeline of counts."""
    return fit(importlib.import_module("sklearn.feature_extraction.text").CountVectorizer(), regression())


def other_classifier() -> Any:
    """Return a pipeline that isn't linear."""
    return fit(vectorizer(), importlib.import_module("sklearn.naive_bayes").MultinomialNB())


def own_class() -> Any:
    """Return a pipeline with a vectorizer of somebody's own."""
    vectorizer_class = type(vectorizer())
    return fit(
        type("Vectorizer", (vectorizer_class,), {"transform": lambda self, texts: vectorizer_class.transform(self, texts) * 2})(),
        regression(),
    )


def sparse_coefficients() -> Any:
    """Return a pipeline whose coefficients are a sparse table."""
    pipeline = fit(vectorizer(), regression())
    pipeline[-1].sparsify()
    return pipeline


def changed_transformation() -> Any:
    """Return a pipeline of the usual classes, one of which was changed after it was fitted."""
    pipeline = fit(vectorizer(), regression())
    pipeline[-1].decision_function = lambda features: -type(pipeline[-1]).decision_function(pipeline[-1], features)
    pipeline[0].transform = lambda texts: 0 * type(pipeline[0]).transform(pipeline[0], texts)
    return pipeline


def changed_scores() -> Any:
    """Return a pipeline with a changed setting that only its scores show, because every probability is 0 or 1."""
    pipeline = changed_setting()
    pipeline[-1].intercept_ = np.array([1e3])
    return pipeline


def changed_setting() -> Any:
    """Return a pipeline one of whose settings was changed after it was fitted, which scikit-learn doesn't notice."""
    pipeline = fit(vectorizer(), regression(), [min(label, 1) for label in LABELS])
    pipeline[0].sublinear_tf = True
    return pipeline


@pytest.mark.parametrize(
    "build",
    [
        weighted_union,
        other_vectorizer,
        other_classifier,
        own_class,
        sparse_coefficients,
        changed_transformation,
        changed_scores,
        changed_setting,
        object,
    ],
)
def test_other_pipelines_predict_by_themselves(build: Callable[[], Any]) -> None:
    """Parts of another kind aren't understood, nor are those that predict anything different from what they should."""
    assert build_fast_pipeline(build()) is None


def test_the_log_says_why_a_pipeline_predicts_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody who wonders why it's slow finds the reason among messages for debugging."""
    caplog.set_level(logging.DEBUG, "dashboard.prediction.serving.text_pipeline")
    assert build_fast_pipeline(other_classifier()) is None
    assert build_fast_pipeline(changed_setting()) is None
    assert build_fast_pipeline(importlib.import_module("sklearn.pipeline").make_pipeline(vectorizer(), regression())) is None
    kind, difference, error = (record.getMessage() for record in caplog.records)
    assert kind.endswith("it has parts of another kind")
    assert difference.endswith("it would predict differently")
    assert "AttributeError" in error
