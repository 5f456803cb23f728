"""How days, months, times of day and periods are written."""

from datetime import date, datetime

from dashboard.core.formatting.numbers import ordinal_ending
from dashboard.core.messages import current_language, gettext, is_translated, load_locale, translatable

_WEEKDAYS = (  # as on an axis of time, not within a sentence
    *(translatable("Monday"), translatable("Tuesday"), translatable("Wednesday"), translatable("Thursday")),
    *(translatable("Friday"), translatable("Saturday"), translatable("Sunday")),
)
_EVERY_WEEKDAY = (
    *(translatable("on Mondays"), translatable("on Tuesdays"), translatable("on Wednesdays"), translatable("on Thursdays")),
    *(translatable("on Fridays"), translatable("on Saturdays"), translatable("on Sundays")),
)


def format_weekday(iso_weekday: int) -> str:
    """Return the name of a day of the week; 1 is `Monday`."""
    return gettext(_WEEKDAYS[iso_weekday - 1])


def format_short_weekday(iso_weekday: int) -> str:
    """Return the short name of a day of the week; 1 is `Mon`."""
    if is_translated():
        return str(load_locale(current_language()).days["stand-alone"]["abbreviated"][iso_weekday - 1])
    return _WEEKDAYS[iso_weekday - 1][:3]


def format_every_weekday(iso_weekday: int) -> str:
    """Return that something happens every week on a day: `on Mondays`."""
    return gettext(_EVERY_WEEKDAY[iso_weekday - 1])


def format_day(day: date, *, year: bool = True) -> str:
    """Return a day as `3 Aug 2026`, or as `3 Aug`."""
    if is_translated():
        return _format_by_skeleton(day, "yMMMd" if year else "MMMd")
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def format_day_in_full(day: date, *, year: bool = True) -> str:
    """Return a day as `3 August 2026`, or as `3 August`."""
    if is_translated():
        return _format_by_skeleton(day, "yMMMMd" if year else "MMMMd")
    return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"


def format_day_of_month(day: date) -> str:
    """Return a day as part of a month that is named nearby: `1st`, `16th`."""
    return str(day.day) if is_translated() else f"{day.day}{ordinal_ending(day.day)}"


def format_month(day: date) -> str:
    """Return a month as `Aug 2026`."""
    return _format_by_skeleton(day, "yMMM") if is_translated() else f"{day:%b %Y}"


def format_month_in_full(day: date, *, year: bool = True) -> str:
    """Return a month as `August 2026`, or as `August`."""
    if is_translated():
        return _format_by_skeleton(day, "yMMMM" if year else "MMMM")
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
    return f"{format_short_weekday(moment.isoweekday())} {format_date(moment)}"


def format_days(first: date, last: date) -> str:
    """Return a period, both days included, as `3 Aug – 5 Sep 2026`, or one day alone. The year is given once if it's the same."""
    begins, ends = format_day(first, year=first.year != last.year), format_day(last)
    return ends if format_day(first) == ends else f"{begins} – {ends}"


def format_minutes(first: date, last: date) -> str:
    """Return a period to the minute, as `3 Aug 2026 14:05 – 5 Aug 2026 09:30`."""
    return f"{format_minute(first)} – {format_minute(last)}"


def _format_by_skeleton(day: date, skeleton: str) -> str:
    """Return a day as the current language writes these fields (Unicode TR35, “skeleton”)."""
    from babel.dates import format_skeleton

    return str(format_skeleton(skeleton, datetime(day.year, day.month, day.day), locale=load_locale(current_language())))
