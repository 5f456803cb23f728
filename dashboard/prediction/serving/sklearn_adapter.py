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
from dashboard.prediction.limits import MOST_NUMBERS
from dashboard.prediction.protocols import Card, Explanation, Model, Value

_log = logging.getLogger(__name__)
Array = np.ndarray[Any, Any]
_SILENT = "Its maker wrote nothing down of its training data, scores and limits."
_SCORES = "It gives scores, not probabilities: what is shown as such is their softmax, in the right order but not calibrated."
_FAILS = "can't predict: it fails with"
_NO_TEXT = "neither says how many numbers it reads (n_features_in_) nor reads a text: it fails with"
_ADVICE = "Whoever runs this Chorus finds more in its log."


def model(estimator: Any, name: str, digest: str) -> Model:
    """Return an estimator as a model that has predicted once. Raises ModelUnavailable, with what it lacks."""
    if isinstance(estimator, type) or not callable(getattr(estimator, "predict", None)):
        raise ModelUnavailable(f"{name} is no model: it holds a {_kind(estimator)}, which can't predict.", "Save a trained pipeline.")
    with _guarded(name):
        width = getattr(estimator, "n_features_in_", None)
        return TextPipeline(estimator, name, digest) if width is None else TabularPipeline(estimator, name, digest, int(width))


class TextPipeline:
    """A pipeline that reads texts."""

    kind: Literal["text"] = "text"

    def __init__(self, estimator: Any, name: str, digest: str) -> None:
        self._estimator = estimator
        self._scores = None if hasattr(estimator, "predict_proba") else getattr(estimator, "decision_function", None)
        with _guarded(name, _NO_TEXT):
            estimator.predict(["A first text."])
        labels = _labels(estimator, name)
        if len(set(map(str, labels))) < 2 or not (self._scores or hasattr(estimator, "predict_proba")):
            told = f"{name} reads texts, but gives neither probabilities nor scores of two or more labels."
            raise ModelUnavailable(told, "Save a classifier, such as LogisticRegression, behind the vectoriser.")
        limits = (_SILENT, _SCORES) if self._scores else (_SILENT,)
        self.card = Card(name, digest[:12], digest, labels, limits=limits)
        self.probabilities(["A first text."])

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row a text, in order: one probability a label. Raises ModelUnavailable if the pipeline fails."""
        if not texts:
            return []
        with _guarded(self.card.title, private=True):
            rows = _softmax(self._scores(list(texts))) if self._scores else np.asarray(self._estimator.predict_proba(list(texts)))
            if rows.shape != (len(texts), len(self.card.labels)) or not np.isfinite(rows).all():
                raise ValueError("no probability for each label")
            return [list(row) for row in np.clip(rows.astype(float), 0, 1).tolist()]

    def explain(self, text: str) -> Explanation | None:
        """Return None: what carried the decision of somebody else's pipeline is not known."""
        return None


