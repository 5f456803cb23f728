"""Fake models that answer without computing anything: one of texts, one of rows of numbers."""

from collections.abc import Sequence
from typing import Literal

from dashboard.prediction.protocols import LABELS, Explanation, Label, ModelCard


class NeutralModel:
    """A text model that calls every text neutral; `call_count` counts the calls."""

    kind: Literal["text"] = "text"
    card = ModelCard("neutral", "1", "0" * 64, LABELS)

    def __init__(self) -> None:
        self.call_count = 0

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        self.call_count += 1
        return [[0.0, 1.0, 0.0] for _ in texts]

    def explain(self, text: str) -> Explanation | None:
        return None


class FakeTabularModel:
    """A tabular model with four features that answers class 0 for every row."""

    kind: Literal["tabular"] = "tabular"
    card = ModelCard("iris", "1", "0" * 64, (0.0, 1.0, 2.0), feature_count=4)

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        return [(0.0, 0.97) for _ in rows]
