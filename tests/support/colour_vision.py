"""Measure colours as people see them: contrast, distance, and what the common forms of colour blindness make of them.

Which colours have to differ, and by how much, belongs in the tests.
"""

from collections.abc import Sequence
from math import dist

# How a colour in linear sRGB looks with full colour blindness. Source: Machado, Oliveira and Fernandes 2009, IEEE TVCG 15, table 1.
VISIONS: dict[str, tuple[tuple[float, ...], ...]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
# From linear sRGB to cones, and from the cube roots of their responses to OKLab. Source: Björn Ottosson, “A perceptual color space”, 2020.
_LMS_FROM_RGB = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_OKLAB_FROM_ROOTS = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_LUMINANCE_WEIGHTS = (0.2126, 0.7152, 0.0722)


def contrast(color: str, background: str) -> float:
    """Return the contrast ratio of two colours (`#rrggbb`), 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted(_dot(_LUMINANCE_WEIGHTS, _linear_rgb(shade)) for shade in (color, background))
    return (lighter + 0.05) / (darker + 0.05)


def distance(color: str, other: str, vision: str = "normal") -> float:
    """Return how far apart two colours look: their distance in OKLab × 100, about 2 for a difference that is just visible."""
    return 100 * dist(oklab(color, vision), oklab(other, vision))


def oklab(color: str, vision: str = "normal") -> list[float]:
    """Return lightness (0 … 1) and the two chromatic coordinates of a colour as one of VISIONS sees it."""
    seen = [min(max(channel, 0.0), 1.0) for channel in _multiply(VISIONS[vision], _linear_rgb(color))]
    return _multiply(_OKLAB_FROM_ROOTS, [response ** (1 / 3) for response in _multiply(_LMS_FROM_RGB, seen)])


def _linear_rgb(color: str) -> list[float]:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]


def _multiply(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [_dot(row, vector) for row in matrix]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(left * right for left, right in zip(one, other, strict=True))
