"""What people write for a time zone: offsets, abbreviations and IANA names. Whole times belong in `grammar.py`.

An abbreviation with several meanings in use is never resolved by itself: another abbreviation of the column, or a person, decides.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.core.deferred_texts import defer
from dashboard.core.messages import deferred, translatable
from dashboard.core.time_zones import time_zone_names

_OFFSET_PATTERN = re.compile(r"(?:UTC|GMT|UT|Z)? ?([+\-\N{MINUS SIGN}])(\d{1,2})(?::?(\d\d))?(?::?00)?", re.ASCII | re.IGNORECASE)
_MAX_OFFSET = timedelta(hours=15)  # the largest offsets in use are +14 and −12

# Hours from UTC of abbreviations with one meaning in use.
_HOURS_BY_ABBREVIATION: Mapping[str, float] = {
    **dict.fromkeys(("Z", "UTC", "GMT", "UT", "WET"), 0),
    **dict.fromkeys(("WEST", "CET", "MEZ", "WAT"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET", "SAST", "CAT"), 2),
    **dict.fromkeys(("EEST", "IDT", "MSK", "TRT", "EAT"), 3),
    **{"AZT": 4, "GET": 4, "SAMT": 4, "AFT": 4.5, "UZT": 5, "YEKT": 5, "SLST": 5.5, "OMST": 6, "MMT": 6.5, "KRAT": 7, "IRKT": 8},
    **{"VLAT": 10, "CHST": 10, "IRST": 3.5, "UYT": -3, "GFT": -3, "VET": -4, "BOT": -4, "GYT": -4},
    **{"HNE": -5, "HAE": -4, "HNC": -6, "HAC": -5, "HNR": -7, "HAR": -6, "HNP": -8, "HAP": -7},  # French Canada
    **{"PKT": 5, "NPT": 5.75, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "PHT": 8, "MYT": 8, "AWST": 8, "WITA": 8},
    **{"JST": 9, "KST": 9, "WIT": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
    **{"NST": -3.5, "NDT": -2.5, "BRT": -3, "ART": -3, "ADT": -3, "CLST": -3, "CLT": -4, "COT": -5, "PET": -5},
    **{"EDT": -4, "EST": -5, "CDT": -5, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "AKDT": -8, "AKST": -9, "HDT": -9, "HST": -10},
}
_ZONE_BY_ABBREVIATION = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}


class Meaning(NamedTuple):
    """One meaning of an abbreviation: where it is used, the hours from UTC, and abbreviations that only the same place uses."""

    place: str
    hours: float
    companions: tuple[str, ...] = ()


_AMBIGUOUS_ABBREVIATIONS: Mapping[str, tuple[Meaning, ...]] = {
    "BST": (
        Meaning(translatable("Britain"), 1, ("GMT",)),
        Meaning(translatable("Bangladesh"), 6),
        Meaning(translatable("Bougainville"), 11),
    ),
    "IST": (
        Meaning(translatable("India"), 5.5),
        Meaning(translatable("Ireland"), 1, ("GMT",)),
        Meaning(translatable("Israel"), 2, ("IDT",)),
    ),
    "CST": (
        Meaning(translatable("North America"), -6, ("CDT", "EST", "EDT", "PST", "PDT", "MST", "MDT")),
        Meaning(translatable("China"), 8),
        Meaning(translatable("Cuba"), -5),
    ),
    "AST": (Meaning(translatable("Atlantic Canada"), -4, ("ADT", "EST", "EDT")), Meaning(translatable("Arabia"), 3)),
    "AMT": (Meaning(translatable("Amazon"), -4), Meaning(translatable("Armenia"), 4)),
    "GST": (Meaning(translatable("the Gulf"), 4), Meaning(translatable("South Georgia"), -2)),
    "SST": (Meaning(translatable("Samoa"), -11), Meaning(translatable("Singapore"), 8)),
    "WST": (Meaning(translatable("Western Australia"), 8), Meaning(translatable("Samoa"), 13)),
}


_LONG_NAMES: Mapping[str, str] = {  # as Windows, browsers and spreadsheets write them, with what means the same
    "coordinated universal time": "UTC",
    "greenwich mean time": "GMT",
    "british summer time": "+0100",
    "central european summer time": "CEST",
    "central european standard time": "CET",
    **dict.fromkeys(
        ("mitteleuropäische zeit", "mitteleuropäische normalzeit", "midden-europese tijd", "midden-europese standaardtijd"), "CET"
    ),
    **dict.fromkeys(("mitteleuropäische sommerzeit", "midden-europese zomertijd"), "CEST"),
    **dict.fromkeys(("heure normale d’europe centrale", "heure normale d'europe centrale", "hora estándar de europa central"), "CET"),
    **dict.fromkeys(("heure d’été d’europe centrale", "heure d'été d'europe centrale", "hora de verano de europa central"), "CEST"),
    "central european time": "CET",
    "india standard time": "+0530",
    "china standard time": "+0800",
    "japan standard time": "JST",
    "australian eastern standard time": "AEST",
    "australian eastern daylight time": "AEDT",
    **{
        f"{place} {kind}time": zone
        for place, zones in {
            "eastern": ("EST", "EDT", "ET"),
            "central": ("-0600", "-0500", "CT"),
            "mountain": ("MST", "MDT", "MT"),
            "pacific": ("PST", "PDT", "PT"),
        }.items()
        for kind, zone in zip(("standard ", "daylight ", ""), zones, strict=True)
    },
}
_LONG_NAME_WORDS = ("time", "zeit", "tijd", "heure", "hora")
_LONG_NAME_PATTERN = re.compile(rf"\b({'|'.join(_LONG_NAMES)})(?: \(us & canada\))?", re.IGNORECASE)


def shorten_zone_names(text: str) -> str:
    """Return a written time in which long names of zones, such as `Eastern Standard Time`, are offsets or abbreviations."""
    lower = text.lower()
    return (
        text
        if not any(word in lower for word in _LONG_NAME_WORDS)
        else _LONG_NAME_PATTERN.sub(lambda match: _LONG_NAMES[match[1].lower()], text)
    )


def is_zone(name: str) -> bool:
    """Return whether a name stands for a zone, even if it has several meanings."""
    return _find_zone(name) is not None or name.upper() in _AMBIGUOUS_ABBREVIATIONS


def parse_offset(text: str) -> timedelta | None:
    """Return an offset such as `+01`, `-0530`, `UTC+1` or `GMT-05:00`, or None if the text isn't one."""
    match = _OFFSET_PATTERN.fullmatch(text.strip())
    if match is None or int(match[3] or 0) > 59:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return None if offset > _MAX_OFFSET else offset if match[1] == "+" else -offset


