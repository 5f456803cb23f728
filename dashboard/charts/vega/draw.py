"""The program that draws images: reads Vega-Lite or SVG from its standard input, and writes SVG or PNG to its standard output.

`drawing_process.py` starts it and explains why it's a process of its own. It ends with its input. It imports nothing of Chorus, so that
it starts quickly and stays small. What a shape of a chart is compiled to is kept; `shapes.py` says what a shape is.
"""

import io
import json
import os
import re
import signal
import struct
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, BinaryIO

import pypdfium2
import vl_convert
from PIL import Image

REQUEST_HEAD = struct.Struct(">cBQ")  # what to draw (S: SVG, P: PNG), the scale, the number of bytes that follow
RESPONSE_HEAD = struct.Struct(">?Q")  # whether it was drawn, the number of bytes that follow

_MAX_SHAPES = 64  # that are kept, of some 15 KB each
_FIRST_PLACEHOLDER = 1_600_000_000  # as in shapes.py
_PLACEHOLDER = re.compile(r'("#1600\d{6}"|(?<![\d.])1600\d{6}(?![\d.]))')  # of a text or of items, and of a number, also in expressions
_GEOMETRY = re.compile(r' (?:d|transform|[xy][12]?|width|height)="[^"]*"')  # attributes, never texts
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_CLIP_NUMBER = re.compile(r'(<clipPath id="clip|<g class="[^"]*" clip-path="url\(#clip)(\d+)')
_MAX_COLORS = 256  # of a palette
_MAX_COUNTED_COLORS = 65_536  # of an image; a chart has some thousand
_CELL_MASK = 0b11111100


def draw(operation: bytes, scale: int, content: bytes) -> bytes:
    """Return a shape and its values, each on a line, as SVG (operation S), or an SVG as PNG (operation P)."""
    if operation == b"S":
        shape, *values = content.decode().split("\n")
        return round_geometry(number_clips(vl_convert.vega_to_svg(fill(compile_shape(shape), values)))).encode()
    return pack_png(rasterize(content.decode(), scale))


@lru_cache(_MAX_SHAPES)
def compile_shape(shape: str) -> tuple[str, ...]:
    """Return a shape as Vega: pieces of JSON, of which every second one is a placeholder."""
    return tuple(_PLACEHOLDER.split(json.dumps(vl_convert.vegalite_to_vega(json.loads(shape)))))


def fill(pieces: Sequence[str], values: Sequence[str]) -> dict[str, Any]:
    """Return the Vega specification of a compiled shape, with each value instead of its placeholder.

    It isn't vl-convert that reads the JSON, because it may read the last digit of a number differently.
    """
    filled = list(pieces)
    filled[1::2] = [values[int(placeholder.strip('"#')) - _FIRST_PLACEHOLDER] for placeholder in pieces[1::2]]
    specification: dict[str, Any] = json.loads("".join(filled))
    return specification


def rasterize(svg: str, scale: int) -> Image.Image:
    """Return an SVG as pixels without transparency.

    PDFium draws what vl-convert has made a PDF of. That takes half as long as vl-convert's own PNG, which would have to be unpacked, too.
    A PDF can't have letters in several colours, such as emoji; then it's vl-convert that draws.
    """
    try:
        document = vl_convert.svg_to_pdf(svg)
    except RuntimeError:
        return Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=scale))).convert("RGB")
    with pypdfium2.PdfDocument(document) as pdf:
        image: Image.Image = pdf[0].render(scale=scale).to_pil()
        return image


def pack_png(image: Image.Image) -> bytes:
    """Return an image as PNG with a palette, a quarter as large as one in true colour.

    A chart has few colours, and most others are edges between two of them. Of each cell of 4 × 4 × 4 neighbouring colours, the most
    frequent one is in the palette, the most frequent cells first, so areas keep their exact colour. Pillow looks a pixel's cell up by the
    cell's darkest corner, so the corners are the palette until all pixels have their place in it.
    """
    counted: list[tuple[int, tuple[int, ...]]] | None = image.getcolors(_MAX_COUNTED_COLORS)  # type: ignore[assignment]
    if counted is None:
        return _save(image.quantize(_MAX_COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE))
    colors = dict[tuple[int, ...], tuple[int, ...]]()
    for _, color in sorted(counted, reverse=True):
        colors.setdefault(tuple(value & _CELL_MASK for value in color), color)
    corners = Image.new("P", (1, 1))
    corners.putpalette(_flatten(list(colors)))
    packed = image.quantize(palette=corners, dither=Image.Dither.NONE)
    packed.putpalette(_flatten(list(colors.values())))
    return _save(packed)


def _flatten(colors: list[tuple[int, ...]]) -> list[int]:
    return [value for color in colors[:_MAX_COLORS] for value in color]


def _save(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def number_clips(svg: str) -> str:
    """Return an SVG whose clips are numbered from 1. Vega counts from image to image, so the same chart would have other bytes."""
    numbers = dict[str, int]()
    return _CLIP_NUMBER.sub(lambda clip: f"{clip[1]}{numbers.setdefault(clip[2], len(numbers) + 1)}", svg)


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
