"""JSON Schemas of request and response bodies, built from the types that parse and serialize them, so they can't diverge."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from dashboard.core.charts import CHARTS, find_column
from dashboard.core.columns import COLUMNS, Column
from dashboard.core.query import Query
from dashboard.prediction.api.response_types import PredictResponse, Served
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
    """A problem with one field; `field` is empty if the problem concerns the whole request."""

    field: Annotated[str, Field(examples=["users"])]
    message: Annotated[str, Field(examples=["Enter at least one account, such as nasa.bsky.social."])]


class Problem(TypedDict):
    """What went wrong and what to do about it (RFC 9457)."""

    title: Annotated[str, Field(examples=["Something needs fixing"])]
    status: Annotated[int, Field(ge=400, le=599, examples=[400])]
    detail: Annotated[str, Field(examples=["Enter at least one account, such as nasa.bsky.social."])]
    problems: list[Trouble]


class Health(TypedDict):
    """The process is serving requests; `model_loaded` says whether the classifier is in memory."""

    status: Literal["healthy"]
    model_loaded: bool


class Ready(TypedDict):
    """The model has made a test prediction; `model` is its name and version."""

    status: Literal["ready"]
    model: Annotated[str, Field(examples=["chorus-sentiment 1"])]


class Cost(TypedDict):
    """US dollars: the maximum cost of the report now, and what is left of today's budget (null if it can't be looked up)."""

    at_most: Annotated[float, Field(ge=0, examples=[0.0])]
    left: Annotated[float | None, Field(examples=[5.0])]
    sentence: Annotated[str, Field(examples=["This report is free."])]


def build_components(input_kinds: frozenset[str], feature_count: int | None) -> dict[str, Any]:
    """Return every schema by name.

    `input_kinds` are the body keys that the served model accepts, `feature_count` the length of its rows (None if any).
    """
    body = reduce(or_, [body_type for name, body_type in BODY_TYPES.items() if name in input_kinds])
    types: list[tuple[str, Any, TypeAdapter[Any]]] = [
        ("Body", "validation", TypeAdapter(body)),
        *((name, "serialization", TypeAdapter(response_type)) for name, response_type in _response_types().items()),
    ]
    schemas_by_type, definitions = TypeAdapter.json_schemas(types, ref_template=_REFERENCE_TEMPLATE)
    unions = {name: schemas_by_type[name, mode] for name, mode, _ in types if name in ("Body", "Answer")}
    chart_schemas = {name: schema for kind in CHARTS.names() for name, schema in _chart_schemas(kind).items()}
    component_schemas = _limit_feature_count(definitions["$defs"] | unions, feature_count)
    return component_schemas | {"Question": _query_schema()} | chart_schemas | _posts_schemas() | {"Report": _report_schema()}


def _response_types() -> dict[str, Any]:
    """Return the types of responses by name; those of a report load polars."""
    from dashboard.reports.report_data import FindingItem, ScoreItem

    return _RESPONSE_TYPES | {"FindingItem": FindingItem, "ScoreItem": ScoreItem}


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
    """Return the schemas of a chart's document: a row of its table, a row of its coverage, and the document itself."""
    from dashboard.reports import schema as table_schema

    row_description = "A row of the chart’s data table."
    document_description = "A chart as data: the query, the posts it is based on, notes, and the table."
    row_name = f"{kind.capitalize()}Row"
    columns = _columns_in(kind, table_schema.possible_columns(kind))
    schemas = _table_schemas(row_name, columns, row_description, chart_schema_name(kind), "Question", document_description)
    schemas[row_name]["required"] = list(table_schema.chart_columns(kind))  # the others depend on the measure and the posts
    return schemas


def _posts_schemas() -> dict[str, Any]:
    """Return the schemas of the posts behind a chart: a post, the query with its post filters, and the document itself."""
    from dashboard.reports import schema as table_schema

    query_schema = _query_schema()
    filters = {name: _make_nullable(schema) if default is None else schema for name, (schema, default) in selection_schemas().items()}
    filters["language"] = {"type": ["string", "null"], "description": "The codes and words of the parameter, separated by commas."}
    row_description = "A post. Posts on X have only the account and the ID."
    document_description = "Posts as data: the query, the posts it is based on, notes, and the posts themselves."
    example = query_schema["examples"][0] | {"interval": "auto"} | {name: default for name, (_, default) in selection_schemas().items()}
    query_with_filters = _object_schema(query_schema["properties"] | filters, "The query as the server understood it.") | {
        "examples": [example]
    }
    columns = _columns_in("posts", table_schema.possible_post_columns())
    schemas = _table_schemas("Post", columns, row_description, "Posts", "Picked", document_description)
    schemas["Post"]["required"] = list(table_schema.post_columns())
    return schemas | {"Picked": query_with_filters}


