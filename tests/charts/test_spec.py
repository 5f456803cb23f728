"""What charts decide for every renderer: scales, event numbers, ticks and shorter texts."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient

from dashboard.analytics import events as analytics
from dashboard.charts.definitions.events import MIN_INTERVALS, mark_events
from dashboard.charts.palette import DARK_COLORS, PALETTE, assign_styles
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec import (
    Point,
    ScatterChart,
    ScatterSeries,
    TimeSeries,
    TimeSeriesChart,
)
from dashboard.charts.vega import images

STARTS = tuple(datetime(2026, 1, 5) + timedelta(weeks=week) for week in range(12))
NEWS = "demo:harbour-news"


def bars(y: tuple[float, ...], low: tuple[float, ...] = (), high: tuple[float, ...] = (), **fields: Any) -> TimeSeriesChart:
    """Return a chart with weekly bars of one account."""
    look = assign_styles(["nasa"])["nasa"]
    hollow = (False,) * len(y)
    line = TimeSeries("nasa", "@nasa", look, STARTS[: len(y)], y, ("",) * len(y), low=low, high=high, hollow=hollow)
    chart_fields: dict[str, Any] = {
        "kind": "sentiment",
        "title": "Mood",
        "caption": ("Read today",),
        "alt": "Mood.",
        "y_title": "Mood",
    } | fields
    return TimeSeriesChart(mark="bar", faceted=True, series=(line,), interval_hours=7 * 24, **chart_fields)


@pytest.mark.parametrize(
    ("low", "high", "bounds", "extent"),
    [
        ((), (), None, (-0.2, 0.8)),
        ((-9, 0), (0, 9), None, (-0.7, 1.3)),
        ((-9, 0), (0, 9), (-1.0, 1.0), (-0.7, 1.0)),
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
    ("values", "ticks"), [((8.0, -0.1), [-0.1, 8]), ((8.0, -4.0), [-4, 0, 8]), ((0.0, 0.0), [-1, 0, 1]), ((-3.0,), [-3, 0])]
)
def test_the_label_of_zero_never_overlaps_that_of_an_end(values: tuple[float, ...], ticks: list[float]) -> None:
    """The end of the bars is more informative, so it stays."""
    chart = bars(values, shared_scale=False)
    assert chart.tick_values(chart.series[0], 0.1) == ticks


def mark_two_events(chart: TimeSeriesChart) -> TimeSeriesChart:
    """Return the chart with two events, the later of which is the stronger."""
    rows = [
        {"account": "nasa", "start": STARTS[place].date(), "measure": "posts", "value": 1.0, "expected": 9.0, "posts": 1, "words": ""}
        for place in (2, 9)
    ]
    table = pl.DataFrame([row | {"z": z} for row, z in zip(rows, (4.0, -8.0), strict=True)])
    points = pl.DataFrame({"account": ["nasa"] * len(STARTS), "start": [start.date() for start in STARTS]})
    return mark_events(chart, table, points)


def test_events_are_numbered_by_strength_and_name_their_week() -> None:
    """1 is the strongest in page and image, although it came later."""
    chart = mark_two_events(bars((1.0,) * 12))
    flags = figures.build_figure(chart)["data"][-1]
    still = re.findall(r'"event": (\d)', str(images.build_spec(chart, width=900, height=420, theme_name="light")).replace("'", '"'))
    assert [text[0] for text in flags["text"]] == ["1", "2"]
    assert flags["x"][0][:10] == "2026-03-12"
    assert still[:2] == ["2", "1"]
    assert flags["hovertext"][0].endswith("in the week from 9 Mar 2026")


def test_headings_leave_room_for_the_numbers_of_events() -> None:
    """Page and image move an account's name up, and keep the height of its bars."""
    plain, marked = bars((1.0,) * 12), mark_two_events(bars((1.0,) * 12))
    heading = figures.build_figure(marked)["layout"]["annotations"][0]
    offsets = [
        images.build_spec(chart, width=900, height=420, theme_name="light")["vconcat"][0]["title"]["offset"] for chart in (plain, marked)
    ]
    assert heading["yshift"] == 14
    assert offsets == [8, 20]


