"""What the served model is and how good it is: JSON for programs, and a page for people."""

import hashlib
from functools import cache

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.core import messages
from dashboard.prediction.api import predict_response
from dashboard.web.extensions import language_models, model
from dashboard.web.middleware import static_files
from dashboard.web.presenters import model_card

model_details = Blueprint("model_details", __name__)
_LEXICONS_DIR = static_files.STATIC_DIR.parent / "lexicons"


@model_details.get("/model")
def show_model() -> ResponseReturnValue:
    """Return details of the served model: a page if one is asked for by name, as browsers do, otherwise JSON."""
    response = make_response(
        render_template("model.html", card=model_card.build_model_card(model(), language_models())) if _prefers_page() else model_json()
    )
    response.vary.add("Accept")
    return response


@model_details.get("/model.json")
def model_json() -> ResponseReturnValue:
    """Return details of the served model, and the digests of the word lists."""
    with messages.use(messages.SOURCE_LANGUAGE):  # for programs, whatever their `Accept-Language`
        return jsonify(predict_response.describe_model(model(), _lexicon_digests(), language_models()))


def _prefers_page() -> bool:
    accepted = request.accept_mimetypes
    return "text/html" in accepted.values() and accepted.best_match(["application/json", "text/html"]) == "text/html"


@cache
def _lexicon_digests() -> dict[str, str]:
    files = sorted(path for path in _LEXICONS_DIR.iterdir() if path.is_file() and path.suffix != ".md")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
