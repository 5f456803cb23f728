"""How periods of days are written within a sentence. How single days and the periods of axes are written is in `dates.py`."""

from datetime import date

from dashboard.core.formatting.dates import format_day_in_full
from dashboard.core.messages import gettext, pgettext

_MAX_SHORT_SPAN_DAYS = 3  # up to which a period reads better as “15–17 September” than as “from 15 to 17 September”


def on_days(first: date, last: date, *, year: bool) -> str:
    """Return a period of days, both included: `on 15 October`, `on 15–16 September`, `from 29 September to 12 October`.

    Two days have texts of their own, because other languages write “15 and 16 September” of them.
    """
    end = format_day_in_full(last, year=year)
    if first == last:
        return gettext("on %(day)s", day=end)
    is_short, are_two = (last - first).days < _MAX_SHORT_SPAN_DAYS, (last - first).days == 1
    if (first.year, first.month) == (last.year, last.month):
        days = {"first": str(first.day), "last": end}
        if are_two:
            return pgettext("two days of one month", "on %(first)s–%(last)s", **days)
        return gettext("on %(first)s–%(last)s", **days) if is_short else pgettext("days of one month", "from %(first)s to %(last)s", **days)
    days = {"first": format_day_in_full(first, year=year and first.year != last.year), "last": end}
    if are_two:
        return pgettext("two days", "on %(first)s – %(last)s", **days)
    return gettext("on %(first)s – %(last)s", **days) if is_short else pgettext("days", "from %(first)s to %(last)s", **days)
