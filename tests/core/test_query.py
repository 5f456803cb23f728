"""Queries: parsed completely, with problems at their fields, and serialized in one canonical form."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dashboard.core.accounts import Account
from dashboard.core.errors import InvalidQuery
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT, time_zone_names
from tests.support.builders import build_query, deterministic
from tests.support.fake_clock import FakeClock


def problems(**args: str | list[str]) -> list[tuple[str, str]]:
    """Return the problems of a query for @nasa with these parameters."""
    given_args = {"users": "nasa"} | args
    with pytest.raises(InvalidQuery) as refused:
        Query.parse({name: [value] if isinstance(value, str) else value for name, value in given_args.items()})
    return refused.value.problems


def fields(**args: str | list[str]) -> list[str]:
    """Return the fields with problems."""
    return [field for field, _ in problems(**args)]


NO_DATES = [
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
NO_ZONES = [
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
PARAMETERS = ["n", "interval", "since", "until", "tz", "kinds", "method", "measure", "window", "width", "height", "scale", "theme", "embed"]
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
        *(
            (name, text)
            for name in ("since", "until")
            for text in (
                "yesterday",
                "2026-02-29",
                "31.03.2026",
                "2026-13-01",
                "2005-12-31",
                "2101-01-01",
                "9999999-01-01",
                "２０２６-03-31",
                "2026-03-31T12:00",
            )
        ),
        *(
            ("tz", text)
            for text in (
                "Mars/Olympus",
                "../../etc/passwd",
                "/etc/localtime",
                "Europe",
                "+02:00",
                "Factory",
                "localtime",
                "UTC\0",
                "Europe/../UTC",
                "x" * 9999,
            )
        ),
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
    assert fields(**{name: written}) == [name]


@pytest.mark.parametrize("name", ["n", "interval", "since", "tz", "kinds", "method", "measure", "window", "width", "theme"])
def test_a_message_quotes_little_and_only_printable_text(name: str) -> None:
    """Hostile values are shortened, without their control characters."""
    message = problems(**{name: "\u202e\0<b>" + "z" * 5000})[0][1]
    assert len(message) < 300
    assert message.isprintable() is True


def test_all_problems_are_reported_at_once() -> None:
    """A person can fix the form in one go."""
    wrong = {"n": "0", "interval": "y", "tz": "x", "since": "a", "until": "b", "kinds": "c", "method": "d", "measure": "e", "window": "f"}
    looks = {"width": "1", "height": "1", "scale": "9", "theme": "t", "embed": "x"}
    assert sorted(fields(users="a-b", zork="1", **wrong, **looks)) == sorted(["users", "zork", *wrong, *looks])


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
    assert fields(since=since, until=until) == ["until"]


def test_an_invalid_start_is_reported_once() -> None:
    """The end isn't blamed for it."""
    assert fields(since="then", until="2026-03-31") == ["since"]


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
    assert problems(tz=written)[0][1] == f"Unknown time zone “{written}”. {advice}"


def test_every_offered_zone_is_accepted() -> None:
    """No name of the list is refused or parsed as another zone."""
    assert [build_query(tz=name.upper()).tz for name in time_zone_names().values()] == list(time_zone_names().values())


@pytest.mark.parametrize("users", ["", " ", ",", "@", "\n;"])
def test_no_account_is_refused_with_an_example(users: str) -> None:
    """A query needs an account."""
    assert problems(users=users) == [("users", "Enter at least one account, such as nasa.bsky.social.")]


def test_a_name_with_spaces_is_not_read_as_several_handles() -> None:
    """The message says which accounts may be meant; two of them come last."""
    accounts = "@janesmith, janesmith.bsky.social, janesmith@mastodon.social or @jane and @smith"
    assert problems(users="Jane Smith") == [("users", f"“Jane Smith” looks like a name, not a handle. Did you mean {accounts}?")]
    assert build_query("nasa esa").users == (Account("x", "nasa"), Account("x", "esa"))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Aster Air", "aster-air"),
        ("aster air", "aster-air"),
        ("nasa, ASTER  AIR", "aster-air"),
        ("Moss and Kettle", "moss-and-kettle"),
        ("museum of small clocks", "small-clocks"),
    ],
)
def test_the_title_of_a_demo_account_is_not_read_as_several_handles(written: str, name: str) -> None:
    """It may be written in any case, and means that account."""
    with pytest.raises(InvalidQuery) as refused:
        build_query(written)
    (correction,) = refused.value.corrections
    assert "looks like a name, not a handle. Did you mean " in correction.message
    assert [suggestion.value for suggestion in correction.suggestions] == [f"demo:{name}"]


def test_a_correction_says_what_was_typed_and_what_to_enter_instead() -> None:
    """Pages replace the one with the other."""
    with pytest.raises(InvalidQuery) as refused:
        build_query("bsky.app, #climate")
    (correction,) = refused.value.corrections
    assert correction.typed == "#climate"
    assert [suggestion.value for suggestion in correction.suggestions] == ["@climate", "climate.bsky.social", "climate@mastodon.social"]
    assert refused.value.problems == [("users", correction.message)]


def test_a_missing_users_parameter_is_refused_at_users() -> None:
    """It is a problem of its field."""
    with pytest.raises(InvalidQuery) as refused:
        Query.parse({})
    assert [field for field, _ in refused.value.problems] == ["users"]


def test_accounts_are_deduplicated_in_their_order() -> None:
    """Other spellings of an account are the same account, and the first position counts."""
    asked = build_query("ESA, https://x.com/nasa @esa\nnasa;nasa.bsky.social")
    assert asked.users == (Account("x", "esa"), Account("x", "nasa"), Account("bluesky", "nasa.bsky.social"))


