"""The program that draws images: reads Vega-Lite or SVG from its standard input, and writes SVG or PNG to its standard output.

`drawing_process.py` starts it and explains why it's a process of its own. It ends with its input. It imports nothing of Chorus, so that
it starts quickly and stays small.
"""

import json
import os
import re
import signal
import struct
import sys
from typing import BinaryIO

import vl_convert

REQUEST_HEAD = struct.Struct(">cBQ")  # what to draw (S: SVG, P: PNG), the scale, the number of bytes that follow
RESPONSE_HEAD = struct.Struct(">?Q")  # whether it was drawn, the number of bytes that follow

_GEOMETRY = re.compile(r' (?:d|transform|[xy][12]?|width|height)="[^"]*"')  # attributes, never texts
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")


def draw(operation: bytes, scale: int, content: bytes) -> bytes:
    """Return a Vega-Lite specification as SVG (operation S), or an SVG as PNG (operation P)."""
    if operation == b"S":
        return round_geometry(vl_convert.vegalite_to_svg(json.loads(content))).encode()
    return bytes(vl_convert.svg_to_png(content.decode(), scale=scale))


def round_geometry(svg: str) -> str:
    """Return an SVG whose positions and sizes have at most two decimals, which can't be seen and makes it a fifth smaller."""
    return _GEOMETRY.sub(lambda attribute: _LONG_NUMBER.sub(_round_number, attribute[0]), svg)


def _round_number(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def serve(requests: BinaryIO, responses: BinaryIO) -> None:
    """Answer requests until there are no more. A failure is answered with its text."""
    while len(head := requests.read(REQUEST_HEAD.size)) == REQUEST_HEAD.size:
        operation, scale, size = REQUEST_HEAD.unpack(head)
        content = requests.read(size)
        try:
            is_drawn, output = True, draw(operation, scale, content)
        except Exception as error:  # whatever it is, the process that asked decides
            is_drawn, output = False, str(error).encode()
        responses.write(RESPONSE_HEAD.pack(is_drawn, len(output)) + output)
        responses.flush()


def main() -> None:
    """Serve the process that started this one. Whatever a library prints goes to the standard error."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)  # sent to the whole group; what has begun is finished, and the input ends then
    with os.fdopen(os.dup(1), "wb") as responses:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, responses)


if __name__ == "__main__":
    main()
