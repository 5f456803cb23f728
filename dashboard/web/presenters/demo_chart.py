"""The chart of two demo accounts on the first screen, with what it shows as its headline: computed once per process and day.

The form never waits for it: until the chart is drawn, by the warm-up or by the first request for its image, the form has a general
headline. What the headline claims is decided in `reports`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app, url_for

from dashboard.core.messages import current_language, gettext, translatable
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS
from dashboard.core.spending import NO_SPENDING
from dashboard.web import fetching, languages, rendering, turns, urls
from dashboard.web.extensions import current_time, flights
from dashboard.web.formats import FORMATS, PictureFormat

if TYPE_CHECKING:
    from dashboard.reports.report import Report

THEMES = ("light", "dark")
SIZES = {"wide": (1100, 270), "narrow": (400, 220)}  # pixels, for desktops and phones
IMAGE_NAMES = tuple(f"{theme}-{size}" for theme in THEMES for size in SIZES)
_ACCOUNTS = "demo:aster-air,demo:harbour-news"
_GENERAL_HEADLINE = translatable("See a finished report: Aster Air and Harbour News")
_GENERAL_DRAWN = translatable("Posts per day")
_GENERAL_ALT = translatable("Line chart of the posts per day of two demo accounts")
_EXTENSION_NAME = "chorus-demo-chart"  # key in the application's extensions


@dataclass(frozen=True)
class DemoChart:
    """The drawn chart: its headline, what is drawn, its alternative text, and an SVG image for each of IMAGE_NAMES."""

    day: date
    headline: str
    drawn: str
    alt: str
    images: Mapping[str, bytes]


@dataclass(frozen=True)
class DemoChartLink:
    """What the form shows: the texts, the report's address, and the images by theme and size, with their widths and heights in pixels."""

    headline: str
    drawn: str
    alt: str
    report_url: str
    image_urls: Mapping[str, Mapping[str, str]]
    sizes: Mapping[str, tuple[int, int]]


@dataclass
class _Drawn:
    """The charts of the latest day on which somebody asked for them, by language."""

    charts: dict[str, DemoChart] = field(default_factory=dict)

    def of_day(self, day: date) -> DemoChart | None:
        """Return the chart in the current language if it's that of a day."""
        chart = self.charts.get(current_language())
        return chart if chart and chart.day == day else None


def init_app(app: Flask) -> None:
    """Make the chart available to templates. Nothing is drawn yet."""
    app.extensions[_EXTENSION_NAME] = _Drawn()
    app.jinja_env.globals.update(demo_chart=build_link)


def build_link() -> DemoChartLink:
    """Return what the form shows, without computing anything."""
    day = current_time().date()
    chart = _drawn().of_day(day)
    image_urls = {theme: {size: _image_url(f"{theme}-{size}", day) for size in SIZES} for theme in THEMES}
    return DemoChartLink(
        headline=chart.headline if chart else gettext(_GENERAL_HEADLINE),
        drawn=chart.drawn if chart else gettext(_GENERAL_DRAWN),
        alt=chart.alt if chart else gettext(_GENERAL_ALT),
        report_url=urls.for_query("pages.report", _query()),
        image_urls=image_urls,
        sizes=SIZES,
    )


def _image_url(name: str, day: date) -> str:
    return url_for("pages.demo_chart_image", name=name, **dict([("day", day.isoformat()), *languages.image_language_args()]))  # type: ignore[arg-type]


def load() -> DemoChart:
    """Return the chart of today, drawn if it hasn't been. Others who ask at the same time wait for it."""
    day = current_time().date()
    return _drawn().of_day(day) or flights().do(("demo chart", day, current_language()), lambda: _draw(day), waiting=turns.give_away)


def _draw(day: date) -> DemoChart:
    dashboard = fetching.build_dashboard(fetching.start_fetch(_query(), NO_SPENDING, ends_with_client=False))
    report = dashboard.reports[0]
    images = {f"{theme}-{size}": _render(report, theme, size) for theme in THEMES for size in SIZES}
    _drawn().charts[current_language()] = chart = DemoChart(
        day, report.claim or gettext(_GENERAL_HEADLINE), report.chart.title, report.chart.alt, images
    )
    return chart


def _render(report: "Report", theme: str, size: str) -> bytes:
    width, height = SIZES[size]
    query = report.query.model_copy(update={"theme": theme, "width": width, "height": height})
    return rendering.render_image(replace(report, query=query), cast(PictureFormat, FORMATS["svg"]), "bare")


def _query() -> Query:
    return Query.parse({"users": [_ACCOUNTS]}, defaults=REPORT_DEFAULTS)


def _drawn() -> _Drawn:
    return cast(_Drawn, current_app.extensions[_EXTENSION_NAME])
