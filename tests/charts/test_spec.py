"""What charts decide for every renderer: scales, labels, ticks and shorter texts."""

import json
import math
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient

from dashboard.charts.definitions.events import mark_peaks
from dashboard.charts.palette import DARK_COLORS, PALETTE, assign_styles
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.heatmap import HeatmapCell, HeatmapChart, HeatmapPanel
from dashboard.charts.spec.scatter import Point, ScatterChart, ScatterSeries
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.time_layout import place_facet_labels, strip_labels
from dashboard.charts.vega import images
from dashboard.core import messages

STARTS = tuple(datetime(2026, 1, 5) + timedelta(weeks=week) for week in range(12))
NEWS = "demo:harbour-news"


def bars(y: tuple[float, ...], low: tuple[float, ...] = (), high: tuple[float, ...] = (), **fields: Any) -> TimeSeriesChart:
    """Return a chart with weekly bars of one account."""
    look = assign_styles(["nasa"])["nasa"]
    line = TimeSeries("nasa", "@nasa", look, STARTS[: len(y)], y, ("",) * len(y), low=low, high=high)
    chart_fields: dict[str, Any] = {
        "kind": "sentiment",
        "title": "Mood",
        "caption": ("Read today",),
        "alt": "Mood.",
        "y_title": "Mood",
    } | fields
    return TimeSeriesChart(mark="bar", faceted=True, series=(line,), interval_hours=7 * 24, **chart_fields)


@pytest.mark.parametrize(("bounds", "extent"), [(None, (-1.0, 1.0)), ((-2.0, 2.0), (-2.0, 2.0)), ((0.0, math.inf), (0.0, 1.0))])
def test_a_scale_of_zeros_has_only_possible_values(bounds: tuple[float, float] | None, extent: tuple[float, float]) -> None:
    """There are no negative numbers of posts, and no largest one."""
    chart = bars((0.0, 0.0), value_limits=bounds)
    assert chart.scale_of(chart.series[0]) == extent


@pytest.mark.parametrize(
    ("low", "high", "bounds", "extent"),
    [
        ((), (), None, (-0.2, 0.8)),
        ((-9, 0), (0, 9), None, (-0.4, 1.0)),
        ((-9, 0), (0, 9), (-1.0, 0.9), (-0.4, 0.9)),
        ((-0.3, 0), (0, 0.9), (-1.0, 1.0), (-0.3, 0.9)),
    ],
    ids=["no whiskers", "long ones", "bounded", "short ones"],
)
def test_bars_decide_the_scale_and_long_whiskers_are_clipped(
    low: tuple[float, ...], high: tuple[float, ...], bounds: tuple[float, float] | None, extent: tuple[float, float]
) -> None:
    """One uncertain week doesn't flatten the chart, and no scale exceeds the possible values."""
    chart = bars((-0.2, 0.8), low, high, value_limits=bounds)
    assert chart.scale_of(chart.series[0]) == pytest.approx(extent)
    assert chart.cuts_intervals == (-9 in low)
    least, most = figures.build_figure(chart)["layout"]["yaxis"]["range"]
    assert least <= extent[0]
    assert most >= extent[1]
    assert most - least < 1.2 * (extent[1] - extent[0])


def two_facets(**fields: Any) -> TimeSeriesChart:
    """Return a chart with the bars of a loud account above those of a quiet one."""
    chart = bars((8.0, -2.0), **fields)
    return replace(chart, series=(*chart.series, replace(chart.series[0], account="esa", label="@esa", y=(0.2, 0.1))))


def drawn_axes(chart: TimeSeriesChart) -> tuple[list[Any], list[Any]]:
    """Return the axes of values of all facets: of the figure, and of the image."""
    layout = figures.build_figure(chart)["layout"]
    rows = images.build_spec(chart, width=900, height=420, theme_name="light")["vconcat"]
    return [layout["yaxis"], layout["yaxis2"]], [row["layer"][0]["encoding"]["y"] for row in rows]


def test_each_account_has_its_own_scale_with_its_ends_printed() -> None:
    """A quiet account is as tall as a loud one, in page and image, and zero is on every scale."""
    page, image = drawn_axes(two_facets(shared_scale=False))
    assert [axis["tickvals"] for axis in page] == [[-2, 0, 8], [0, 0.2]]
    assert "matches" not in page[1]
    assert [axis["axis"]["values"] for axis in image] == [[-2, 0, 8], [0, 0.2]]
    assert [axis["scale"]["domain"] for axis in image] == [[-2, 8], [0, 0.2]]


