"""A model as the sentiment chart asks it: many posts at once, three labels in one order. Not every served model can; this says why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.core.errors import InvalidQuery
from dashboard.core.formatting import format_list, truncate
from dashboard.prediction.protocols import LABELS, Model, TextModel

BATCH_SIZE = 256  # texts asked at once, as many as /predict takes
_MAX_LISTED_LABELS = 3  # of a model's own labels in a message
_METHOD_ADVICE = "Choose another method under Sentiment by."


@dataclass(frozen=True)
class Labeller:
    """A text model whose labels are LABELS, in any order."""

    model: TextModel

    @property
    def title(self) -> str:
        """Name and version of the model."""
        return self.model.card.title

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row a text, in order: the probability of each of LABELS."""
        places = [self.model.card.labels.index(label) for label in LABELS]
        batches = (texts[at : at + BATCH_SIZE] for at in range(0, len(texts), BATCH_SIZE))
        return [[row[place] for place in places] for batch in batches for row in self.model.predict_proba(batch)]


def build_labeller(model: Model) -> Labeller:
    """Return a model as a labeller of posts. Raises InvalidQuery, at the field `method`, if it does not say how posts sound."""
    if model.kind == "tabular":
        raise InvalidQuery([("method", f"The model of this installation reads rows of numbers, so it can't label posts. {_METHOD_ADVICE}")])
    labels = [str(label) for label in model.card.labels]
    if sorted(labels) != sorted(LABELS):
        theirs, ours = _format_labels(labels), _format_labels(LABELS)
        raise InvalidQuery([("method", f"The model of this installation labels texts as {theirs}, not as {ours}. {_METHOD_ADVICE}")])
    return Labeller(model)


def _format_labels(labels: Sequence[str]) -> str:
    return format_list([truncate(label, 40) for label in labels[:_MAX_LISTED_LABELS]], total=len(labels))
