"""Bar charts: panels side by side or stacked, with the same numbers and colours in the page and in the image."""

import json
import re
import struct
from dataclasses import replace
from typing import Any

import pytest

from dashboard.charts.palette import PALETTE, SEMANTIC_COLORS, assign_styles
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.charts.spec.chart import PostQuery
from dashboard.charts.vega import images
from tests.support.fault_suite import list_cases
from tests.support.plotly_check import expand_layouts, validate_figure
from tests.support.vega_check import validate_specification

UP, DOWN = (
    Bar("good", 4.0, "four", semantic_color="up"),
    Bar("bad", -3.0, "three\nlines", (("account", "nasa"), ("word", "bad")), semantic_color="down"),
)


def bars(*panels: tuple[Bar, ...], **fields: Any) -> BarChart:
    """Return a chart with panels of accounts named user0, user1, …"""
    looks = assign_styles(f"user{place}" for place in range(len(panels)))
    built = tuple(BarPanel(account, f"@{account}", looks[account], own) for account, own in zip(looks, panels, strict=True))
    return BarChart(
        **({"kind": "words", "title": "Words", "caption": ("Read today",), "alt": "Words.", "x_title": "Times"} | fields), panels=built
    )


def specification(drawn: BarChart, width: int = 900, height: int = 420) -> dict[str, Any]:
    """Return the Vega-Lite specification."""
    return images.build_spec(drawn, width=width, height=height, theme_name="light")


def test_a_bar_has_its_semantic_colour_or_that_of_its_account() -> None:
    """The semantic colour marks good, bad and unimportant values."""
    (panel,) = bars((UP, DOWN, Bar("x", 1, ""))).panels
    assert [panel.bar_color(bar) for bar in panel.bars] == [SEMANTIC_COLORS["up"], SEMANTIC_COLORS["down"], PALETTE[0]]


@pytest.mark.parametrize(
    ("own", "fields", "ends"),
    [
        ((UP, DOWN), {}, (-3.28, 4.28)),
        ((UP,), {}, (0, 4.16)),
        ((Bar("a", 0.5, "", low=0.25, high=0.99),), {"percent": True, "draw_as_points": True}, (0, 1)),
        ((Bar("a", None, ""),), {}, (0, 0.04)),
        ((Bar("a", 5, "", low=-5, high=20),), {}, (-6, 21)),
    ],
    ids=["both", "up", "share", "unknown", "whiskers"],
)
def test_the_scale_contains_zero_and_every_value_and_interval(
    own: tuple[Bar, ...], fields: dict[str, Any], ends: tuple[float, float]
) -> None:
    """It has some padding, but a share never exceeds 100 %."""
    assert bars(own, **fields).value_range == pytest.approx(ends)


@pytest.mark.parametrize(("panels", "columns"), [(0, 1), (1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 3), (7, 3), (20, 3)])
def test_panels_fill_their_rows(panels: int, columns: int) -> None:
    """Four panels are arranged two by two rather than three and one."""
    assert bars(*[(UP,)] * panels).column_count(3) == columns


@pytest.mark.parametrize("dots", [False, True])
def test_page_and_image_draw_the_same_numbers_in_the_same_colours(dots: bool) -> None:
    """Value, interval, label and colour of every bar agree, and unknown values stay unknown."""
    own = (replace(UP, low=3.0, high=6.0), Bar("unknown", None, "?"), DOWN)
    chart = bars(own, (Bar("own", 1.0, "one"),), draw_as_points=dots)
    figure, datasets = figures.build_figure(chart), specification(chart)["datasets"]
    page = [
        (figure["layout"][f"yaxis{place}"]["ticktext"][row], value, colour)
        for place, row, value, colour in sorted(
            (trace["yaxis"][1:], row, value, colour)
            for trace in figure["data"]
            for row, value, colour in zip(trace["y"], trace["x"], trace["marker"]["color"], strict=True)
        )
    ]
    still = [(row["label"], row["value"], row["colour"]) for rows in datasets.values() for row in rows]
    assert (
        page
        == still
        == [
            ("good", 4.0, SEMANTIC_COLORS["up"]),
            ("unknown", None, PALETTE[0]),
            ("bad", -3.0, SEMANTIC_COLORS["down"]),
            ("own", 1.0, PALETTE[1]),
        ]
    )


