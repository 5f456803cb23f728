"""The bounds of a span as questions write them, days or moments with an offset: parsed, placed in a time zone, and in words.

Which posts are in a span is decided in `reports.post_filter`.
"""

import re
from datetime import UTC, date, datetime, timedelta

from dashboard.core.formatting.dates import format_clock, format_day_in_full
from dashboard.core.formatting.day_spans import on_days
from dashboard.core.formatting.texts import excerpt
from dashboard.core.local_days import start_of_day
from dashboard.core.messages import gettext, pgettext, translatable
from dashboard.core.query import Query

_ONE_HOUR = timedelta(hours=1)


def parse_date_or_time(text: str) -> date | datetime:
    """Read a date of the view's zone, or a time with its offset; a plus sign that the URL turned into a blank is restored."""
    stripped = text.strip().replace(" ", "+")
    try:
        read = date.fromisoformat(stripped) if re.fullmatch(r"[0-9-]{8,10}", stripped) else datetime.fromisoformat(stripped)
    except ValueError:
        problem = translatable("Write a date such as 2026-03-31, or a time such as 2026-03-31T14:00:00+00:00. “%(text)s” is neither.")
        raise ValueError(gettext(problem, text=excerpt(text))) from None
    if isinstance(read, datetime) and read.tzinfo is None:
        problem = translatable("Write the time with its offset, such as 2026-03-31T14:00:00+00:00. “%(text)s” has none.")
        raise ValueError(gettext(problem, text=excerpt(text)))
    if not 2006 <= read.year <= 2100:
        raise ValueError(gettext("Choose a date between 2006 and 2100 – %(day)s is outside this range.", day=excerpt(text)))
    return read


def to_moment(bound: date | datetime | None, query: Query) -> datetime | None:
    """Return a bound in UTC: a day is its start in the query's zone."""
    if bound is None or isinstance(bound, datetime):
        return bound.astimezone(UTC) if bound else None
    return start_of_day(bound, query.zone)


def describe_span(start: date | datetime | None, end: date | datetime | None, query: Query) -> str:
    """Return a half-open span in words, such as `on 3–4 March 2026` or `before 14:00 on 3 March 2026`; "" if both ends are open."""
    if start and end and not isinstance(start, datetime) and not isinstance(end, datetime):
        return on_days(start, end - timedelta(days=1), year=True)
    if isinstance(start, datetime) and isinstance(end, datetime) and end - start == _ONE_HOUR:
        return gettext("in the hour from %(minute)s", minute=_format_moment(start, query))
    begin = gettext("from %(moment)s", moment=_format_moment(start, query)) if start else ""
    ending = gettext("before %(moment)s", moment=_format_moment(end, query)) if end else ""
    return f"{begin} {ending}".strip()


def _format_moment(moment: date | datetime | None, query: Query) -> str:
    if not isinstance(moment, datetime):
        return format_day_in_full(moment) if moment else ""
    local = moment.astimezone(UTC).astimezone(query.zone)
    return pgettext("after an article for the day", "%(time)s on %(day)s", time=format_clock(local), day=format_day_in_full(local))
