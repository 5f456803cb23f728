"""What tables measure of posts and of their sentiment: the title of each measure, and how its values and changes are written.

How a number is written is decided in `core.formatting`, how a measure is computed in `analytics`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dashboard.core.formatting.numbers import (
    format_decimal,
    format_median,
    format_number,
    format_score,
    format_share,
    format_signed,
    format_signed_points,
    format_signed_share,
)
from dashboard.core.messages import Translated, translatable
from dashboard.core.registry import Registry

_LARGE_RATE = 100  # posts per day, from which on decimals don't matter


@dataclass(frozen=True)
class Measure:
    """A measure: its name in tables, its title, and how its values are written in sentences and on tiles, in tables, and as a change."""

    name: str
    title: Translated = Translated()
    format_value: Callable[[float], str] = str
    format_in_table: Callable[[float], str] = str
    format_change: Callable[[float], str] = str  # for measures that are compared


def format_rate(value: float, decimals: int = 1) -> str:
    """Return a number of posts per day: `8.3`, `120`."""
    return format_decimal(value, 0 if value >= _LARGE_RATE and decimals == 1 else decimals)


_format_balance = partial(format_signed, decimals=2)
_BALANCE_FORMATS = (_format_balance, _format_balance, _format_balance)
_SHARE_FORMATS = (format_share, format_share, format_signed_points)

MEASURES: Registry[Measure] = Registry("measure")
for _measure in (
    Measure("net", translatable("Total balance"), format_signed, format_score),
    Measure("mean", translatable("Balance per post"), *_BALANCE_FORMATS),
    Measure("share", translatable("Positive share"), *_SHARE_FORMATS),
    Measure("posts_per_day", translatable("Posts per day"), format_rate, partial(format_decimal, decimals=2), format_signed_share),
    Measure("net_per_post", translatable("Balance per post"), *_BALANCE_FORMATS),
    Measure("positive_share", translatable("Positive share"), *_SHARE_FORMATS),
    Measure("posts", translatable("Posts"), partial(format_decimal, decimals=0), format_number),
    Measure("sentiment", translatable("Sentiment"), *_BALANCE_FORMATS),
    Measure("balance_per_post", translatable("Balance per post"), *_BALANCE_FORMATS),
    Measure("reactions_per_post", translatable("Reactions per post (median)"), format_median, format_median),
):
    MEASURES.register(_measure)


def format_value(value: float, measure: str) -> str:
    """Return a value of a measure as sentences, tooltips and tiles write it: `+12`, `−0.31`, `64%`."""
    return MEASURES[measure].format_value(value)
