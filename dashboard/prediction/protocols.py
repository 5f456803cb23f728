"""The interface of every served model, which is all that routes and charts know of it. No implementation goes here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

LABELS = ("negative", "neutral", "positive")
Label = float | int | str


@dataclass(frozen=True)
class ModelCard:
    """The description of a model.

    `name` and `version` are part of every prediction. `digest` is the SHA-256 of the model file in hexadecimal. `labels` are in the order
    of the probabilities. `feature_count` is the length of a tabular model's rows, None for a text model. `training`, `scores` and `limits`
    come from the model's author: plain JSON values, empty if unknown.
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
        """Name and version, as they appear in predictions."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class TermWeight:
    """A piece of a text and its weight: positive for the predicted label, negative for the runner-up."""

    term: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """The reasons for a label: the weights of `terms` add up to `margin`, the natural log of p(label) / p(runner_up)."""

    label: Label
    runner_up: Label
    margin: float
    terms: tuple[TermWeight, ...]


class TextModel(Protocol):
    """A model that labels texts."""

    kind: Literal["text"]
    card: ModelCard

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row per text, in order: one probability per label of `card.labels`, adding up to 1. Accepts any text."""
        ...

    def explain(self, text: str) -> Explanation | None:
        """Return the reasons for the predicted label, largest weight first, or None if this model can't explain itself."""
        ...


class LanguageModels(Protocol):
    """The models for languages other than English."""

    @property
    def card(self) -> ModelCard | None:
        """The card of the models, which have it in common; None if their file can't be read."""
        ...

    def find(self, language: str) -> TextModel | None:
        """Return the model that reads a language (a BCP 47 primary tag), None if none does."""
        ...

    def is_provisional(self, language: str) -> bool:
        """Return whether a language is read so roughly that a single text's label needs a high probability to be trusted."""
        ...


class TabularModel(Protocol):
    """A model that labels rows of `card.feature_count` numbers."""

    kind: Literal["tabular"]
    card: ModelCard

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        """Return each row's predicted class and its probability, which is None if the model has no probabilities.

        Raises InvalidPayload if some rows can't be used, with a problem at each row's path, such as `[3]`.
        """
        ...


Model = TextModel | TabularModel
