"""Charts drawn for a response: as figures for plotly.js, and as images. The drawing libraries are loaded with the first picture."""

from typing import TYPE_CHECKING, Any

from dashboard.core.query import Query
from dashboard.web.formats import Picture, PictureFormat

if TYPE_CHECKING:
    from dashboard.charts.spec import Chart
    from dashboard.reports.report import Report


def build_figure(report: "Report") -> dict[str, Any]:
    """Return what plotly.js draws: {"data", "layout", "config"}."""
    from dashboard.charts.plotlyjs import figures

    return figures.build_figure(report.chart)


def render_image(report: "Report", file_format: PictureFormat, variant: str = "all") -> bytes:
    """Return the chart as an image. `variant` says whether it has all its words, those of a link preview (card) or none (bare)."""
    from dashboard.charts.vega import images as still

    query = report.query
    height = still.readable_height(report.chart, query.height) if query.height == Query.model_fields["height"].default else query.height
    picture = {"card": report.chart.for_preview, "bare": report.chart.without_text}.get(variant, lambda: report.chart)()
    return _render(picture, query, height, file_format)


def fitting_height(report: "Report", min_height: int, width: int) -> int:
    """Return the pixels of height that suit the bare chart at a width, at least so many."""
    from dashboard.charts.vega import images as still

    return still.readable_height(report.chart.without_text(), min_height, width)


def render_notice(chart_kind: str, query: Query, title: str, sentence: str, file_format: PictureFormat) -> bytes:
    """Return an image of words alone, as large as the one that can't be drawn."""
    from dashboard.charts.definitions.notice import notice_chart

    return _render(notice_chart(chart_kind, title, sentence), query, query.height, file_format)


def _render(chart: "Chart", query: Query, height: int, file_format: PictureFormat) -> bytes:
    return file_format.render(Picture(chart, query.width, height, query.scale, query.theme))
