"""All charts: the same numbers in the same colours in every renderer, images of exactly the requested size, and their texts."""

import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
import vl_convert

from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.palette import PALETTE
from dashboard.charts.plotlyjs import figures
from dashboard.charts.vega import images
from dashboard.core.measures import format_value
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline, build_timeline_at, decode_png_rows
from tests.support.drawn_charts import build_chart, build_report, render_svg
from tests.support.fault_suite import ONLY_IN_FAULTS, list_cases
from tests.support.paths import ROOT
from tests.support.plotly_check import expand_layouts, validate_figure
from tests.support.vega_check import validate_specification

DRAWN = [("frequency", {}), *(("sentiment", {"measure": measure}) for measure in ("net", "mean", "share"))]
BOTH = pytest.mark.parametrize("kind", ["frequency", "sentiment"])
ALL = pytest.mark.parametrize(("kind", "args"), DRAWN, ids=["frequency", "net", "mean", "share"])


def marks(document: str) -> dict[str, int]:
    """Return the number of lines, points and bars in an SVG, without legends and axes."""
    groups = re.findall(r'<g class="mark-(\w+) role-mark[^>]*[^>/]>(.*?)</g>', document, re.S)
    return {kind: sum(inside.count("<path") for group, inside in groups if group == kind) for kind in ("line", "symbol", "rect")}


HOSTILE_NAME = "file:ab/[x]'\"\\.y"


def names(count: int) -> str:
    """Return this many accounts."""
    return ",".join(f"user{number}" for number in range(count))


# What each renderer draws, as {account's label: (colour, [(day, value)])}

Drawn = dict[str, tuple[str, list[tuple[str, float | None]]]]


def in_table(kind: str, args: dict[str, str]) -> Drawn:
    """Return the numbers of the table, with the colours of the accounts."""
    report, value = build_report(kind, **args), "posts" if kind == "frequency" else "value"
    return {
        f"@{account}": (PALETTE[place], [(row["start"], row[value]) for row in report.to_rows() if row["account"] == account])
        for place, account in enumerate(["zeta", "alpha"])
    }


def in_figure(kind: str, args: dict[str, str]) -> Drawn:
    """Return what plotly.js draws in full colour."""
    full = [
        trace
        for trace in figures.build_figure(build_chart(kind, **args))["data"]
        if trace.get("marker", {"opacity": 0}).get("opacity", 1) == 1
    ]
    colours = [trace["line"]["color"] if kind == "frequency" else trace["marker"]["line"]["color"] for trace in full]
    return {
        trace["name"]: (colour, [(start[:10], value) for start, value in zip(trace["x"], trace["y"], strict=True)])
        for trace, colour in zip(full, colours, strict=True)
    }


def in_specification(kind: str, args: dict[str, str]) -> Drawn:
    """Return what Vega-Lite draws."""
    datasets = images.build_spec(build_chart(kind, **args), width=900, height=420, theme_name="light")["datasets"]
    rows_by_label: dict[str, list[dict[str, Any]]] = {}
    for row in [row for rows in datasets.values() for row in rows]:
        rows_by_label.setdefault(row["label"], []).append(row)
    return {
        label: (rows[0]["colour"], [(f"{datetime.fromtimestamp(row['x'] / 1000, UTC):%Y-%m-%d}", row["y"]) for row in rows])
        for label, rows in rows_by_label.items()
    }


@pytest.mark.parametrize("drawn", [in_figure, in_specification])
@ALL
def test_every_renderer_draws_the_numbers_of_the_table_in_the_same_colours(
    kind: str, args: dict[str, str], drawn: Callable[[str, dict[str, str]], Drawn]
) -> None:
    """Page, image and data agree, and an unknown value stays unknown."""
    assert drawn(kind, args) == in_table(kind, args)


def test_the_lines_of_an_image_have_the_colours_and_dashes_of_the_styles() -> None:
    """Vega-Lite's colour scale maps each account to its own colour."""
    chart = build_chart("frequency", names(6))
    encoding = images.build_spec(chart, width=900, height=420, theme_name="light")["vconcat"][0]["layer"][0]["encoding"]
    scales = [encoding[channel]["scale"] for channel in ("color", "strokeDash")]
    assert [scale["domain"] for scale in scales] == [[line.label for line in chart.series]] * 2
    assert scales[0]["range"] == [line.style.color for line in chart.series]


