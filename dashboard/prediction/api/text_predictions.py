"""The predictions for texts: each by the model that reads its language, with notes and explanations.

The shapes of requests and responses are in `schemas.py` and `response_types.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from dashboard.core.readings import MIN_PROVISIONAL_PROBABILITY
from dashboard.prediction.api.response_types import Prediction
from dashboard.prediction.api.schemas import RequestBody
from dashboard.prediction.language_detection import detect_languages
from dashboard.prediction.protocols import LanguageModels, TextModel

MAX_EXPLAINED_CHARACTERS = 100_000  # per body, because explaining takes longer than predicting
_EXPLANATION_LIMIT_NOTE = (
    f"Only the first {MAX_EXPLAINED_CHARACTERS:,} characters of a body are explained. Send this text in another request."
)
_UNREAD_NOTE = "No model on this server reads this language, so the prediction means little."
_PROVISIONAL_NOTE = f"This language is read roughly: trust a single text’s label from a confidence of {MIN_PROVISIONAL_PROBABILITY} on."
_EMPTY_TEXT_NOTE = "This text is empty, so the probabilities say nothing about it."


@dataclass(frozen=True)
class Readers:
    """The model, and those for other languages, if it is the English one."""

    model: TextModel
    language_models: LanguageModels | None

    def find(self, language: str | None) -> TextModel | None:
        """Return the model that reads a language, None if none does. Texts in an unknown language count as English."""
        if self.language_models is None or language in (None, "en"):
            return self.model
        return self.language_models.find(str(language))


def predict_texts(readers: Readers, texts: Sequence[str], body: RequestBody) -> list[Prediction]:
    """Return a prediction for each text, in order, with explanations if the body asks for them."""
    languages = [body.language] * len(texts) if body.language else detect_languages(texts)
    reader_by_language = {language: readers.find(language) for language in set(languages)}
    predictions = _predict_by_language(readers, texts, languages, reader_by_language)
    for text, prediction in zip(texts, predictions, strict=True):
        if not text.strip():
            _add_note(prediction, _EMPTY_TEXT_NOTE)
    if body.explain:
        for text, end, language, prediction in zip(texts, accumulate(map(len, texts)), languages, predictions, strict=True):
            reader = reader_by_language[language] or readers.model
            _add_explanation(reader, text, prediction, limit_reached=end > MAX_EXPLAINED_CHARACTERS)
    return predictions


def _predict_by_language(
    readers: Readers,
    texts: Sequence[str],
    languages: Sequence[str | None],
    reader_by_language: Mapping[str | None, TextModel | None],
) -> list[Prediction]:
    """Return a prediction for each text, those of each language by its reader, or by the English model if it has none."""
    predictions: dict[int, Prediction] = {}
    for language, reader in reader_by_language.items():
        indices = [index for index, text_language in enumerate(languages) if text_language == language]
        model = reader or readers.model
        for index, row in zip(indices, model.predict_proba([texts[index] for index in indices]), strict=True):
            predictions[index] = _build_prediction(model, row, language)
            if language and readers.language_models:
                predictions[index]["read"] = reader is not None
        _add_reading_notes([predictions[index] for index in indices], readers, language, is_read=reader is not None)
    return [predictions[index] for index in range(len(texts))]


def _add_reading_notes(predictions: Sequence[Prediction], readers: Readers, language: str | None, *, is_read: bool) -> None:
    """Add a note to predictions in a language that no model reads, and to uncertain ones in a language that is read roughly."""
    if not is_read:
        for prediction in predictions:
            _add_note(prediction, _UNREAD_NOTE)
    elif language and readers.language_models and readers.language_models.is_provisional(language):
        for prediction in predictions:
            if prediction["confidence"] < MIN_PROVISIONAL_PROBABILITY:
                _add_note(prediction, _PROVISIONAL_NOTE)


def _build_prediction(model: TextModel, probabilities: Sequence[float], language: str | None) -> Prediction:
    labels, confidence = model.card.labels, max(probabilities)
    prediction: Prediction = {
        "prediction": labels[probabilities.index(confidence)],
        "confidence": confidence,
        "probabilities": dict(zip(map(str, labels), probabilities, strict=True)),
        "model": model.card.title,
    }
    if language:
        prediction["language"] = language
    return prediction


def _add_note(prediction: Prediction, note: str) -> None:
    prediction["note"] = f"{prediction.get('note', '')} {note}".strip()


def _add_explanation(model: TextModel, text: str, prediction: Prediction, *, limit_reached: bool) -> None:
    """Add its explanation to a prediction, or nulls and a note if the body's limit of explained characters is reached."""
    explanation = None if limit_reached else model.explain(text)
    prediction["terms"] = [{"term": term.term, "weight": term.weight} for term in explanation.terms] if explanation else None
    prediction["margin"] = explanation.margin if explanation else None
    prediction["runner_up"] = explanation.runner_up if explanation else None
    if limit_reached:
        _add_note(prediction, _EXPLANATION_LIMIT_NOTE)