def test_page_and_image_draw_the_same_intervals() -> None:
    """A bar without an interval has no whisker."""
    chart = bars((replace(UP, low=3.0, high=6.0), DOWN), draw_as_points=True)
    whiskers = [(*trace["error_x"]["arrayminus"], *trace["error_x"]["array"]) for trace in figures.build_figure(chart)["data"]]
    still = [(row["low"], row["high"]) for row in specification(chart)["datasets"]["0"]]
    assert whiskers == [(1.0, 2.0), (0, 0)]
    assert still == [(3.0, 6.0), (None, None)]


def test_a_faint_dot_has_a_faint_interval() -> None:
    """This holds for the page and the image."""
    chart = bars((Bar("sure", 2, "", low=1, high=3), Bar("unsure", 1, "", low=-1, high=3, semantic_color="faint")), draw_as_points=True)
    page = [(trace["marker"]["color"], trace["error_x"]["color"]) for trace in figures.build_figure(chart)["data"]]
    still = [row["colour"] for row in specification(chart)["datasets"]["0"]]
    assert page == [([PALETTE[0]], PALETTE[0]), ([SEMANTIC_COLORS["faint"]], SEMANTIC_COLORS["faint"])]
    assert still == [PALETTE[0], SEMANTIC_COLORS["faint"]]


def test_a_logarithmic_scale_has_room_for_small_and_large_values() -> None:
    """The page and the image have the same ticks; the page places values and intervals itself."""
    chart = bars((Bar("few", 9.0, "", low=0.0, high=99.0), Bar("many", 999.0, "")), draw_as_points=True, log_x=True)
    figure = figures.build_figure(chart)
    trace, axis = figure["data"][0], figure["layout"]["xaxis"]
    still = specification(chart)["concat"][0]["layer"][1]["encoding"]["x"]
    assert trace["x"] == [1.0, 3.0]
    assert (trace["error_x"]["arrayminus"][0], trace["error_x"]["array"][0]) == (1.0, 1.0)
    assert axis["ticktext"] == ["0", "1", "3", "10", "30", "100", "300", "1k"]
    assert axis["tickvals"][:2] == [0.0, 0.301]
    assert still["scale"]["type"] == "symlog"
    assert still["axis"]["values"] == [0, 1, 3, 10, 30, 100, 300, 1000]


def test_a_scale_of_several_units_has_no_numbers() -> None:
    """The labels have the values, and the line at zero stays."""
    chart = bars((Bar("Net: +0.3", 30, ""),), draw_as_points=True, values_in_labels=True)
    axis = figures.build_figure(chart)["layout"]["xaxis"]
    still = specification(chart)["concat"][0]["layer"][1]["encoding"]["x"]["axis"]
    assert axis["tickvals"] == [0]
    assert axis["showticklabels"] is False
    assert still["values"] == [0]
    assert still["labels"] is False


@pytest.mark.parametrize("width", [330, 600, 720, 900, 1600])
def test_no_label_of_an_image_is_cut_off(width: int) -> None:
    """Panels are stacked if their labels need the width, and the axis title is wrapped."""
    long = Bar("Week of 14 Sep: balance −0.84", -3.0, "")
    chart = bars(*[(long,)] * 3, x_title="Times the usual difference, and then many more words than fit in the width of the chart")
    still = images.render_svg(chart, width=width, height=420, theme_name="light")
    assert still.count(f">{long.label}<") == 3
    assert "…" not in still


def test_a_mark_of_the_page_links_to_its_posts() -> None:
    """It has the query string that /posts parses."""
    (trace,) = figures.build_figure(bars((UP, DOWN)))["data"]
    assert trace["customdata"] == ["", "account=nasa&word=bad"]


def test_a_narrow_page_stacks_its_panels() -> None:
    """The same axes take the full width of a higher figure."""
    figure = figures.build_figure(bars((UP, DOWN), (UP,), (DOWN,)))
    narrow, wide = figure["narrow"]["layout"], figure["layout"]
    domains = [[layout[f"xaxis{place}"]["domain"] for place in ("", "2", "3")] for layout in (wide, narrow)]
    assert domains[1] == [[0, 1]] * 3
    assert len({tuple(domain) for domain in domains[0]}) == 3
    assert narrow["height"] > wide["height"]


