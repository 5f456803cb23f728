"""What bodies and answers look like, as JSON Schema: taken from the types that read and write them, so the document can't say otherwise."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.prediction.api.predict_response import PredictResponse, Served
from dashboard.prediction.api.schemas import BODY_TYPES
from dashboard.web.openapi.parameters import EXAMPLE_ACCOUNT, query_parameters, selection_schemas

_REFERENCE_TEMPLATE = "#/components/schemas/{model}"
_SCHEMA_BY_TYPE: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "description": "A date, or for hours a time with its offset.", "examples": ["2026-03-02"]},
    datetime: {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:30:00+00:00"]},
}
_COLUMN_DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "id": {"description": "Its network's own name for the post."},
    "created_at": {"description": "When it was posted (UTC)."},
    "kind": {"description": "post, reply, repost or quote."},
    "lang": {"description": "Its language as the network says it."},
    "url": {"description": "Where the original stands."},
    "score": {"description": "What the method makes of the post, on its own scale; null if it does not read its language."},
    "account": {"description": "The account in its canonical form.", "examples": [EXAMPLE_ACCOUNT]},
    "posts": {"description": "Posts in the interval, or in that hour of the week; null where nothing is known."},
    "weekday": {"description": "1 to 7, Monday being 1, in the zone of the question."},
    "hour": {"description": "0 to 23, as clocks show it in that zone."},
    "share": {"description": "Of all posts of the account; null where nothing is known."},
    "likes": {"description": "Likes or favourites; null where nobody counted, as for all counts."},
    "reposts": {"description": "How often it was reposted."},
    "replies": {"description": "How often it was replied to."},
    "quotes": {"description": "How often it was quoted."},
    "views": {"description": "How often it was seen; no reaction."},
    "reactions": {"description": "Likes, reposts, replies and quotes together, as far as they are known; null if none is."},
    "words": {"description": "Words of those posts."},
    "matched": {"description": "Words that the method knows; null if it looks none up."},
    "positive": {"description": "What speaks for it: words, points or posts, by method."},
    "negative": {"description": "What speaks against it."},
    "value": {"description": "The measure that was asked for; null where there is none."},
    "low": {"description": "Lower end of its 95 % interval; null where none can be had."},
    "high": {"description": "Upper end of it."},
    "measure": {"description": "What the row measures: posts or sentiment; or posts_per_day, net_per_post or positive_share."},
    "before": {"description": "In the time before; null where there is nothing to measure."},
    "now": {"description": "In this time."},
    "change": {"description": "now ÷ before − 1 for posts_per_day, else now − before."},
    "posts_before": {"description": "Posts of the time before that the row rests on."},
    "posts_now": {"description": "Posts of this time that the row rests on."},
    "expected": {"description": "What is usual for the account."},
    "z": {"description": "How far the value is from that, in what such intervals usually differ (robust standard deviations)."},
    "word": {"description": "A word or phrase of the method's list; by model a word that tells positive from negative posts."},
    "polarity": {"description": "positive or negative; of a post also neutral."},
    "count": {"description": "How often the account uses it."},
    "contribution": {"description": "What it adds: words, points or valences, by method; by model a z-score."},
    "per_1000_words": {"description": "How often the account uses it among a thousand words."},
    "difference": {"description": "z-score by which the account uses it more than the others together; null with one account."},
    "method": {"description": "One of the values of the parameter method."},
    "neutral": {"description": "What the method finds neither positive nor negative."},
    "agreement": {"description": "Share of posts on which another method says the same, the mean of all others; null without posts."},
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
    sentence: Annotated[str, Field(examples=["Free."])]


def build_components(input_kinds: frozenset[str], feature_count: int | None) -> dict[str, Any]:
    """Return every schema by name; `takes` are the keys that the served model is asked by, `width` the numbers of a row it wants."""
    body = reduce(or_, [shape for name, shape in BODY_TYPES.items() if name in input_kinds])
    types: list[tuple[str, Any, TypeAdapter[Any]]] = [
        ("Body", "validation", TypeAdapter(body)),
        *((name, "serialization", TypeAdapter(each)) for name, each in _RESPONSE_TYPES.items()),
    ]
    drawn, rest = TypeAdapter.json_schemas(types, ref_template=_REFERENCE_TEMPLATE)
    unions = {name: drawn[name, mode] for name, mode, _ in types if name in ("Body", "Answer")}
    charts = {name: schema for kind in CHARTS.names() for name, schema in _chart_schemas(kind).items()}
    return _limit_feature_count(rest["$defs"] | unions, feature_count) | {"Question": _query_schema()} | charts | _posts_schemas()


_RESPONSE_TYPES: dict[str, Any] = {
    "Answer": PredictResponse,
    "Served": Served,
    "Problem": Problem,
    "Health": Health,
    "Ready": Ready,
    "Cost": Cost,
}


def reference(schema_name: str) -> dict[str, str]:
    """Return a reference to a schema."""
    return {"$ref": _REFERENCE_TEMPLATE.format(model=schema_name)}


def chart_schema_name(kind: str) -> str:
    """Return the name of the schema of a chart's JSON document."""
    return f"{kind.capitalize()}Chart"


