"""What programs can ask, one entry an address, as OpenAPI writes it. A new chart in `query.CHARTS` needs no edit here."""

from dataclasses import dataclass
from typing import Any

from dashboard.core.query import CHARTS
from dashboard.web.formats import FORMATS
from dashboard.web.openapi import error_responses, parameters, schemas

PREDICT = "/predict"
_CHART = (
    "The same chart as data or as an image, of the same parameters. If some accounts can be read, they are drawn, and the others are a "
    "note. Parameters that are unknown, or that contradict one another, are refused."
)
_POSTS = (
    "The posts behind a chart, or behind one mark of it, in the order asked for. X's terms are kept: of its posts there are the account "
    "and the id alone, and at most 500."
)
_KEYED: dict[str, list[str]] = {"key": []}
_IMAGES = {"png": "image/png", "svg": "image/svg+xml"}
_NAMES = {"png": "PNG", "svg": "SVG", "csv": "CSV", "json": "JSON"}
_GOOD = "I love the new line, it is great!"
_ROW = (5.1, 3.5, 1.4, 0.2)
_EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("A text", {"text": _GOOD}),
    "explain": ("A text, and the words that decided", {"text": _GOOD, "explain": True}),
    "texts": ("A list", {"texts": [_GOOD, "The trains are delayed again."]}),
    "instances": ("As Vertex AI sends it", {"instances": [{"text": _GOOD}, {"text": "The trains are delayed again."}]}),
}


@dataclass(frozen=True)
class Offer:
    """What is served here: `takes` are the subjects of bodies that the model answers, `width` the numbers of its rows (None if they vary).

    `closed` says that predictions and what costs money take an access key.
    """

    takes: frozenset[str]
    width: int | None = None
    closed: bool = False


def paths(offer: Offer) -> dict[str, Any]:
    """Return every address with its operation."""
    charts = {path: {"get": each} for kind in CHARTS for path, each in _of_chart(kind, offer.closed).items()}
    return {PREDICT: {"post": _predict(offer)}, "/model": {"get": _model()}, **charts, **_of_posts(offer.closed), **_of_service()}


def _examples(offer: Offer) -> dict[str, Any]:
    """Return bodies that the served model answers, by name."""
    row = [_ROW[at % len(_ROW)] for at in range(offer.width or len(_ROW))]
    rows = {"features": ("A row of numbers", {"features": row}), "rows": ("Rows as Vertex AI sends them", {"instances": [row]})}
    tabular = rows if "features" in offer.takes else {}
    textual = _EXAMPLES if "text" in offer.takes else {}
    return {name: {"summary": summary, "value": value} for name, (summary, value) in (textual | tabular).items()}


def _predict(offer: Offer) -> dict[str, Any]:
    bodies = {"schema": schemas.named("Body"), "examples": _examples(offer)}
    return {
        "operationId": "predict",
        "tags": ["Classifier"],
        "summary": "How a text sounds",
        "description": "One text, up to 256 of them, or Vertex AI's shape; where a tabular model is mounted, rows of numbers instead. "
        "A text has at most 25,000 characters, a body 1 MiB. Answers keep the order. With explain, the weights of the terms add up to the "
        "margin.",
        "requestBody": {"required": True, "content": {"application/json": bodies}},
        "responses": _answer("Answer", "The likeliest label, how likely it is, and every label's probability.")
        | error_responses.of_prediction(offer.closed),
        **_keyed(offer.closed, [_KEYED]),
    }


def _model() -> dict[str, Any]:
    return {
        "operationId": "model",
        "tags": ["Classifier"],
        "summary": "What the model says of itself",
        "description": "Its name, version and digest, its labels, what it learned from, how well it does, and what it can't do.",
        "responses": _answer("Served", "The model that is served here.") | error_responses.of_model(),
    }


def _of_chart(kind: str, closed: bool) -> dict[str, Any]:
    """Return the operations of a chart: a format each, and the bare name, which is its PNG."""
    formats = {f"/{kind}.{form}": _chart(kind, form, f"{kind}_{form}", closed) for form in reversed(FORMATS)}
    return formats | {f"/{kind}": _chart(kind, "png", kind, closed)}


def _chart(kind: str, form: str, name: str, closed: bool) -> dict[str, Any]:
    held = {"content": _content(kind, form), "description": f"The {kind} chart as {_NAMES[form]}."}
    return {
        "operationId": name,
        "tags": [kind.capitalize()],
        "summary": f"{kind.capitalize()} as {_NAMES[form]}",
        "description": _CHART,
        "parameters": parameters.references(kind),
        "responses": {"200": held, "304": {"description": "The reader has it already (If-None-Match)."}} | error_responses.of_chart(closed),
        **_keyed(closed, [{}, _KEYED]),
    }


def _of_posts(closed: bool) -> dict[str, Any]:
    """Return the operations of the posts behind a chart."""
    contents = {"json": {"application/json": {"schema": schemas.named("Posts")}}, "csv": {"text/csv": {"schema": {"type": "string"}}}}
    return {f"/posts.{form}": {"get": _posts(form, content, closed)} for form, content in contents.items()}


def _posts(form: str, content: dict[str, Any], closed: bool) -> dict[str, Any]:
    held = {"content": content, "description": f"The posts as {_NAMES[form]}."}
    return {
        "operationId": f"posts_{form}",
        "tags": ["Posts"],
        "summary": f"Posts as {_NAMES[form]}",
        "description": _POSTS,
        "parameters": parameters.of_posts(),
        "responses": {"200": held, "304": {"description": "The reader has it already (If-None-Match)."}} | error_responses.of_chart(closed),
        **_keyed(closed, [{}, _KEYED]),
    }


def _content(kind: str, form: str) -> dict[str, Any]:
    if form == "json":
        return {"application/json": {"schema": schemas.named(schemas.chart(kind))}}
    return {"text/csv": {"schema": {"type": "string"}}} if form == "csv" else {_IMAGES[form]: {}}


def _keyed(closed: bool, ways: list[dict[str, Any]]) -> dict[str, Any]:
    """Return by which of some ways an operation is let in, nothing where no key is needed."""
    return {"security": ways} if closed else {}


def _of_service() -> dict[str, Any]:
    alive = _service("health", "Whether the process serves", "It touches nothing else.", _answer("Health", "It does."))
    ready = _answer("Ready", "A real prediction has run.") | error_responses.of_model()
    cost = _answer("Cost", "In US dollars.") | error_responses.of_question()
    before = _service("cost", "What a question costs at most", "Asks no network; takes what a chart takes.", cost)
    return {
        "/cost": {"get": before | {"parameters": parameters.references()}},
        "/health": {"get": alive},
        "/ready": {"get": _service("ready", "Whether it can predict", "Makes a prediction, and says of what model.", ready)},
    }


def _service(name: str, summary: str, description: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "tags": ["Service"], "summary": summary, "description": description, "responses": responses}


def _answer(schema: str, description: str) -> dict[str, Any]:
    return {"200": {"description": description, "content": {"application/json": {"schema": schemas.named(schema)}}}}