def test_the_pale_bars_are_the_positive_and_negative_sums() -> None:
    """They go up and down behind the net, in figure and specification."""
    chart = build_chart("sentiment", "nasa")
    sums = [(2, 0), (1, 0), (0, 0), (1, -2), (0, -1)]
    pale = [list(trace["y"]) for trace in figures.build_figure(chart)["data"] if trace["marker"].get("opacity") != 1]
    rows = images.build_spec(chart, width=900, height=420, theme_name="light")["datasets"]["nasa"]
    assert list(zip(*pale, strict=True)) == sums
    assert [(row["up"], row["down"]) for row in rows] == sums


# The interactive figure


@ALL
def test_a_figure_is_plain_json(kind: str, args: dict[str, str]) -> None:
    """It has no binary arrays and no NaN, so a script block can hold it."""
    text = json.dumps(figures.build_figure(build_chart(kind, **args)), allow_nan=False)
    assert json.loads(text) == figures.build_figure(build_chart(kind, **args))


@ALL
def test_a_figure_is_valid_for_plotly(kind: str, args: dict[str, str]) -> None:
    """plotly.py accepts it and changes nothing."""
    figure = figures.build_figure(build_chart(kind, **args))
    assert validate_figure(figure) == expand_layouts(figure)


def test_the_check_refuses_names_that_plotly_does_not_know() -> None:
    """plotly.js itself would silently ignore a misspelt name."""
    with pytest.raises(ValueError, match="hovermodus"):
        validate_figure(figures.build_figure(build_chart("frequency")) | {"layout": {"hovermodus": "closest"}})


@BOTH
def test_a_figure_never_offers_to_send_data_away(kind: str) -> None:
    """Plotly's cloud button is off, and its URL is empty."""
    config = figures.build_figure(build_chart(kind))["config"]
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["displaylogo"] is False


@BOTH
def test_names_cannot_add_markup_to_a_figure(kind: str) -> None:
    """An imported account named like a tag is shown by its name."""
    figure = json.dumps(figures.build_figure(build_chart(kind, "file:ab/<img&b>")))
    assert "<img" not in figure
    assert "&lt;img&amp;b" in figure


@BOTH
def test_tooltips_have_only_numbers_and_fixed_words(kind: str) -> None:
    """They contain no text of a post and no markup except our line breaks."""
    texts = [text for trace in figures.build_figure(build_chart(kind, "file:ab/<b>"))["data"] for text in trace.get("hovertext", ())]
    assert [text for text in texts if "<" in text.replace("<br>", " ") or "post" not in text] == []


@BOTH
def test_the_figure_of_no_posts_is_plain_json(kind: str) -> None:
    """A page without posts has a chart without visible traces."""
    figure = json.loads(json.dumps(figures.build_figure(builder.build_report(kind, build_query(), Fetched([build_timeline()])).chart)))
    assert [trace["x"] for trace in figure["data"] if trace.get("x")] == []


def test_a_figure_grows_with_its_accounts() -> None:
    """Twenty facets need more height than one."""
    assert figures.figure_height(build_chart("sentiment", names(20))) > 20 * 25


# The image


@ALL
def test_the_vega_specification_is_valid(kind: str, args: dict[str, str]) -> None:
    """Altair's schema accepts it."""
    validate_specification(images.build_spec(build_chart(kind, **args), width=900, height=420, theme_name="dark"))


@BOTH
@pytest.mark.parametrize(
    ("size", "count"),
    list_cases([((200, 150, 1), 20), ((301, 999, 3), 1)], [(900, 420, 2), (200, 150, 1), (1600, 200, 1), (301, 999, 3)], [1, 2, 5, 20]),
)
def test_a_png_has_exactly_the_requested_size(kind: str, size: tuple[int, int, int], count: int) -> None:
    """It is the size times the scale, for any number of accounts."""
    width, height, scale = size
    png = images.render_png(build_chart(kind, names(count)), width=width, height=height, scale=scale, theme_name="light")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (width * scale, height * scale)


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_svg_has_exactly_the_requested_size(kind: str, theme: str) -> None:
    """Width, height and view box agree."""
    root = re.match(r"<svg[^>]*>", render_svg(build_chart(kind), 640, 333, theme))
    assert root is not None
    assert re.findall(r' (width|height|viewBox)="([^"]*)"', root[0]) == [("width", "640"), ("height", "333"), ("viewBox", "0 0 640 333")]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_an_image_has_a_line_and_points_for_each_account(count: int) -> None:
    """For five days each, nothing is lost between chart and image."""
    assert marks(render_svg(build_chart("frequency", names(count)))) == {"line": count, "symbol": 5 * count, "rect": 0}


