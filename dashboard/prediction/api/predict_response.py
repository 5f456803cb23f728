"""The responses of `/predict` and `/model`, from a parsed request and a model.

Nothing about HTTP goes here. Predictions for texts and for rows are in `text_predictions.py` and `row_predictions.py`.
"""

from collections.abc import Mapping
from typing import cast

from dashboard.core.errors import InvalidPayload
from dashboard.prediction.api.response_types import PredictResponse, Served
from dashboard.prediction.api.row_predictions import predict_features, predict_instance_rows
from dashboard.prediction.api.schemas import Features, Instance, Instances, ManyTexts, OneText, RequestBody
from dashboard.prediction.api.text_predictions import Readers, predict_texts
from dashboard.prediction.language_scores import build_dataset_scores, build_language_scores
from dashboard.prediction.protocols import LanguageModels, Model

TEXT_SUBJECTS = ("text", "texts", "instances")  # subjects that a text model accepts


def predict(model: Model, body: RequestBody, language_models: LanguageModels | None = None) -> PredictResponse:
    """Return a model's response to a body. Raises InvalidPayload if the model doesn't accept this kind of body.

    `language_models` read the texts that aren't in English; without them, the model gets every text.
    """
    if isinstance(body, Features):
        return predict_features(model, body)
    if isinstance(body, Instances) and any(isinstance(instance, list) for instance in body.instances):
        return predict_instance_rows(model, body.instances, body.options)
    if model.kind == "tabular":
        subject = next(name for name in TEXT_SUBJECTS if hasattr(body, name))
        rows = "rows of numbers" if model.card.feature_count is None else f"rows of {model.card.feature_count} numbers"
        raise InvalidPayload([(subject, f"This server’s model, {model.card.title}, takes {rows}, not texts. Send rows as “features”.")])
    if isinstance(body, OneText):
        return predict_texts(Readers(model, language_models), [body.text], body)[0]
    if isinstance(body, ManyTexts):
        return {"predictions": predict_texts(Readers(model, language_models), body.texts, body), "model": model.card.title}
    request = cast(Instances, body)
    texts = [instance.text if isinstance(instance, Instance) else str(instance) for instance in request.instances]
    return {"predictions": predict_texts(Readers(model, language_models), texts, request.options)}


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