def test_all_accounts_can_share_one_scale() -> None:
    """The scale then has round numbers, the same in every row."""
    page, image = drawn_axes(two_facets())
    assert "tickvals" not in page[0]
    assert page[1]["matches"] == "y"
    assert [axis["scale"]["domain"] for axis in image] == [[-2, 8], [-2, 8]]


@pytest.mark.parametrize(
    ("values", "ticks"), [((8.0, -0.1), [0, 8]), ((8.0, -4.0), [-4, 0, 8]), ((0.0, 0.0), [-1, 0, 1]), ((-3.0,), [-3, 0])]
)
def test_the_label_of_zero_never_overlaps_that_of_an_end(values: tuple[float, ...], ticks: list[float]) -> None:
    """Zero is what all bars begin at, so it stays."""
    chart = bars(values, shared_scale=False)
    assert chart.tick_values(chart.series[0], 0.1) == ticks


@pytest.mark.parametrize(("values", "ticks"), [((8.0, -6.0), [-6, 0, 8]), ((0.5, -0.5), [-20, 0, 10]), ((0.5, -6.0), [-6, 0])])
def test_the_scale_names_the_ends_of_values_not_of_pale_bars(values: tuple[float, ...], ticks: list[float]) -> None:
    """A scale that ends at −20 would contradict a peak that is named −6; values next to zero leave room for the ends of pale bars only."""
    chart = bars(values, shared_scale=False)
    chart = replace(chart, series=(replace(chart.series[0], positive=(10.0, 0.0), negative=(0.0, -20.0)),))
    assert chart.tick_values(chart.series[0], 0.1) == ticks


def mark_two_peaks(chart: TimeSeriesChart) -> TimeSeriesChart:
    """Return the chart with two peaks, the later of which is the more unusual."""
    rows = [
        {"account": "nasa", "start": STARTS[place].date(), "measure": "posts", "value": 9.0, "expected": 1.0, "posts": 9, "words": words}
        for place, words in ((2, "launch, moon, crew"), (9, ""))
    ]
    table = pl.DataFrame([row | {"z": z} for row, z in zip(rows, (4.0, 8.0), strict=True)])
    points = pl.DataFrame({"account": ["nasa"] * len(STARTS), "start": [start.date() for start in STARTS]})
    return mark_peaks(chart, table, points)


def lines(**fields: Any) -> TimeSeriesChart:
    """Return a chart with a weekly line of one account, which has two peaks."""
    values = tuple(9.0 if place in (2, 9) else 1.0 for place in range(12))
    return mark_two_peaks(replace(bars(values), mark="line", faceted=False, integer_values=True, **fields))


def texts_of_page(chart: TimeSeriesChart) -> list[str]:
    """Return the labels in a wide figure."""
    return [note["text"] for note in figures.build_figure(chart)["layout"]["annotations"]]


def texts_of_image(chart: TimeSeriesChart, width: int = 900) -> list[str]:
    """Return the labels in an image."""
    spec = images.build_spec(chart, width=width, height=420, theme_name="light")
    layers = [layer for view in spec["vconcat"] for layer in view.get("layer", ())]
    return [row["text"] for layer in layers for row in layer.get("data", {}).get("values", ()) if "text" in row]


def test_peaks_are_named_with_their_value_and_first_words() -> None:
    """A peak without typical words has only its value, and the most unusual peak comes first, in page and image."""
    assert texts_of_page(lines()) == texts_of_image(lines()) == ["9", "9 · launch, moon"]
    assert lines().series[0].peaks[1].tooltip.endswith("words: launch, moon, crew\nin the week from 19 Jan 2026")


def test_the_label_of_a_peak_opens_its_posts() -> None:
    """The figure's label carries the query for the posts, as its mark does."""
    chart = lines().with_post_queries({"nasa": [(("from", str(place)),) for place in range(12)]})
    figure = figures.build_figure(chart)
    assert [(note["name"], note["captureevents"]) for note in figure["layout"]["annotations"]] == [("from=9", True), ("from=2", True)]
    assert figure["data"][-1]["customdata"] == ["from=9", "from=2"]


def two_lines() -> TimeSeriesChart:
    """Return the lines of two accounts that end at nearly the same height."""
    chart = lines()
    other = replace(chart.series[0], account="esa", label="@esa", peaks=(), y=(1.1,) * 12)
    return replace(chart, series=(*chart.series, other))