def parse_zone_choice(text: str) -> tzinfo:
    """Return the zone that a person chose: an IANA name in any case, or an offset. Raises ValueError for anything else."""
    if name := time_zone_names().get(text.strip().lower()):
        return ZoneInfo(name)
    offset = parse_offset(text)
    if offset is None:
        raise ValueError(text)
    return timezone(offset)


def list_meanings(abbreviation: str) -> list[str]:
    """Return the meanings of an abbreviation that has several, such as `India (UTC+5:30)`; empty if it has one or is unknown."""
    meanings = _AMBIGUOUS_ABBREVIATIONS.get(abbreviation.upper(), ())
    return [deferred("%(place)s (%(offset)s)", place=defer(meaning.place), offset=_format_hours(meaning.hours)) for meaning in meanings]


def resolve_zone(name: str, local_time: datetime, chosen_zone: tzinfo | None, companions: Collection[str]) -> tzinfo | None:
    """Return the zone that a written name means, or None if it is unknown or ambiguous.

    `companions` are all abbreviations of the column. The chosen zone decides if it uses this abbreviation, even in another season, or has
    the offset of one of its meanings.
    """
    if fixed := _find_zone(name):
        return fixed
    if chosen := _find_in_chosen_zone(name.upper(), local_time, chosen_zone):
        return chosen
    supported = [
        meaning
        for meaning in _AMBIGUOUS_ABBREVIATIONS.get(name.upper(), ())
        if not companions.isdisjoint(meaning.companions)  # type: ignore[attr-defined]
    ]
    return timezone(timedelta(hours=supported[0].hours)) if len(supported) == 1 else None


def _find_in_chosen_zone(abbreviation: str, local_time: datetime, chosen_zone: tzinfo | None) -> tzinfo | None:
    """Return what an abbreviation means in the zone that a person chose, or None. In Chicago, people write CST in summer too."""
    if chosen_zone is None:
        return None
    for moment in (local_time, local_time.replace(month=1, day=1), local_time.replace(month=7, day=1)):
        chosen_time = moment.replace(tzinfo=chosen_zone)
        if chosen_time.tzname() == abbreviation:
            return timezone(chosen_time.utcoffset() or timedelta())
    meant_offsets = [timedelta(hours=meaning.hours) for meaning in _AMBIGUOUS_ABBREVIATIONS.get(abbreviation, ())]
    return chosen_zone if isinstance(chosen_zone, timezone) and chosen_zone.utcoffset(None) in meant_offsets else None


@cache
def _find_zone(name: str) -> tzinfo | None:
    """Return the zone of a name with one meaning; the cache is bounded because grammars only pass short names that they know."""
    hours = _HOURS_BY_ABBREVIATION.get(name.upper())
    if hours is not None:
        return timezone(timedelta(hours=hours))
    iana_name = _ZONE_BY_ABBREVIATION.get(name.upper()) or (time_zone_names().get(name.lower()) if "/" in name else None)
    return ZoneInfo(iana_name) if iana_name else None


def _format_hours(hours: float) -> str:
    whole, minutes = divmod(round(abs(hours) * 60), 60)
    return f"UTC{'−' if hours < 0 else '+'}{whole}{f':{minutes:02}' if minutes else ''}"
