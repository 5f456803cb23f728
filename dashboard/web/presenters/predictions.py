"""What the model makes of some texts, as a page shows it: a label, bars, and the words that decided."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.core.formatting import NO_BREAK_SPACE, format_share, quote
from dashboard.prediction.language_detection import detect_languages
from dashboard.prediction.protocols import LABELS, TextModel
from dashboard.web.presenters import explanations
from dashboard.web.presenters.explanations import ExplanationView

_MAX_BARS = 6  # of a model with more labels the likeliest are shown
_MAX_EXPLAINED_CHARACTERS = 100_000  # characters a page explains in all: explaining takes longer than labelling
_TONE_BY_LABEL = {"negative": "down", "positive": "up"}  # colours; the words say the same


@dataclass(frozen=True)
class LabelBar:
    """A label with its share of the whole, 0 … 1; of a list also how many texts got it."""

    label: str
    share: float
    count: int = 0

    @property
    def tone(self) -> str:
        """Return the class of its colour."""
        return _TONE_BY_LABEL.get(self.label, "flat")


@dataclass(frozen=True)
class TextPrediction:
    """A text and what the model says of it; `why` is None if the model can't say, or was not asked because the list is too long.

    `language` is its BCP 47 tag if it is surely not English.
    """

    text: str
    bars: Sequence[LabelBar]
    top_bar: LabelBar
    explanation: ExplanationView | None
    was_explanation_requested: bool = True
    language: str | None = None

    @property
    def other_probability(self) -> float:
        """Return the probability of the labels that have no bar."""
        return max(0.0, 1 - sum(bar.share for bar in self.bars))

    @property
    def headline(self) -> str:
        """Return the label as the page's heading."""
        return f"It sounds {self.top_bar.label}" if self.top_bar.label in LABELS else f"Labelled {quote(self.top_bar.label)}"


def predict_texts(model: TextModel, texts: Sequence[str]) -> list[TextPrediction]:
    """Return a reading a text, in order."""
    left, readings = _MAX_EXPLAINED_CHARACTERS, []
    for text, row, language in zip(texts, model.predict_proba(texts), detect_languages(texts), strict=True):
        bars = [LabelBar(str(label), share) for label, share in zip(model.card.labels, row, strict=True)]
        best = max(bars, key=lambda bar: bar.share)
        if len(bars) > _MAX_BARS:
            bars = sorted(bars, key=lambda bar: -bar.share)[:_MAX_BARS]
        left -= len(text)
        explanation = model.explain(text) if left >= 0 else None
        readings.append(
            TextPrediction(
                text, bars, best, explanations.build_explanation(text, explanation) if explanation else None, left >= 0, language
            )
        )
    return readings


def count_labels(model: TextModel, text_predictions: Sequence[TextPrediction]) -> list[LabelBar]:
    """Return how many texts got each label: in the model's order, or the most frequent of many."""
    counts = Counter(reading.top_bar.label for reading in text_predictions)
    bars = [LabelBar(label, counts[label] / len(text_predictions), counts[label]) for label in map(str, model.card.labels)]
    return bars if len(bars) <= _MAX_BARS else sorted(bars, key=lambda bar: -bar.count)[:_MAX_BARS]


def format_headline(bars: Sequence[LabelBar], text_count: int) -> str:
    """Return a list's heading: how many texts, and how many of each label."""
    frequent = sorted((bar for bar in bars if bar.count), key=lambda bar: -bar.count)[:3]
    return f"{text_count} texts: {', '.join(f'{bar.count} {bar.label}' for bar in frequent)}"


def format_probability(value: float) -> str:
    """Return a probability as `64 %`; nothing is rounded to certainty."""
    if value >= 0.995:
        return f"over{NO_BREAK_SPACE}{format_share(0.99)}"
    return f"under{NO_BREAK_SPACE}{format_share(0.01)}" if value <= 0.005 else format_share(value)
