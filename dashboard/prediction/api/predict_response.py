"""The responses of `/predict` and `/model`, built from a parsed request and a model.

Nothing about HTTP goes here; request types are in `schemas.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, Any, Literal, NotRequired, cast

from pydantic import Field, with_config
from typing_extensions import TypedDict

from dashboard.core.errors import InvalidPayload
from dashboard.core.readings import MIN_PROVISIONAL_PROBABILITY
from dashboard.prediction.api.schemas import Features, Instance, Instances, ManyTexts, OneText, RequestBody
from dashboard.prediction.language_detection import detect_languages
from dashboard.prediction.language_scores import LanguageScores, build_dataset_scores, build_language_scores
from dashboard.prediction.protocols import Label, LanguageModels, Model, TabularModel, TextModel

TEXT_SUBJECTS = ("text", "texts", "instances")  # subjects that a text model accepts
MAX_EXPLAINED_CHARACTERS = 100_000  # per body, because explaining takes longer than predicting
_EXPLANATION_LIMIT_NOTE = (
    f"Only the first {MAX_EXPLAINED_CHARACTERS:,} characters of a body are explained. Send this text in another request."
)
_UNREAD_NOTE = "No model on this server reads this language, so the prediction means little."
_PROVISIONAL_NOTE = f"This language is read roughly: trust a single text's label from a confidence of {MIN_PROVISIONAL_PROBABILITY} on."
_EMPTY_TEXT_NOTE = "This text is empty, so the probabilities say nothing about it."
Probability = Annotated[float, Field(ge=0, le=1)]
_ModelTitle = Annotated[str, Field(examples=["chorus-sentiment 1"])]
_PredictedLabel = Annotated[Label, Field(examples=["positive"])]
_LabelProbabilities = Annotated[dict[str, Probability], Field(examples=[{"negative": 0.02, "neutral": 0.05, "positive": 0.93}])]


class Weight(TypedDict):
    """A piece of the text and its contribution to the margin. A negative weight favours the runner-up."""

    term: str
    weight: float


@with_config(extra="forbid")
class Prediction(TypedDict):
    """The prediction for one text.

    `model` is the name and version of the model that read the text. `language` is present if the request set it, or if the text is clearly
    not in English; then `read` says whether a model on this server reads that language. If none does, the English model's prediction means
    little. `read` is absent if the server's own model file was replaced, because nobody knows which languages that one reads. With
    `explain`, the weights of `terms` add up to `margin`, the natural log of p(prediction) / p(runner_up). All three are null if the model
    can't explain its predictions, or if the text comes after the part of a body that is explained; then `note` says so.
    `note` also says if the text is empty, if no model reads its language, or if the label is too uncertain in a language that is read
    roughly.
    """

    prediction: _PredictedLabel
    confidence: Annotated[Probability, Field(examples=[0.93])]
    probabilities: _LabelProbabilities
    model: _ModelTitle
    language: NotRequired[str]
    read: NotRequired[bool]
    terms: NotRequired[list[Weight] | None]
    margin: NotRequired[float | None]
    runner_up: NotRequired[Label | None]
    note: NotRequired[str]


@with_config(extra="forbid")
class Predictions(TypedDict):
    """A prediction for each text, in order. As in Vertex AI's format, `model` is absent if the request had `instances`."""

    predictions: list[Prediction]
    model: NotRequired[_ModelTitle]


@with_config(extra="forbid")
class RowPrediction(TypedDict):
    """The predicted class of a row and its probability, which is null if the model has no probabilities.

    With `explain`, `terms` is null, because tabular models can't be explained.
    """

    prediction: Annotated[Label, Field(examples=[0.0])]
    confidence: Annotated[Probability | None, Field(examples=[0.97])]
    terms: NotRequired[None]


@with_config(extra="forbid")
class RowPredictions(TypedDict):
    """A prediction for each row, in order. As in Vertex AI's format, `model` is absent if the request had `instances`."""

    predictions: list[RowPrediction]
    model: NotRequired[_ModelTitle]


class Served(TypedDict):
    """The details of the served model.

    `takes` lists the keys that `/predict` accepts for it. `width` is how many numbers a row has, null for a text model. `digest` is the
    SHA-256 of the model file. `lexicons` has the SHA-256 of each word list that the other sentiment methods use. `languages` says how well
    each language other than English is read, on the data set that is read worst, and `language_datasets` how well on every data set; both
    are absent if the server's own model file was replaced.
    """

    name: Annotated[str, Field(examples=["chorus-sentiment"])]
    version: Annotated[str, Field(examples=["1"])]
    digest: Annotated[str, Field(examples=["4f1c…"])]
    kind: Literal["text", "tabular"]
    labels: Annotated[list[Label], Field(examples=[["negative", "neutral", "positive"]])]
    width: Annotated[int | None, Field(examples=[None])]
    takes: Annotated[list[str], Field(examples=[["text", "texts", "instances", "explain", "language"]])]
    training: dict[str, Any]
    scores: dict[str, Any]
    limits: list[str]
    lexicons: Annotated[dict[str, str], Field(examples=[{"afinn.txt": "9a27…", "bing.csv": "b1c4…"}])]
    languages: NotRequired[dict[str, LanguageScores]]
    language_datasets: NotRequired[dict[str, list[LanguageScores]]]


PredictResponse = Prediction | Predictions | RowPrediction | RowPredictions