@pytest.mark.parametrize("count", [1, 2, 4, 5, 20])
@pytest.mark.parametrize("layout", ["wide", "narrow"])
def test_no_two_panels_of_a_page_overlap(count: int, layout: str) -> None:
    """All panels are inside the plot."""
    figure = figures.build_figure(bars(*[(UP, DOWN)] * count))
    figure_layout = figure["layout"] if layout == "wide" else figure["narrow"]["layout"]
    boxes = [
        (*figure_layout[f"xaxis{place + 1 if place else ''}"]["domain"], *figure_layout[f"yaxis{place + 1 if place else ''}"]["domain"])
        for place in range(count)
    ]
    assert all(0 <= left < right <= 1 and 0 <= low < high <= 1 for left, right, low, high in boxes)
    pairs = [(first, second) for index, first in enumerate(boxes) for second in boxes[index + 1 :]]
    assert all(a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2] for a, b in pairs)


@pytest.mark.parametrize("dots", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_vega_specification_is_valid(count: int, dots: bool) -> None:
    """Altair's schema accepts it."""
    validate_specification(specification(bars(*[(UP, DOWN)] * count, draw_as_points=dots, percent=dots)))


@pytest.mark.parametrize("dots", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_figure_is_valid_for_plotly(count: int, dots: bool) -> None:
    """plotly.py accepts it and changes nothing, on narrow plots too."""
    figure = figures.build_figure(bars(*[(UP, DOWN)] * count, draw_as_points=dots, percent=dots))
    assert validate_figure(figure) == expand_layouts(figure)


@pytest.mark.parametrize(
    ("size", "count"),
    list_cases([((200, 150, 1), 20), ((301, 999, 3), 1)], [(900, 420, 2), (200, 150, 1), (1600, 200, 1), (301, 999, 3)], [1, 2, 5, 20]),
)
def test_a_png_has_exactly_the_requested_size(size: tuple[int, int, int], count: int) -> None:
    """It is the size times the scale, for any number of panels."""
    width, height, scale = size
    png = images.render_png(bars(*[(UP, DOWN)] * count), width=width, height=height, scale=scale, theme_name="dark")
    assert struct.unpack(">II", png[16:24]) == (width * scale, height * scale)


@pytest.mark.parametrize(("width", "count"), list_cases([(900, 1), (320, 5), (900, 20)], [320, 900], [1, 2, 5, 20]))
def test_an_image_has_a_bar_and_a_label_for_each_value(width: int, count: int) -> None:
    """This holds for any number of panels side by side."""
    svg = images.render_svg(bars(*[(UP, DOWN)] * count), width=width, height=420, theme_name="light")
    matches = re.findall(r'<g class="mark-rect role-mark[^>]*[^>/]>(.*?)</g>', svg, re.S)
    assert sum(inside.count("<path") for inside in matches) == 2 * count
    assert svg.count(">good<") == count


def test_an_image_grows_with_its_bars() -> None:
    """Forty words of two accounts need more height than ten."""
    assert images.readable_height(bars((UP,) * 40, (DOWN,) * 40), 420) > 40 * 15


@pytest.mark.parametrize("hostile", ["<img src=x>", "</script>", "'\"\\.y", "a" * 400, "\u202eabc", "&amp;"])
def test_no_text_adds_markup_to_a_chart(hostile: str) -> None:
    """This holds for labels, tooltips, links and account names."""
    where: PostQuery = (("word", hostile),)
    panel = BarPanel("x", hostile, assign_styles(["x"])["x"], (Bar(hostile, 1, hostile, where),))
    chart = replace(bars((UP,)), panels=(panel,), title=hostile, x_title=hostile)
    text = json.dumps({name: value for name, value in figures.build_figure(chart).items() if name != "config"})
    still = images.render_svg(chart, width=900, height=420, theme_name="light")
    assert "<img" not in text
    assert "</script" not in text
    assert "<img" not in still
    assert "</script>" not in still


def test_a_chart_without_bars_says_so() -> None:
    """Without panels or values there are no axes, and the figure is still plain JSON."""
    for chart in (bars(), bars((Bar("a", None, ""),))):
        assert chart.is_empty
        assert ">No posts to draw<" in images.render_svg(chart, width=400, height=300, theme_name="light")
        json.dumps(figures.build_figure(chart), allow_nan=False)


@pytest.mark.parametrize(
    ("fields", "most", "axis"), [({"integer_values": True}, 3, {"dtick": 1}), ({"integer_values": True}, 30, {"nticks": 6})]
)
def test_an_axis_of_few_integers_repeats_no_label(fields: dict[str, Any], most: int, axis: dict[str, Any]) -> None:
    """For three occurrences the ticks are 1, 2 and 3; for thirty, some are chosen."""
    chart = bars((Bar("a", most, ""),), **fields)
    ticks = specification(chart)["concat"][0]["layer"][1]["encoding"]["x"]["axis"].get("values")
    assert axis.items() <= figures.build_figure(chart)["layout"]["xaxis"].items()
    assert ticks == ([0, 1, 2, 3] if most == 3 else None)


MIRRORED = (
    Bar("good", 4.0, "", semantic_color="up", value_text="4"),
    Bar("nice", 1.0, "", semantic_color="up", value_text="1", is_emphasized=True),
    Bar("bad", -2.0, "", semantic_color="down", value_text="2"),
    Bar("awful", -8.0, "", semantic_color="down", value_text="8"),
    Bar("sad", -9.0, "", semantic_color="down", value_text="9"),
)


def test_mirrored_bars_have_the_strongest_of_both_sides_in_the_first_row() -> None:
    """Page and image need three rows for two positive and three negative bars."""
    chart = bars(MIRRORED, is_mirrored=True)
    (trace,) = figures.build_figure(chart)["data"]
    rows = specification(chart)["datasets"]["0"]
    assert trace["y"] == [row["row"] for row in rows] == [0, 1, 2, 1, 0]
    assert chart.row_count(chart.panels[0]) == 3


def test_mirrored_bars_have_labels_and_values_at_their_ends() -> None:
    """Emphasized ones are bold, and there are no labels beside the panel."""
    figure = figures.build_figure(bars(MIRRORED, is_mirrored=True))
    (trace,) = figure["data"]
    assert trace["text"] == ["good 4", "nice 1", "bad 2", "awful 8", "sad 9"]
    assert trace["textfont"]["weight"] == ["normal", "bold", "normal", "normal", "normal"]
    assert figure["layout"]["yaxis"]["showticklabels"] is False
    svg = images.render_svg(bars(MIRRORED, is_mirrored=True), width=520, height=300, theme_name="light")
    assert re.search(r'font-weight="bold"[^>]*>nice 1<', svg)
    assert re.search(r'text-anchor="end"[^>]*>sad 9<', svg)


@pytest.mark.parametrize("width", [330, 520, 900])
def test_the_labels_of_mirrored_bars_stay_inside_their_panel(width: int) -> None:
    """The scale leaves room on both sides."""
    chart = bars(MIRRORED, MIRRORED, is_mirrored=True)
    view = specification(chart, width)["concat"][0]
    left, right = view["layer"][0]["encoding"]["x"]["scale"]["range"]
    assert left >= 6 * len("awful 8")
    assert view["width"] - right >= 6 * len("good 4")
    assert left < right


def test_mirrored_bars_with_long_labels_are_stacked_earlier() -> None:
    """A panel is as wide as its labels and bars need, and bold labels need more than others."""
    long = [replace(bar, label=f"{bar.label} and more") for bar in MIRRORED]
    bold = [replace(bar, is_emphasized=True) for bar in long]
    short_below, long_below, bold_below = (
        figures.build_figure(bars(tuple(panel), tuple(panel), is_mirrored=True))["narrow"]["below"] for panel in (MIRRORED, long, bold)
    )
    assert short_below < long_below < bold_below


def test_a_mirrored_figure_is_valid() -> None:
    """plotly.py accepts its labels."""
    figure = figures.build_figure(bars(MIRRORED, is_mirrored=True))
    assert validate_figure(figure) == expand_layouts(figure)