def test_lines_are_named_at_their_right_end_without_overlap() -> None:
    """There is no legend, and names are a line apart even if the lines end at the same height."""
    figure = figures.build_figure(two_lines())["layout"]
    first, second = (note["y"] * 352 for note in figure["annotations"] if note["x"] == 1)
    assert figure["showlegend"] is False
    assert abs(first - second) >= 14
    assert texts_of_image(two_lines())[-2:] == ["@nasa", "@esa"]


def test_narrow_lines_have_a_legend_above_the_plot() -> None:
    """Names beside the lines would leave no room for them."""
    narrow = figures.build_figure(two_lines())["narrow"]["layout"]
    spec = images.build_spec(two_lines(), width=330, height=420, theme_name="light")
    assert narrow["showlegend"] is True
    assert [note for note in narrow["annotations"] if note["x"] == 1] == []
    assert spec["vconcat"][0]["height"] == 27
    assert texts_of_image(two_lines(), 330)[-2:] == ["@nasa", "@esa"]


def test_the_way_to_an_incomplete_interval_is_dashed() -> None:
    """Its point is an outline, and all others are filled."""
    chart = lines()
    chart = replace(chart, series=(replace(chart.series[0], is_open=True),))
    line, gap, _ = figures.build_figure(chart)["data"]
    layers = images.build_spec(chart, width=900, height=420, theme_name="light")["vconcat"][0]["layer"]
    assert line["marker"]["symbol"] == ["circle"] * 11 + ["circle-open"]
    assert gap["x"] == line["x"][-2:]
    assert layers[0]["transform"] == [{"filter": "!datum.hollow && !datum.sparse"}]
    assert [layer["mark"]["strokeDash"] for layer in layers if "strokeDash" in layer["mark"]] == [[3, 3]]


def test_the_way_from_a_first_interval_that_was_cut_is_dashed() -> None:
    """Its point is an outline as well, on the page and in the image."""
    chart = lines()
    chart = replace(chart, series=(replace(chart.series[0], is_cut=True, is_open=True),))
    line, first_gap, last_gap, _ = figures.build_figure(chart)["data"]
    spec = images.build_spec(chart, width=900, height=420, theme_name="light")
    assert line["marker"]["symbol"] == ["circle-open", *["circle"] * 10, "circle-open"]
    assert first_gap["x"] == line["x"][:2]
    assert last_gap["x"] == line["x"][-2:]
    dashed = [layer["transform"][0]["filter"] for layer in spec["vconcat"][0]["layer"] if "strokeDash" in layer["mark"]]
    assert dashed == ["datum.head && !datum.sparse", "datum.tail && !datum.sparse"]
    (rows,) = spec["datasets"].values()
    assert [row["head"] for row in rows] == [True, True, *[False] * 10]


def test_two_incomplete_intervals_have_one_dashed_way() -> None:
    """It would be drawn twice otherwise."""
    line = replace(lines().series[0], is_cut=True, is_open=True)
    assert len(replace(line, x=line.x[:2], y=line.y[:2]).dashed_ways) == 1


def test_a_sparse_account_among_others_is_drawn_as_dots() -> None:
    """A line between zero and one would only zigzag."""
    chart = two_lines()
    chart = replace(chart, series=(chart.series[0], replace(chart.series[1], is_sparse=True)))
    modes = [trace["mode"] for trace in figures.build_figure(chart)["data"]]
    layers = images.build_spec(chart, width=900, height=420, theme_name="light")["vconcat"][0]["layer"]
    assert modes == ["lines+markers", "markers", "markers"]
    assert {"filter": "datum.sparse && datum.y > 0"} in [layer["transform"][0] for layer in layers if "transform" in layer]


def hourly_line(hours: int) -> TimeSeriesChart:
    """Return a line with a value per hour, from 09:00 on."""
    starts = tuple(datetime(2026, 3, 1, 9) + timedelta(hours=hour) for hour in range(hours))
    line = replace(bars((1.0,) * 12).series[0], x=starts, y=(1.0,) * hours)
    return replace(bars((1.0,) * 12), mark="line", faceted=False, series=(line,), interval_hours=1)


