"""What bodies and answers look like, as JSON Schema: taken from the types that read and write them, so the document can't say otherwise."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from dashboard.core.charts import CHARTS
from dashboard.core.columns import COLUMNS, Column
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
    date: {"type": "string", "examples": ["2026-03-02"]},
    datetime: {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:30:00+00:00"]},
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
    schemas = _table_schemas(
        row, _columns_in(kind, table_schema.chart_columns(kind, "share")), words, chart_schema_name(kind), "Question", whole
    )
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
    return _table_schemas("Post", _columns_in("posts", table_schema.post_columns()), words, "Posts", "Picked", whole) | {"Picked": question}


def _table_schemas(
    row_name: str, columns: Iterable[Column], row_description: str, document_name: str, query_name: str, document_description: str
) -> dict[str, Any]:
    """Return the schemas of a document with a table: a row, a row of coverage, and the whole."""
    from dashboard.reports import schema as table_schema

    covered = "Coverage"
    cut_by = {"cut_by": {"description": COLUMNS["cut_by"].description, "enum": [*table_schema.CUT_REASONS, None]}}
    coverage = _columns_in("coverage", table_schema.coverage_columns(CHARTS.names()[0]))
    whole = {
        "query": reference(query_name),
        "coverage": {"type": "array", "items": reference(covered)},
        "notes": {"type": "array", "items": {"type": "string"}, "description": "What must be said of the numbers."},
        "fetched_at": _make_nullable(_SCHEMA_BY_TYPE[datetime]) | {"description": "When the oldest of the timelines was read (UTC)."},
        "data": {"type": "array", "items": reference(row_name)},
    }
    return {
        row_name: _object_schema(_column_schemas(columns), row_description),
        covered: _object_schema(_column_schemas(coverage) | cut_by, "What was read."),
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


def _columns_in(table: str, names: Iterable[str]) -> list[Column]:
    """Return the entries of a table's columns; `table` is a kind of chart, `posts` or `coverage`."""
    return [COLUMNS[name].for_chart(table) for name in names]


def _column_schemas(columns: Iterable[Column]) -> dict[str, Any]:
    """Return the schema of each column's values; unknown values are null, except in columns that are always known."""
    schemas = {column.name: _SCHEMA_BY_TYPE[column.value_type] | _column_annotations(column) for column in columns}
    return {name: _make_nullable(schema) if COLUMNS[name].is_nullable else schema for name, schema in schemas.items()}


def _column_annotations(column: Column) -> dict[str, Any]:
    description = {"description": column.description} if column.description else {}
    return description | ({"examples": [column.example]} if column.example else {})


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
