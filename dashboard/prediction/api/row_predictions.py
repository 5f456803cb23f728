"""The predictions of a tabular model for rows of numbers, and the problems of rows that it doesn't accept.

The shapes of requests and responses are in `schemas.py` and `response_types.py`.
"""

from collections.abc import Sequence
from typing import Any

from dashboard.core.errors import InvalidPayload
from dashboard.prediction.api.response_types import RowPrediction, RowPredictions
from dashboard.prediction.api.schemas import Features, RequestBody
from dashboard.prediction.protocols import Model, TabularModel


def predict_features(model: Model, body: Features) -> RowPrediction | RowPredictions:
    """Return the predictions for one row or a list of rows. Raises InvalidPayload for a text model and for rows that don't fit."""
    if model.kind == "text":
        advice = "Send “text” or “texts”, or ask your administrator for a tabular model."
        raise InvalidPayload([("features", f"This server’s model, {model.card.title}, takes texts, not rows of numbers. {advice}")])
    features: Any = body.features
    is_list = isinstance(features[0], list)
    rows: list[list[float]] = features if is_list else [features]
    predictions = _predict_rows(model, rows, body, "features[{}]" if is_list else "features")
    return {"predictions": predictions, "model": model.card.title} if is_list else predictions[0]


def predict_instance_rows(model: Model, instances: Sequence[Any], options: RequestBody) -> RowPredictions:
    """Return a tabular model's predictions for instances that are rows, in Vertex AI's format."""
    if model.kind == "text":
        message = f"This server’s model, {model.card.title}, takes texts, not rows of numbers. Send a string here."
        raise InvalidPayload([(f"instances[{index}]", message) for index, instance in enumerate(instances) if isinstance(instance, list)])
    if text_indices := [index for index, instance in enumerate(instances) if not isinstance(instance, list)]:
        message = "Other instances are rows of numbers, but this one isn’t. Send a list of numbers here."
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
