"""Adapting a model to the sentiment chart: many posts at once, three labels in a fixed order. No counting or charting goes here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from dashboard.core.code_digest import digest_packages
from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting.texts import format_list, truncate
from dashboard.prediction import classifier, serving
from dashboard.prediction.protocols import LABELS, Model, TextModel

BATCH_SIZE = 256  # texts per call of the model, as many as /predict accepts
_MAX_LISTED_LABELS = 3  # of the model's labels, in a message
_LIBRARIES = ("numpy", "scikit-learn")
_METHOD_ADVICE = "Choose another sentiment method."


@dataclass(frozen=True)
class Labeller:
    """A text model with exactly the labels of LABELS, in any order."""

    model: TextModel

    @property
    def title(self) -> str:
        """The model's name and version."""
        return self.model.card.title

    @property
    def version(self) -> str:
        """What tells its labels from those of another model, or of other code."""
        return f"{self.title} {self.model.card.digest} {_digest_code()}"

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row per text, in order, with the probability of each of LABELS."""
        columns = [self.model.card.labels.index(label) for label in LABELS]
        batches = (texts[start : start + BATCH_SIZE] for start in range(0, len(texts), BATCH_SIZE))
        return [[row[column] for column in columns] for batch in batches for row in self.model.predict_proba(batch)]


def build_labeller(model: Model) -> Labeller:
    """Return a labeller that uses a model. Raises InvalidQuery at the field `method` if the model doesn't predict sentiment."""
    if model.kind == "tabular":
        raise InvalidQuery([("method", f"The AI model on this server takes rows of numbers, so it can't label posts. {_METHOD_ADVICE}")])
    labels = [str(label) for label in model.card.labels]
    if sorted(labels) != sorted(LABELS):
        actual, expected = _format_labels(labels), _format_labels(LABELS)
        raise InvalidQuery([("method", f"The AI model on this server labels texts as {actual}, not as {expected}. {_METHOD_ADVICE}")])
    return Labeller(model)


@cache
def _digest_code() -> str:
    """Return a digest of everything between a text and its labels apart from the model's file: our code, and the libraries it calls."""
    return digest_packages([classifier, serving], *map(_find_version, _LIBRARIES))


def _find_version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _format_labels(labels: Sequence[str]) -> str:
    return format_list([truncate(label, 40) for label in labels[:_MAX_LISTED_LABELS]], total=len(labels))