def test_a_legend_leaves_room_for_the_numbers_of_events() -> None:
    """The number above the highest point of an image doesn't cover the name of an account."""
    one_line = replace(bars((1.0,) * 12), mark="line", faceted=False)
    two_lines = replace(one_line, series=(*one_line.series, replace(one_line.series[0], account="esa", label="@esa")))
    plain, marked = (
        images.build_spec(chart, width=900, height=420, theme_name="light") for chart in (two_lines, mark_two_events(two_lines))
    )
    assert "offset" not in plain["encoding"]["color"]["legend"]
    assert marked["layer"][0]["encoding"]["color"]["legend"]["offset"] == 22


def hourly_line(hours: int) -> TimeSeriesChart:
    """Return a line with a value per hour, from 09:00 on."""
    starts = tuple(datetime(2026, 3, 1, 9) + timedelta(hours=hour) for hour in range(hours))
    line = replace(bars((1.0,) * 12).series[0], x=starts, y=(1.0,) * hours, hollow=())
    return replace(bars((1.0,) * 12), mark="line", faceted=False, series=(line,), interval_hours=1)


@pytest.mark.parametrize(("hours", "step_hours", "tick_count"), [(1, 1, 2), (6, 1, 7), (7, 2, 4), (12, 2, 7)])
def test_an_axis_of_few_hours_has_no_ticks_inside_hours(hours: int, step_hours: int, tick_count: int) -> None:
    """Ten minutes on an axis of hours would suggest numbers that don't exist."""
    chart = hourly_line(hours)
    figure = figures.build_figure(chart)["layout"]["xaxis"]
    axis = images.build_spec(chart, width=900, height=420, theme_name="light")["encoding"]["x"]["axis"]
    assert figure["dtick"] == step_hours * 3_600_000
    assert len(axis["values"]) == tick_count
    assert axis["values"][1] - axis["values"][0] == step_hours * 3_600_000


def test_an_axis_of_many_hours_chooses_its_ticks_itself() -> None:
    """More hours have no room for a tick each."""
    assert hourly_line(13).explicit_ticks == []


@pytest.mark.parametrize(("n", "labels"), [(400, ["13 Sep", "4 Oct", "1 Nov"]), (3200, ["Dec 2025", "Jan 2026"])])
def test_images_write_dates_on_axes_as_in_sentences(demo_client: FlaskClient, n: int, labels: list[str]) -> None:
    """The day comes first, and months have their year."""
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", demo_client.get(f"/frequency.svg?users=demo:aster-air&n={n}").text)
    assert [label for label in labels if label not in texts] == []
    assert [text for text in texts if re.fullmatch(r"[A-Z][a-z]{2} \d\d|November", text)] == []


def test_a_short_history_is_mentioned_next_to_events() -> None:
    """Otherwise, an account without numbers would seem to have no unusual weeks."""
    long_history = bars((1.0,) * 12)
    short = replace(long_history.series[0], account="esa", label="@esa", x=STARTS[:3], y=(1.0,) * 3, hollow=(False,) * 3)
    assert "Too few weeks to tell what's usual: @esa" in mark_two_events(replace(long_history, series=(*long_history.series, short))).hint
    assert analytics.MIN_INTERVALS == MIN_INTERVALS


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


def test_images_on_our_pages_have_no_texts_and_previews_have_few(demo_client: FlaskClient) -> None:
    """The page shows title and coverage itself, and a preview is small."""
    texts = [demo_client.get(f"/kept/{which}events.svg?users={NEWS}&n=400").text for which in ("", "card/", "bare/")]
    assert [("Unusual days" in text, "Updated " in text or "times in UTC" in text) for text in texts] == [
        (True, True),
        (True, False),
        (False, False),
    ]
    assert len(texts[0]) > len(texts[1]) > len(texts[2])
