"""Wrappers that report a model's predictions to an observer. They change no prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.core.observer import Observer
from dashboard.prediction.protocols import Explanation, Label, Model, ModelCard, TabularModel, TextModel


@dataclass(eq=False)  # compared by identity, so that results can be cached per model
class _InstrumentedTextModel:
    model: TextModel
    observer: Observer
    card: ModelCard
    kind: Literal["text"] = "text"

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        rows = self.model.predict_proba(texts)
        labels = self.card.labels
        self.observer.record_predictions(self.card.title, [labels[row.index(max(row))] for row in rows])
        return rows

    def explain(self, text: str) -> Explanation | None:
        return self.model.explain(text)


@dataclass(eq=False)  # compared by identity, so that results can be cached per model
class _InstrumentedTabularModel:
    model: TabularModel
    observer: Observer
    card: ModelCard
    kind: Literal["tabular"] = "tabular"

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        predictions = self.model.predict(rows)
        self.observer.record_predictions(self.card.title, [label for label, _ in predictions])
        return predictions


def instrument_text_model(model: TextModel, observer: Observer) -> TextModel:
    """Return a text model that reports its predictions to an observer."""
    return _InstrumentedTextModel(model, observer, model.card)


def instrument(model: Model, observer: Observer) -> Model:
    """Return a model that reports its predictions to an observer."""
    return _InstrumentedTabularModel(model, observer, model.card) if model.kind == "tabular" else instrument_text_model(model, observer)
