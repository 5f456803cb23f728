"""Serving a trained scikit-learn estimator or pipeline, or an object with the same methods. Every error it raises is caught.

An estimator with `n_features_in_` takes rows of numbers; any other one is tried with a text. Reading files doesn't go here.
"""

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Literal

import numpy as np

from dashboard.core.errors import InvalidPayload, ModelUnavailable
from dashboard.prediction.classifier.softmax import softmax
from dashboard.prediction.limits import MAX_NUMBERS_PER_ROW
from dashboard.prediction.protocols import Explanation, Label, Model, ModelCard
from dashboard.prediction.serving import text_pipeline

_log = logging.getLogger(__name__)
Array = np.ndarray[Any, Any]
_NO_METADATA_LIMITATION = "Its training data, scores and limitations aren't documented."
_UNCALIBRATED_LIMITATION = (
    "The model has scores instead of probabilities. Its probabilities here are their softmax: in the right order, but not calibrated."
)
_PREDICTION_FAILURE = "can't predict: it fails with"
_INPUT_TYPE_FAILURE = "neither has n_features_in_ nor accepts texts: it fails with"
_LOG_ADVICE = "The server's log has the details."


def wrap_estimator(estimator: Any, name: str, digest: str) -> Model:
    """Return an estimator as a model, after one prediction. Raises ModelUnavailable if it lacks something, and says what."""
    if isinstance(estimator, type) or not callable(getattr(estimator, "predict", None)):
        raise ModelUnavailable(
            f"{name} isn't a model: it holds a {_type_name(estimator)}, which can't predict.", "Save a trained pipeline."
        )
    _wait_for_polars()
    with _translating_errors(name):
        feature_count = getattr(estimator, "n_features_in_", None)
        if feature_count is None:
            return SklearnTextModel(estimator, name, digest)
        return SklearnTabularModel(estimator, name, digest, int(feature_count))


def _wait_for_polars() -> None:
    """Import polars completely, because scikit-learn looks for its classes as soon as any thread has begun to import it."""
    import polars  # noqa: F401


class SklearnTextModel:
    """A pipeline that takes texts."""

    kind: Literal["text"] = "text"

    def __init__(self, estimator: Any, name: str, digest: str) -> None:
        self._has_probabilities = hasattr(estimator, "predict_proba")
        with _translating_errors(name, _INPUT_TYPE_FAILURE):
            estimator.predict(["A first text."])
        labels = _read_labels(estimator, name)
        if len(set(map(str, labels))) < 2 or not (self._has_probabilities or hasattr(estimator, "decision_function")):
            detail = f"{name} takes texts, but has neither probabilities nor scores for two or more labels."
            raise ModelUnavailable(detail, "Save a pipeline that ends in a classifier, such as LogisticRegression.")
        limits = (_NO_METADATA_LIMITATION,) if self._has_probabilities else (_NO_METADATA_LIMITATION, _UNCALIBRATED_LIMITATION)
        self.card = ModelCard(name, digest[:12], digest, labels, limits=limits)
        self._predictor = text_pipeline.build_fast_pipeline(estimator) or estimator
        self.predict_proba(["A first text."])

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row per text, in order: one probability per label. Raises ModelUnavailable if the pipeline fails."""
        if not texts:
            return []
        with _translating_errors(self.card.title, private=True), _without_input_checks():
            if self._has_probabilities:
                rows = np.asarray(self._predictor.predict_proba(list(texts)))
            else:
                rows = _scores_to_probabilities(self._predictor.decision_function(list(texts)))
            if rows.shape != (len(texts), len(self.card.labels)) or not np.isfinite(rows).all():
                raise ValueError("not one finite probability per label")
            return [list(row) for row in np.clip(rows.astype(float), 0, 1).tolist()]

    def explain(self, text: str) -> Explanation | None:
        """Return None, because mounted pipelines can't be explained."""
        return None