def test_twenty_accounts_are_accepted() -> None:
    """The limit itself is allowed, and duplicates don't count."""
    assert len(build_query(",".join([*(f"a{number}" for number in range(20)), "A0", "@a1"])).users) == 20


def test_the_twenty_first_account_is_refused_with_the_limit() -> None:
    """The message has the limit."""
    assert problems(users=",".join(f"a{number}" for number in range(21))) == [("users", "That's 21 accounts; up to 20 fit in one report.")]


def test_repeated_accounts_do_not_count_as_too_many() -> None:
    """The number in the message is that of different accounts."""
    users = ",".join([*(f"a{number}" for number in range(21)), "a1", "a2"])
    assert problems(users=users) == [("users", "That's 21 accounts; up to 20 fit in one report.")]


def test_each_invalid_account_is_a_problem_of_its_own() -> None:
    """Nobody has to correct them one after the other."""
    invalid = problems(users="nasa, a-1, nasa..bsky.social, a-2")
    assert [field for field, _ in invalid] == ["users"] * 3
    assert [message.partition("”")[0] for _, message in invalid] == ["“a-1", "“nasa..bsky.social", "“a-2"]


def test_three_of_many_invalid_accounts_are_named_and_the_rest_counted() -> None:
    """A pasted essay doesn't come back as an essay."""
    messages = [message for _, message in problems(users=" ".join(f"a-{number}" for number in range(30)))]
    assert ["isn't a valid X handle" in message for message in messages] == [True, True, True, False]
    assert messages[-1] == "And 27 more like these."


def test_a_hundred_thousand_handles_are_refused_in_a_short_message() -> None:
    """Parsing them is fast, and they aren't echoed."""
    assert len(problems(users="nasa!," * 100_000)[0][1]) < 500


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("user", "Did you mean “users”?"),
        ("methd", "Did you mean “method”?"),
        ("Interval", "Did you mean “interval”?"),
        ("zork", "The options are users, n, "),
    ],
)
def test_an_unknown_parameter_suggests_the_nearest_name(name: str, hint: str) -> None:
    """A misspelt parameter is never ignored."""
    (field, message), *more = problems(**{name: "1"})
    assert field == name
    assert hint in message
    assert more == []


def test_of_many_unknown_parameters_only_the_first_few_are_listed() -> None:
    """The message stays short however long the address is, and says how many there are."""
    with pytest.raises(InvalidQuery) as error:
        Query.parse({"users": ["nasa"]} | {f"p{number}": ["1"] for number in range(1_500)})
    assert [field for field, _ in error.value.problems] == ["p0", "p1", "p2", "p3", "p4", ""]
    assert error.value.problems[-1][1] == "The address has 1,500 unknown options. Remove them."


def test_an_unknown_parameter_of_any_length_is_shortened() -> None:
    """Names of parameters are hostile text as well."""
    field, message = problems(**{"\0" + "z" * 5000: "1"})[0]
    assert len(field) <= 40
    assert len(message) < 300
    assert message.isprintable() is True


@pytest.mark.parametrize("name", ["utm_source", "utm_campaign", "fbclid", "gclid", "msclkid", "igshid", "mc_cid", "mc_eid"])
def test_tracking_parameters_are_dropped(name: str) -> None:
    """A shared link still works, and its canonical URL has none."""
    assert Query.parse({"users": ["nasa"], name: ["abc"]}).to_args() == [("users", "nasa")]


@pytest.mark.parametrize("name", ["n", "tz", "interval", "since", "theme"])
def test_a_repeated_parameter_is_refused(name: str) -> None:
    """It's unknown which value was meant."""
    assert fields(**{name: ["1", "2"]}) == [name]


def test_accounts_and_kinds_can_be_repeated() -> None:
    """Checkboxes repeat their name."""
    asked = Query.parse({"users": ["nasa", "esa"], "kinds": ["reply", "post"]})
    assert asked.users == (Account("x", "nasa"), Account("x", "esa"))
    assert asked.kinds == ("post", "reply")


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("blank", [[""], ["  "], ["", "\t"], []])
def test_an_empty_value_counts_as_missing(name: str, blank: list[str]) -> None:
    """A form submitted with empty fields has the defaults."""
    assert Query.parse({"users": ["nasa"], name: blank}) == build_query()


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


@pytest.mark.parametrize(("width", "height", "scale"), [("3000", "6000", "1"), ("2000", "2001", "2"), ("3000", "1778", "3")])
def test_an_image_with_too_many_pixels_is_refused_at_scale(width: str, height: str, scale: str) -> None:
    """Each parameter may be valid and the image still too large."""
    assert fields(width=width, height=height, scale=scale) == ["scale"]


@pytest.mark.parametrize(("width", "height", "scale"), [("2000", "2000", "2"), ("3000", "1777", "1")])
def test_an_image_with_the_maximum_number_of_pixels_is_accepted(width: str, height: str, scale: str) -> None:
    """The limit itself is allowed."""
    asked = build_query(width=width, height=height, scale=scale)
    assert asked.width * asked.height * asked.scale**2 <= 16_000_000


def test_the_default_scale_is_limited_as_well() -> None:
    """An image can be too large because of a default."""
    assert fields(width="3000", height="6000") == ["scale"]


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
    assert problems(axis="both") == [("axis", "The scale of accounts must be own or same – “both” isn't available.")]


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
    assert problems(last="30d", **{name: "2026-01-01"}) == [("last", message)]


def test_another_length_of_the_last_days_is_refused_with_the_choices() -> None:
    """Only four lengths exist."""
    assert problems(last="31d") == [("last", "The period must be 7d, 30d, 90d or 365d – “31d” isn't available.")]


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
