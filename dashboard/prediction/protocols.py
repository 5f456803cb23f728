"""What a served model can do and says of itself. Whoever made it, the routes and the charts know no more of it than this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

LABELS = ("negative", "neutral", "positive")
Label = float | int | str


@dataclass(frozen=True)
class ModelCard:
    """What a model says of itself.

    `name` and `version` stand in every prediction; `digest` is the sha256 of its file, in hexadecimal; `labels` are in the order of its
    probabilities; `width` is how many features a row of a tabular model has, None for texts. `training`, `scores` and `limits` are what
    its maker wrote down: plain JSON values, empty if nothing is known.
    """

    name: str
    version: str
    digest: str
    labels: tuple[Label, ...]
    feature_count: int | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name and version in one, as predictions carry them."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class TermWeight:
    """A piece of a text, and what it weighs towards the predicted label against the runner-up."""

    term: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """Why a text got its label: the weights of `terms` add up to `margin`, the natural log of p(label) / p(runner_up)."""

    label: Label
    runner_up: Label
    margin: float
    terms: tuple[TermWeight, ...]


class TextModel(Protocol):
    """A model that labels texts."""

    kind: Literal["text"]
    card: ModelCard

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row a text, in order: one probability a label of `card.labels`, adding up to 1. Any text has an answer."""
        ...

    def explain(self, text: str) -> Explanation | None:
        """Return what carried the decision, heaviest term first; None if this model can't say."""
        ...


class TabularModel(Protocol):
    """A model that labels rows of `card.width` numbers."""

    kind: Literal["tabular"]
    card: ModelCard

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        """Return each row's predicted class, and the highest probability; None if the model gives none.

        Raises InvalidPayload if it can't use some rows, with a problem at the place of each, such as `[3]`.
        """
        ...


Model = TextModel | TabularModel
