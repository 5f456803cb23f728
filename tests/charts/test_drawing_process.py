"""Images are drawn by processes of their own, which may be killed at any time and know no keys."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.charts.vega.drawing_process import DrawingProcess, choose_process
from dashboard.core.errors import ImageUnavailable
from dashboard.core.query_values import LARGE_IMAGE_PIXELS
from tests.support.builders import decode_png_rows
from tests.support.paths import ROOT

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="red"/></svg>'
SPEC = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}}
PNG_START = b"\x89PNG"
DRAWS_AND_ENDS = """
import threading, time
from dashboard.charts.vega.drawing_process import ImageUnavailable, choose_process

def draw():
    try:
        choose_process(1, 1).draw_png('{svg}', 1)
    except ImageUnavailable:
        pass

threading.Thread(target=draw, daemon=True).start()
time.sleep({seconds})
"""
END_SECONDS = 120  # generous: it bounds a hang, and no test is about the time


@pytest.fixture
def drawing() -> Iterator[DrawingProcess]:
    """A process that has drawn an image."""
    process = DrawingProcess()
    process.draw_png(SVG, 1)
    yield process
    process.stop()


def process_id(drawing: DrawingProcess) -> int:
    """Return the ID of the process that draws."""
    assert drawing.process_id is not None
    return drawing.process_id


def test_it_draws_both_formats(drawing: DrawingProcess) -> None:
    """Vega-Lite becomes SVG, and SVG becomes PNG."""
    assert drawing.draw_svg(SPEC).startswith("<svg")
    assert drawing.draw_png(SVG, 2).startswith(PNG_START)


def test_our_process_never_loads_vl_convert() -> None:
    """It would stop all threads while it draws."""
    code = "import sys; from dashboard.charts.vega import images, drawing_process as d; d.choose_process(1, 1).draw_svg({spec}); "
    code = code.replace("{spec}", repr(SPEC)) + "print('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "False\n"


def test_large_images_have_a_process_of_their_own() -> None:
    """Nobody waits for somebody else's poster."""
    assert choose_process(900, 420, 2) is choose_process(1200, 630, 2)
    assert choose_process(3000, 2000, 3) is choose_process(LARGE_IMAGE_PIXELS, 1)
    assert choose_process(900, 420, 2) is not choose_process(3000, 2000, 3)


def test_what_can_not_be_drawn_is_an_error(drawing: DrawingProcess) -> None:
    """The process draws the next image."""
    with pytest.raises(ValueError, match=r"\w"):
        drawing.draw_png("not an SVG", 1)
    assert drawing.draw_png(SVG, 1).startswith(PNG_START)


def test_a_killed_process_is_replaced(drawing: DrawingProcess) -> None:
    """Whoever asks next doesn't notice."""
    first_id = process_id(drawing)
    os.kill(first_id, signal.SIGKILL)
    assert drawing.draw_png(SVG, 1).startswith(PNG_START)
    assert process_id(drawing) != first_id


def test_an_image_that_takes_too_long_is_given_up() -> None:
    """Its process is killed; the error says what to do."""
    process = DrawingProcess(seconds=0.001)
    with pytest.raises(ImageUnavailable, match="took too long"):
        process.draw_png(SVG, 1)
    assert process.process_id is None


def test_a_signal_to_the_group_lets_it_finish(drawing: DrawingProcess) -> None:
    """Our own process decides when it ends."""
    first_id = process_id(drawing)
    os.kill(first_id, signal.SIGTERM)
    os.kill(first_id, signal.SIGINT)
    assert drawing.draw_png(SVG, 1).startswith(PNG_START)
    assert process_id(drawing) == first_id


def test_closing_does_not_wait_for_an_image_that_is_being_drawn(drawing: DrawingProcess) -> None:
    """The image is unavailable, and no further process starts."""
    drawing_id = process_id(drawing)
    os.kill(drawing_id, signal.SIGSTOP)  # it draws for as long as it's stopped
    with ThreadPoolExecutor(1) as pool:
        image = pool.submit(drawing.draw_png, SVG, 1)
        drawing.close()
        assert isinstance(image.exception(END_SECONDS), ImageUnavailable)
    assert drawing.process_id is None
    with pytest.raises(ImageUnavailable):
        drawing.draw_png(SVG, 1)


@pytest.mark.parametrize("seconds", [0, 0.001, 0.003, 0.01, 0.05])
def test_a_program_that_ends_leaves_no_process_behind(seconds: float) -> None:
    """Python warns about processes that still run: those that draw, and one that is just being started."""
    program = DRAWS_AND_ENDS.format(svg=SVG, seconds=seconds)
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=END_SECONDS)
    assert done.stderr == ""


