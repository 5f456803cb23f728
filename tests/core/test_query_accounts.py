"""The accounts of a query: several in one parameter, each once, and what is said about those that aren't accounts."""

import pytest

from dashboard.core.accounts import Account
from dashboard.core.errors import InvalidQuery
from dashboard.core.query import Query
from tests.support.builders import build_query, list_problems


@pytest.mark.parametrize("users", ["", " ", ",", "@", "\n;"])
def test_no_account_is_refused_with_an_example(users: str) -> None:
    """A query needs an account."""
    assert list_problems(users=users) == [("users", "Enter at least one account, such as nasa.bsky.social.")]


def test_a_name_with_spaces_is_not_read_as_several_handles() -> None:
    """The message says which accounts may be meant; two of them come last."""
    accounts = "@janesmith, janesmith.bsky.social, janesmith@mastodon.social or @jane and @smith"
    assert list_problems(users="Jane Smith") == [("users", f"“Jane Smith” looks like a name, not a handle. Did you mean {accounts}?")]
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
    assert list_problems(users=",".join(f"a{number}" for number in range(21))) == [
        ("users", "That’s 21 accounts; up to 20 fit in one report.")
    ]


def test_repeated_accounts_do_not_count_as_too_many() -> None:
    """The number in the message is that of different accounts."""
    users = ",".join([*(f"a{number}" for number in range(21)), "a1", "a2"])
    assert list_problems(users=users) == [("users", "That’s 21 accounts; up to 20 fit in one report.")]


def test_each_invalid_account_is_a_problem_of_its_own() -> None:
    """Nobody has to correct them one after the other."""
    invalid = list_problems(users="nasa, a-1, nasa..bsky.social, a-2")
    assert [field for field, _ in invalid] == ["users"] * 3
    assert [message.partition("”")[0] for _, message in invalid] == ["“a-1", "“nasa..bsky.social", "“a-2"]


def test_three_of_many_invalid_accounts_are_named_and_the_rest_counted() -> None:
    """A pasted essay doesn't come back as an essay."""
    messages = [message for _, message in list_problems(users=" ".join(f"a-{number}" for number in range(30)))]
    assert ["isn’t a valid X handle" in message for message in messages] == [True, True, True, False]
    assert messages[-1] == "And 27 more like these."


def test_a_hundred_thousand_handles_are_refused_in_a_short_message() -> None:
    """Parsing them is fast, and they aren't echoed."""
    assert len(list_problems(users="nasa!," * 100_000)[0][1]) < 500
