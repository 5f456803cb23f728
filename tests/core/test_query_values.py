"""The values of a query's parameters: parsed, or refused at their fields."""

from datetime import date
from typing import Any

import pytest

from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.core.time_zones import ZONES_BY_NAME, time_zone_names
from tests.support.builders import build_query, list_problem_fields, list_problems

INVALID_DATES = [
    "yesterday",
    "2026-02-29",
    "31.03.2026",
    "2026-13-01",
    "2005-12-31",
    "2101-01-01",
    "9999999-01-01",
    "２０２６-03-31",
    "2026-03-31T12:00",
]
INVALID_ZONES = [
    "Mars/Olympus",
    "../../etc/passwd",
    "/etc/localtime",
    "Europe",
    "+02:00",
    "Factory",
    "localtime",
    "Europe/../UTC",
    "UTC\0",
    "x" * 9999,
]
DEFAULTS = {
    "n": 400,
    "interval": "auto",
    "since": None,
    "until": None,
    "tz": "UTC",
    "kinds": ("post", "reply", "repost", "quote"),
    "method": "bing",
    "measure": "net",
    "window": "all",
    "width": 900,
    "height": 420,
    "scale": 2,
    "theme": "light",
}


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_a_missing_parameter_has_the_default_of_the_contract(name: str, default: Any) -> None:
    """Only accounts are required."""
    assert getattr(build_query(), name) == default


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("n", "1", 1),
        ("n", "0400", 400),
        ("n", " 50 ", 50),
        ("n", "3200", 3200),
        ("n", "3,200", 3200),
        ("n", "3\u202f200", 3200),
        ("n", "3\u00a0200", 3200),
        ("n", "1.000.000", 1_000_000),
        ("interval", "HOUR", "hour"),
        ("interval", "month", "month"),
        ("since", "2026-03-31", date(2026, 3, 31)),
        ("until", " 2026-03-31 ", date(2026, 3, 31)),
        ("since", "2006-01-01", date(2006, 1, 1)),
        ("until", "2100-12-31", date(2100, 12, 31)),
        ("tz", "Europe/Berlin", "Europe/Berlin"),
        ("tz", "europe/BERLIN", "Europe/Berlin"),
        ("tz", "utc", "UTC"),
        ("tz", "etc/gmt 5", "Etc/GMT+5"),
        ("language", "deu,eng,de", ("de", "en")),
        ("language", "cmn", ("zh",)),
        ("language", "xyz", ("xyz",)),
        ("tz", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("kinds", "quote,post", ("post", "quote")),
        ("kinds", "Reply,reply, reply", ("reply",)),
        ("kinds", "post,reply,repost,quote", DEFAULTS["kinds"]),
        ("kinds", ",", DEFAULTS["kinds"]),
        ("method", "vader", "vader"),
        ("method", "afinn", "afinn"),
        ("method", "Model", "model"),
        ("measure", "Share", "share"),
        ("measure", "mean", "mean"),
        ("window", "common", "common"),
        ("width", "200", 200),
        ("width", "3000", 3000),
        ("height", "150", 150),
        ("scale", "1", 1),
        ("theme", "dark", "dark"),
        ("embed", "1", True),
    ],
)
def test_a_valid_value_is_parsed(name: str, written: str, value: Any) -> None:
    """Case, surrounding spaces, leading zeros and repetition don't matter."""
    assert getattr(build_query(**{name: written}), name) == value


