"""Estimators of scikit-learn, and files of them that can and can't be served. No test in here.

Loading scikit-learn and skops takes two seconds of CPU time, so tests load this module when they run, not when they are collected.
"""

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import polars as pl
import skops.io
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

POSTS = [
    "I love this",
    "a great day",
    "so good",
    "I hate this",
    "an awful day",
    "so bad",
    "the door is open",
    "a table",
    "the train at ten",
]
LABELS = ["positive"] * 3 + ["negative"] * 3 + ["neutral"] * 3
CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "random forest": lambda: RandomForestClassifier(5, random_state=0),
    "small forest": lambda: RandomForestClassifier(3),
    "boosted trees": lambda: HistGradientBoostingClassifier(max_iter=3),
    "neighbours": KNeighborsClassifier,
    "pipeline": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "support vectors": SVC,
    "regression": LinearRegression,
}


class Odd(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of a type that skops doesn't know. It fails as often as `failing` says."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing

    def fit(self, X: Any, y: Any) -> "Odd":
        self.n_features_in_, self.classes_ = 4, np.array([0, 1])
        return self

    def predict(self, X: Any) -> Any:
        if self.failing == "always" or (self.failing == "at nine" and np.any(np.asarray(X) == 9)):
            raise RuntimeError("postgres://name:secret@host")
        return np.zeros(len(X), dtype=int)


class Nameless:
    """An estimator of rows of numbers without n_features_in_."""

    def predict(self, rows: Any) -> Any:
        return np.asarray(rows, dtype=float).sum(axis=1)


class FailingPipeline:
    """A text pipeline that fails on one word."""

    classes_ = np.array(["negative", "neutral", "positive"])

    def predict(self, texts: list[str]) -> Any:
        return np.array(["neutral"] * len(texts))

    def predict_proba(self, texts: list[str]) -> Any:
        if "boom" in texts[0]:
            raise RuntimeError(texts[0])
        return np.array([[0.1, 0.8, 0.1]] * len(texts))


def iris(kind: Any = None, labels: Any = None) -> Any:
    """Return a model trained on the 150 irises."""
    rows, classes = load_iris(return_X_y=True)
    return (LogisticRegression(max_iter=1000) if kind is None else kind).fit(rows, classes if labels is None else labels[classes])


def posts_pipeline(last: Any = None) -> Any:
    """Return a text pipeline trained on nine posts."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression() if last is None else last).fit(POSTS, LABELS)


def dump_skops(model: Any, path: Path) -> None:
    skops.io.dump(model, path)


def dump_joblib(model: Any, path: Path) -> None:
    joblib.dump(model, path)


def dump_compressed(model: Any, path: Path) -> None:
    joblib.dump(model, path, compress=("gzip", 3))


def dump_pickle(model: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(model))


def write_custom_type(path: Path) -> None:
    skops.io.dump(Odd().fit([], []), path)


def write_truncated(path: Path) -> None:
    skops.io.dump(iris(), path)
    path.write_bytes(path.read_bytes()[:-200])


def write_newer_skops(path: Path) -> None:
    """Write a skops file with a loader that the installed skops doesn't know."""
    skops.io.dump(iris(), path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(files["schema.json"]) | {"protocol": 99, "__loader__": "NodeOfTomorrow"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (files | {"schema.json": json.dumps(schema).encode()}).items():
            archive.writestr(name, content)


def write_transformer(path: Path) -> None:
    skops.io.dump(StandardScaler().fit([[1.0]]), path)


def write_list(path: Path) -> None:
    skops.io.dump([1, 2], path)


def write_untrained(path: Path) -> None:
    skops.io.dump(make_pipeline(TfidfVectorizer(), LogisticRegression()), path)


def pipeline_of_named_columns() -> Any:
    """Return an iris model that reads two of four columns by their names."""
    rows, classes = load_iris(return_X_y=True)
    frame = pl.DataFrame(rows, schema=["a", "b", "c", "d"])
    return make_pipeline(ColumnTransformer([("scaled", StandardScaler(), ["c", "d"])]), LogisticRegression()).fit(frame, classes)


def posts_pipeline_without_probabilities() -> Any:
    """Return a text pipeline that has scores only."""
    return posts_pipeline(LinearSVC())


def child_beyond_tree() -> Any:
    forest = iris(RandomForestClassifier(2, random_state=0))
    forest.estimators_[0].tree_.children_left[0] = 10_000_000
    return forest


def child_before_parent() -> Any:
    tree = iris(DecisionTreeClassifier())
    tree.tree_.children_right[2] = 0
    return tree


def wrong_feature_count() -> Any:
    forest = iris(RandomForestClassifier(2, random_state=0))
    forest.n_features_in_ = 1
    return forest


def feature_beyond_row() -> Any:
    boosted = iris(HistGradientBoostingClassifier(max_iter=2))
    boosted._predictors[0][0].nodes["feature_idx"][0] = 10_000_000
    return boosted


def index_beyond_matrix() -> Any:
    neighbours = posts_pipeline(KNeighborsClassifier(2))
    neighbours.steps[-1][1]._fit_X.indices[0] = 10_000_000
    return neighbours