class TabularPipeline:
    """An estimator that reads rows of numbers."""

    kind: Literal["tabular"] = "tabular"

    def __init__(self, estimator: Any, name: str, digest: str, width: int) -> None:
        if not 1 <= width <= MOST_NUMBERS:
            told = f"{name} reads rows of {width:,} numbers; {MOST_NUMBERS:,} are the most that can be sent."
            raise ModelUnavailable(told, "Train it on fewer columns.")
        self._estimator = estimator
        self._columns = [str(column) for column in getattr(estimator, "feature_names_in_", ())]
        order = (f"The numbers of a row are, in this order: {', '.join(self._columns)}.",) if self._columns else ()
        self.card = Card(name, digest[:12], digest, _labels(estimator, name), width, limits=(_SILENT, *order))
        self._prove()

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Value, float | None]]:
        """Return each row's class or number, and the highest probability, None if there are none.

        Raises InvalidPayload, with the places of the rows that the estimator can't use, ModelUnavailable if it can't use any.
        """
        try:
            return self._predicted(rows)
        except Exception as error:
            _told(self.card.title, error, private=True)
            self._prove()
        told = f"{self.card.title} can't use these numbers: they may be too large, or of a kind it was not trained on."
        raise InvalidPayload([(f"[{at}]", told) for at in self._unusable(rows)])

    def _unusable(self, rows: Sequence[Sequence[float]]) -> list[int]:
        """Return the places of rows that can't be predicted alone, of all if each can."""
        found = []
        for at, row in enumerate(rows):
            try:
                self._predicted([row])
            except Exception:
                found.append(at)
        return found or list(range(len(rows)))

    def _prove(self) -> None:
        """Predict a row that any estimator should know what to do with. Raises ModelUnavailable."""
        width = self.card.width or 0
        with suppress(Exception):
            self._predicted([[0.0] * width])
            return
        with _guarded(self.card.title):
            self._predicted([[1.0] * width])

    def _predicted(self, rows: Sequence[Sequence[float]]) -> list[tuple[Value, float | None]]:
        given = self._frame(rows)
        found = np.asarray(self._estimator.predict(given))
        if found.shape not in ((len(rows),), (len(rows), 1)):
            raise ValueError(f"not one prediction a row: {found.shape}")
        chances: list[float | None] = [None] * len(rows)
        if hasattr(self._estimator, "predict_proba"):
            chances = [_chance(chance) for chance in np.asarray(self._estimator.predict_proba(given)).max(axis=1)]
        return list(zip(map(_value, found.ravel()), chances, strict=True))

    def _frame(self, rows: Sequence[Sequence[float]]) -> Any:
        """Return rows as the estimator had them: with the names of its columns, if it knows them."""
        array = np.asarray(rows, dtype=float)
        if not self._columns:
            return array
        import polars as pl

        return pl.DataFrame(array, schema=self._columns, orient="row")


@contextmanager
def _guarded(title: str, fails: str = _FAILS, private: bool = False) -> Iterator[None]:
    """Let no error of somebody else's code out but as ModelUnavailable; `private` if its words may repeat what somebody sent."""
    try:
        yield
    except ModelUnavailable:
        raise
    except Exception as error:
        if type(error).__name__ == "NotFittedError":
            raise ModelUnavailable(f"{title} was saved before it was trained.", "Train it, then save it.") from None
        _told(title, error, private)
        raise ModelUnavailable(f"{title} {fails} {type(error).__name__}.", _ADVICE) from None


def _told(title: str, error: Exception, private: bool) -> None:
    """Log an error and where it happened, its words only if they can't be somebody's text."""
    words = "" if private else f": {error}"
    _log.error("%s failed with %s%s\n%s", title, type(error).__name__, words, "".join(traceback.format_tb(error.__traceback__)))


def _labels(estimator: Any, name: str) -> tuple[Value, ...]:
    classes = getattr(estimator, "classes_", None)
    try:
        return () if classes is None else tuple(map(_value, classes))
    except (TypeError, ValueError):
        told = f"{name} has labels that are neither numbers nor texts, or predicts several things at once."
        raise ModelUnavailable(told, "Train it on one column of numbers or texts.") from None


def _value(given: Any) -> Value:
    """Return a label as JSON has it: any number as a float, a text as it is. Raises ValueError for others."""
    plain = given.item() if isinstance(given, np.generic) else given
    if isinstance(plain, str):
        return plain
    if not isinstance(plain, int | float) or not np.isfinite(plain):
        raise ValueError("a label that is neither number nor text")
    return float(plain)


def _chance(given: Any) -> float:
    if not np.isfinite(given):
        raise ValueError("a probability that is no number")
    return min(1.0, max(0.0, float(given)))


def _softmax(scores: Any) -> Array:
    given = np.asarray(scores, dtype=float)
    wide = np.column_stack([np.zeros_like(given), given]) if given.ndim == 1 else given
    raised = np.exp(wide - wide.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _kind(estimator: Any) -> str:
    named = estimator if isinstance(estimator, type) else type(estimator)
    return named.__name__[:40]
