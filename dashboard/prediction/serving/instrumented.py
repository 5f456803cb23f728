"""A model that tells an observer what it predicted, and is otherwise the model itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.core.observer import Observer
from dashboard.prediction.protocols import Card, Explanation, Model, TabularModel, TextModel, Value


@dataclass(eq=False)  # one of a model, so that results can be kept by it
class _Text:
    model: TextModel
    observer: Observer
    card: Card
    kind: Literal["text"] = "text"

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        rows = self.model.probabilities(texts)
        labels = self.card.labels
        self.observer.predicted(self.card.title, [labels[row.index(max(row))] for row in rows])
        return rows

    def explain(self, text: str) -> Explanation | None:
        return self.model.explain(text)


@dataclass(eq=False)  # one of a model, so that results can be kept by it
class _Tabular:
    model: TabularModel
    observer: Observer
    card: Card
    kind: Literal["tabular"] = "tabular"

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Value, float | None]]:
        found = self.model.predict(rows)
        self.observer.predicted(self.card.title, [label for label, _ in found])
        return found


def observed(model: Model, observer: Observer) -> Model:
    """Return a model whose predictions an observer hears of."""
    return _Tabular(model, observer, model.card) if model.kind == "tabular" else _Text(model, observer, model.card)