@pytest.mark.parametrize(
    ("measure", "users"),
    list_cases(
        [("net", HOSTILE_NAME), ("net", names(4)), ("mean", "demo:a"), ("share", "nasa,bsky.app,a@b.social")],
        ["net", "mean", "share"],
        ["nasa", "nasa,bsky.app,a@b.social", "demo:a", HOSTILE_NAME, "file:ab/<b>", names(4)],
    ),
)
def test_an_image_has_a_bar_for_each_value(measure: str, users: str) -> None:
    """There is a pale bar behind each net, and every facet finds its data whatever the account's name."""
    bars = 10 if measure == "net" else 4
    assert marks(render_svg(build_chart("sentiment", users, measure=measure)))["rect"] == bars * (users.count(",") + 1)


@pytest.mark.parametrize(("kind", "mark"), [("frequency", "symbol"), ("sentiment", "rect")])
def test_a_single_post_is_visible(kind: str, mark: str) -> None:
    """An image of a single interval has a point or a bar."""
    svg = render_svg(builder.build_report(kind, build_query(), Fetched([build_timeline("good")])).chart)
    assert marks(svg)[mark] > 0


@BOTH
def test_an_image_without_posts_says_so(kind: str) -> None:
    """It has no empty axes."""
    svg = render_svg(builder.build_report(kind, build_query(), Fetched([build_timeline()])).chart)
    assert ">No posts to draw<" in svg
    assert "axis" not in svg


@BOTH
def test_an_image_with_only_failures_is_drawn(kind: str) -> None:
    """It has no accounts and no series."""
    assert ">No posts to draw<" in render_svg(builder.build_report(kind, build_query(), Fetched([])).chart, 200, 150)


def test_an_image_with_only_unknown_values_has_its_axes() -> None:
    """Posts without a matched word have a time, but no share."""
    chart = builder.build_report("sentiment", build_query(measure="share"), Fetched([build_timeline("hm", "hm")])).chart
    assert marks(render_svg(chart))["rect"] == 0
    assert "100%" in render_svg(chart)


@BOTH
def test_names_cannot_add_markup_to_an_svg(kind: str) -> None:
    """They are escaped."""
    svg = render_svg(build_chart(kind, "file:ab/<script>,file:ab/&amp"))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


@BOTH
def test_the_same_chart_gives_the_same_bytes(kind: str) -> None:
    """A digest of the bytes can be an ETag."""
    first, second = (images.render_png(build_chart(kind), width=400, height=300, scale=1, theme_name="dark") for _ in range(2))
    assert first == second


ABROAD = """
import hashlib, sys
from tests.support.drawn_charts import build_chart, render_svg
print(*(hashlib.sha256(render_svg(build_chart(kind, interval=each, tz="Asia/Kathmandu")).encode()).hexdigest()
        for kind in ("frequency", "sentiment") for each in ("hour", "day")))
"""


@pytest.mark.parametrize("zone", ["America/New_York", pytest.param("Pacific/Kiritimati", marks=ONLY_IN_FAULTS)])
def test_the_time_zone_of_the_machine_changes_nothing(zone: str) -> None:
    """Every server draws the same bytes."""
    here = [
        sha256(render_svg(build_chart(kind, interval=interval, tz="Asia/Kathmandu")).encode()).hexdigest()
        for kind in ("frequency", "sentiment")
        for interval in ("hour", "day")
    ]
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    there = subprocess.run([sys.executable, "-c", ABROAD], env={"TZ": zone, "PYTHONPATH": path}, capture_output=True, text=True, check=True)
    assert there.stdout.split() == here


def test_the_axis_shows_local_time() -> None:
    """A post at 23:30 UTC is on the next day in Kathmandu, on the axis as in the table."""
    query = build_query(interval="day", tz="Asia/Kathmandu")
    chart = builder.build_report("frequency", query, Fetched([build_timeline_at("2026-03-01T23:30")])).chart
    assert chart.series[0].x == (datetime(2026, 3, 2),)