@pytest.mark.parametrize(
    ("name", "written"),
    [
        *(("n", text) for text in ("0", "-1", "abc", "1e99", "1.5", "4 00", "0x10", "４００", "٤٠٠", "+5", "1_000", "∞", "NaN", "\0", "²")),
        *(("interval", text) for text in ("year", "hours", "1h", "auto,day")),
        *((name, text) for name in ("since", "until") for text in INVALID_DATES),
        *(("tz", text) for text in INVALID_ZONES),
        *(("kinds", text) for text in ("tweet", "post,tweet", "post;reply", "all")),
        *(("method", text) for text in ("nrc", "bing,vader", "model2")),
        *(("measure", text) for text in ("sum", "net ,mean")),
        *(("window", text) for text in ("some", "30d")),
        *(("width", text) for text in ("199", "3001", "1e3", "-900", "wide")),
        *(("height", text) for text in ("149", "6001", "abc")),
        *(("scale", text) for text in ("0", "4", "1.5")),
        *(("theme", text) for text in ("sepia", "<script>")),
        *(("embed", text) for text in ("yes", "2")),
    ],
)
def test_an_invalid_value_is_refused_at_its_field(name: str, written: str) -> None:
    """It is never replaced by a default."""
    assert list_problem_fields(**{name: written}) == [name]


@pytest.mark.parametrize("name", ["n", "interval", "since", "tz", "kinds", "method", "measure", "window", "width", "theme"])
def test_a_message_quotes_little_and_only_printable_text(name: str) -> None:
    """Hostile values are shortened, without their control characters."""
    message = list_problems(**{name: "\u202e\0<b>" + "z" * 5000})[0][1]
    assert len(message) < 300
    assert message.isprintable() is True


def test_all_problems_are_reported_at_once() -> None:
    """A person can fix the form in one go."""
    wrong = {"n": "0", "interval": "y", "tz": "x", "since": "a", "until": "b", "kinds": "c", "method": "d", "measure": "e", "window": "f"}
    looks = {"width": "1", "height": "1", "scale": "9", "theme": "t", "embed": "x"}
    assert sorted(list_problem_fields(users="a-b", zork="1", **wrong, **looks)) == sorted(["users", "zork", *wrong, *looks])


@pytest.mark.parametrize("n", [MAX_POSTS_PER_ACCOUNT + 1, 10**9, 999_999_999_999_999_999])
def test_a_number_above_the_cap_is_kept_and_the_limit_is_the_cap(n: int) -> None:
    """The query remembers what was requested, so a note can mention it."""
    asked = build_query(n=n)
    assert asked.n == n
    assert asked.limit == MAX_POSTS_PER_ACCOUNT


def test_a_number_below_the_cap_is_the_limit() -> None:
    """The cap doesn't change it."""
    assert build_query(n=7).limit == 7


@pytest.mark.parametrize(("since", "until"), [("2026-03-31", "2026-03-01"), ("2026-03-31", "2026-03-31")])
def test_an_empty_span_is_refused_at_its_end(since: str, until: str) -> None:
    """Reversed and equal dates contain nothing, because the end is excluded."""
    assert list_problem_fields(since=since, until=until) == ["until"]


def test_an_invalid_start_is_reported_once() -> None:
    """The end isn't blamed for it."""
    assert list_problem_fields(since="then", until="2026-03-31") == ["since"]


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("Europe/Berln", "Did you mean Europe/Berlin?"),
        ("asia/katmandoo", "Did you mean Asia/Katmandu?"),
        ("Berlin", "Did you mean Europe/Berlin?"),
        ("new york", "Did you mean America/New_York?"),
        ("Mars/Olympus", "Time zones look like Europe/Berlin."),
        ("qqqqqqqq", "Time zones look like Europe/Berlin."),
    ],
)
def test_an_unknown_zone_suggests_an_existing_one(written: str, advice: str) -> None:
    """The message has the nearest zone or an example."""
    assert list_problems(tz=written)[0][1] == f"Unknown time zone “{written}”. {advice}"


def test_every_offered_zone_is_accepted() -> None:
    """No name of the list is refused or parsed as another zone."""
    assert [build_query(tz=name.upper()).tz for name in time_zone_names().values()] == list(time_zone_names().values())


@pytest.mark.parametrize(("width", "height", "scale"), [("3000", "6000", "1"), ("2000", "2001", "2"), ("3000", "1778", "3")])
def test_an_image_with_too_many_pixels_is_refused_at_scale(width: str, height: str, scale: str) -> None:
    """Each parameter may be valid and the image still too large."""
    assert list_problem_fields(width=width, height=height, scale=scale) == ["scale"]


