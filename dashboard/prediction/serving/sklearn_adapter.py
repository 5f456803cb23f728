"""A trained estimator or pipeline of scikit-learn, or what looks like one, as a model to serve. It never runs unguarded.

What was trained on numbers says how many (`n_features_in_`); what does not, is asked about a text.
"""

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

import numpy as np

from dashboard.core.errors import InvalidPayload, ModelUnavailable
from dashboard.prediction.limits import MAX_NUMBERS_PER_ROW
from dashboard.prediction.protocols import Explanation, Label, Model, ModelCard

_log = logging.getLogger(__name__)
Array = np.ndarray[Any, Any]
_NO_METADATA_LIMITATION = "Its maker wrote nothing down of its training data, scores and limits."
_UNCALIBRATED_LIMITATION = (
    "It gives scores, not probabilities: what is shown as such is their softmax, in the right order but not calibrated."
)
_PREDICTION_FAILURE = "can't predict: it fails with"
_INPUT_TYPE_FAILURE = "neither says how many numbers it reads (n_features_in_) nor reads a text: it fails with"
_LOG_ADVICE = "Whoever runs this Chorus finds more in its log."


def wrap_estimator(estimator: Any, name: str, digest: str) -> Model:
    """Return an estimator as a model that has predicted once. Raises ModelUnavailable, with what it lacks."""
    if isinstance(estimator, type) or not callable(getattr(estimator, "predict", None)):
        raise ModelUnavailable(f"{name} is no model: it holds a {_type_name(estimator)}, which can't predict.", "Save a trained pipeline.")
    with _translating_errors(name):
        width = getattr(estimator, "n_features_in_", None)
        return SklearnTextModel(estimator, name, digest) if width is None else SklearnTabularModel(estimator, name, digest, int(width))


class SklearnTextModel:
    """A pipeline that reads texts."""

    kind: Literal["text"] = "text"

    def __init__(self, estimator: Any, name: str, digest: str) -> None:
        self._estimator = estimator
        self._decision_function = None if hasattr(estimator, "predict_proba") else getattr(estimator, "decision_function", None)
        with _translating_errors(name, _INPUT_TYPE_FAILURE):
            estimator.predict(["A first text."])
        labels = _read_labels(estimator, name)
        if len(set(map(str, labels))) < 2 or not (self._decision_function or hasattr(estimator, "predict_proba")):
            told = f"{name} reads texts, but gives neither probabilities nor scores of two or more labels."
            raise ModelUnavailable(told, "Save a classifier, such as LogisticRegression, behind the vectoriser.")
        limits = (_NO_METADATA_LIMITATION, _UNCALIBRATED_LIMITATION) if self._decision_function else (_NO_METADATA_LIMITATION,)
        self.card = ModelCard(name, digest[:12], digest, labels, limits=limits)
        self.predict_proba(["A first text."])

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row a text, in order: one probability a label. Raises ModelUnavailable if the pipeline fails."""
        if not texts:
            return []
        with _translating_errors(self.card.title, private=True):
            rows = (
                _softmax(self._decision_function(list(texts)))
                if self._decision_function
                else np.asarray(self._estimator.predict_proba(list(texts)))
            )
            if rows.shape != (len(texts), len(self.card.labels)) or not np.isfinite(rows).all():
                raise ValueError("no probability for each label")
            return [list(row) for row in np.clip(rows.astype(float), 0, 1).tolist()]

    def explain(self, text: str) -> Explanation | None:
        """Return None: what carried the decision of somebody else's pipeline is not known."""
        return None


