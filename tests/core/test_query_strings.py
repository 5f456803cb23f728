"""Query strings: parameters that are unknown, repeated, empty or not for us."""

import pytest

from dashboard.core.accounts import Account
from dashboard.core.errors import InvalidQuery
from dashboard.core.query import Query
from tests.support.builders import build_query, list_problem_fields, list_problems

PARAMETERS = ["n", "interval", "since", "until", "tz", "kinds", "method", "measure", "window", "width", "height", "scale", "theme", "embed"]


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
    (field, message), *more = list_problems(**{name: "1"})
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
    field, message = list_problems(**{"\0" + "z" * 5000: "1"})[0]
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
    assert list_problem_fields(**{name: ["1", "2"]}) == [name]


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
