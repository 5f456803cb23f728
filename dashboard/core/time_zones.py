"""The time zones that can be chosen, and which of them people mean by an offset, an abbreviation, a city or the name that Windows uses.

What an abbreviation means beside a time in a file is decided in `sources/files/times/`. Here it only leads to a suggestion.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

_MAX_EXAMPLES = 3
_MIN_COMPARED_LETTERS = 6  # of a name that isn't exact: shorter ones, such as CEST and EST, are alike by chance
_MINUS = "\N{MINUS SIGN}"
_OFFSET = re.compile(r"(?:etc/)?(?:utc|gmt|z)?\s*([+\u2212-]?)\s*(\d{1,2})(?::?00)?")

ZONES_BY_NAME: Mapping[str, tuple[str, ...]] = {
    "z": ("UTC",),
    **dict.fromkeys(("cest", "mez", "mesz"), ("Europe/Berlin",)),
    **dict.fromkeys(("central european time", "central european summer time", "w. europe standard time"), ("Europe/Berlin",)),
    **{"romance standard time": ("Europe/Paris",), "gmt standard time": ("Europe/London",), "bst": ("Europe/London", "Asia/Dhaka")},
    **{"west": ("Europe/Lisbon",), "eest": ("Europe/Athens",), "msk": ("Europe/Moscow",), "trt": ("Europe/Istanbul",)},
    **{"idt": ("Asia/Jerusalem",), "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"), "pkt": ("Asia/Karachi",)},
    **{"cst": ("America/Chicago", "Asia/Shanghai"), "hkt": ("Asia/Hong_Kong",), "sgt": ("Asia/Singapore",), "jst": ("Asia/Tokyo",)},
    **{"kst": ("Asia/Seoul",), "pht": ("Asia/Manila",), "wib": ("Asia/Jakarta",), "ict": ("Asia/Bangkok",), "gst": ("Asia/Dubai",)},
    **dict.fromkeys(("aest", "aedt"), ("Australia/Sydney",)),
    **dict.fromkeys(("acst", "acdt"), ("Australia/Adelaide",)),
    **dict.fromkeys(("nzst", "nzdt"), ("Pacific/Auckland",)),
    **{"awst": ("Australia/Perth",), "sast": ("Africa/Johannesburg",), "wat": ("Africa/Lagos",), "eat": ("Africa/Nairobi",)},
    **{"cat": ("Africa/Maputo",), "brt": ("America/Sao_Paulo",), "art": ("America/Argentina/Buenos_Aires",), "clt": ("America/Santiago",)},
    **{"cot": ("America/Bogota",), "pet": ("America/Lima",), "ast": ("America/Halifax", "Asia/Riyadh"), "adt": ("America/Halifax",)},
    **dict.fromkeys(("nst", "ndt"), ("America/St_Johns",)),
    **dict.fromkeys(("akst", "akdt"), ("America/Anchorage",)),
    **{
        name: (zone,)
        for region, letter, zone in [
            ("eastern", "e", "America/New_York"),
            ("central", "c", "America/Chicago"),
            ("mountain", "m", "America/Denver"),
            ("pacific", "p", "America/Los_Angeles"),
        ]
        for name in (f"{letter}t", f"{letter}dt", f"{region} time", f"{region} standard time", f"{region} daylight time")
    },
    "pst": ("America/Los_Angeles",),
}


@cache
def time_zone_names() -> dict[str, str]:
    """Return every IANA zone by its lower-case name, without the two that only make sense on one machine."""
    return {name.lower(): name for name in sorted(available_timezones() - {"Factory", "localtime"})}


def label_time_zone(name: str) -> str:
    """Return a zone's name; that of a fixed offset, whose sign is the other way round, is followed by what it means."""
    match = re.fullmatch(r"Etc/GMT([+-])(\d+)", name)
    return f"{name} (UTC{'+' if match[1] == '-' else _MINUS}{match[2]})" if match else name


def find_similar_time_zones(text: str) -> list[str]:
    """Return the time zones that a text may mean: by its offset, other names or city, or else the one that is written most alike."""
    lowered = _fold(text.strip())
    if match := _OFFSET.fullmatch(lowered):
        zone = time_zone_names().get(f"etc/gmt{'+' if match[1] in ('-', _MINUS) else '-'}{int(match[2])}")
        return [zone] if zone else []
    if zones := ZONES_BY_NAME.get(lowered):
        return list(zones)
    city = lowered.partition(",")[0].replace(" ", "_")
    near = [zone for zone in time_zone_names() if zone.endswith(f"/{city}")]
    if not near and len(lowered) >= _MIN_COMPARED_LETTERS:
        near = difflib.get_close_matches(lowered, time_zone_names(), n=1, cutoff=0.75)
    return [time_zone_names()[name] for name in near[:_MAX_EXAMPLES]]


def _fold(text: str) -> str:
    """Return a text in lower case without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter))
