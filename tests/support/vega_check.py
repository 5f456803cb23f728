"""Whether a specification is valid by the schema of Vega-Lite, which Altair carries. No test in here."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema_rs import Draft7Validator


def validate_specification(specification: dict[str, Any]) -> None:
    """Fail with the innermost faults if a specification breaks the schema. Altair itself takes a second to judge one."""
    faults = [(fault["instanceLocation"], fault["error"]) for fault in _load_validator().evaluate(specification).errors()]
    if faults:
        depth = max(path.count("/") for path, _ in faults)
        raise AssertionError("\n".join(sorted({f"{path}: {error}" for path, error in faults if path.count("/") == depth})))


@cache
def _load_validator() -> Draft7Validator:
    spec = find_spec("altair")
    assert spec is not None and spec.submodule_search_locations
    (path,) = Path(spec.submodule_search_locations[0]).glob("vegalite/v*/schema/vega-lite-schema.json")
    return Draft7Validator(json.loads(path.read_text("utf-8"), object_hook=_quote_reference))


def _quote_reference(value: dict[str, Any]) -> dict[str, Any]:
    """Write the reference of a part of the schema as a URL, which may not contain the angle brackets of its names."""
    reference = value.get("$ref")
    return value | {"$ref": "#" + quote(reference.removeprefix("#"))} if isinstance(reference, str) else value
