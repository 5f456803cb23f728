"""What bodies and answers look like, as JSON Schema: taken from the types that read and write them, so the document can't say otherwise."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from dashboard.prediction.answers import Answer, Served
from dashboard.prediction.shapes import BODIES
from dashboard.query import CHARTS, Query
from dashboard.web.parameters import EXAMPLE, parameters

_REF = "#/components/schemas/{model}"
_TYPES: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "description": "A date, or for hours a time with its offset.", "examples": ["2026-03-02"]},
    datetime: {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:30:00+00:00"]},
}
_KNOWN: dict[str, dict[str, Any]] = {
    "account": {"description": "The account in its canonical form.", "examples": [EXAMPLE]},
    "posts": {"description": "Posts in the interval."},
    "words": {"description": "Words of those posts."},
    "matched": {"description": "Words that the method knows; null if it looks none up."},
    "positive": {"description": "What speaks for it: words, points or posts, by method."},
    "negative": {"description": "What speaks against it."},
    "value": {"description": "The measure that was asked for; null where there is none."},
    "asked": {"description": "Posts asked for; null if the network counted."},
    "fetched": {"description": "Posts that were read or counted."},
    "first": {"description": "The oldest of them (UTC)."},
    "last": {"description": "The newest of them (UTC)."},
    "cut_by": {"description": "Why reading ended; null if all there is was read."},
}


class Trouble(TypedDict):
    """What is wrong at one field; `field` is empty if it is about the whole."""

    field: Annotated[str, Field(examples=["users"])]
    message: Annotated[str, Field(examples=["Type at least one account, such as nasa or demo:harbour-news."])]


class Problem(TypedDict):
    """What went wrong and what to do next (RFC 9457)."""

    title: Annotated[str, Field(examples=["Please check the form"])]
    status: Annotated[int, Field(ge=400, le=599, examples=[400])]
    detail: Annotated[str, Field(examples=["Type at least one account, such as nasa or demo:harbour-news."])]
    problems: list[Trouble]


class Health(TypedDict):
    """The process serves; `model_loaded` says whether the classifier is in memory."""

    status: Literal["healthy"]
    model_loaded: bool


class Ready(TypedDict):
    """A real prediction has run; `model` is the name and version of what made it."""

    status: Literal["ready"]
    model: Annotated[str, Field(examples=["chorus-sentiment 1"])]


class Cost(TypedDict):
    """US dollars: the most that a question can cost now, and what is left of today's budget (null if it can't be looked up)."""

    at_most: Annotated[float, Field(ge=0, examples=[0.0])]
    left: Annotated[float | None, Field(examples=[5.0])]
    sentence: Annotated[str, Field(examples=["Free: nothing that costs money has to be read."])]


def components(takes: frozenset[str], width: int | None) -> dict[str, Any]:
    """Return every schema by name; `takes` are the keys that the served model is asked by, `width` the numbers of a row it wants."""
    body = reduce(or_, [shape for name, shape in BODIES.items() if name in takes])
    types: list[tuple[str, Any, TypeAdapter[Any]]] = [
        ("Body", "validation", TypeAdapter(body)),
        *((name, "serialization", TypeAdapter(each)) for name, each in _ANSWERS.items()),
    ]
    drawn, rest = TypeAdapter.json_schemas(types, ref_template=_REF)
    unions = {name: drawn[name, mode] for name, mode, _ in types if name in ("Body", "Answer")}
    charts = {name: schema for kind in CHARTS for name, schema in _chart(kind).items()}
    return _of_width(rest["$defs"] | unions, width) | {"Question": _question()} | charts


_ANSWERS: dict[str, Any] = {"Answer": Answer, "Served": Served, "Problem": Problem, "Health": Health, "Ready": Ready, "Cost": Cost}


def named(name: str) -> dict[str, str]:
    """Return a reference to a schema."""
    return {"$ref": _REF.format(model=name)}


def chart(kind: str) -> str:
    """Return the name of the schema of a chart's JSON document."""
    return f"{kind.capitalize()}Chart"


def _chart(kind: str) -> dict[str, Any]:
    """Return the schemas of a chart's document: a row of its table, a row of its coverage, and the whole."""
    from dashboard import columns

    rows, covered = f"{kind.capitalize()}Row", "Coverage"
    cut_by = {"cut_by": {**_KNOWN["cut_by"], "enum": [*columns.CUT_BY, None]}}
    whole = {
        "query": named("Question"),
        "coverage": {"type": "array", "items": named(covered)},
        "notes": {"type": "array", "items": {"type": "string"}, "description": "What must be said of the numbers."},
        "fetched_at": _column("", datetime) | {"description": "When the oldest of the timelines was read (UTC)."},
        "data": {"type": "array", "items": named(rows)},
    }
    return {
        rows: _object(
            {name: _column(name, kind_) for name, kind_ in columns.of_chart(kind).items()}, "A row of the table beneath the chart."
        ),
        covered: _object({name: _column(name, kind_) for name, kind_ in columns.of_coverage(kind).items()} | cut_by, "What was read."),
        chart(kind): _object(whole, "A chart as data: the question, what was read for it, what must be said, and the table."),
    }


def _question() -> dict[str, Any]:
    """Return the schema of the question as an answer repeats it: parameters as they were understood, null where there is none."""
    shown = Query.parse({"users": [EXAMPLE]}).to_json() | {"interval": "week"}
    known = {name: parameters()[name]["schema"] for name in shown} | {"users": {"type": "array", "items": {"type": "string"}}}
    properties = {name: _nullable(known[name]) if value is None else known[name] for name, value in shown.items()}
    return _object(properties, "What was asked, as it was understood.") | {"examples": [shown]}


def _object(properties: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "properties": dict(properties), "required": list(properties)}


def _column(name: str, kind: type) -> dict[str, Any]:
    """Return the schema of a value: what is not known is null, but an account is known and so is when an interval starts."""
    schema = _TYPES.get(kind, {}) | _KNOWN.get(name, {})
    return schema if name in ("account", "start") or not schema.get("type") else _nullable(schema)


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"type": [schema["type"], "null"]}


def _of_width(schemas: dict[str, Any], width: int | None) -> dict[str, Any]:
    """Return the schemas with rows of features as wide as the model wants them."""
    if width is not None and "Features" in schemas:
        row, rows = schemas["Features"]["properties"]["features"]["oneOf"]
        for each in (row, rows["items"]):
            each.update(minItems=width, maxItems=width)
    return schemas
