"""Splits a Vega-Lite specification into its shape and the values in it, so that a shape is compiled to Vega once, whatever is drawn in it.

Values are what differs between two questions on the same kind of chart: rows, domains, ticks, sizes, colours and texts. The shape has a
placeholder for each, which Vega-Lite passes through. What Vega-Lite looks at stays in the shape: whether a number is zero or negative,
whether a text or a list is empty, and which values are equal, because it merges those. `draw.py` puts the values back.
"""

import json
from collections.abc import Hashable, Mapping
from typing import Any

FIRST_PLACEHOLDER = 1_600_000_000  # further ones follow; what stays in a shape has no number as large
_TEXTS = frozenset({"text", "title", "subtitle", "color", "fill"})
_NUMBERS = frozenset({"width", "height", "minExtent", "maxExtent", "labelLimit", "limit", "angle", "tickCount"})
_NAMED_SCALES = frozenset({"nominal", "ordinal"})


def split(spec: Mapping[str, Any]) -> list[str]:
    """Return the shape of a specification, and then its values in the order of their placeholders, all as JSON without line breaks.

    A number is there without its sign, and a list without its brackets.
    """
    values = _Values()
    shape = {key: node if key == "config" else _replace(key, node, values) for key, node in spec.items()}
    return [json.dumps(shape), *values.texts]


class _Values:
    """The values that have been taken out of a specification."""

    def __init__(self) -> None:
        self._placeholders: dict[Hashable, int] = {}
        self.texts: list[str] = []  # the values as JSON

    def take_number(self, number: float) -> float:
        """Return the placeholder of a number, which has its sign; 0 has none."""
        return self._place(number, json.dumps(abs(number))) * (1 if number > 0 else -1) if number else number

    def take_numbers(self, numbers: list[float]) -> list[float]:
        """Return a list with a placeholder for each number."""
        return [self.take_number(number) for number in numbers]

    def take_text(self, text: str) -> str:
        """Return the placeholder of a text; an empty one has none."""
        return f"#{self._place(text, json.dumps(text))}" if text else text

    def take_items(self, items: list[Any]) -> list[Any]:
        """Return a list with one placeholder for all of its items; an empty one has none."""
        text = json.dumps(items)[1:-1]
        return [f"#{self._place((text,), text)}"] if items else items

    def _place(self, value: Hashable, text: str) -> int:
        placeholder = self._placeholders.setdefault(value, FIRST_PLACEHOLDER + len(self._placeholders))
        if placeholder == FIRST_PLACEHOLDER + len(self.texts):
            self.texts.append(text)
        return placeholder


def _replace(key: str, node: Any, values: _Values) -> Any:
    """Return a part of a specification, which is found under this key, with placeholders."""
    if isinstance(node, dict):
        return _replace_object(key, node, values)
    if isinstance(node, list):
        return values.take_items(node) if key in _TEXTS else [_replace("", item, values) for item in node]
    if isinstance(node, str):
        return values.take_text(node) if key in _TEXTS else node
    return values.take_number(node) if key in _NUMBERS and _is_number(node) else node


def _replace_object(key: str, node: dict[str, Any], values: _Values) -> dict[str, Any]:
    if key == "datasets" or (key == "data" and "values" in node):
        return {name: values.take_items(rows) for name, rows in node.items()}
    replaced = {name: _replace(name, item, values) for name, item in node.items()}
    if key in ("x", "y") and "value" in node:
        replaced["value"] = values.take_number(node["value"])
    if isinstance(scale := node.get("scale"), dict):
        take = values.take_items if node["type"] in _NAMED_SCALES else values.take_numbers
        replaced["scale"] = scale | {name: take(scale[name]) for name in ("domain", "range") if name in scale}
    if isinstance(axis := node.get("axis"), dict) and "values" in axis:
        take = values.take_numbers if node["type"] == "temporal" else values.take_items
        replaced["axis"]["values"] = take(axis["values"])
    return replaced


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool)
