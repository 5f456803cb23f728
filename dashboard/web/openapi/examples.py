"""An example of what a schema describes, made from the schema, so that the examples of the document are never of another shape."""

from collections.abc import Mapping
from typing import Any

_EXAMPLE_BY_TYPE: dict[str, Any] = {"string": "…", "integer": 12, "number": 0.5, "boolean": True, "null": None}


def build_example(schema: Mapping[str, Any], component_schemas: Mapping[str, Any]) -> Any:
    """Return a value that fits a schema: its own example if it has one, else what it must hold. `named` are the schemas it refers to."""
    if "$ref" in schema:
        return build_example(component_schemas[schema["$ref"].rpartition("/")[2]], component_schemas)
    if told := next((key for key in ("const", "default") if key in schema), ""):
        return schema[told]
    if listed := next((key for key in ("examples", "enum") if key in schema), ""):
        return schema[listed][0]
    if either := next((key for key in ("anyOf", "oneOf") if key in schema), ""):
        return build_example(schema[either][0], component_schemas)
    return _build_example_of_type(schema, component_schemas)


def _build_example_of_type(schema: Mapping[str, Any], component_schemas: Mapping[str, Any]) -> Any:
    given = schema.get("type", "null")
    kind = given[0] if isinstance(given, list) else given
    if kind == "object":
        return {name: build_example(schema["properties"][name], component_schemas) for name in schema.get("required", ())}
    if kind == "array":
        return [build_example(schema["items"], component_schemas)]
    return _EXAMPLE_BY_TYPE[kind]
