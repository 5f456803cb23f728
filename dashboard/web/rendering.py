"""Charts rendered for a response, as plotly.js figures and as images. The drawing libraries are loaded by the first image."""

from typing import TYPE_CHECKING, Any, cast

from dashboard.core.query import Query
from dashboard.core.query_values import LARGE_IMAGE_PIXELS
from dashboard.web.extensions import drawing_share
from dashboard.web.formats import FORMATS, Picture, PictureFormat

if TYPE_CHECKING:
    from dashboard.charts.spec.chart import Chart, SlideTexts
    from dashboard.reports.report import Report


def build_figure(report: "Report") -> dict[str, Any]:
    """Return the figure that plotly.js draws: {"data", "layout", "config"}."""
    from dashboard.charts.plotlyjs import figures

    return figures.build_figure(report.chart)


def render_image(report: "Report", file_format: PictureFormat, variant: str = "all") -> bytes:
    """Return the chart as an image. `variant` sets its text: all, that of a link preview (card), or none (bare).

    The variant `overview` is what a report with several charts shows, without text.
    """
    from dashboard.charts.vega import images

    query = report.query
    if query.frame == "slide":
        from dashboard.reports.slide_texts import describe_slide

        return _render(report.overview or report.chart, query, query.height, file_format, describe_slide(report))
    chart = report.overview or report.chart if variant == "overview" else report.chart
    height = images.readable_height(chart, query.height) if query.height == Query.model_fields["height"].default else query.height
    picture = {"card": chart.for_preview, "bare": chart.without_text, "overview": chart.without_text}.get(variant, lambda: chart)()
    return _render(picture, query, height, file_format)


def fitting_height(report: "Report", min_height: int, width: int) -> int:
    """Return a readable height in pixels for the chart without text at this width, at least `min_height`."""
    from dashboard.charts.vega import images

    return images.readable_height(report.chart.without_text(), min_height, width)


def readable_height(chart: "Chart", width: int) -> int:
    """Return a readable height in pixels for a chart without text at this width."""
    from dashboard.charts.vega import images

    return images.readable_height(chart.without_text(), 0, width)


def draw_svg(chart: "Chart", width: int, height: int, theme: str) -> bytes:
    """Return a chart that isn't part of a report as SVG. Raises ImageUnavailable."""
    with drawing_share(False).take_instead_of_turn():  # another process draws it
        return cast(PictureFormat, FORMATS["svg"]).render(Picture(chart, width, height, 1, theme))


def render_notice(chart_kind: str, query: Query, title: str, sentence: str, file_format: PictureFormat) -> bytes:
    """Return an image that shows only a text, in the size of the chart that can't be drawn."""
    from dashboard.charts.definitions.notice import notice_chart

    return _render(notice_chart(chart_kind, title, sentence), query, query.height, file_format)


def _render(chart: "Chart", query: Query, height: int, file_format: PictureFormat, slide_texts: "SlideTexts | None" = None) -> bytes:
    is_large = query.width * height * query.scale**2 >= LARGE_IMAGE_PIXELS
    with drawing_share(is_large).take_instead_of_turn():  # another process draws it
        return file_format.render(Picture(chart, query.width, height, query.scale, query.theme, slide_texts))
