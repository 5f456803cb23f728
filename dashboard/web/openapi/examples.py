"""Example values built from JSON Schemas, so that the examples in the document always match their schemas."""

from collections.abc import Mapping
from typing import Any

_EXAMPLE_BY_TYPE: dict[str, Any] = {"string": "…", "integer": 12, "number": 0.5, "boolean": True, "null": None}


def build_example(schema: Mapping[str, Any], component_schemas: Mapping[str, Any]) -> Any:
    """Return a value that matches a schema: its own example if it has one, else its required properties.

    `component_schemas` are the schemas that it may refer to, by name.
    """
    if "$ref" in schema:
        return build_example(component_schemas[schema["$ref"].rpartition("/")[2]], component_schemas)
    if key := next((key for key in ("const", "default") if key in schema), ""):
        return schema[key]
    if key := next((key for key in ("examples", "enum") if key in schema), ""):
        return schema[key][0]
    if key := next((key for key in ("anyOf", "oneOf") if key in schema), ""):
        return build_example(schema[key][0], component_schemas)
    return _build_example_of_type(schema, component_schemas)


def _build_example_of_type(schema: Mapping[str, Any], component_schemas: Mapping[str, Any]) -> Any:
    declared_type = schema.get("type", "null")
    json_type = declared_type[0] if isinstance(declared_type, list) else declared_type
    if json_type == "object":
        return {name: build_example(schema["properties"][name], component_schemas) for name in schema.get("required", ())}
    if json_type == "array":
        return [build_example(schema["items"], component_schemas)]
    return _EXAMPLE_BY_TYPE[json_type]