class SklearnTabularModel:
    """An estimator that takes rows of numbers."""

    kind: Literal["tabular"] = "tabular"

    def __init__(self, estimator: Any, name: str, digest: str, feature_count: int) -> None:
        if not 1 <= feature_count <= MAX_NUMBERS_PER_ROW:
            detail = f"{name} takes rows of {feature_count:,} numbers, but a row can have only 1 to {MAX_NUMBERS_PER_ROW:,}."
            raise ModelUnavailable(detail, "Train it on fewer columns.")
        self._estimator = estimator
        self._feature_names = [str(column) for column in getattr(estimator, "feature_names_in_", ())]
        order = (f"Each row holds these numbers, in this order: {', '.join(self._feature_names)}.",) if self._feature_names else ()
        self.card = ModelCard(
            name, digest[:12], digest, _read_labels(estimator, name), feature_count, limits=(_NO_METADATA_LIMITATION, *order)
        )
        self._check_can_predict()

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        """Return each row's class, or number in a regression, and its probability, which is None without predict_proba.

        Raises InvalidPayload at each row that the estimator can't use, and ModelUnavailable if it can't predict at all.
        """
        try:
            return self._predict_rows(rows)
        except Exception as error:  # estimators raise anything about input that they can't use
            _log_error(self.card.title, error, private=True)
            self._check_can_predict()
        message = f"{self.card.title} can't use these numbers. Check that none is too large or unlike the training data."
        raise InvalidPayload([(f"[{index}]", message) for index in self._find_unusable_rows(rows)])

    def _find_unusable_rows(self, rows: Sequence[Sequence[float]]) -> list[int]:
        """Return the indices of the rows that can't be predicted on their own, or all indices if every row can."""
        unusable = []
        for index, row in enumerate(rows):
            try:
                self._predict_rows([row])
            except Exception:  # as above
                unusable.append(index)
        return unusable or list(range(len(rows)))

    def _check_can_predict(self) -> None:
        """Predict a row of zeros, or else of ones, which any working estimator accepts. Raises ModelUnavailable."""
        feature_count = self.card.feature_count or 0
        with suppress(Exception):
            self._predict_rows([[0.0] * feature_count])
            return
        with _translating_errors(self.card.title):
            self._predict_rows([[1.0] * feature_count])

    def _predict_rows(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        table = self._build_input(rows)
        labels = np.asarray(self._estimator.predict(table))
        if labels.shape not in ((len(rows),), (len(rows), 1)):
            raise ValueError(f"not one prediction per row: {labels.shape}")
        confidences: list[float | None] = [None] * len(rows)
        if hasattr(self._estimator, "predict_proba"):
            confidences = [_parse_probability(value) for value in np.asarray(self._estimator.predict_proba(table)).max(axis=1)]
        return list(zip(map(_parse_label, labels.ravel()), confidences, strict=True))

    def _build_input(self, rows: Sequence[Sequence[float]]) -> Any:
        """Return rows as the estimator was trained on them: as a table with column names, if it has any."""
        array = np.asarray(rows, dtype=float)
        if not self._feature_names:
            return array
        import polars as pl

        return pl.DataFrame(array, schema=self._feature_names, orient="row")


def _without_input_checks() -> AbstractContextManager[None]:
    """Let scikit-learn skip looking for infinite features and invalid settings, a sixth of a prediction, because texts lead to neither."""
    import sklearn

    context: AbstractContextManager[None] = sklearn.config_context(assume_finite=True, skip_parameter_validation=True)
    return context


@contextmanager
def _translating_errors(title: str, failure: str = _PREDICTION_FAILURE, private: bool = False) -> Iterator[None]:
    """Turn any error of the estimator into ModelUnavailable; `private` keeps its message out of the log, because it may quote a text."""
    try:
        yield
    except ModelUnavailable:
        raise
    except Exception as error:  # estimators are somebody else's code
        if type(error).__name__ == "NotFittedError":
            raise ModelUnavailable(f"{title} was saved before it was trained.", "Train it, then save it.") from None
        _log_error(title, error, private)
        raise ModelUnavailable(f"{title} {failure} {type(error).__name__}.", _LOG_ADVICE) from None


def _log_error(title: str, error: Exception, private: bool) -> None:
    """Log an error and its traceback, without its message if that is private."""
    message = "" if private else f": {error}"
    _log.error("%s failed with %s%s\n%s", title, type(error).__name__, message, "".join(traceback.format_tb(error.__traceback__)))


def _read_labels(estimator: Any, name: str) -> tuple[Label, ...]:
    classes = getattr(estimator, "classes_", None)
    try:
        return () if classes is None else tuple(map(_parse_label, classes))
    except (TypeError, ValueError):
        detail = f"{name} has labels that are neither numbers nor strings, or predicts several targets."
        raise ModelUnavailable(detail, "Train it on one column of numbers or strings.") from None


def _parse_label(value: Any) -> Label:
    """Return a label as a JSON value: any number as a float, a string unchanged. Raises ValueError for anything else."""
    label = value.item() if isinstance(value, np.generic) else value
    if isinstance(label, str):
        return label
    if not isinstance(label, int | float) or not np.isfinite(label):
        raise ValueError("a label that is neither a number nor a string")
    return float(label)


def _parse_probability(value: Any) -> float:
    if not np.isfinite(value):
        raise ValueError("a probability that isn't finite")
    return min(1.0, max(0.0, float(value)))


def _scores_to_probabilities(decision_scores: Any) -> Array:
    """Return the softmax of decision scores; a binary classifier has only the score of its second label."""
    scores = np.asarray(decision_scores, dtype=float)
    logits = np.column_stack([np.zeros_like(scores), scores]) if scores.ndim == 1 else scores
    return softmax(logits)


def _type_name(estimator: Any) -> str:
    estimator_type = estimator if isinstance(estimator, type) else type(estimator)
    return estimator_type.__name__[:40]
