"""The text check: paste a text or a list and see how the model rates it. Short texts get a shareable URL.

Texts sent by POST are neither stored nor logged. A short one only redirects to its URL.
"""

import json
import shlex
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from dashboard.core.errors import ModelUnavailable
from dashboard.core.messages import gettext, translatable
from dashboard.prediction.protocols import ModelCard, TextModel
from dashboard.web import urls
from dashboard.web.auth import access
from dashboard.web.auth.csrf import require_same_origin
from dashboard.web.extensions import language_models, model
from dashboard.web.presenters import predictions
from dashboard.web.presenters.text_form import MAX_TEXT_BYTES, TextForm, parse_text_form

classifier = Blueprint("classifier", __name__)
classifier.before_request(require_same_origin)
MAX_QUERY_LENGTH = 6_000  # characters of a query string that every server and browser accepts
_MAX_BODY_BYTES = 4 * MAX_TEXT_BYTES  # bytes of the form; one slightly over the text limit is shown again with a message
_MAX_DRAINED_BLOCKS = 16  # blocks of MAX_TEXT_BYTES to discard of a larger form, because browsers show no response while sending
_EXAMPLE_TEXTS = {
    translatable("a sentence"): "I love the new line, but the trains are delayed again :(",
    translatable("a list"): "What a great night!\nThe meeting is at 10.\nStill waiting, two hours now. Awful service.",
}


@classifier.get("/classify")
def classify() -> ResponseReturnValue:
    """Show the form, and the result for the text in the URL."""
    if "text" not in request.args:
        return _render_page(TextForm())
    text_form = parse_text_form(request.args).validated()
    query_string = urlencode(list(request.args.items(multi=True)), quote_via=quote, safe=",:@/!")
    if not text_form.problems and text_form.url != f"{url_for('classifier.classify')}?{query_string}":
        return redirect(text_form.url, 302)
    return _render_page(text_form)


@classifier.post("/classify")
def submit_text() -> ResponseReturnValue:
    """Redirect a short text to its URL; classify a long one here."""
    request.max_content_length = _MAX_BODY_BYTES
    try:
        text_form = parse_text_form(request.form).validated()
    except RequestEntityTooLarge:
        for _ in range(_MAX_DRAINED_BLOCKS):
            request.environ["wsgi.input"].read(MAX_TEXT_BYTES)
        problem = gettext("That’s too large: the limit is 1 MiB. Go back in your browser to find your text unchanged.")
        return _disable_caching(_render_page(TextForm(problems=[problem]), 413))
    if not text_form.problems and len(text_form.url.partition("?")[2]) <= MAX_QUERY_LENGTH:
        return _disable_caching(redirect(text_form.url, 303))
    return _disable_caching(_render_page(text_form))


@classifier.app_template_global("empty_text_form")
def empty_form() -> TextForm:
    """Return an empty form for any page to show."""
    return TextForm()


@classifier.app_template_global("classifier_unavailable_reason")
def unavailable_reason() -> str:
    """Return why the form can't be used on this server, empty if it can."""
    return _load_text_model()[1]


@classifier.app_template_global("classifier_languages")
def read_languages() -> str:
    """Return the languages that the models read besides English, in words; empty if nobody knows."""
    return predictions.list_read_languages(language_models())


@classifier.app_template_global("classifier_example_links")
def example_links() -> list[tuple[str, str]]:
    """Return the names and URLs of the examples."""
    return [(gettext(name), TextForm(text).url) for name, text in _EXAMPLE_TEXTS.items()]


classifier.add_app_template_filter(predictions.format_probability, "probability")


def _load_text_model() -> tuple[TextModel | None, str, int]:
    """Return the model, a message and a status. The model is None if it isn't available or doesn't take texts."""
    try:
        served_model = model()
    except ModelUnavailable as error:
        return None, error.message, 503
    if served_model.kind == "tabular":
        return None, gettext("The model on this server reads numbers, not text. Use POST /predict instead."), 422
    return served_model, "", 200


def _render_page(text_form: TextForm, error_status: int = 400) -> Response:
    """Return the page with the result, with the problems of the form, or with a request to sign in."""
    text_model, _, default_status = _load_text_model()
    can_predict = text_model and text_form.texts and not text_form.problems
    key_error = access.key_error(translatable("Asking the model")) if can_predict else None
    text_predictions = (
        predictions.predict_texts(text_model, text_form.texts, language_models()) if text_model and can_predict and not key_error else []
    )
    bars = predictions.count_labels(text_model, text_predictions) if text_model and text_predictions else []
    card = _find_card(text_model, text_predictions) if text_model else None
    page = render_template(
        "classify.html",
        text_form=text_form,
        predictions=text_predictions,
        label_counts=bars,
        headline=gettext("Please sign in") if key_error else _build_headline(text_predictions, bars),
        model_card=card,
        model_limits=predictions.describe_limits(card.limits, has_other_languages=language_models() is not None) if card else [],
        has_url=request.method == "GET",
        curl_command=_build_curl_command(text_form.texts) if text_predictions else "",
    )
    response = make_response(page, error_status if text_form.problems else 401 if key_error else default_status)
    if key_error:
        response.headers["WWW-Authenticate"] = access.www_authenticate(key_error)
    return response if response.status_code == 200 else _disable_caching(response)


def _find_card(text_model: TextModel, text_predictions: Sequence[predictions.TextPrediction]) -> ModelCard:
    """Return the card of the model that read a single text, or of the one that is always there."""
    models = language_models()
    reads_other_language = len(text_predictions) == 1 and text_predictions[0].language and text_predictions[0].is_read
    return (models.card if models and reads_other_language else None) or text_model.card


def _build_headline(text_predictions: Sequence[predictions.TextPrediction], bars: Sequence[predictions.LabelBar]) -> str:
    if not text_predictions:
        return gettext("Is it positive or negative?")
    return text_predictions[0].headline if len(text_predictions) == 1 else predictions.format_headline(bars, len(text_predictions))


def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _build_curl_command(texts: Sequence[str]) -> str:
    """Return a curl command that classifies the first texts through the API."""
    sample = [text[:200] for text in texts[:3]]
    body = json.dumps(({"texts": sample} if len(texts) > 1 else {"text": sample[0]}) | {"explain": True})
    key = " -H 'Authorization: Bearer KEY'" * access.requires_key()
    return f"curl -s {shlex.quote(urls.absolute('/predict'))}{key} -H 'Content-Type: application/json' -d {shlex.quote(body)}"
