"""How a rate is written for people who don't think in decimals: `one in three`, `two in five`. Shares in per cent are in `numbers`."""

from fractions import Fraction

from dashboard.core.messages import gettext, is_translated

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MAX_DENOMINATOR = 50  # of the rates below 1/2
_SIMPLE_RATES = [
    *(Fraction(numerator, 10) for numerator in range(6, 11)),
    Fraction(1, 2),
    Fraction(2, 5),
    *(Fraction(1, denominator) for denominator in range(3, _MAX_DENOMINATOR + 1)),
]


def describe_rate(rate: float, singular: str = "", plural: str = "") -> str:
    """Return the simple rate that is nearest to one from 0 to 1: `one in twelve`, or with a noun, `one post in three`."""
    nearest = min(_SIMPLE_RATES, key=lambda simple: abs(float(simple) - rate))
    if is_translated():
        return gettext("%(part)s in %(whole)s", part=nearest.numerator, whole=nearest.denominator)
    noun = f" {singular if nearest.numerator == 1 else plural}" if singular else ""
    return f"{_write(nearest.numerator)}{noun} in {_write(nearest.denominator)}"


def is_plural(rate: float) -> bool:
    """Return whether `describe_rate` names several of them, so that the verb is in the plural."""
    return min(_SIMPLE_RATES, key=lambda simple: abs(float(simple) - rate)).numerator > 1


def _write(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