@pytest.mark.parametrize(("width", "height", "scale"), [("2000", "2000", "2"), ("3000", "1777", "1")])
def test_an_image_with_the_maximum_number_of_pixels_is_accepted(width: str, height: str, scale: str) -> None:
    """The limit itself is allowed."""
    asked = build_query(width=width, height=height, scale=scale)
    assert asked.width * asked.height * asked.scale**2 <= 16_000_000


def test_the_default_scale_is_limited_as_well() -> None:
    """An image can be too large because of a default."""
    assert list_problem_fields(width="3000", height="6000") == ["scale"]


@pytest.mark.parametrize(
    ("written", "zones"),
    [
        ("UTC+2", ["Etc/GMT-2 (UTC+2)"]),
        ("UTC 2", ["Etc/GMT-2 (UTC+2)"]),
        ("GMT-5", ["Etc/GMT+5 (UTC−5)"]),
        ("+02:00", ["Etc/GMT-2 (UTC+2)"]),
        ("\u22125", ["Etc/GMT+5 (UTC−5)"]),
        ("+05:30", []),
        ("+15", []),
        ("Z", ["UTC"]),
        ("CEST", ["Europe/Berlin"]),
        ("aest", ["Australia/Sydney"]),
        ("PST", ["America/Los_Angeles"]),
        ("Eastern Standard Time", ["America/New_York"]),
        ("W. Europe Standard Time", ["Europe/Berlin"]),
        ("CST", ["America/Chicago", "Asia/Shanghai"]),
        ("XYT", []),
        ("Berlin, Germany", ["Europe/Berlin"]),
        ("Zürich", ["Europe/Zurich"]),
        ("Europe/Berln", ["Europe/Berlin"]),
    ],
)
def test_a_time_zone_in_another_notation_suggests_the_zone(written: str, zones: list[str]) -> None:
    """The sign of Etc/GMT is the other way round, which its label says. A short name is never taken for one that only looks like it."""
    message = list_problems(tz=written)[0][1]
    assert [zone for zone in zones if zone not in message] == []
    assert ("Did you mean" in message) is bool(zones)


def test_every_suggested_time_zone_exists() -> None:
    """A link to it works."""
    assert {zone for zones in ZONES_BY_NAME.values() for zone in zones} <= set(time_zone_names().values())


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("2026-1-5", ["2026-01-05"]),
        ("2026/01/05", ["2026-01-05"]),
        ("2026\u201101\u201105", ["2026-01-05"]),
        ("２０２６-01-05", ["2026-01-05"]),
        ("2026年1月5日", ["2026-01-05"]),
        ("2026-01-05T23:30:00-05:00", ["2026-01-05"]),
        ("5.1.2026", ["2026-01-05", "2026-05-01"]),
        ("05/01/2026", ["2026-01-05", "2026-05-01"]),
        ("13/01/2026", ["2026-01-13"]),
        ("01/13/2026", ["2026-01-13"]),
        ("5/5/2026", ["2026-05-05"]),
        ("2026-02-30", []),
        ("5/1/26", []),
        ("1.1.1999", []),
    ],
)
def test_a_date_in_another_notation_suggests_the_day(written: str, days: list[str]) -> None:
    """Where day and month may be exchanged, both are suggested, and none is chosen."""
    message = list_problems(since=written)[0][1]
    assert [day for day in days if day not in message] == []
    assert ("Did you mean" in message) is bool(days)


@pytest.mark.parametrize(
    ("name", "meant"), [("from", "since"), ("to", "until"), ("count", "n"), ("accounts", "users"), ("timezone", "tz"), ("methd", "method")]
)
def test_an_option_by_another_name_suggests_the_right_one(name: str, meant: str) -> None:
    """Names of other tools come before names that only look alike."""
    assert list_problems(**{name: "1"})[0][1].endswith(f"Did you mean “{meant}”?")
