"""Queries: serialized in one canonical form, described in words, and counted back from today."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dashboard.core.query import Query
from dashboard.core.time_zones import time_zone_names
from tests.support.builders import build_query, deterministic, list_problems
from tests.support.fake_clock import FakeClock


def test_the_canonical_order_is_that_of_the_contract_without_defaults() -> None:
    """Every spelling of a query has the same URL."""
    asked = Query.parse(
        {
            "theme": ["dark"],
            "kinds": ["quote,post"],
            "tz": ["europe/berlin"],
            "until": ["2026-02-01"],
            "since": ["2026-01-01"],
            "n": ["0100"],
            "measure": ["net"],
            "scale": ["2"],
            "users": ["@NASA, bsky.app"],
        }
    )
    assert asked.to_args() == [
        ("users", "nasa,bsky.app"),
        ("n", "100"),
        ("since", "2026-01-01"),
        ("until", "2026-02-01"),
        ("tz", "Europe/Berlin"),
        ("kinds", "post,quote"),
        ("theme", "dark"),
    ]


_HANDLES = ["nasa", "@ESA", "demo:aster-air", "bsky.app", "a@b.social", "file:ab/c"]
_some = st.fixed_dictionaries(
    {"users": st.lists(st.sampled_from(_HANDLES), min_size=1).map(",".join)},
    optional={
        "n": st.integers(1, 10**17).map(str),
        "interval": st.sampled_from(["auto", "hour", "day", "Week", "month"]),
        "since": st.dates(date(2006, 1, 1), date(2019, 12, 31)).map(str),
        "until": st.dates(date(2020, 1, 1), date(2100, 12, 31)).map(str),
        "tz": st.sampled_from(list(time_zone_names().values())),
        "kinds": st.lists(st.sampled_from(["post", "reply", "repost", "quote"]), min_size=1).map(",".join),
        "method": st.sampled_from(["bing", "vader", "afinn", "model"]),
        "measure": st.sampled_from(["net", "mean", "share"]),
        "window": st.sampled_from(["all", "common"]),
        "width": st.integers(200, 1500).map(str),
        "height": st.integers(150, 1000).map(str),
        "scale": st.sampled_from(["1", "2", "3"]),
        "theme": st.sampled_from(["light", "dark"]),
        "embed": st.sampled_from(["0", "1"]),
    },
)


@deterministic
@given(_some)
def test_the_canonical_arguments_parse_to_the_same_query(args: dict[str, str]) -> None:
    """Query and hash are equal."""
    asked = Query.parse({name: [value] for name, value in args.items()})
    again = Query.parse({name: [value] for name, value in asked.to_args()})
    assert again == asked
    assert hash(again) == hash(asked)
    assert again.to_args() == asked.to_args()


@deterministic
@given(_some)
def test_equal_queries_have_equal_arguments(args: dict[str, str]) -> None:
    """Case, order of names and explicit defaults don't matter."""
    spelt = {name: [text.upper() if name != "n" else f"0{text}"] for name, text in reversed(args.items())}
    assert (
        Query.parse({"theme": ["light"]} | spelt if "theme" not in args else spelt).to_args()
        == Query.parse({name: [value] for name, value in args.items()}).to_args()
    )


def test_a_query_is_immutable() -> None:
    """A cache key must not change."""
    with pytest.raises((ValidationError, FrozenInstanceError)):
        build_query().n = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("tz", "day", "first", "hours"),
    [
        ("UTC", "2026-03-29", "2026-03-29T00:00", 24),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00", 23),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", 25),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", 23),
        ("Africa/Cairo", "2026-10-29", "2026-10-28T21:00", 25),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30", 23.5),
        ("Asia/Kathmandu", "2026-03-29", "2026-03-28T18:15", 24),
    ],
)
def test_a_day_starts_and_ends_at_local_midnight(tz: str, day: str, first: str, hours: float) -> None:
    """The span is in UTC and as long as the day was there, even if clocks changed at midnight."""
    until = date.fromordinal(date.fromisoformat(day).toordinal() + 1)
    since, end = build_query(tz=tz, since=day, until=until).span
    assert since is not None
    assert end is not None
    assert since == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert (end - since).total_seconds() / 3600 == hours


def test_a_span_without_dates_is_open() -> None:
    """Both ends are unbounded."""
    assert build_query().span == (None, None)


def _leaves(value: Any) -> Iterator[Any]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if parts is None:
        yield value
    else:
        for part in parts:
            yield from _leaves(part)


