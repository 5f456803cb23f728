"""Charts drawn for a response: as figures for plotly.js, and as images. The drawing libraries are loaded with the first picture."""

from typing import TYPE_CHECKING, Any

from dashboard.core.query import Query

if TYPE_CHECKING:
    from dashboard.charts.spec import Picture
    from dashboard.reports.builder import Report


def figure(answer: "Report") -> dict[str, Any]:
    """Return what plotly.js draws: {"data", "layout", "config"}."""
    from dashboard.charts.plotlyjs import figures

    return figures.figure(answer.chart)


def image(answer: "Report", form: str, words: str = "all") -> bytes:
    """Return the chart as an image; `form` is png or svg, `words` are all, those of a card, or none (bare); the rest is in its query."""
    from dashboard.charts.vega import images as still

    query = answer.query
    height = still.fitting_height(answer.chart, query.height) if query.height == Query.model_fields["height"].default else query.height
    picture = {"card": answer.chart.card, "bare": answer.chart.bare}.get(words, lambda: answer.chart)()
    return _drawn(picture, query, height, form)


def height(answer: "Report", least: int, width: int) -> int:
    """Return the pixels of height that suit the bare chart at a width, at least so many."""
    from dashboard.charts.vega import images as still

    return still.fitting_height(answer.chart.bare(), least, width)


def notice(kind: str, query: Query, title: str, sentence: str, form: str) -> bytes:
    """Return an image of words alone, as large as the one that can't be drawn."""
    from dashboard.charts import definitions

    return _drawn(definitions.notice(kind, title, sentence), query, query.height, form)


def _drawn(picture: "Picture", query: Query, height: int, form: str) -> bytes:
    from dashboard.charts.vega import images as still

    if form == "svg":
        return still.svg(picture, width=query.width, height=height, theme=query.theme).encode()
    return still.png(picture, width=query.width, height=height, scale=query.scale, theme=query.theme)
