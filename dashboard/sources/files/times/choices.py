"""What a person says about the times of a file: the zone of those without one, and the order of day and month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from dashboard.core.deferred_texts import defer_list
from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import deferred, translatable
from dashboard.core.time_zones import find_similar_time_zones
from dashboard.sources.files.times.zones import parse_zone_choice

ORDER_BY_NAME: Mapping[str, str] = {"day-first": "dmy", "month-first": "mdy", "year-first": "ymd"}  # by the value in forms and commands


class UnknownTimeZone(InvalidFile):
    """The time zone that a person chose for a file doesn't exist."""


@dataclass(frozen=True)
class TimeChoices:
    """The choices for one import, checked; `zone` and `order` are None if they were left to the file. Times after `now` are impossible.

    `usual_order` is that of the tool which wrote the file; it decides only what its dates leave open.
    """

    now: datetime
    zone: tzinfo | None = None
    zone_name: str = ""
    order: str | None = None
    usual_order: str | None = None


def parse_time_choices(now: datetime, zone: str = "", date_order: str = "") -> TimeChoices:
    """Return the choices that a form or a command line contains; empty texts leave them to the file.

    Raises UnknownTimeZone for an unknown zone, and InvalidFile for an unknown order.
    """
    zone_name, order_name = zone.strip(), date_order.strip().lower()
    if order_name and order_name not in ORDER_BY_NAME:
        options = defer_list(list(ORDER_BY_NAME), conjunction="or")
        raise InvalidFile(
            deferred("The order of dates must be %(options)s – “%(text)s” isn’t available.", options=options, text=excerpt(order_name)),
            translatable("Choose one of these."),
        )
    try:
        chosen_zone = parse_zone_choice(zone_name) if zone_name else None
    except ValueError:
        advice = translatable("Time zones look like Europe/Berlin or +01:00.")
        if near := find_similar_time_zones(zone_name):
            advice = deferred("Did you mean %(accounts)s?", accounts=defer_list(near, conjunction="or"))
        raise UnknownTimeZone(deferred("Unknown time zone “%(text)s”.", text=excerpt(zone_name)), advice) from None
    return TimeChoices(now, chosen_zone, getattr(chosen_zone, "key", zone_name), ORDER_BY_NAME.get(order_name))