def _chart_schemas(kind: str) -> dict[str, Any]:
    """Return the schemas of a chart's document: a row of its table, a row of its coverage, and the whole."""
    from dashboard.reports import schema as table_schema

    words = "A row of the table beneath the chart."
    whole = "A chart as data: the question, what was read for it, what must be said, and the table."
    row = f"{kind.capitalize()}Row"
    schemas = _table_schemas(row, table_schema.chart_columns(kind, "share"), words, chart_schema_name(kind), "Question", whole)
    schemas[row]["required"] = list(table_schema.chart_columns(kind))  # a sum has no interval, as a mean and a share have
    return schemas


def _posts_schemas() -> dict[str, Any]:
    """Return the schemas of the posts behind a chart: a post, the question with what picks posts, and the whole."""
    from dashboard.reports import schema as table_schema

    asked = _query_schema()
    picked = {name: _make_nullable(schema) if default is None else schema for name, (schema, default) in selection_schemas().items()}
    words = "A post; of one on X the account and the id alone."
    whole = "Posts as data: the question, what was read for it, what must be said, and the posts."
    sample = asked["examples"][0] | {"interval": "auto"} | {name: default for name, (_, default) in selection_schemas().items()}
    question = _object_schema(asked["properties"] | picked, "What was asked, as it was understood.") | {"examples": [sample]}
    return _table_schemas("Post", table_schema.post_columns(), words, "Posts", "Picked", whole) | {"Picked": question}


def _table_schemas(
    row_name: str, column_types: Mapping[str, type], row_description: str, document_name: str, query_name: str, document_description: str
) -> dict[str, Any]:
    """Return the schemas of a document with a table: a row, a row of coverage, and the whole."""
    from dashboard.reports import schema as table_schema

    covered = "Coverage"
    cut_by = {"cut_by": {**_COLUMN_DESCRIPTIONS["cut_by"], "enum": [*table_schema.CUT_REASONS, None]}}
    whole = {
        "query": reference(query_name),
        "coverage": {"type": "array", "items": reference(covered)},
        "notes": {"type": "array", "items": {"type": "string"}, "description": "What must be said of the numbers."},
        "fetched_at": _column_schema("", datetime) | {"description": "When the oldest of the timelines was read (UTC)."},
        "data": {"type": "array", "items": reference(row_name)},
    }
    return {
        row_name: _object_schema({name: _column_schema(name, kind) for name, kind in column_types.items()}, row_description),
        covered: _object_schema(
            {name: _column_schema(name, kind) for name, kind in table_schema.coverage_columns(CHARTS.names()[0]).items()} | cut_by,
            "What was read.",
        ),
        document_name: _object_schema(whole, document_description),
    }


def _query_schema() -> dict[str, Any]:
    """Return the schema of the question as an answer repeats it: parameters as they were understood, null where there is none."""
    shown = Query.parse({"users": [EXAMPLE_ACCOUNT]}).to_json() | {"interval": "week"}
    known = {name: query_parameters()[name]["schema"] for name in shown} | {"users": {"type": "array", "items": {"type": "string"}}}
    properties = {name: _make_nullable(known[name]) if value is None else known[name] for name, value in shown.items()}
    return _object_schema(properties, "What was asked, as it was understood.") | {"examples": [shown]}


def _object_schema(properties: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "properties": dict(properties), "required": list(properties)}


def _column_schema(name: str, python_type: type) -> dict[str, Any]:
    """Return the schema of a value: what is not known is null, but an account is known and so is when an interval starts."""
    schema = _SCHEMA_BY_TYPE.get(python_type, {}) | _COLUMN_DESCRIPTIONS.get(name, {})
    return schema if name in ("account", "start") or not schema.get("type") else _make_nullable(schema)


def _make_nullable(schema: dict[str, Any]) -> dict[str, Any]:
    listed = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | listed


def _limit_feature_count(schemas: dict[str, Any], feature_count: int | None) -> dict[str, Any]:
    """Return the schemas with rows as wide as the model wants them, and instances of the kinds that it reads."""
    listed = schemas["Instances"]["properties"]["instances"]["items"] if "Instances" in schemas else {"oneOf": []}
    read = [each for each in listed["oneOf"] if ("Features" if each.get("type") == "array" else "OneText") in schemas]
    listed["oneOf"] = read
    if feature_count is not None and "Features" in schemas:
        row, rows = schemas["Features"]["properties"]["features"]["oneOf"]
        for each in (row, rows["items"], *(each for each in read if each.get("type") == "array")):
            each.update(minItems=feature_count, maxItems=feature_count)
    return schemas
