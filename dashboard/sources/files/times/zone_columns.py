"""Zones outside times: in the name of a column, such as “Date (EST)”, and in a column of their own, as tools write them there.

Zones within a written time belong in `zones.py` and `grammar.py`.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.core.time_zones import time_zone_names
from dashboard.sources.files.times.zones import is_zone, parse_offset, resolve_zone, shorten_zone_names

_IN_BRACKETS = re.compile(r"(.*\w)[ _]*[(\[] *([^()\[\]]{1,60}?) *[)\]] *")
_AT_END = re.compile(r"(.*\w)[ _\-–]+(UTC|GMT|CES?T|E[SD]?T|P[SD]?T|BST|IST|MEZ|MESZ|JST|AES?T) *", re.IGNORECASE)
_OFFSET_AND_NAME = re.compile(r"[(\[]?(?:UTC|GMT)([+\-\N{MINUS SIGN}]\d\d:\d\d)[)\]]? *(.*)")  # as Windows and Rails name zones
_HOURS = re.compile(r"[+\-\N{MINUS SIGN}]?\d{1,2}(?:\.(?:0|25|5|50|75))?", re.ASCII)
_SECONDS = re.compile(r"[+\-\N{MINUS SIGN}]?\d{4,5}", re.ASCII)
_SHORT_OFFSET = re.compile(r"[+\-\N{MINUS SIGN}]?\d{3}", re.ASCII)  # of minutes, or of hours and minutes without a zero
_MAX_NAME_CHARS = 100  # of the name of a column with a zone; patterns take long on names of any length
_UTC_NAMES = ("UTC", "GMT", "Z")
_MAX_HOURS, _QUARTER_OF_AN_HOUR = 15, 900


@lru_cache(maxsize=1024)
def split_column_name(name: str) -> tuple[str, str]:
    """Return the name of a column without the zone at its end, and this zone, which is +00:00 for UTC; "" if there is none."""
    for pattern in (_IN_BRACKETS, _AT_END) if len(name) <= _MAX_NAME_CHARS else ():
        match = pattern.fullmatch(name)
        zone = shorten_zone_names(match[2]) if match else ""
        if match and (is_zone(zone) or parse_offset(zone) is not None):
            return match[1], "+00:00" if zone.upper() in _UTC_NAMES else zone
    return name, ""


def find_zone(value: Any, local: datetime, chosen_zone: tzinfo | None, companions: Collection[str]) -> tzinfo | None:
    """Return the zone of a cell: an offset in hours or seconds, a name, an abbreviation or a city. None if it is none, or unclear.

    `companions` are the abbreviations in the column of times.
    """
    text = str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if not text or _SHORT_OFFSET.fullmatch(text):
        return None
    if (offset := _parse_number(text)) is not None:
        return timezone(offset)
    described = _OFFSET_AND_NAME.fullmatch(text)
    name = shorten_zone_names(described[2] if described and described[2] else text)
    if described is None and (offset := parse_offset(name)) is not None:
        return timezone(offset)
    named = resolve_zone(name, local, chosen_zone, companions) or _find_city(re.split(r"[,(/]", name)[0])
    offset = parse_offset(described[1]) if described and named is None else None
    return named if offset is None else timezone(offset)


def _parse_number(text: str) -> timedelta | None:
    """Return an offset that is a number of hours or, if it is too large for them, of seconds."""
    number = text.replace("\N{MINUS SIGN}", "-")
    if _HOURS.fullmatch(text) and abs(float(number)) < _MAX_HOURS:
        return timedelta(hours=float(number))
    is_seconds = _SECONDS.fullmatch(text) is not None and int(number) % _QUARTER_OF_AN_HOUR == 0
    return timedelta(seconds=int(number)) if is_seconds and abs(int(number)) < _MAX_HOURS * 3600 else None


def _find_city(name: str) -> tzinfo | None:
    iana_name = _zone_by_city().get(name.strip().lower())
    return ZoneInfo(iana_name) if iana_name else None


@cache
def _zone_by_city() -> dict[str, str]:
    """Return the IANA name of each city that is in one of them."""
    names = (name for name in time_zone_names().values() if "/" in name and not name.startswith(("Etc/", "US/", "Canada/", "Brazil/")))
    return {name.rpartition("/")[2].replace("_", " ").lower(): name for name in sorted(names, reverse=True)}
