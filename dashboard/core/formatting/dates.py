"""How days, months, times of day and periods are written."""

from datetime import date, datetime

from dashboard.core.formatting.numbers import ordinal_ending

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def format_day(day: date, *, year: bool = True) -> str:
    """Return a day as `3 Aug 2026`, or as `3 Aug`."""
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def format_day_in_full(day: date, *, year: bool = True) -> str:
    """Return a day as `3 August 2026`, or as `3 August`."""
    return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"


def format_day_of_month(day: date) -> str:
    """Return a day as part of a month that is named nearby: `1st`, `16th`."""
    return f"{day.day}{ordinal_ending(day.day)}"


def format_month(day: date) -> str:
    """Return a month as `Aug 2026`."""
    return f"{day:%b %Y}"


def format_month_in_full(day: date, *, year: bool = True) -> str:
    """Return a month as `August 2026`, or as `August`."""
    return f"{day:%B %Y}" if year else f"{day:%B}"


def format_clock(moment: date) -> str:
    """Return the time of day as `14:05`."""
    return f"{moment:%H:%M}"


def format_hours(hour: int) -> tuple[str, str]:
    """Return when an hour of the day, 0 to 23, begins and ends: `23:00` and `00:00`."""
    return f"{hour:02}:00", f"{(hour + 1) % 24:02}:00"


def format_minute(moment: date) -> str:
    """Return a time as `3 Aug 2026 14:05`, for places that mention the zone nearby."""
    return f"{format_day(moment)} {format_clock(moment)}"


def format_date(moment: date) -> str:
    """Return a date as `3 Aug 2026`, a zoned time as `3 Aug 2026, 14:05 CEST`."""
    return f"{format_day(moment)}, {moment:%H:%M %Z}" if isinstance(moment, datetime) else format_day(moment)


def format_moment(moment: datetime) -> str:
    """Return a zoned time with its weekday: `Tue 3 Mar 2026, 14:05 CET`."""
    return f"{moment:%a} {format_date(moment)}"


def format_days(first: date, last: date) -> str:
    """Return a period, both days included, as `3 Aug – 5 Sep 2026`, or one day alone. The year is given once if it's the same."""
    begins, ends = format_day(first, year=first.year != last.year), format_day(last)
    return ends if format_day(first) == ends else f"{begins} – {ends}"


def format_minutes(first: date, last: date) -> str:
    """Return a period to the minute, as `3 Aug 2026 14:05 – 5 Aug 2026 09:30`."""
    return f"{format_minute(first)} – {format_minute(last)}"
