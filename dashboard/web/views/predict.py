"""The prediction API: `/predict`."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from flask import Blueprint, Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from pydantic_core import to_json

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.api import predict_request, predict_response
from dashboard.prediction.api.schemas import BODY_TYPES
from dashboard.web.auth import access, rate_limits
from dashboard.web.extensions import language_models, large_share, model
from dashboard.web.services import Services

MAX_SHORT_BYTES = 1024  # of a body that is answered in a few milliseconds at most
_MAX_SHORT_COMMAS = 8  # in such a body: a list of ten texts has nine
_SET_FLAG = b"true"  # as in “explain”, which takes ten times as long; JSON has no other way to write it
api = Blueprint("api", __name__)


def shortness_checker(app: Flask) -> Callable[[Mapping[str, str], bytes], bool]:
    """Return a function that says whether `predict` answers a request within a few milliseconds, and without waiting for anything.

    The function takes the headers (named as in `COOKIE`) and the body. A request with few commas has few texts, and one that doesn't
    set a flag asks for no explanation.
    """
    services: Services = app.extensions["chorus"]

    def is_short(headers: Mapping[str, str], body: bytes) -> bool:
        is_small = len(body) <= MAX_SHORT_BYTES and body.count(b",") <= _MAX_SHORT_COMMAS and _SET_FLAG not in body
        return is_small and services.predicts_at_once and access.is_settled(app, headers)

    return is_short


@api.post("/predict")
def predict() -> ResponseReturnValue:
    """Return the model's predictions for one text, a list of texts, or rows of numbers."""
    access.require_key("A prediction")
    with large_share().take() if rate_limits.is_large() else nullcontext():
        body = predict_request.parse_body(_parse_json_body(), _list_subjects)
        predictions = predict_response.predict(model(), body, language_models())
    return Response(to_json(predictions) + b"\n", content_type="application/json")  # json.dumps takes a fifth as long as a prediction


def _list_subjects() -> Sequence[str]:
    """Return the keys that the served model accepts, or all keys if it isn't available."""
    try:
        return predict_response.list_subjects(model())
    except ModelUnavailable:
        return list(BODY_TYPES)


def _parse_json_body() -> Any:
    """Return the parsed JSON body. Answers 415 for another type or a compressed body, 400 for invalid JSON."""
    if not request.is_json:
        abort(415, "Send JSON with Content-Type: application/json.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        abort(415, "Send the body uncompressed, without Content-Encoding.")
    try:
        return predict_request.parse_json(request.get_data(cache=False))
    except ValueError as error:
        abort(400, str(error))