def ink(drawn: bytes, columns: slice) -> int:
    """Return how many pixels of these columns differ from the colour of the corner."""
    rows = decode_png_rows(drawn)
    return sum(
        row[at : at + 4] != rows[0][:4] for row in rows for at in range(*(4 * end for end in columns.indices(len(row) // 4))) if at % 4 == 0
    )


CAPTIONS = [
    "Demo data – these organisations and posts are made up. " * 3,
    "@mmwmmwmmwmmwmmw: 3,200 of up to 3,200 posts",
]


@pytest.mark.parametrize("width", [200, 400, 900])
@pytest.mark.parametrize("caption", CAPTIONS, ids=["words", "wide"])
def test_a_caption_stays_inside_the_image(caption: str, width: int) -> None:
    """Its lines are wrapped before the right margin."""
    chart = replace(build_chart("frequency", "demo:a"), title="T", caption=(caption,))
    assert ink(images.render_png(chart, width=width, height=200, scale=1, theme_name="light"), slice(width - 4, width)) == 0


@pytest.mark.parametrize(("width", "height"), [(200, 300), (320, 240)])
@BOTH
def test_a_title_stays_inside_a_small_image(kind: str, width: int, height: int) -> None:
    """A title that doesn't fit is wrapped."""
    png = images.render_png(build_chart(kind, "nasa"), width=width, height=height, scale=1, theme_name="light")
    assert ink(png, slice(width - 2, width)) == 0


@pytest.mark.parametrize(("count", "height"), [(1, 150), (2, 200), (10, 420), (20, 600)])
def test_every_facet_fits_into_a_low_image(count: int, height: int) -> None:
    """The axis of the last facet is still inside."""
    svg = render_svg(build_chart("sentiment", names(count)), 900, height)
    canvas = re.search(r'viewBox="0 0 \d+ (\d+)"', svg)
    assert canvas is not None
    assert max(_bottoms(svg)) <= int(canvas[1])


def _bottoms(drawn: str) -> list[float]:
    """Return the vertical position of each text of an SVG: the sum of the translations of its groups."""
    moves, bottoms = [0.0], []
    for tag in re.finditer(r"<(/?)(g|text)\b([^>]*)>", drawn):
        move = re.search(r"translate\([-\d.e]+,([-\d.e]+)\)", tag[3])
        down = moves[-1] + (float(move[1]) if move else 0)
        if tag[1] and tag[2] == "g":
            moves.pop()
        elif tag[2] == "g" and not tag[3].endswith("/"):
            moves.append(down)
        elif not tag[1]:
            bottoms.append(down)
    return bottoms


@pytest.mark.parametrize(
    ("kind", "count", "height"),
    [("sentiment", 1, 420), ("sentiment", 4, 706), ("sentiment", 20, 666), ("frequency", 6, 420), ("frequency", 20, 1852)],
)
def test_the_readable_height_keeps_facets_legible(kind: str, count: int, height: int) -> None:
    """More accounts need a higher image; up to six lines share one plot, and heat strips are low."""
    assert images.readable_height(build_chart(kind, names(count)), 420) == height


def test_every_facet_fits_into_the_readable_height() -> None:
    """This includes the last of twenty facets with its axis."""
    chart = build_chart("sentiment", names(20))
    height = images.readable_height(chart, 420)
    assert max(_bottoms(render_svg(chart, 900, height))) <= height


# Styles


def test_the_sixth_line_is_dashed_in_page_and_image() -> None:
    """Both renderers distinguish it from the first, which has the same hue."""
    chart = build_chart("frequency", names(6))
    dashes = [trace["line"]["dash"] for trace in figures.build_figure(chart)["data"] if "marker" in trace]
    assert dashes == ["solid"] * 5 + ["dash"]
    assert 'stroke-dasharray="6,3"' in render_svg(chart)


@pytest.mark.parametrize(("count", "row_count"), [(6, 1), (7, 7), (20, 20)])
def test_seven_accounts_have_a_plot_each(count: int, row_count: int) -> None:
    """Seven lines in one plot are a tangle, so each account has a row of bars on its own scale."""
    chart = build_chart("frequency", names(count))
    layout = figures.build_figure(chart)["layout"]
    assert len(images.build_spec(chart, width=900, height=2000, theme_name="light")["vconcat"]) == row_count
    assert len([name for name in layout if name.startswith("yaxis")]) == row_count


# Texts


@pytest.mark.parametrize(
    ("value", "measure", "words"),
    [
        (12, "net", "+12"),
        (-1234, "net", "−1,234"),
        (0, "net", "0"),
        (0.0, "net", "0"),
        (-0.314, "mean", "−0.31"),
        (0, "mean", "0.00"),
        (-0.001, "mean", "0.00"),
        (10.0, "mean", "+10.00"),
        (0.637, "share", "64%"),
        (0, "share", "0%"),
        (1, "share", "100%"),
    ],
)
def test_a_value_is_formatted_for_people(value: float, measure: str, words: str) -> None:
    """It has a sign if it has a direction, a real minus sign, and no negative zero."""
    assert format_value(value, measure) == words


@pytest.mark.parametrize(
    ("kind", "users", "args", "alt_text"),
    [
        (
            "frequency",
            "nasa",
            {},
            "Line chart of posts, per day, for @nasa, from 1 Mar 2026 to 5 Mar 2026. @nasa posted 4 times, with 1 post on 1 Mar 2026.",
        ),
        (
            "frequency",
            "zeta,alpha",
            {"interval": "month"},
            "Line chart of posts, per month, for @zeta and @alpha, in Mar 2026. @zeta posted most, 4 times, with 4 posts in March 2026.",
        ),
        (
            "sentiment",
            "nasa",
            {},
            "Bar charts of total balance: positive − negative words, per day, for @nasa, from 1 Mar 2026 to 5 Mar 2026. "
            "@nasa is lowest at −1 (4 Mar 2026) and highest at +2 (1 Mar 2026).",
        ),
        (
            "sentiment",
            "nasa",
            {"measure": "share", "interval": "month"},
            "Bar charts of positive share: positive words ÷ (positive + negative words), per month, for @nasa, in Mar 2026. "
            "@nasa stays at 57%.",
        ),
    ],
)
def test_the_alternative_text_describes_the_chart(kind: str, users: str, args: dict[str, str], alt_text: str) -> None:
    """It says what is drawn, for which accounts, from when to when, and what stands out."""
    assert build_chart(kind, users, **args).alt.replace("\N{NO-BREAK SPACE}", " ") == alt_text


@pytest.mark.parametrize(
    ("kind", "alt_text"), [("frequency", "There are no posts to show."), ("sentiment", "There is no sentiment to show.")]
)
def test_the_alternative_text_of_an_empty_chart_says_so(kind: str, alt_text: str) -> None:
    """Screen readers have something to read."""
    assert builder.build_report(kind, build_query(), Fetched([build_timeline()])).chart.alt == alt_text


def test_the_alternative_text_of_a_single_post_is_grammatical() -> None:
    """It uses the singular."""
    assert "1 times" not in builder.build_report("frequency", build_query(), Fetched([build_timeline("hi")])).chart.alt


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("hour", "1 post in the hour from 12:00 on 2 Mar 2026"),
        ("day", "1 post on 2 Mar 2026"),
        ("week", "1 post in the week from 2 Mar 2026"),
        ("month", "1 post in March 2026 incomplete month"),
    ],
)
def test_a_tooltip_names_its_interval(interval: str, words: str) -> None:
    """The phrase depends on the width of the interval."""
    (details,) = builder.build_report("frequency", build_query(interval=interval), Fetched([build_timeline("hi")])).chart.series[0].tooltips
    assert " ".join(details.split()) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, ""), (1, "a"), (2, "a and b"), (4, "a, b, c and d"), (5, "a, b, c and 2 more"), (20, "a, b, c and 17 more")]
)
def test_names_are_listed_in_a_sentence(count: int, words: str) -> None:
    """Long lists are shortened."""
    assert list_names("abcdefghijklmnopqrst"[:count]) == words


@ALL
def test_a_palette_shows_no_difference(kind: str, args: dict[str, str]) -> None:
    """An image in true colour by vl-convert is the same but for a few edges, and four times as large."""
    options: dict[str, Any] = {"width": 900, "height": 420, "theme_name": "light"}
    chart = build_chart(kind, **args)
    png, true_colors = images.render_png(chart, scale=2, **options), vl_convert.svg_to_png(images.render_svg(chart, **options), scale=2)
    drawn, expected = (np.frombuffer(b"".join(decode_png_rows(image)), np.uint8).astype(int) for image in (png, true_colors))
    assert len(png) < 100_000
    assert np.abs(drawn - expected).mean() < 1
    assert (np.abs(drawn - expected) > 64).mean() < 0.003
