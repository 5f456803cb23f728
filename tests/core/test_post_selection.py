"""Selections of posts: parsed from a URL, serialized again, with every problem at its field."""

import pytest

from dashboard.core import messages, post_selection
from dashboard.core.account_labels import label_accounts
from dashboard.core.errors import InvalidQuery
from dashboard.core.post_selection import PostSelection


def parse(users: str = "nasa,demo:aster-air", **args: str) -> PostSelection:
    """Return the selection of a query string; `from_` stands for `from`."""
    return post_selection.parse_query_and_selection({"users": [users]} | {name.rstrip("_"): [value] for name, value in args.items()})[1]


def problems(users: str = "nasa", **args: str) -> dict[str, str]:
    """Return the problems by field."""
    with pytest.raises(InvalidQuery) as refused:
        parse(users, **args)
    return dict(refused.value.problems)


def described(users: str = "nasa,demo:aster-air", **args: str) -> str:
    """Return the description of a selection."""
    query, chosen = post_selection.parse_query_and_selection(
        {"users": [users]} | {name.rstrip("_"): [value] for name, value in args.items()}
    )
    return chosen.describe(query, label_accounts(query.users, {}))


def test_defaults_are_dropped_from_urls() -> None:
    """Equal selections have equal URLs."""
    assert parse(sort="NEWEST", page="1", word="  ").to_args() == []


def test_parameters_are_serialized_in_one_order() -> None:
    """Their original order doesn't matter."""
    parameters = {"page": "2", "sort": "oldest", "to": "2026-03-04", "from_": "2026-03-03", "account": "@NASA", "hour": "0", "weekday": "7"}
    assert parse(**parameters).to_args() == [
        ("account", "nasa"),
        ("from", "2026-03-03"),
        ("to", "2026-03-04"),
        ("weekday", "7"),
        ("hour", "0"),
        ("sort", "oldest"),
        ("page", "2"),
    ]


def test_a_serialized_selection_parses_to_itself() -> None:
    """Nothing is lost in a URL."""
    chosen = parse(
        from_="2026-10-25T02:00:00+02:00", to="2026-10-25T02:00:00+01:00", word="can't stand", polarity="negative", id="at://x/1"
    )
    assert parse(**{{"from": "from_"}.get(name, name): value for name, value in chosen.to_args()}) == chosen


def test_a_plus_that_became_a_space_is_a_plus() -> None:
    """Offsets in URLs typed by hand often lose it."""
    assert parse(from_="2026-10-25T02:00:00 02:00") == parse(from_="2026-10-25T02:00:00+02:00")


def test_all_problems_are_reported_at_once() -> None:
    """Those of the query and of the selection are each at their field."""
    wrong = {
        "n": "none",
        "account": "wh*t",
        "from_": "spring",
        "to": "2026-03-04T10:00",
        "word": "a" * 101,
        "weekday": "8",
        "hour": "24",
        "id": "b" * 301,
        "polarity": "sad",
        "sort": "best",
        "page": "1281",
        "frm": "1",
    }
    assert list(problems(language="dutchman")) == ["language"]
    assert list(problems(**wrong)) == ["frm", "n", *[name.rstrip("_") for name in wrong if name not in ("n", "frm")]]


@pytest.mark.parametrize(("name", "bound"), [("word", "100 characters"), ("id", "300 characters"), ("page", "1,280"), ("weekday", "7")])
def test_the_message_has_the_limit(name: str, bound: str) -> None:
    """It says which values are allowed."""
    assert bound in problems(**{name: "9" * 400})[name]


@pytest.mark.parametrize(
    "value", ["0001-01-01", "2101-01-01", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", "2026-02-30", "x" * 5000]
)
def test_no_date_raises_another_error(value: str) -> None:
    """Dates that calendars or zones can't represent are refused."""
    assert list(problems(from_=value)) == ["from"]


@pytest.mark.parametrize(("start", "end"), [("2026-03-03", "2026-03-03"), ("2026-03-03T10:00:00+00:00", "2026-03-03T11:00:00+01:00")])
def test_an_empty_span_is_refused(start: str, end: str) -> None:
    """Its end must be after its start."""
    assert "is empty" in problems(from_=start, to=end)["to"]


def test_an_account_must_be_in_the_query() -> None:
    """Otherwise there would be no posts and no explanation."""
    assert problems(account="esa") == {"account": "@esa isn’t one of the accounts in this report."}


def test_an_account_of_a_file_belongs_to_the_file() -> None:
    """A file is requested by its ID, and its accounts are written after that."""
    identity = "abcdefghijklmnopqrstuvwxyz"
    chosen = parse(f"file:{identity}", account=f"file:{identity}/nasa")
    assert str(chosen.account) == f"file:{identity}/nasa"
    assert list(problems(f"file:{identity}", account="file:zzzzzzzzzzzzzzzzzzzzzzzzzz/nasa")) == ["account"]


def test_a_parameter_must_not_be_repeated() -> None:
    """Two values contradict each other."""
    with pytest.raises(InvalidQuery) as refused:
        post_selection.parse_query_and_selection({"users": ["nasa"], "word": ["good", "bad"]})
    assert refused.value.problems == [("word", "“word” appears 2 times; give it once.")]


def test_image_parameters_are_dropped() -> None:
    """Posts have no width."""
    query, _ = post_selection.parse_query_and_selection(
        {"users": ["nasa"], "width": ["300"], "embed": ["1"], "theme": ["dark"], "tz": ["UTC"]}
    )
    assert query.to_args() == [("users", "nasa")]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, "Posts by @nasa and Aster Air"),
        ({"account": "nasa", "from_": "2026-03-03", "to": "2026-03-04"}, "Posts by @nasa on 3 March 2026"),
        ({"from_": "2026-03-02", "to": "2026-03-09", "users": "nasa"}, "Posts by @nasa from 2 to 8 March 2026"),
        ({"from_": "2026-03-02", "to": "2026-03-04", "users": "nasa"}, "Posts by @nasa on 2–3 March 2026"),
        ({"from_": "2026-03-02", "users": "nasa"}, "Posts by @nasa from 2 March 2026"),
        (
            {"users": "nasa", "tz": "Europe/Berlin", "from_": "2026-10-25T00:00:00+00:00", "to": "2026-10-25T01:00:00+00:00"},
            "Posts by @nasa in the hour from 02:00 on 25 October 2026",
        ),
        (
            {"users": "nasa", "from_": "2025-11-03T14:00:00+00:00", "to": "2026-11-03T15:00:00+00:00"},
            "Posts by @nasa from 14:00 on 3 November 2025 before 15:00 on 3 November 2026",
        ),
        ({"users": "nasa", "weekday": "1", "hour": "23"}, "Posts by @nasa on Mondays between 23:00 and 00:00"),
        ({"users": "nasa", "word": "good", "polarity": "negative"}, "Negative posts by @nasa containing “good”"),
        ({"users": "nasa", "language": "other"}, "Posts by @nasa (not in English)"),
        ({"users": "a,b,c,d,e"}, "Posts by @a, @b and 3 more"),
    ],
)
def test_a_selection_is_described_in_words(args: dict[str, str], expected: str) -> None:
    """The description is the heading of the page."""
    assert described(**args) == expected


def test_a_moment_is_described_in_the_language_of_the_page() -> None:
    """No English word is left between the time and the day."""
    with messages.use("de"):
        assert described(users="nasa", from_="2026-11-03T14:00:00+00:00") == "Beiträge von @nasa ab 3. November 2026, 14:00"
