"""Draws images in processes of their own: vl-convert holds Python's lock while it draws, which would stop every other request.

Usual images and large ones are drawn by different processes, so that nobody waits for somebody else's poster. A process starts with the
first image and ends with ours. What an image looks like doesn't belong here.
"""

import atexit
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from dashboard.charts.vega.shapes import split
from dashboard.core.errors import ImageUnavailable
from dashboard.core.query_values import LARGE_IMAGE_PIXELS

DRAWING_SECONDS = 60.0  # that one image may take
_CLOSE_SECONDS = 5.0  # that closing may take, on a machine that is too busy to start a process at once
_MAX_ATTEMPTS = 2  # to draw an image, if its process has ended
_PROGRAM = Path(__file__).with_name("draw.py")
_PASSED_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "COVERAGE_PROCESS_START")
_LARGE_NICENESS = 5
_REQUEST_HEAD, _RESPONSE_HEAD = struct.Struct(">cBQ"), struct.Struct(">?Q")  # as in draw.py, which would load vl-convert here


class DrawingProcess:
    """A process that draws one image at a time. Safe to use from any thread."""

    def __init__(self, niceness: int = 0, seconds: float = DRAWING_SECONDS) -> None:
        self._niceness, self._seconds, self._turn = niceness, seconds, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    @property
    def process_id(self) -> int | None:
        """The ID of the running process, None before the first image."""
        return self._process.pid if self._process else None

    def draw_svg(self, spec: Mapping[str, Any]) -> str:
        """Return a Vega-Lite specification as SVG. Raises ImageUnavailable."""
        return self._draw(b"S", 1, "\n".join(split(spec)).encode()).decode()

    def draw_png(self, svg: str, scale: int) -> bytes:
        """Return an SVG as PNG, `scale` times as large. Raises ImageUnavailable."""
        return self._draw(b"P", scale, svg.encode())

    def stop(self) -> None:
        """End the process. The next image starts another."""
        with self._turn:
            self._end()

    def close(self) -> None:
        """End the process for good, even if it's drawing: that image and all further ones are unavailable. Never waits for an image."""
        self._is_closed = True
        if (process := self._process) is not None:
            process.kill()
        if self._turn.acquire(timeout=_CLOSE_SECONDS):  # whoever had the turn has noticed
            try:
                self._end()
            finally:
                self._turn.release()

    def _draw(self, operation: bytes, scale: int, content: bytes) -> bytes:
        with self._turn:
            for _ in range(_MAX_ATTEMPTS):
                if self._is_closed:
                    break
                started_at = monotonic()
                try:
                    return self._ask(self._process or self._start(), operation, scale, content)
                except (OSError, EOFError, MemoryError):  # it was killed, perhaps because the machine has no memory left
                    self._end()
                if monotonic() - started_at >= self._seconds:  # it would be too slow again, while everybody else waits
                    break
        raise ImageUnavailable("It took too long, or more memory than there is.")

    def _ask(self, process: subprocess.Popen[bytes], operation: bytes, scale: int, content: bytes) -> bytes:
        """Return what the process drew. Raises OSError or EOFError if it has ended, or is too slow."""
        assert process.stdin is not None
        assert process.stdout is not None
        limit = threading.Timer(self._seconds, process.kill)
        limit.start()
        try:
            process.stdin.write(_REQUEST_HEAD.pack(operation, scale, len(content)) + content)
            process.stdin.flush()
            is_drawn, size = _RESPONSE_HEAD.unpack(_read(process, _RESPONSE_HEAD.size))
            output = _read(process, size)
        finally:
            limit.cancel()
        if not is_drawn:
            raise ValueError(output.decode(errors="replace"))
        return output

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}  # no keys
        command = [sys.executable, "-P", str(_PROGRAM)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        if self._is_closed:  # since the last look, when there was no process to end
            self._process.kill()
        elif self._niceness:
            os.setpriority(os.PRIO_PROCESS, self._process.pid, self._niceness)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()  # closes the pipes


def _read(process: subprocess.Popen[bytes], size: int) -> bytes:
    """Return this many bytes of what a process writes. Raises EOFError if it has ended before."""
    assert process.stdout is not None
    content = process.stdout.read(size)
    if len(content) < size:
        raise EOFError
    return content


_USUAL, _LARGE = DrawingProcess(), DrawingProcess(niceness=_LARGE_NICENESS)
atexit.register(_USUAL.close)
atexit.register(_LARGE.close)


def choose_process(width: int, height: int, scale: int = 1) -> DrawingProcess:
    """Return the process that draws images of this size."""
    return _LARGE if width * height * scale**2 >= LARGE_IMAGE_PIXELS else _USUAL
