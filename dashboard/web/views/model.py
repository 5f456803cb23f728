"""What the served model is and how good it is: JSON for programs, a page for people, and the page's diagrams."""

import hashlib
from functools import cache

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from dashboard.core import messages
from dashboard.prediction.api import predict_response
from dashboard.web.extensions import language_models, model
from dashboard.web.middleware import static_files

model_details = Blueprint("model_details", __name__)
_IMAGE_SECONDS = 24 * 3600  # that browsers keep a diagram, whose address has the model's version
_LEXICONS_DIR = static_files.STATIC_DIR.parent / "lexicons"


@model_details.get("/model")
def show_model() -> ResponseReturnValue:
    """Return details of the served model: a page if one is asked for by name, as browsers do, otherwise JSON."""
    response = make_response(_render_page() if _prefers_page() else model_json())
    response.vary.add("Accept")
    return response


@model_details.get("/model.json")
def model_json() -> ResponseReturnValue:
    """Return details of the served model, and the digests of the word lists."""
    with messages.use(messages.SOURCE_LANGUAGE):  # for programs, whatever their `Accept-Language`
        return jsonify(predict_response.describe_model(model(), _lexicon_digests(), language_models()))


@model_details.get("/model/reliability/<name>.svg")
def show_reliability(name: str) -> Response:
    """Return the reliability diagrams of the languages that the second model reads, as the page shows them."""
    from dashboard.web.presenters import reliability_images

    models = language_models()
    if name not in reliability_images.IMAGE_NAMES or models is None or models.card is None:
        raise NotFound
    response = Response(reliability_images.load(models.card, name), mimetype="image/svg+xml")
    response.cache_control.public, response.cache_control.max_age = True, _IMAGE_SECONDS
    return response


def _render_page() -> str:
    from dashboard.web.presenters.model_card import build_model_card  # loads the diagrams' charts, as below

    return render_template("model.html", card=build_model_card(model(), language_models()))


def _prefers_page() -> bool:
    accepted = request.accept_mimetypes
    return "text/html" in accepted.values() and accepted.best_match(["application/json", "text/html"]) == "text/html"


@cache
def _lexicon_digests() -> dict[str, str]:
    files = sorted(path for path in _LEXICONS_DIR.iterdir() if path.is_file() and path.suffix != ".md")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