def predict(model: Model, body: RequestBody, language_models: LanguageModels | None = None) -> PredictResponse:
    """Return a model's response to a body. Raises InvalidPayload if the model doesn't accept this kind of body.

    `language_models` read the texts that aren't in English; without them, the model gets every text.
    """
    if isinstance(body, Features):
        return _predict_features(model, body)
    if isinstance(body, Instances) and any(isinstance(instance, list) for instance in body.instances):
        return _predict_instance_rows(model, body.instances, body.options)
    if model.kind == "tabular":
        subject = next(name for name in TEXT_SUBJECTS if hasattr(body, name))
        rows = "rows of numbers" if model.card.feature_count is None else f"rows of {model.card.feature_count} numbers"
        raise InvalidPayload([(subject, f"This server's model, {model.card.title}, takes {rows}, not texts. Send rows as “features”.")])
    if isinstance(body, OneText):
        return _predict_texts(_Readers(model, language_models), [body.text], body)[0]
    if isinstance(body, ManyTexts):
        return {"predictions": _predict_texts(_Readers(model, language_models), body.texts, body), "model": model.card.title}
    request = cast(Instances, body)
    texts = [instance.text if isinstance(instance, Instance) else str(instance) for instance in request.instances]
    return {"predictions": _predict_texts(_Readers(model, language_models), texts, request.options)}


def list_subjects(model: Model) -> list[str]:
    """Return the keys of a body that hold what a model predicts for."""
    return ["features", "instances"] if model.kind == "tabular" else list(TEXT_SUBJECTS)


def describe_model(model: Model, lexicon_digests: Mapping[str, str], language_models: LanguageModels | None = None) -> Served:
    """Return the details of a model, the digests of the word lists, and how well the models for other languages read them."""
    card = model.card
    details: Served = {
        "name": card.name,
        "version": card.version,
        "digest": card.digest,
        "kind": model.kind,
        "labels": list(card.labels),
        "width": card.feature_count,
        "takes": [*list_subjects(model), "explain", *([] if model.kind == "tabular" else ["language"])],
        "training": dict(card.training),
        "scores": dict(card.scores),
        "limits": list(card.limits),
        "lexicons": dict(lexicon_digests),
    }
    if language_models and language_models.card:
        details["languages"] = build_language_scores(language_models.card)
        details["language_datasets"] = build_dataset_scores(language_models.card)
    return details


@dataclass(frozen=True)
class _Readers:
    """The model, and those for other languages, if it is the English one."""

    model: TextModel
    language_models: LanguageModels | None

    def find(self, language: str | None) -> TextModel | None:
        """Return the model that reads a language, None if none does. Texts in an unknown language count as English."""
        if self.language_models is None or language in (None, "en"):
            return self.model
        return self.language_models.find(str(language))


def _predict_texts(readers: _Readers, texts: Sequence[str], body: RequestBody) -> list[Prediction]:
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
    readers: _Readers,
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


def _add_reading_notes(predictions: Sequence[Prediction], readers: _Readers, language: str | None, *, is_read: bool) -> None:
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


def _predict_features(model: Model, body: Features) -> RowPrediction | RowPredictions:
    if model.kind == "text":
        advice = "Send “text” or “texts”, or ask your administrator for a tabular model."
        raise InvalidPayload([("features", f"This server's model, {model.card.title}, takes texts, not rows of numbers. {advice}")])
    features: Any = body.features
    is_list = isinstance(features[0], list)
    rows: list[list[float]] = features if is_list else [features]
    predictions = _predict_rows(model, rows, body, "features[{}]" if is_list else "features")
    return {"predictions": predictions, "model": model.card.title} if is_list else predictions[0]


def _predict_instance_rows(model: Model, instances: Sequence[Any], options: RequestBody) -> RowPredictions:
    """Return a tabular model's predictions for instances that are rows, in Vertex AI's format."""
    if model.kind == "text":
        message = f"This server's model, {model.card.title}, takes texts, not rows of numbers. Send a string here."
        raise InvalidPayload([(f"instances[{index}]", message) for index, instance in enumerate(instances) if isinstance(instance, list)])
    if text_indices := [index for index, instance in enumerate(instances) if not isinstance(instance, list)]:
        message = "Other instances are rows of numbers, but this one isn't. Send a list of numbers here."
        raise InvalidPayload([(f"instances[{index}]", message) for index in text_indices])
    return {"predictions": _predict_rows(model, instances, options, "instances[{}]")}


def _predict_rows(model: TabularModel, rows: Sequence[Sequence[float]], options: RequestBody, path_template: str) -> list[RowPrediction]:
    """Return a prediction for each row; `path_template` gives the path of a row from its index."""
    _check_feature_count(model, rows, path_template)
    try:
        classes = model.predict(rows)
    except InvalidPayload as error:
        raise InvalidPayload([(path_template.format(path.strip("[]")), message) for path, message in error.problems]) from None
    predictions: list[RowPrediction] = [{"prediction": label, "confidence": probability} for label, probability in classes]
    return [{**prediction, "terms": None} for prediction in predictions] if options.explain else predictions


def _check_feature_count(model: TabularModel, rows: Sequence[Sequence[float]], path_template: str) -> None:
    expected = model.card.feature_count
    invalid_rows = [(index, len(row)) for index, row in enumerate(rows) if expected not in (None, len(row))]
    requirement = f"{model.card.title} takes rows of {expected} numbers"
    if invalid_rows:
        raise InvalidPayload([(path_template.format(index), f"{requirement}; this row has {count:,}.") for index, count in invalid_rows])
