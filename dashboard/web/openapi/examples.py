"""An example of what a schema describes, made from the schema, so that the examples of the document are never of another shape."""

from collections.abc import Mapping
from typing import Any

_PLAIN: dict[str, Any] = {"string": "…", "integer": 12, "number": 0.5, "boolean": True, "null": None}


def sample(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
    """Return a value that fits a schema: its own example if it has one, else what it must hold. `named` are the schemas it refers to."""
    if "$ref" in schema:
        return sample(named[schema["$ref"].rpartition("/")[2]], named)
    if told := next((key for key in ("const", "default") if key in schema), ""):
        return schema[told]
    if listed := next((key for key in ("examples", "enum") if key in schema), ""):
        return schema[listed][0]
    if either := next((key for key in ("anyOf", "oneOf") if key in schema), ""):
        return sample(schema[either][0], named)
    return _of_type(schema, named)


def _of_type(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
    given = schema.get("type", "null")
    kind = given[0] if isinstance(given, list) else given
    if kind == "object":
        return {name: sample(schema["properties"][name], named) for name in schema.get("required", ())}
    if kind == "array":
        return [sample(schema["items"], named)]
    return _PLAIN[kind]
