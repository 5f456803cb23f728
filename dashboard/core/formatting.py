"""How people write numbers, shares and times."""

from datetime import date, datetime

UNKNOWN_DASH = "–"


def format_number(value: float | None) -> str:
    """Return `12,345`, one decimal below ten if it is no whole number, a dash for unknown."""
    if value is None:
        return UNKNOWN_DASH
    return f"{value:,.1f}" if value != int(value) and abs(value) < 10 else f"{value:,.0f}"


def format_share(value: float | None) -> str:
    """Return a share of 0 … 1 as `64 %`, a dash for unknown."""
    return UNKNOWN_DASH if value is None else f"{value:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def format_date(moment: date) -> str:
    """Return a date as `3 Aug 2026`, a zoned time as `3 Aug 2026, 14:05 CEST`."""
    return f"{moment.day} {moment:%b %Y}{f', {moment:%H:%M %Z}' if isinstance(moment, datetime) else ''}"
