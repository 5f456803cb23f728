"""An image is the same, whether its shape is compiled with placeholders and filled, or the whole specification is drawn by vl-convert."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import vl_convert
from flask import Flask

from dashboard.charts.definitions.reliability import reliability_chart
from dashboard.charts.spec.chart import Chart
from dashboard.charts.vega import draw, images
from dashboard.charts.vega.drawing_process import choose_process
from dashboard.charts.vega.shapes import split
from dashboard.core import messages
from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.web import fetching
from tests.support.builders import build_query, build_timeline
from tests.support.drawn_charts import HOSTILE_NAME, build_chart, list_users
from tests.support.fault_suite import ONLY_IN_FAULTS

AIR, MUSEUM, KETTLE = "demo:aster-air", "demo:museum-am-faehrkai", "demo:moss-and-kettle"
ALL_DEMOS = f"{AIR},{MUSEUM},{KETTLE},demo:harbour-news,demo:pennywren,demo:sablonne-council,demo:small-clocks,demo:tarnside-rovers"
BINS = [
    {"confidence": place / 10, "accuracy": place / 11, "accuracy_interval": [place / 12, place / 10], "rows": 7} for place in range(1, 10)
]
QUESTIONS: list[tuple[dict[str, str], tuple[int, int], str, str]] = [
    ({"users": f"{AIR},{MUSEUM}", "n": "200", "interval": "day"}, (900, 420), "light", "de"),
    ({"users": AIR, "n": "57", "interval": "week", "measure": "share", "method": "vader"}, (333, 777), "dark", "en"),
]
RARE_QUESTIONS: list[tuple[dict[str, str], tuple[int, int], str, str]] = [
    ({"users": ALL_DEMOS, "n": "200", "interval": "month"}, (1600, 1200), "light", "en"),
    ({"users": ALL_DEMOS, "n": "3200", "interval": "day", "measure": "mean", "method": "bing"}, (480, 480), "dark", "fr"),
    ({"users": f"{KETTLE},{AIR},{MUSEUM}", "n": "400", "interval": "hour", "method": "model"}, (1200, 300), "dark", "es"),
    ({"users": KETTLE, "n": "20", "interval": "hour"}, (200, 150), "light", "pt"),
    ({"users": f"{MUSEUM},{KETTLE}", "n": "3200", "interval": "week", "measure": "mean"}, (320, 999), "light", "fr"),
]


def draw_unsplit(spec: dict[str, Any]) -> str:
    """Return what vl-convert alone draws of a specification."""
    return draw.round_geometry(vl_convert.vegalite_to_svg(spec))


def without_clip_numbers(document: str) -> str:
    """Return an SVG without the numbers of its clips, which Vega counts from image to image."""
    return re.sub(r"\bclip\d+", "clip", document)


def is_same(spec: dict[str, Any]) -> bool:
    """Return whether both ways of drawing give the same."""
    return without_clip_numbers(choose_process(1, 1).draw_svg(spec)) == without_clip_numbers(draw_unsplit(spec))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "size", "theme", "language"), [*QUESTIONS, *(pytest.param(*asked, marks=ONLY_IN_FAULTS) for asked in RARE_QUESTIONS)]
)
def test_every_kind_of_chart_is_drawn_as_without_shapes(
    app: Flask, args: dict[str, str], size: tuple[int, int], theme: str, language: str
) -> None:
    """This holds for any number of accounts, interval, measure, size, theme and language."""
    with app.app_context(), messages.use(language):
        fetch = fetching.start_fetch(Query.parse({name: [value] for name, value in args.items()}), NO_SPENDING)
        reports = [fetching.build_report(kind, fetch) for kind in CHARTS.names()]
        charts = [chart for report in reports for chart in (report.chart, report.overview) if chart]
        specs = [images.build_spec(chart, width=size[0], height=size[1], theme_name=theme) for chart in charts]
    assert [spec["title"] for spec in specs if not is_same(spec)] == []


@pytest.mark.parametrize(
    "build",
    [
        partial(reliability_chart, {"First": BINS, "Second": BINS[:3], "Third": BINS[:1]}, "How sure, and how often right"),
        partial(build_chart, "sentiment", HOSTILE_NAME),
        partial(build_chart, "frequency", 'file:ab/#1600000000,file:ab/"#1600000001",file:ab/1600000002'),
        partial(build_chart, "frequency", list_users(7)),
        partial(build_chart, "sentiment", list_users(20), measure="share"),
        lambda: builder.build_report("frequency", build_query(), Fetched([build_timeline()])).chart,
        lambda: builder.build_report("sentiment", build_query(measure="share"), Fetched([build_timeline("hm", "hm")])).chart,
    ],
    ids=["reliability", "hostile name", "placeholders as names", "rows", "strips", "empty", "unknown"],
)
def test_unusual_charts_are_drawn_as_without_shapes(build: Callable[[], Chart]) -> None:
    """A name that looks like a placeholder stays a name."""
    assert is_same(images.build_spec(build(), width=900, height=700, theme_name="light"))


@pytest.mark.parametrize("domain", [[0, 5], [-3, 0], [-1e-9, 1e-9], [2, 7], [-7, -2.5], [-1600000000, 1600000001], [5, 5.0], [1e21, 1e22]])
def test_domains_of_any_sign_are_drawn_as_without_shapes(domain: list[float]) -> None:
    """Vega-Lite starts bars at zero if the domain has it."""
    middle = sum(domain) / 2
    x = {"field": "a", "type": "quantitative", "scale": {"domain": domain}, "axis": {"values": [*domain, middle], "title": ["a", "b"]}}
    labels = {"mark": {"type": "text", "text": "1\n\"#1600000001\" \\ 'é' <b>"}, "encoding": {"x": x, "y": {"value": 12.3456789012345678}}}
    layers = [{"mark": {"type": "bar", "opacity": 0.16000000000000003}, "encoding": {"x": x}}, labels]
    values = [{"a": domain[0]}, {"a": middle}, {"a": 0}, {"a": None}]
    assert is_same({"data": {"values": values}, "layer": layers, "width": 210.0000000000001, "title": {"text": "", "subtitle": []}})


def test_other_accounts_sizes_and_texts_have_the_same_shape() -> None:
    """Whatever they are, they are values."""
    first, second = build_chart("frequency", "zeta,alpha"), build_chart("frequency", "nasa,b@c.social")
    shapes = [
        split(images.build_spec(chart, width=width, height=height, theme_name="light"))[0]
        for chart, width, height in ((first, 900, 420), (second, 900, 420), (second, 801, 530))
    ]
    assert len(set(shapes)) == 1
    assert "zeta" not in shapes[0]


def test_what_is_drawn_differently_has_another_shape() -> None:
    """Each of these has other marks, colours of the theme, or words of the axis."""
    charts = [
        build_chart("frequency"),
        build_chart("sentiment"),
        build_chart("sentiment", measure="share"),
        build_chart("sentiment", "nasa"),
    ]
    specs = [images.build_spec(chart, width=900, height=420, theme_name=theme) for chart in charts for theme in ("light", "dark")]
    assert len({split(spec)[0] for spec in specs}) == len(specs)