def test_the_scale_of_rows_is_part_of_an_address_but_not_of_the_data() -> None:
    """It changes how a chart looks, and no number."""
    assert build_query("nasa", axis="same").to_args() == [("users", "nasa"), ("axis", "same")]
    assert "axis" not in build_query("nasa", axis="same").to_json()
    assert list_problems(axis="both") == [("axis", "The scale of accounts must be own or same – “both” isn’t available.")]


def test_the_json_of_a_query_has_no_image_parameters() -> None:
    """An export has all parameters of the data as JSON values, including defaults."""
    document = build_query("nasa,demo:a", since="2026-01-01", theme="dark").to_json()
    names = ["users", "n", "interval", "last", "since", "until", "tz", "kinds", "language", "method", "measure", "window", "counted"]
    assert list(document) == names
    assert {type(leaf) for leaf in _leaves(document)} == {str, int, type(None)}


@pytest.mark.parametrize(
    ("users", "more", "words"),
    [
        ("nasa", {}, "@nasa, the newest 400 posts"),
        ("nasa,demo:aster-air", {}, "@nasa and Aster Air, the newest 400 posts each"),
        ("nasa,esa,bsky.app", {"n": "5000"}, "@nasa, @esa and bsky.app, the newest 3,200 posts each"),
        ("nasa", {"since": "2026-01-01", "until": "2026-02-01"}, "@nasa, the newest 400 posts, 1 Jan – 31 Jan 2026"),
        ("nasa", {"since": "2026-01-01"}, "@nasa, the newest 400 posts, from 1 Jan 2026"),
        ("nasa", {"until": "2026-01-01"}, "@nasa, the newest 400 posts, up to 31 Dec 2025"),
    ],
)
def test_a_query_describes_itself(users: str, more: dict[str, str], words: str) -> None:
    """The description has what is served rather than what was typed."""
    assert build_query(users, **more).describe() == words


NOON = FakeClock(datetime(2026, 11, 30, 12, tzinfo=UTC))


def test_the_last_days_end_with_today() -> None:
    """`until` is tomorrow, because its day isn't included."""
    query = Query.parse({"users": ["nasa"], "last": ["30d"]}, NOON)
    assert query.since == date(2026, 11, 1)
    assert query.until == date(2026, 12, 1)
    assert query.describe_period() == "the last 30 days, 1 Nov – 30 Nov 2026"


@pytest.mark.parametrize(("tz", "today"), [("Pacific/Auckland", date(2026, 12, 1)), ("America/New_York", date(2026, 11, 30))])
def test_today_is_the_day_in_the_time_zone_of_the_view(tz: str, today: date) -> None:
    """At noon in UTC it's already tomorrow in Auckland."""
    query = Query.parse({"users": ["nasa"], "last": ["7d"], "tz": [tz]}, NOON)
    assert query.until == today + timedelta(days=1)
    assert query.since == today - timedelta(days=6)


def test_the_canonical_arguments_of_the_last_days_keep_rolling() -> None:
    """They contain no dates, so the same link shows later days tomorrow."""
    query = Query.parse({"users": ["nasa"], "last": ["7D"]}, NOON)
    assert query.to_args() == [("users", "nasa"), ("last", "7d")]
    assert query.to_json()["last"] == "7d"
    assert query.to_json()["since"] == "2026-11-24"


@pytest.mark.parametrize("name", ["since", "until"])
def test_the_last_days_and_dates_exclude_each_other(name: str) -> None:
    """The problem is at `last` and names both ways."""
    message = "Choose either the last 30 days or dates in “From” and “Until”, not both."
    assert list_problems(last="30d", **{name: "2026-01-01"}) == [("last", message)]


def test_another_length_of_the_last_days_is_refused_with_the_choices() -> None:
    """Only four lengths exist."""
    assert list_problems(last="31d") == [("last", "The period must be 7d, 30d, 90d or 365d – “31d” isn’t available.")]


def test_a_question_of_any_time_has_no_dates() -> None:
    """The link to all posts drops dates and rolling periods."""
    assert build_query(since="2026-01-01").with_period(None) == build_query()
    assert build_query(last="7d").with_period(None) == build_query()


def test_a_page_may_have_defaults_of_its_own() -> None:
    """They apply where nothing else is asked for, and are left out of the page's canonical address."""
    defaults = {"measure": "mean"}
    query = Query.parse({"users": ["nasa"]}, defaults=defaults)
    assert query.measure == "mean"
    assert query.to_args(defaults) == [("users", "nasa")]
    assert query.to_args() == [("users", "nasa"), ("measure", "mean")]
    net_query = Query.parse({"users": ["nasa"], "measure": ["net"]}, defaults=defaults)
    assert net_query.to_args(defaults) == [("users", "nasa"), ("measure", "net")]
