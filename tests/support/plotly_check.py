"""What plotly.py makes of a figure that we put together by hand. No test in here."""

from typing import Any

import plotly.graph_objects as go


def expand_layouts(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return traces and layout, as they are on a wide plot and on a narrow one, without empty lists."""
    layouts = [figure["layout"], *([figure["layout"] | figure["narrow"]["layout"]] if "narrow" in figure else [])]
    return [{"data": figure["data"], "layout": {name: value for name, value in layout.items() if value != []}} for layout in layouts]


def validate_figure(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the same as plotly.py hands it to plotly.js. Raises ValueError for a name or a value that plotly.js has not."""
    return [_validate_layout(drawing) for drawing in expand_layouts(figure)]


def _validate_layout(figure: dict[str, Any]) -> dict[str, Any]:
    validated = go.Figure(data=figure["data"], layout=figure["layout"] | {"template": "none"}).to_plotly_json()
    return {"data": validated["data"], "layout": {name: value for name, value in validated["layout"].items() if name != "template"}}