def _table_schemas(
    row_name: str, columns: Sequence[Column], row_description: str, document_name: str, query_name: str, document_description: str
) -> dict[str, Any]:
    """Return the schemas of a document with a table: a row, a row of coverage, and the document itself."""
    from dashboard.reports import schema as table_schema

    coverage_name = "Coverage"
    cut_by = {"cut_by": {"description": COLUMNS["cut_by"].description, "enum": [*table_schema.CUT_REASONS, None]}}
    coverage = _columns_in("coverage", table_schema.coverage_columns(CHARTS.names()[0]))
    document = _describe_table(query_name) | {"data": {"type": "array", "items": reference(row_name)}}
    return {
        row_name: _object_schema(_column_schemas(columns), row_description),
        coverage_name: _object_schema(_column_schemas(coverage) | cut_by, "Which of the account’s posts were read."),
        document_name: _object_schema(document, document_description),
    }


def _report_schema() -> dict[str, Any]:
    """Return the schema of a report's document: its findings and its scorecard."""
    lists = {"findings": "FindingItem", "scorecard": "ScoreItem"}
    document = _describe_table("Question") | {name: {"type": "array", "items": reference(item)} for name, item in lists.items()}
    return _object_schema(document, "A report as data: the query, the posts it is based on, notes, its findings and its scorecard.")


def _describe_table(query_name: str) -> dict[str, Any]:
    """Return the properties of every document apart from its data."""
    return {
        "query": reference(query_name),
        "coverage": {"type": "array", "items": reference("Coverage")},
        "notes": {"type": "array", "items": {"type": "string"}, "description": "What to keep in mind when reading the numbers."},
        "fetched_at": _make_nullable(_SCHEMA_BY_TYPE[datetime])
        | {"description": "When the oldest of the timelines was read (UTC); when files were imported, if there is nothing else."},
    }


def _query_schema() -> dict[str, Any]:
    """Return the schema of the query as a response repeats it: parameters as they were parsed, null for those without a value."""
    example = Query.parse({"users": [EXAMPLE_ACCOUNT]}).to_json() | {"interval": "week"}
    schema_by_name = {name: query_parameters()[name]["schema"] for name in example} | {
        "users": {"type": "array", "items": {"type": "string"}}
    }
    properties = {name: _make_nullable(schema_by_name[name]) if value is None else schema_by_name[name] for name, value in example.items()}
    return _object_schema(properties, "The query as the server understood it.") | {"examples": [example]}


def _object_schema(properties: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "properties": dict(properties), "required": list(properties)}


def _columns_in(table: str, names: Iterable[str]) -> list[Column]:
    """Return the columns with these names as a table has them; `table` is a kind of chart, `posts` or `coverage`."""
    return [find_column(name, table) for name in names]


def _column_schemas(columns: Sequence[Column]) -> dict[str, Any]:
    """Return a schema per column, nullable unless the column's values are always known."""
    schemas = {column.name: _SCHEMA_BY_TYPE[column.value_type] | _column_annotations(column) for column in columns}
    return {column.name: _make_nullable(schemas[column.name]) if column.is_nullable else schemas[column.name] for column in columns}


def _column_annotations(column: Column) -> dict[str, Any]:
    description = {"description": column.description} if column.description else {}
    return description | ({"examples": [column.example]} if column.example else {})


def _make_nullable(schema: dict[str, Any]) -> dict[str, Any]:
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | enum


def _limit_feature_count(schemas: dict[str, Any], feature_count: int | None) -> dict[str, Any]:
    """Return the schemas with rows of the length that the model requires, and only the kinds of instances that it accepts."""
    item_schema = schemas["Instances"]["properties"]["instances"]["items"] if "Instances" in schemas else {"oneOf": []}
    instances = [option for option in item_schema["oneOf"] if ("Features" if option.get("type") == "array" else "OneText") in schemas]
    item_schema["oneOf"] = instances
    if feature_count is not None and "Features" in schemas:
        row, rows = schemas["Features"]["properties"]["features"]["oneOf"]
        for array_schema in (row, rows["items"], *(option for option in instances if option.get("type") == "array")):
            array_schema.update(minItems=feature_count, maxItems=feature_count)
    return schemas