class SklearnTabularModel:
    """An estimator that reads rows of numbers."""

    kind: Literal["tabular"] = "tabular"

    def __init__(self, estimator: Any, name: str, digest: str, feature_count: int) -> None:
        if not 1 <= feature_count <= MAX_NUMBERS_PER_ROW:
            told = f"{name} reads rows of {feature_count:,} numbers; {MAX_NUMBERS_PER_ROW:,} are the most that can be sent."
            raise ModelUnavailable(told, "Train it on fewer columns.")
        self._estimator = estimator
        self._feature_names = [str(column) for column in getattr(estimator, "feature_names_in_", ())]
        order = (f"The numbers of a row are, in this order: {', '.join(self._feature_names)}.",) if self._feature_names else ()
        self.card = ModelCard(
            name, digest[:12], digest, _read_labels(estimator, name), feature_count, limits=(_NO_METADATA_LIMITATION, *order)
        )
        self._check_can_predict()

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        """Return each row's class or number, and the highest probability, None if there are none.

        Raises InvalidPayload, with the places of the rows that the estimator can't use, ModelUnavailable if it can't use any.
        """
        try:
            return self._predict_rows(rows)
        except Exception as error:
            _log_error(self.card.title, error, private=True)
            self._check_can_predict()
        told = f"{self.card.title} can't use these numbers: they may be too large, or of a kind it was not trained on."
        raise InvalidPayload([(f"[{at}]", told) for at in self._find_unusable_rows(rows)])

    def _find_unusable_rows(self, rows: Sequence[Sequence[float]]) -> list[int]:
        """Return the places of rows that can't be predicted alone, of all if each can."""
        found = []
        for at, row in enumerate(rows):
            try:
                self._predict_rows([row])
            except Exception:
                found.append(at)
        return found or list(range(len(rows)))

    def _check_can_predict(self) -> None:
        """Predict a row that any estimator should know what to do with. Raises ModelUnavailable."""
        width = self.card.feature_count or 0
        with suppress(Exception):
            self._predict_rows([[0.0] * width])
            return
        with _translating_errors(self.card.title):
            self._predict_rows([[1.0] * width])

    def _predict_rows(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        given = self._build_input(rows)
        found = np.asarray(self._estimator.predict(given))
        if found.shape not in ((len(rows),), (len(rows), 1)):
            raise ValueError(f"not one prediction a row: {found.shape}")
        chances: list[float | None] = [None] * len(rows)
        if hasattr(self._estimator, "predict_proba"):
            chances = [_parse_probability(chance) for chance in np.asarray(self._estimator.predict_proba(given)).max(axis=1)]
        return list(zip(map(_parse_label, found.ravel()), chances, strict=True))

    def _build_input(self, rows: Sequence[Sequence[float]]) -> Any:
        """Return rows as the estimator had them: with the names of its columns, if it knows them."""
        array = np.asarray(rows, dtype=float)
        if not self._feature_names:
            return array
        import polars as pl

        return pl.DataFrame(array, schema=self._feature_names, orient="row")


@contextmanager
def _translating_errors(title: str, failure: str = _PREDICTION_FAILURE, private: bool = False) -> Iterator[None]:
    """Let no error of somebody else's code out but as ModelUnavailable; `private` if its words may repeat what somebody sent."""
    try:
        yield
    except ModelUnavailable:
        raise
    except Exception as error:
        if type(error).__name__ == "NotFittedError":
            raise ModelUnavailable(f"{title} was saved before it was trained.", "Train it, then save it.") from None
        _log_error(title, error, private)
        raise ModelUnavailable(f"{title} {failure} {type(error).__name__}.", _LOG_ADVICE) from None


def _log_error(title: str, error: Exception, private: bool) -> None:
    """Log an error and where it happened, its words only if they can't be somebody's text."""
    words = "" if private else f": {error}"
    _log.error("%s failed with %s%s\n%s", title, type(error).__name__, words, "".join(traceback.format_tb(error.__traceback__)))


def _read_labels(estimator: Any, name: str) -> tuple[Label, ...]:
    classes = getattr(estimator, "classes_", None)
    try:
        return () if classes is None else tuple(map(_parse_label, classes))
    except (TypeError, ValueError):
        told = f"{name} has labels that are neither numbers nor texts, or predicts several things at once."
        raise ModelUnavailable(told, "Train it on one column of numbers or texts.") from None


def _parse_label(value: Any) -> Label:
    """Return a label as JSON has it: any number as a float, a text as it is. Raises ValueError for others."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, str):
        return plain
    if not isinstance(plain, int | float) or not np.isfinite(plain):
        raise ValueError("a label that is neither number nor text")
    return float(plain)


def _parse_probability(value: Any) -> float:
    if not np.isfinite(value):
        raise ValueError("a probability that is no number")
    return min(1.0, max(0.0, float(value)))


def _softmax(decision_scores: Any) -> Array:
    given = np.asarray(decision_scores, dtype=float)
    wide = np.column_stack([np.zeros_like(given), given]) if given.ndim == 1 else given
    raised = np.exp(wide - wide.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _type_name(estimator: Any) -> str:
    named = estimator if isinstance(estimator, type) else type(estimator)
    return named.__name__[:40]
