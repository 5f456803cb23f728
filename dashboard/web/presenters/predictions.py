"""Predictions for texts as a page shows them: a label, bars, and an explanation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.core.formatting.numbers import format_share
from dashboard.core.formatting.texts import NO_BREAK_SPACE, format_list, quote
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext, translatable
from dashboard.core.polarities import name_polarity_within_sentence
from dashboard.core.readings import MIN_PROVISIONAL_PROBABILITY
from dashboard.prediction.error_rates import describe_error_rate
from dashboard.prediction.language_detection import detect_languages
from dashboard.prediction.language_scores import LanguageScores, build_language_scores
from dashboard.prediction.multilingual.languages import READ_AS
from dashboard.prediction.protocols import LABELS, Explanation, LanguageModels, TextModel
from dashboard.web.presenters import explanations
from dashboard.web.presenters.explanations import ExplanationView

_MIN_DECIDED_PROBABILITY = 0.5  # of the likeliest label, below which a text is undecided
_MAX_BARS = 6  # bars of a text; only the most likely of more labels are shown
_MAX_EXPLAINED_CHARACTERS = 100_000  # characters of all explained texts of a page, because explaining takes longer than labelling
_ENGLISH_ONLY = "English only: a text in another language gets an answer that means little."
# Plain versions of the limits in the built-in model's file, which is written for people who train models. Pages leave empty ones out.
_PLAIN_LIMITS = {
    _ENGLISH_ONLY: translatable("It reads only English; results for other languages are meaningless."),
    "Trained on posts of X from 2009 to 2021; irony and sarcasm are mostly missed.": translatable(
        "It learned from posts on X from 2009 to 2021, and mostly misses irony and sarcasm."
    ),
    "Of a text, the first 25,000 characters and 5,000 words and marks are read.": translatable(
        "It reads the first 25,000 characters of a text, and 5,000 words at most."
    ),
    "The machine labels of the pool come from a teacher that also saw a set for non-commercial use (airline, CC BY-NC-SA 4.0).": "",
}
_LANGUAGE_LIMITS = (  # of the model for other languages, as its file has them: here they get into the catalogs
    translatable("It has to know a post’s language: a post in another language than the given one gets an answer that means little."),
    translatable("Arabic is mostly standard and Egyptian; Maghrebi dialects aren’t read."),
    translatable("Indonesian posts are much harder than reviews; Portuguese is mostly Brazilian, about television."),
    translatable("Irony and sarcasm are mostly missed."),
    translatable(
        "Sums are damped: a balance moves with the true one, but by less. Compare a language with itself over time, not with another "
        "language."
    ),
)
_TONE_BY_LABEL = {"negative": "down", "positive": "up"}  # colours, which only repeat the text


def describe_limits(limits: Sequence[str], *, has_other_languages: bool = False) -> list[str]:
    """Return a model's limits in plain words; those of other models are returned unchanged.

    With `has_other_languages`, other models read what this one can't.
    """
    own_limits = [limit for limit in limits if not has_other_languages or limit != _ENGLISH_ONLY]
    return [gettext(plain) for limit in own_limits if (plain := _PLAIN_LIMITS.get(limit, limit))]


@dataclass(frozen=True)
class LabelBar:
    """A label with its share, from 0 to 1, and for a list of texts the number of texts that got it."""

    label: str
    share: float
    count: int = 0

    @property
    def name(self) -> str:
        """Return the label in the reader's language, if it's one of ours."""
        return name_polarity_within_sentence(self.label)

    @property
    def tone(self) -> str:
        """Return the CSS class of its colour."""
        return _TONE_BY_LABEL.get(self.label, "flat")


@dataclass(frozen=True)
class TextPrediction:
    """A text and its prediction. `explanation` is None if the model can't explain it or the list is too long.

    `language` is the name of its language if it is clearly not English. `is_read` is whether a model reads that language; if none does, the
    bars mean nothing. `error_note` says how often posts in it are misread, empty if that isn't known. `is_provisional`: very often.
    """

    text: str
    bars: Sequence[LabelBar]
    top_bar: LabelBar
    explanation: ExplanationView | None
    was_explanation_requested: bool = True
    language: str = ""
    is_read: bool = True
    error_note: str = ""
    is_provisional: bool = False

    @property
    def is_undecided(self) -> bool:
        """Return whether no label is likely enough to be shown for one text."""
        return self.top_bar.share < (MIN_PROVISIONAL_PROBABILITY if self.is_provisional else _MIN_DECIDED_PROBABILITY)

    @property
    def other_probability(self) -> float:
        """Return the probability of the labels that have no bar."""
        return max(0.0, 1 - sum(bar.share for bar in self.bars))

    @property
    def headline(self) -> str:
        """Return the label as the page's heading."""
        if not self.is_read:
            return gettext("No model reads %(language)s", language=self.language)
        if self.top_bar.label in LABELS:
            return gettext("It sounds %(label)s", label=self.top_bar.name)
        return gettext("Labelled %(label)s", label=quote(self.top_bar.label))


