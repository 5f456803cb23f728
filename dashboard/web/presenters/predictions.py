"""Predictions for texts as a page shows them: a label, bars, and an explanation."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.core.formatting.numbers import format_share
from dashboard.core.formatting.texts import NO_BREAK_SPACE, quote
from dashboard.prediction.language_detection import detect_languages
from dashboard.prediction.protocols import LABELS, TextModel
from dashboard.web.presenters import explanations
from dashboard.web.presenters.explanations import ExplanationView

_MAX_BARS = 6  # bars of a text; only the most likely of more labels are shown
_MAX_EXPLAINED_CHARACTERS = 100_000  # characters of all explained texts of a page, because explaining takes longer than labelling
# Plain versions of the limits in the built-in model's file, which is written for people who train models. Pages leave empty ones out.
_PLAIN_LIMITS = {
    "English only: a text in another language gets an answer that means little.": "It reads only English; results for other languages "
    "are meaningless.",
    "Trained on posts of X from 2009 to 2021; irony and sarcasm are mostly missed.": "It learned from posts on X from 2009 to 2021, "
    "and mostly misses irony and sarcasm.",
    "Of a text, the first 25,000 characters and 5,000 words and marks are read.": "It reads the first 25,000 characters of a text, and "
    "5,000 words at most.",
    "The machine labels of the pool come from a teacher that also saw a set for non-commercial use (airline, CC BY-NC-SA 4.0).": "",
}
_TONE_BY_LABEL = {"negative": "down", "positive": "up"}  # colours, which only repeat the text


def describe_limits(limits: Sequence[str]) -> list[str]:
    """Return a model's limits in plain words; those of other models are returned unchanged."""
    return [plain for limit in limits if (plain := _PLAIN_LIMITS.get(limit, limit))]


@dataclass(frozen=True)
class LabelBar:
    """A label with its share, from 0 to 1, and for a list of texts the number of texts that got it."""

    label: str
    share: float
    count: int = 0

    @property
    def tone(self) -> str:
        """Return the CSS class of its colour."""
        return _TONE_BY_LABEL.get(self.label, "flat")


@dataclass(frozen=True)
class TextPrediction:
    """A text and its prediction. `explanation` is None if the model can't explain it or the list is too long.

    `language` is its BCP 47 tag if it is clearly not English.
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
    """Return one prediction per text, in order."""
    characters_left, text_predictions = _MAX_EXPLAINED_CHARACTERS, []
    for text, row, language in zip(texts, model.predict_proba(texts), detect_languages(texts), strict=True):
        bars = [LabelBar(str(label), share) for label, share in zip(model.card.labels, row, strict=True)]
        top_bar = max(bars, key=lambda bar: bar.share)
        if len(bars) > _MAX_BARS:
            bars = sorted(bars, key=lambda bar: -bar.share)[:_MAX_BARS]
        characters_left -= len(text)
        explanation = model.explain(text) if characters_left >= 0 else None
        text_predictions.append(
            TextPrediction(
                text,
                bars,
                top_bar,
                explanations.build_explanation(text, explanation) if explanation else None,
                characters_left >= 0,
                language,
            )
        )
    return text_predictions


def count_labels(model: TextModel, text_predictions: Sequence[TextPrediction]) -> list[LabelBar]:
    """Return the number of texts per label in the model's order; only the most frequent ones if there are many."""
    counts = Counter(prediction.top_bar.label for prediction in text_predictions)
    bars = [LabelBar(label, counts[label] / len(text_predictions), counts[label]) for label in map(str, model.card.labels)]
    return bars if len(bars) <= _MAX_BARS else sorted(bars, key=lambda bar: -bar.count)[:_MAX_BARS]


def format_headline(bars: Sequence[LabelBar], text_count: int) -> str:
    """Return the heading for a list: the number of texts, and how many got each of the three most frequent labels."""
    frequent = sorted((bar for bar in bars if bar.count), key=lambda bar: -bar.count)[:3]
    return f"{text_count} texts: {', '.join(f'{bar.count} {bar.label}' for bar in frequent)}"


def format_probability(value: float) -> str:
    """Return a probability as a percentage, never rounded to 0 or 100."""
    if value >= 0.995:
        return f"over{NO_BREAK_SPACE}{format_share(0.99)}"
    return f"under{NO_BREAK_SPACE}{format_share(0.01)}" if value <= 0.005 else format_share(value)