@pytest.mark.parametrize(("hours", "step_hours", "tick_count"), [(2, 1, 2), (6, 1, 6), (7, 2, 4), (12, 2, 6)])
def test_an_axis_of_few_hours_has_no_ticks_inside_hours(hours: int, step_hours: int, tick_count: int) -> None:
    """Ten minutes on an axis of hours would suggest numbers that don't exist."""
    chart = hourly_line(hours)
    figure = figures.build_figure(chart)["layout"]["xaxis"]
    plot = images.build_spec(chart, width=900, height=420, theme_name="light")["vconcat"][0]
    axis = plot["layer"][0]["encoding"]["x"]["axis"]
    assert figure["tickvals"] == [tick.isoformat() for tick in chart.explicit_ticks]
    assert figure["ticktext"][:2] == ["09:00<br>1 Mar 2026", f"{9 + step_hours:02}:00"]
    assert len(axis["values"]) == tick_count
    assert axis["values"][1] - axis["values"][0] == step_hours * 3_600_000


@pytest.mark.parametrize(("weeks", "step"), [(4, 1), (6, 1), (9, 2), (18, 3), (24, 4)])
def test_ticks_of_weeks_are_where_weeks_begin(weeks: int, step: int) -> None:
    """Renderers' own weeks begin on Sundays, and a tick at the end would stand below the last week."""
    monday = datetime(2026, 3, 2)
    starts = tuple(monday + timedelta(weeks=week) for week in range(weeks))
    bar_chart = replace(bars((1.0,)), series=(replace(bars((1.0,)).series[0], x=starts, y=(1.0,) * weeks),), interval_hours=168)
    assert bar_chart.explicit_ticks == list(starts[::step])


def test_an_axis_of_many_weeks_has_ticks_at_months() -> None:
    """Its labels are months, which need no week to stand below."""
    starts = tuple(datetime(2026, 3, 2) + timedelta(weeks=week) for week in range(25))
    line = replace(bars((1.0,)).series[0], x=starts, y=(1.0,) * 25)
    assert replace(bars((1.0,)), series=(line,), interval_hours=168).explicit_ticks == []


def test_an_axis_of_many_hours_chooses_its_ticks_itself() -> None:
    """More hours have no room for a tick each."""
    assert hourly_line(13).explicit_ticks == []


@pytest.mark.parametrize(("n", "labels"), [(400, ["13 Sep", "4 Oct", "1 Nov"]), (3200, ["Dec 2025", "Jan 2026"])])
def test_images_write_dates_on_axes_as_in_sentences(demo_client: FlaskClient, n: int, labels: list[str]) -> None:
    """The day comes first, and months have their year."""
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", demo_client.get(f"/frequency.svg?users=demo:aster-air&n={n}").text)
    assert [label for label in labels if label not in texts] == []
    assert [text for text in texts if re.fullmatch(r"[A-Z][a-z]{2} \d\d|November", text)] == []