def predict_texts(model: TextModel, texts: Sequence[str], language_models: LanguageModels | None = None) -> list[TextPrediction]:
    """Return one prediction per text, in order, each by the model that reads its language.

    Without `language_models`, `model` is somebody's own and gets every text.
    """
    languages = detect_languages(texts)
    readers = {language: _find_reader(language, model, language_models) for language in set(languages)}
    rows: dict[int, Sequence[float]] = {}
    for language, reader in readers.items():
        indices = [index for index, text_language in enumerate(languages) if text_language == language]
        rows |= dict(zip(indices, (reader or model).predict_proba([texts[index] for index in indices]), strict=True))
    scores = build_language_scores(language_models.card) if language_models and language_models.card else {}
    characters_left, text_predictions = _MAX_EXPLAINED_CHARACTERS, []
    for index, (text, language) in enumerate(zip(texts, languages, strict=True)):
        characters_left -= len(text)
        reader = readers[language]
        explanation = reader.explain(text) if reader and characters_left >= 0 else None
        prediction = _build_prediction(reader or model, text, rows[index], explanation, characters_left >= 0)
        text_predictions.append(replace(prediction, is_read=reader is not None, **_describe_language(language, scores)))
    return text_predictions


def _find_reader(language: str | None, model: TextModel, language_models: LanguageModels | None) -> TextModel | None:
    return model if language is None or language_models is None else language_models.find(language)


def _build_prediction(
    model: TextModel, text: str, probabilities: Sequence[float], explanation: Explanation | None, was_explanation_requested: bool
) -> TextPrediction:
    bars = [LabelBar(str(label), share) for label, share in zip(model.card.labels, probabilities, strict=True)]
    top_bar = max(bars, key=lambda bar: bar.share)
    shown_bars = bars if len(bars) <= _MAX_BARS else sorted(bars, key=lambda bar: -bar.share)[:_MAX_BARS]
    view = explanations.build_explanation(text, explanation) if explanation else None
    return TextPrediction(text, shown_bars, top_bar, view, was_explanation_requested)


def _describe_language(language: str | None, scores: Mapping[str, LanguageScores]) -> dict[str, Any]:
    """Return the fields of a prediction about the language of its text."""
    if language is None:
        return {}
    measured = scores.get(READ_AS.get(language, language))
    note = describe_error_rate(language, measured) if measured else ""
    is_provisional = bool(measured) and measured["grade"] == "provisional"  # type: ignore[index]
    return {"language": name_language(language), "error_note": note, "is_provisional": is_provisional}


def list_read_languages(language_models: LanguageModels | None) -> str:
    """Return the languages that the models read besides English, in words; empty if nobody knows."""
    card = language_models.card if language_models else None
    return format_list(sorted(map(name_language, build_language_scores(card)))) if card else ""


def count_labels(model: TextModel, text_predictions: Sequence[TextPrediction]) -> list[LabelBar]:
    """Return the number of texts that were read per label in the model's order; only the most frequent ones if there are many."""
    counts = Counter(prediction.top_bar.label for prediction in text_predictions if prediction.is_read)
    bars = [LabelBar(label, counts[label] / len(text_predictions), counts[label]) for label in map(str, model.card.labels)]
    return bars if len(bars) <= _MAX_BARS else sorted(bars, key=lambda bar: -bar.count)[:_MAX_BARS]


def format_headline(bars: Sequence[LabelBar], text_count: int) -> str:
    """Return the heading for a list: the number of texts, and how many got each of the three most frequent labels, or weren't read."""
    frequent = sorted((bar for bar in bars if bar.count), key=lambda bar: -bar.count)[:3]
    unread_count = text_count - sum(bar.count for bar in bars)
    parts = [f"{bar.count} {bar.name}" for bar in frequent]
    parts += [gettext("%(count)s not read", count=unread_count)] if unread_count and len(bars) <= 3 else []
    return gettext("%(count)s texts: %(labels)s", count=text_count, labels=", ".join(parts))


def format_probability(value: float) -> str:
    """Return a probability as a percentage, never rounded to 0 or 100."""
    if value >= 0.995:
        return gettext("over %(share)s", share=format_share(0.99)).replace(" ", NO_BREAK_SPACE)
    return gettext("under %(share)s", share=format_share(0.01)).replace(" ", NO_BREAK_SPACE) if value <= 0.005 else format_share(value)
