"""Images of charts: exactly of the requested size, with a mark per value, and the same bytes for the same chart."""

import os
import re
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
import vl_convert

from dashboard.charts.vega import images
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline, build_timeline_at, decode_png_rows
from tests.support.drawn_charts import DRAWN_CHARTS, EACH_CHART, EACH_KIND, HOSTILE_NAME, build_chart, count_marks, list_users, render_svg
from tests.support.fault_suite import ONLY_IN_FAULTS, list_cases
from tests.support.paths import ROOT
from tests.support.vega_check import validate_specification


@EACH_CHART
def test_the_vega_specification_is_valid(kind: str, args: dict[str, str]) -> None:
    """Altair's schema accepts it."""
    validate_specification(images.build_spec(build_chart(kind, **args), width=900, height=420, theme_name="dark"))


@EACH_KIND
@pytest.mark.parametrize(
    ("size", "count"),
    list_cases([((200, 150, 1), 20), ((301, 999, 3), 1)], [(900, 420, 2), (200, 150, 1), (1600, 200, 1), (301, 999, 3)], [1, 2, 5, 20]),
)
def test_a_png_has_exactly_the_requested_size(kind: str, size: tuple[int, int, int], count: int) -> None:
    """It is the size times the scale, for any number of accounts."""
    width, height, scale = size
    png = images.render_png(build_chart(kind, list_users(count)), width=width, height=height, scale=scale, theme_name="light")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (width * scale, height * scale)


@EACH_KIND
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_svg_has_exactly_the_requested_size(kind: str, theme: str) -> None:
    """Width, height and view box agree."""
    root = re.match(r"<svg[^>]*>", render_svg(build_chart(kind), 640, 333, theme))
    assert root is not None
    assert re.findall(r' (width|height|viewBox)="([^"]*)"', root[0]) == [("width", "640"), ("height", "333"), ("viewBox", "0 0 640 333")]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_an_image_has_a_line_and_points_for_each_account(count: int) -> None:
    """For five days each, nothing is lost between chart and image."""
    assert count_marks(render_svg(build_chart("frequency", list_users(count)))) == {"line": count, "symbol": 5 * count, "rect": 0}


@pytest.mark.parametrize(
    ("measure", "users"),
    list_cases(
        [("net", HOSTILE_NAME), ("net", list_users(4)), ("mean", "demo:a"), ("share", "nasa,bsky.app,a@b.social")],
        ["net", "mean", "share"],
        ["nasa", "nasa,bsky.app,a@b.social", "demo:a", HOSTILE_NAME, "file:ab/<b>", list_users(4)],
    ),
)
def test_an_image_has_a_bar_for_each_value(measure: str, users: str) -> None:
    """There is a pale bar behind each net, and every facet finds its data whatever the account's name."""
    bars = 10 if measure == "net" else 4
    assert count_marks(render_svg(build_chart("sentiment", users, measure=measure)))["rect"] == bars * (users.count(",") + 1)


@pytest.mark.parametrize(("kind", "mark"), [("frequency", "symbol"), ("sentiment", "rect")])
def test_a_single_post_is_visible(kind: str, mark: str) -> None:
    """An image of a single interval has a point or a bar."""
    svg = render_svg(builder.build_report(kind, build_query(), Fetched([build_timeline("good")])).chart)
    assert count_marks(svg)[mark] > 0


@EACH_KIND
def test_an_image_without_posts_says_so(kind: str) -> None:
    """It has no empty axes."""
    svg = render_svg(builder.build_report(kind, build_query(), Fetched([build_timeline()])).chart)
    assert ">No posts to draw<" in svg
    assert "axis" not in svg


@EACH_KIND
def test_an_image_with_only_failures_is_drawn(kind: str) -> None:
    """It has no accounts and no series."""
    assert ">No posts to draw<" in render_svg(builder.build_report(kind, build_query(), Fetched([])).chart, 200, 150)


def test_an_image_with_only_unknown_values_has_its_axes() -> None:
    """Posts without a matched word have a time, but no share."""
    chart = builder.build_report("sentiment", build_query(measure="share"), Fetched([build_timeline("hm", "hm")])).chart
    assert count_marks(render_svg(chart))["rect"] == 0
    assert "100%" in render_svg(chart)


@EACH_KIND
def test_names_cannot_add_markup_to_an_svg(kind: str) -> None:
    """They are escaped."""
    svg = render_svg(build_chart(kind, "file:ab/<script>,file:ab/&amp"))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


@EACH_KIND
def test_the_same_chart_gives_the_same_bytes(kind: str) -> None:
    """A digest of the bytes can be an ETag."""
    first, second = (images.render_png(build_chart(kind), width=400, height=300, scale=1, theme_name="dark") for _ in range(2))
    assert first == second


ABROAD = """
import hashlib, sys
from tests.support.drawn_charts import build_chart, render_svg
print(*(hashlib.sha256(render_svg(build_chart(kind, interval=interval, tz="Asia/Kathmandu")).encode()).hexdigest()
        for kind in ("frequency", "sentiment") for interval in ("hour", "day")))
"""


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
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
@EACH_KIND
def test_a_title_stays_inside_a_small_image(kind: str, width: int, height: int) -> None:
    """A title that doesn't fit is wrapped."""
    png = images.render_png(build_chart(kind, "nasa"), width=width, height=height, scale=1, theme_name="light")
    assert ink(png, slice(width - 2, width)) == 0


@pytest.mark.parametrize(("count", "height"), [(1, 150), (2, 200), (10, 420), (20, 600)])
def test_every_facet_fits_into_a_low_image(count: int, height: int) -> None:
    """The axis of the last facet is still inside."""
    svg = render_svg(build_chart("sentiment", list_users(count)), 900, height)
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
    assert images.readable_height(build_chart(kind, list_users(count)), 420) == height


def test_every_facet_fits_into_the_readable_height() -> None:
    """This includes the last of twenty facets with its axis."""
    chart = build_chart("sentiment", list_users(20))
    height = images.readable_height(chart, 420)
    assert max(_bottoms(render_svg(chart, 900, height))) <= height


@pytest.mark.parametrize(("kind", "args"), [DRAWN_CHARTS[0], *(pytest.param(*case, marks=ONLY_IN_FAULTS) for case in DRAWN_CHARTS[1:])])
def test_a_palette_shows_no_difference(kind: str, args: dict[str, str]) -> None:
    """An image in true colour by vl-convert is the same but for a few edges, and four times as large."""
    options: dict[str, Any] = {"width": 900, "height": 420, "theme_name": "light"}
    chart = build_chart(kind, **args)
    png, true_colors = images.render_png(chart, scale=2, **options), vl_convert.svg_to_png(images.render_svg(chart, **options), scale=2)
    drawn, expected = (np.frombuffer(b"".join(decode_png_rows(image)), np.uint8).astype(int) for image in (png, true_colors))
    assert len(png) < 100_000
    assert np.abs(drawn - expected).mean() < 1
    assert (np.abs(drawn - expected) > 64).mean() < 0.003