def test_it_knows_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the process has only what a program needs to start."""
    monkeypatch.setenv("X_BEARER_TOKEN", "a-secret-token")
    process = DrawingProcess()
    process.draw_png(SVG, 1)
    environment = Path(f"/proc/{process_id(process)}/environ").read_bytes()
    process.stop()
    assert b"a-secret-token" not in environment
    assert b"PATH=" in environment


def test_it_ends_when_our_process_is_killed() -> None:
    """No process stays behind."""
    code = "from dashboard.charts.vega.drawing_process import DrawingProcess; drawing = DrawingProcess(); "
    code += f"drawing.draw_png({SVG!r}, 1); print(drawing.process_id, flush=True); input()"
    ours = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert ours.stdout is not None
    folder = Path("/proc", ours.stdout.readline().strip())
    ours.kill()
    ours.communicate()
    deadline = time.monotonic() + END_SECONDS
    while folder.exists() and "State:\tZ" not in (folder / "status").read_text():
        assert time.monotonic() < deadline, f"{folder} still runs"
        time.sleep(0.02)


def test_the_same_chart_has_the_same_bytes(drawing: DrawingProcess) -> None:
    """Vega numbers what it clips from image to image. A text that looks like such a number stays as it is."""
    text = '<clipPath id="clip7">'
    layer = [SPEC | {"mark": {"type": "bar", "clip": True}}, SPEC | {"mark": {"type": "text", "text": text, "clip": True}}]
    charts = [drawing.draw_svg({"layer": layer}) for _ in range(2)]
    assert charts[0] == charts[1]
    assert set(re.findall(r"url\(#(\w+)\)", charts[0])) == set(re.findall(r'<clipPath id="(\w+)"', charts[0])) == {"clip1", "clip2"}
    assert 'id="clip7"' in charts[0] or "id=&quot;clip7&quot;" in charts[0]


def test_positions_are_rounded_and_texts_are_not(drawing: DrawingProcess) -> None:
    """Vega writes positions with up to sixteen digits, which are a fifth of an image."""
    values = [{"a": place / 7, "b": place / 11} for place in range(9)]
    point = {"mark": "line", "encoding": {axis: {"field": field, "type": "quantitative"} for axis, field in (("x", "a"), ("y", "b"))}}
    label = {"mark": {"type": "text", "text": "0.123456"}, "encoding": point["encoding"]}
    svg = drawing.draw_svg({"data": {"values": values}, "layer": [point, label]})
    assert re.findall(r' (?:d|transform|x|y)="[^"]*\.\d{3}[^"]*"', svg) == []
    assert re.findall(r' (?:d|transform)="[^"]*\.\d\d[^"]*"', svg) != []
    assert ">0.123456</text>" in svg


def test_areas_keep_their_exact_colour(drawing: DrawingProcess) -> None:
    """A palette has the colours of all areas; only edges may be off."""
    colors = ["#ffffff", "#fefefe", "#0b7a75", "#b3261e", "#0072b2", "#12345f"]
    areas = "".join(f'<rect x="{20 * index}" width="20" height="20" fill="{color}"/>' for index, color in enumerate(colors))
    png = drawing.draw_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="20">{areas}</svg>', 2)
    (row,) = decode_png_rows(png)[20:21]
    drawn = [row[4 * x : 4 * x + 3].hex() for x in range(20, 240, 40)]
    assert drawn == ["ffffff", "ffffff", *(color[1:] for color in colors[2:])]


def test_an_image_of_too_many_colours_has_the_nearest_ones(drawing: DrawingProcess) -> None:
    """Two gradients across each other have more colours than are counted."""
    stops = '<stop stop-color="#f00" stop-opacity="0"/><stop offset="1" stop-color="{}"/>'
    across = f'<linearGradient id="across">{stops.format("#f00")}</linearGradient>'
    down = f'<linearGradient id="down" x2="0" y2="1">{stops.format("#00f")}</linearGradient>'
    areas = "".join(f'<rect width="400" height="400" fill="url(#{name})"/>' for name in ("across", "down"))
    png = drawing.draw_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><defs>{across}{down}</defs>{areas}</svg>', 1)
    rows = decode_png_rows(png)
    top_left, top_right, bottom_left = rows[3][12:15], rows[3][-16:-13], rows[-4][12:15]
    assert min(top_left) > 230
    assert top_right[0] > 230 > 60 > top_right[1]
    assert bottom_left[2] > 230 > 60 > bottom_left[0]
