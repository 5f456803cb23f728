"""Validates figures with plotly.py. There is no test in here."""

from typing import Any

import plotly.graph_objects as go


def expand_layouts(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return traces and layout, for a wide and for a narrow plot, without empty lists."""
    layouts = [figure["layout"], *([figure["layout"] | figure["narrow"]["layout"]] if "narrow" in figure else [])]
    return [{"data": figure["data"], "layout": {name: value for name, value in layout.items() if value != []}} for layout in layouts]


def validate_figure(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the same as plotly.py passes to plotly.js. Raises ValueError for names or values that plotly.js doesn't have."""
    return [_validate_layout(drawing) for drawing in expand_layouts(figure)]


def _validate_layout(figure: dict[str, Any]) -> dict[str, Any]:
    validated = go.Figure(data=figure["data"], layout=figure["layout"] | {"template": "none"}).to_plotly_json()
    return {"data": validated["data"], "layout": {name: value for name, value in validated["layout"].items() if name != "template"}}