@pytest.mark.parametrize(("most", "scores"), [(1, [-1, 0, 1]), (3, [-1, 0, 1, 2, 3]), (30, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30])])
def test_integer_scores_have_a_tick_each(most: int, scores: list[int]) -> None:
    """If there are many, every n-th has one, in page and image alike."""
    cloud = ScatterSeries("nasa", "@nasa", assign_styles(["nasa"])["nasa"], (Point(most, 1, ""),))
    chart = ScatterChart(
        kind="engagement", title="T", caption=(), alt="", series=(cloud,), x_title="", y_title="", log_y=True, integer_x=True
    )
    still = images.build_spec(chart, width=900, height=420, theme_name="light")["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert chart.x_ticks == figures.build_figure(chart)["layout"]["xaxis"]["tickvals"] == still == scores


def test_a_dark_image_has_the_colours_of_dark_pages() -> None:
    """They are those that the page's script takes from the figure."""
    chart = bars((0.5, 0.8))
    shade = figures.build_figure(chart)["dark"][PALETTE[0]]
    image = images.render_svg(chart, width=900, height=420, theme_name="dark")
    assert PALETTE[0] not in image
    assert shade in image
    assert shade == DARK_COLORS[PALETTE[0]]


@pytest.mark.slow
def test_images_on_our_pages_have_no_texts_and_previews_have_few(demo_client: FlaskClient) -> None:
    """The page shows title and coverage itself, and a preview is small."""
    texts = [demo_client.get(f"/kept/{which}events.svg?users={NEWS}&n=400").text for which in ("", "card/", "bare/")]
    assert [("Unusual days" in text, "Updated " in text or "times in UTC" in text) for text in texts] == [
        (True, True),
        (True, False),
        (False, False),
    ]
    assert len(texts[0]) > len(texts[1]) > len(texts[2])


def five_strips(**fields: Any) -> TimeSeriesChart:
    """Return the heat strips of a loud account and four quiet ones."""
    chart = replace(bars((-2.0, 1.0)), mark="strip", **fields)
    quiet = [replace(chart.series[0], account=f"a{number}", label=f"@a{number}", y=(0.1, None)) for number in range(4)]
    return replace(chart, series=(*chart.series, *quiet))


def test_heat_strips_are_darkest_at_an_accounts_own_extreme() -> None:
    """Teal is positive, red is negative, and an unknown value has no colour, in page and image."""
    chart = five_strips(shared_scale=False)
    cells = images.build_spec(chart, width=900, height=300, theme_name="light")["datasets"]["cells"]
    loud, quiet = (trace["marker"]["color"] for trace in figures.build_figure(chart)["data"][:2])
    assert [(cell["colour"], cell["opacity"]) for cell in cells[:3]] == [("#b3261e", 1), ("#0b7a75", 0.54), ("#0b7a75", 1)]
    assert len(cells) == 2 + 4
    assert loud == ["rgba(179,38,30,1.000)", "rgba(11,122,117,0.540)"]
    assert quiet == ["rgba(11,122,117,1.000)", "rgba(11,122,117,0.000)"]


def test_heat_strips_on_one_scale_show_who_is_quiet() -> None:
    """With the same scale, the largest value of all accounts is the darkest."""
    assert five_strips(shared_scale=True).cell_opacities(five_strips().series[1])[0] == pytest.approx(0.126)


@pytest.mark.parametrize("width", [330, 900])
def test_the_names_of_heat_strips_are_unique(width: int) -> None:
    """Two accounts whose names are cut at the same place would otherwise share a row."""
    chart = five_strips()
    same = [replace(line, label=f"a very long name of an organisation, department {number}") for number, line in enumerate(chart.series)]
    labels = strip_labels(replace(chart, series=tuple(same)), width)
    assert len(set(labels)) == 5


def test_labels_keep_their_distance_from_the_peak_in_a_page_of_another_size() -> None:
    """A label beside its bar is placed in pixels from it, because the width of a page isn't known."""
    figure = figures.build_figure(lines())
    marks = figure["data"][-1]["x"]
    shares = [(datetime.fromisoformat(mark) - STARTS[0]) / timedelta(weeks=12) for mark in marks]
    notes = figure["layout"]["annotations"]
    assert [note["x"] for note in notes] == pytest.approx(shares)
    axis_end = figure["layout"]["yaxis"]["range"][1]
    assert [note["y"] for note in notes] == pytest.approx([9 / axis_end] * 2)  # a lower plot doesn't bring it closer to the mark
    assert all(note["yshift"] >= 13 for note in notes)


def test_the_label_of_a_low_row_stands_beside_its_bar() -> None:
    """Rows of many accounts have no room above their bars."""
    chart = mark_two_peaks(bars((1.0,) * 2 + (9.0,) + (1.0,) * 9))
    ((_, first), *_) = [(peak, label) for peak, label in place_facet_labels(chart, chart.series[0], (600, 50)) if peak.index == 2]
    assert first.text == "9 · launch, moon"
    assert first.box[0] > 2.88 / 12 * 600


def test_days_on_an_axis_are_written_as_in_texts() -> None:
    """German has a full stop after the day."""
    with messages.use("de"):
        spec = json.dumps(images.build_spec(bars((1.0,) * 12), width=900, height=420, theme_name="light"))
    assert '"%-d. %b"' in spec
    assert '"Okt."' in spec


def test_a_long_label_leaves_room_for_the_scale_of_a_heat_map() -> None:
    """What the darkest colour stands for isn't cut off, because it is nowhere else."""
    labels = {name: f"Rest of the collection (file {name})" for name in ("d39f", "a1b2", "c3d4")}
    styles = assign_styles(list(labels))
    cells = (HeatmapCell(0, 0, 1907, ""),)
    panels = tuple(HeatmapPanel(name, label, styles[name], cells) for name, label in labels.items())
    chart = HeatmapChart(
        kind="rhythm", title="", caption=(), alt="", column_labels=("00",), row_labels=("Mon",), panels=panels, value_noun="post"
    )
    headings = [view["title"] for view in images.build_spec(chart, width=720, height=420, theme_name="light")["concat"]]
    assert [heading["text"].partition(" · ")[2] for heading in headings] == ["up to 1,907 posts"] * 3
    assert max(7 * len(heading["text"]) for heading in headings) <= headings[0]["limit"]
