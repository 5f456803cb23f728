"""A box for people: a sentence or a list pasted in, and how the model reads it, at an address of its own if it is short.

What is sent by POST is neither kept nor logged. Nothing changes by it; a short text is only moved to where it can be bookmarked.
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
from dashboard.prediction.limits import MAX_TEXT_CHARACTERS, MAX_TEXTS
from dashboard.prediction.protocols import TextModel
from dashboard.web.auth import access
from dashboard.web.auth.csrf import require_same_origin
from dashboard.web.extensions import model
from dashboard.web.presenters import predictions

classifier = Blueprint("classifier", __name__)
classifier.before_request(require_same_origin)
MAX_QUERY_LENGTH = 6_000  # characters of a query string: what servers and browsers on the way surely carry
_MAX_TEXT_BYTES = 1024 * 1024  # bytes of all texts
_MAX_BODY_BYTES = 4 * _MAX_TEXT_BYTES  # bytes of the form: a little too much is given back with a message
_MAX_DRAINED_BLOCKS = 16  # times _MOST that are read and thrown away of a larger form; a browser shows no answer while it still sends
_EXAMPLE_TEXTS = {
    "a sentence": "I love the new line, but the trains are delayed again :(",
    "a list": "What a great night!\nThe meeting is at 10.\nStill waiting, two hours now. Awful service.",
}


@dataclass(frozen=True)
class TextForm:
    """The box as a person left it: its text word for word, whether all lines are one text, and what is wrong with it."""

    text: str = ""
    is_single_text: bool = False
    problems: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """Return the texts to read: one a line, without blank ones."""
        lines = [line.strip() for line in self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        return list(filter(None, ["\n".join(lines).strip()] if self.is_single_text else lines))

    @property
    def url(self) -> str:
        """Return the canonical address of what is in the box."""
        texts = self.texts
        fields = [("text", "\n".join(texts))] + [("whole", "1")] * (self.is_single_text and "\n" in texts[0])
        return f"{url_for('classifier.classify')}?{urlencode(fields, quote_via=quote, safe=',:@/!')}"

    def validated(self) -> "TextForm":
        """Return the box with everything that is wrong with it."""
        texts = self.texts
        wrong = [] if texts else ["Enter a text, or a list with one text per line."]
        wrong += [f"That's {len(texts):,} lines; the limit is {MAX_TEXTS} texts."] if len(texts) > MAX_TEXTS else []
        wrong += [
            f"Text {n:,} has {len(text):,} characters; the limit is {MAX_TEXT_CHARACTERS:,}." for n, text in _find_long_texts(texts)[:3]
        ]
        size = sum(len(text.encode()) for text in texts)
        wrong += [f"That's {size:,} bytes in all; the limit is {_MAX_TEXT_BYTES:,} (1 MiB)."] if size > _MAX_TEXT_BYTES else []
        return replace(self, problems=wrong)


@classifier.get("/classify")
def classify() -> ResponseReturnValue:
    """The box, and what the model makes of the text in the address."""
    if "text" not in request.args:
        return _render_page(TextForm())
    box = _parse_form(request.args).validated()
    asked = urlencode(list(request.args.items(multi=True)), quote_via=quote, safe=",:@/!")
    if not box.problems and box.url != f"{url_for('classifier.classify')}?{asked}":
        return redirect(box.url, 302)
    return _render_page(box)


@classifier.post("/classify")
def submit_text() -> ResponseReturnValue:
    """Lead to the address of a short text; answer a long one here."""
    request.max_content_length = _MAX_BODY_BYTES
    try:
        box = _parse_form(request.form).validated()
    except RequestEntityTooLarge:
        for _ in range(_MAX_DRAINED_BLOCKS):
            request.environ["wsgi.input"].read(_MAX_TEXT_BYTES)
        told = "That's too large: the limit is 1 MiB. Go back in your browser to find your text unchanged."
        return _disable_caching(_render_page(TextForm(problems=[told]), 413))
    if not box.problems and len(box.url.partition("?")[2]) <= MAX_QUERY_LENGTH:
        return _disable_caching(redirect(box.url, 303))
    return _disable_caching(_render_page(box))


@classifier.app_template_global("empty_text_form")
def empty_form() -> TextForm:
    """Return an empty box, for any page to show."""
    return TextForm()


@classifier.app_template_global("classifier_unavailable_reason")
def unavailable_reason() -> str:
    """Say why the box can't be used here; empty if it can."""
    return _load_text_model()[1]


@classifier.app_template_global("classifier_example_links")
def example_links() -> list[tuple[str, str]]:
    """Return what to try, with its address."""
    return [(name, TextForm(text).url) for name, text in _EXAMPLE_TEXTS.items()]


classifier.add_app_template_filter(predictions.format_probability, "probability")


def _load_text_model() -> tuple[TextModel | None, str, int]:
    """Return the model if it reads texts; else None, why, and the status of that."""
    try:
        given = model()
    except ModelUnavailable as error:
        return None, error.message, 503
    if given.kind == "tabular":
        return None, "The model on this server reads numbers, not text. Use POST /predict instead.", 422
    return given, "", 200


def _parse_form(fields: MultiDict[str, str]) -> TextForm:
    return TextForm("\n".join(fields.getlist("text")), fields.get("whole") == "1")


def _render_page(text_form: TextForm, error_status: int = 400) -> Response:
    """Return the page of a box: with its answer, or with its problems and their status, or asking to sign in."""
    given, _, usual = _load_text_model()
    refused = access.key_error("Asking the model") if given and text_form.texts and not text_form.problems else None
    found = (
        predictions.predict_texts(given, text_form.texts) if given and text_form.texts and not text_form.problems and not refused else []
    )
    bars = predictions.count_labels(given, found) if given and found else []
    page = render_template(
        "classify.html",
        text_form=text_form,
        predictions=found,
        label_counts=bars,
        headline="Please sign in" if refused else _build_headline(found, bars),
        model_card=given.card if given else None,
        has_url=request.method == "GET",
        curl_command=_build_curl_command(text_form.texts) if found else "",
    )
    response = make_response(page, error_status if text_form.problems else 401 if refused else usual)
    if refused:
        response.headers["WWW-Authenticate"] = access.www_authenticate(refused)
    return response if response.status_code == 200 else _disable_caching(response)


def _build_headline(text_predictions: Sequence[predictions.TextPrediction], bars: Sequence[predictions.LabelBar]) -> str:
    if not text_predictions:
        return "Is it positive or negative?"
    return text_predictions[0].headline if len(text_predictions) == 1 else predictions.format_headline(bars, len(text_predictions))


def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _find_long_texts(texts: Sequence[str]) -> list[tuple[int, str]]:
    return [(number, text) for number, text in enumerate(texts, 1) if len(text) > MAX_TEXT_CHARACTERS]


def _build_curl_command(texts: Sequence[str]) -> str:
    """Return the command that asks a program's way, for the first texts."""
    some = [text[:200] for text in texts[:3]]
    body = json.dumps(({"texts": some} if len(texts) > 1 else {"text": some[0]}) | {"explain": True})
    key = " -H 'Authorization: Bearer KEY'" * access.requires_key()
    return f"curl -s {shlex.quote(request.url_root + 'predict')}{key} -H 'Content-Type: application/json' -d {shlex.quote(body)}"
