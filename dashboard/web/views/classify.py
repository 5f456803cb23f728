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
from dashboard.web.auth.csrf import from_here
from dashboard.web.extensions import model
from dashboard.web.presenters import predictions

tryout = Blueprint("tryout", __name__)
tryout.before_request(from_here)
LONGEST_LINK = 6_000  # characters of a query string: what servers and browsers on the way surely carry
_MOST = 1024 * 1024  # bytes of all texts
_BODY = 4 * _MOST  # bytes of the form: a little too much is given back with a message
_HEARD_OUT = 16  # times _MOST that are read and thrown away of a larger form; a browser shows no answer while it still sends
_EXAMPLES = {
    "a sentence": "I love the new line, but the trains are delayed again :(",
    "a list": "What a great night!\nThe meeting is at 10.\nStill waiting, two hours now. Awful service.",
}


@dataclass(frozen=True)
class Box:
    """The box as a person left it: its text word for word, whether all lines are one text, and what is wrong with it."""

    text: str = ""
    whole: bool = False
    problems: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """Return the texts to read: one a line, without blank ones."""
        lines = [line.strip() for line in self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        return list(filter(None, ["\n".join(lines).strip()] if self.whole else lines))

    @property
    def link(self) -> str:
        """Return the canonical address of what is in the box."""
        texts = self.texts
        fields = [("text", "\n".join(texts))] + [("whole", "1")] * (self.whole and "\n" in texts[0])
        return f"{url_for('tryout.classify')}?{urlencode(fields, quote_via=quote, safe=',:@/!')}"

    def checked(self) -> "Box":
        """Return the box with everything that is wrong with it."""
        texts = self.texts
        wrong = [] if texts else ["Nothing was typed: write or paste a sentence, or a list with one text a line."]
        wrong += [f"These are {len(texts):,} lines: at most {MAX_TEXTS} texts are read at once."] if len(texts) > MAX_TEXTS else []
        wrong += [f"Text {n:,} has {len(text):,} characters: at most {MAX_TEXT_CHARACTERS:,} are read." for n, text in _too_long(texts)[:3]]
        size = sum(len(text.encode()) for text in texts)
        wrong += [f"These are {size:,} bytes together: at most {_MOST:,} (1 MiB) are read at once."] if size > _MOST else []
        return replace(self, problems=wrong)


@tryout.get("/classify")
def classify() -> ResponseReturnValue:
    """The box, and what the model makes of the text in the address."""
    if "text" not in request.args:
        return _page(Box())
    box = _box(request.args).checked()
    asked = urlencode(list(request.args.items(multi=True)), quote_via=quote, safe=",:@/!")
    if not box.problems and box.link != f"{url_for('tryout.classify')}?{asked}":
        return redirect(box.link, 302)
    return _page(box)


@tryout.post("/classify")
def classified() -> ResponseReturnValue:
    """Lead to the address of a short text; answer a long one here."""
    request.max_content_length = _BODY
    try:
        box = _box(request.form).checked()
    except RequestEntityTooLarge:
        for _ in range(_HEARD_OUT):
            request.environ["wsgi.input"].read(_MOST)
        told = "That is far too much: at most 1 MiB is read at once. Your text is still there if you go back in your browser."
        return _kept_nowhere(_page(Box(problems=[told]), 413))
    if not box.problems and len(box.link.partition("?")[2]) <= LONGEST_LINK:
        return _kept_nowhere(redirect(box.link, 303))
    return _kept_nowhere(_page(box))


@tryout.app_template_global("tryout_box")
def empty() -> Box:
    """Return an empty box, for any page to show."""
    return Box()


@tryout.app_template_global("tryout_closed")
def closed() -> str:
    """Say why the box can't be used here; empty if it can."""
    return _served()[1]


@tryout.app_template_global("tryout_examples")
def examples() -> list[tuple[str, str]]:
    """Return what to try, with its address."""
    return [(name, Box(text).link) for name, text in _EXAMPLES.items()]


tryout.add_app_template_filter(predictions.chance)


def _served() -> tuple[TextModel | None, str, int]:
    """Return the model if it reads texts; else None, why, and the status of that."""
    try:
        given = model()
    except ModelUnavailable as error:
        return None, error.sentence, 503
    if given.kind == "tabular":
        return None, "The model of this installation reads numbers, not words: programs ask it at POST /predict.", 422
    return given, "", 200


def _box(fields: MultiDict[str, str]) -> Box:
    return Box("\n".join(fields.getlist("text")), fields.get("whole") == "1")


def _page(box: Box, status: int = 400) -> Response:
    """Return the page of a box: with its answer, or with its problems and their status, or asking to sign in."""
    given, _, usual = _served()
    refused = access.refusal("Asking the model") if given and box.texts and not box.problems else None
    found = predictions.read(given, box.texts) if given and box.texts and not box.problems and not refused else []
    bars = predictions.counted(given, found) if given and found else []
    page = render_template(
        "classify.html",
        box=box,
        readings=found,
        counts=bars,
        headline="Please sign in" if refused else _headline(found, bars),
        card=given.card if given else None,
        linked=request.method == "GET",
        curl=_curl(box.texts) if found else "",
    )
    response = make_response(page, status if box.problems else 401 if refused else usual)
    if refused:
        response.headers["WWW-Authenticate"] = access.challenge(refused)
    return response if response.status_code == 200 else _kept_nowhere(response)


def _headline(found: Sequence[predictions.Reading], bars: Sequence[predictions.Bar]) -> str:
    if not found:
        return "How does this sound?"
    return found[0].headline if len(found) == 1 else predictions.headline(bars, len(found))


def _kept_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _too_long(texts: Sequence[str]) -> list[tuple[int, str]]:
    return [(number, text) for number, text in enumerate(texts, 1) if len(text) > MAX_TEXT_CHARACTERS]


def _curl(texts: Sequence[str]) -> str:
    """Return the command that asks a program's way, for the first texts."""
    some = [text[:200] for text in texts[:3]]
    body = json.dumps(({"texts": some} if len(texts) > 1 else {"text": some[0]}) | {"explain": True})
    key = " -H 'Authorization: Bearer KEY'" * access.closed()
    return f"curl -s {shlex.quote(request.url_root + 'predict')}{key} -H 'Content-Type: application/json' -d {shlex.quote(body)}"
