"""The text check: paste a text or a list and see how the model rates it. Short texts get a shareable URL.

Texts sent by POST are neither stored nor logged. A short one only redirects to its URL.
"""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from dashboard.core.errors import ModelUnavailable
from dashboard.core.formatting.counts import format_bytes
from dashboard.core.formatting.numbers import format_number
from dashboard.core.messages import gettext, translatable
from dashboard.prediction.limits import MAX_TEXT_CHARACTERS, MAX_TEXTS
from dashboard.prediction.protocols import ModelCard, TextModel
from dashboard.web import urls
from dashboard.web.auth import access
from dashboard.web.auth.csrf import require_same_origin
from dashboard.web.extensions import language_models, model
from dashboard.web.presenters import predictions

classifier = Blueprint("classifier", __name__)
classifier.before_request(require_same_origin)
MAX_QUERY_LENGTH = 6_000  # characters of a query string that every server and browser accepts
_MAX_TEXT_BYTES = 1024 * 1024  # bytes of all texts together
_MAX_BODY_BYTES = 4 * _MAX_TEXT_BYTES  # bytes of the form; one slightly over the text limit is shown again with a message
_MAX_DRAINED_BLOCKS = 16  # blocks of _MAX_TEXT_BYTES to discard of a larger form, because browsers show no response while sending
_EXAMPLE_TEXTS = {
    translatable("a sentence"): "I love the new line, but the trains are delayed again :(",
    translatable("a list"): "What a great night!\nThe meeting is at 10.\nStill waiting, two hours now. Awful service.",
}


@dataclass(frozen=True)
class TextForm:
    """The form as submitted: its unchanged text, whether all lines are one text, and its problems."""

    text: str = ""
    is_single_text: bool = False
    problems: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """Return the texts to classify, one per line, without blank lines."""
        lines = [line.strip() for line in self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        return list(filter(None, ["\n".join(lines).strip()] if self.is_single_text else lines))

    @property
    def url(self) -> str:
        """Return the canonical URL of the text in the form."""
        texts = self.texts
        fields = [("text", "\n".join(texts))] + [("whole", "1")] * (self.is_single_text and "\n" in texts[0])
        return f"{url_for('classifier.classify')}?{urlencode(fields, quote_via=quote, safe=',:@/!')}"

    def validated(self) -> "TextForm":
        """Return the form with all of its problems."""
        texts = self.texts
        problems = [] if texts else [gettext("Enter a text, or a list with one text per line.")]
        if len(texts) > MAX_TEXTS:
            values = {"count": format_number(len(texts)), "limit": str(MAX_TEXTS)}
            problems.append(gettext("That's %(count)s lines; the limit is %(limit)s texts.", **values))
        problems += [
            gettext(
                "Text %(number)s has %(count)s characters; the limit is %(limit)s.",
                number=format_number(number),
                count=format_number(len(text)),
                limit=format_number(MAX_TEXT_CHARACTERS),
            )
            for number, text in _find_long_texts(texts)[:3]
        ]
        size = sum(len(text.encode()) for text in texts)
        if size > _MAX_TEXT_BYTES:
            values = {"size": format_bytes(size), "limit": format_bytes(_MAX_TEXT_BYTES)}
            problems.append(gettext("That's %(size)s in all; the limit is %(limit)s.", **values))
        return replace(self, problems=problems)


@classifier.get("/classify")
def classify() -> ResponseReturnValue:
    """Show the form, and the result for the text in the URL."""
    if "text" not in request.args:
        return _render_page(TextForm())
    text_form = _parse_form(request.args).validated()
    query_string = urlencode(list(request.args.items(multi=True)), quote_via=quote, safe=",:@/!")
    if not text_form.problems and text_form.url != f"{url_for('classifier.classify')}?{query_string}":
        return redirect(text_form.url, 302)
    return _render_page(text_form)


@classifier.post("/classify")
def submit_text() -> ResponseReturnValue:
    """Redirect a short text to its URL; classify a long one here."""
    request.max_content_length = _MAX_BODY_BYTES
    try:
        text_form = _parse_form(request.form).validated()
    except RequestEntityTooLarge:
        for _ in range(_MAX_DRAINED_BLOCKS):
            request.environ["wsgi.input"].read(_MAX_TEXT_BYTES)
        problem = gettext("That's too large: the limit is 1 MiB. Go back in your browser to find your text unchanged.")
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


def _parse_form(fields: MultiDict[str, str]) -> TextForm:
    return TextForm("\n".join(fields.getlist("text")), fields.get("whole") == "1")


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


def _find_long_texts(texts: Sequence[str]) -> list[tuple[int, str]]:
    return [(number, text) for number, text in enumerate(texts, 1) if len(text) > MAX_TEXT_CHARACTERS]


def _build_curl_command(texts: Sequence[str]) -> str:
    """Return a curl command that classifies the first texts through the API."""
    sample = [text[:200] for text in texts[:3]]
    body = json.dumps(({"texts": sample} if len(texts) > 1 else {"text": sample[0]}) | {"explain": True})
    key = " -H 'Authorization: Bearer KEY'" * access.requires_key()
    return f"curl -s {shlex.quote(urls.absolute('/predict'))}{key} -H 'Content-Type: application/json' -d {shlex.quote(body)}"
