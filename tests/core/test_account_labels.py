"""Labels of accounts: the display name, with the handle where the name alone would mislead."""

import pytest

from dashboard.core import messages
from dashboard.core.account_labels import describe_handle, label_accounts
from dashboard.core.accounts import parse_account


def label(*accounts: str, **names: str) -> list[str]:
    """Return the labels of accounts; `names` are the display names of the first, second and third one as a, b and c."""
    known = {str(parse_account(account)): names[key] for account, key in zip(accounts, "abc", strict=False) if key in names}
    return list(label_accounts([parse_account(account) for account in accounts], known).values())


def test_a_label_is_the_display_name() -> None:
    """Nobody has to know how the handle is written."""
    assert label("nasa.bsky.social", "esa", a="NASA", b="European Space Agency") == ["NASA", "European Space Agency"]


def test_a_label_without_a_name_is_the_handle() -> None:
    """It's written as on its network."""
    assert label("nasa.bsky.social", "esa", "Mastodon@mastodon.social") == ["nasa.bsky.social", "@esa", "mastodon@mastodon.social"]


def test_a_demo_account_has_its_title_before_anything_is_read() -> None:
    """`demo:` is only shown of accounts that don't exist."""
    assert label("demo:aster-air", "demo:nobody") == ["Aster Air", "demo:nobody"]


def test_several_accounts_as_one_series_have_a_label_in_the_singular() -> None:
    """Sentences say that it posts, as of any account, in the language of the page."""
    assert label("file:d39f1/*rest") == ["Rest of the collection (file d39f)"]
    with messages.use("de"):
        assert label("file:d39f1/*") == ["Gesamte Sammlung (Datei d39f)"]


@pytest.mark.parametrize("name", ["NASA", "nasa", "ＮＡＳＡ", "𝗡𝗔𝗦𝗔"])
def test_equal_names_have_their_handles(name: str) -> None:
    """Names are equal if people can hardly tell them apart."""
    assert label("nasa.bsky.social", "nasa", a="NASA", b=name) == ["NASA (nasa.bsky.social)", f"{name} (@nasa)"]


def test_a_name_that_is_written_like_the_handle_of_another_account_has_its_own_handle() -> None:
    """Nobody can pass for somebody else by changing the display name."""
    assert label("evil.example", a="@nasa") == ["@nasa (evil.example)"]
    assert label("evil.example", a="nasa.bsky.social") == ["nasa.bsky.social (evil.example)"]


def test_a_name_that_is_written_like_its_own_handle_stands_alone() -> None:
    """Some people set their handle as their name."""
    assert label("nasa.bsky.social", "nasa", a="NASA.bsky.social", b="@NASA") == ["NASA.bsky.social", "@NASA"]


def test_accounts_of_files_have_no_file_in_their_label() -> None:
    """The file only matters if two of them hold the same name."""
    one, other = f"file:{'ab12' * 8}/nasa", f"file:{'cd34' * 8}/nasa"
    assert label(one, a="NASA") == ["NASA"]
    assert label(one, other, a="NASA", b="NASA") == ["NASA (file ab12)", "NASA (file cd34)"]


def test_labels_always_differ() -> None:
    """Names of one file that look alike are told apart by their canonical form."""
    one, other = f"file:{'ab12' * 8}/nasa", f"file:{'ab12' * 8}/ｎａｓａ"
    assert len(set(label(one, other, a="NASA", b="ＮＡＳＡ"))) == 2


def test_a_name_from_right_to_left_is_isolated() -> None:
    """It can't change the order of the sentence around it."""
    assert label("nasa.bsky.social", a="אבג") == ["\u2068אבג\u2069"]


@pytest.mark.parametrize(
    ("account", "tooltip"), [("nasa", "@nasa · X"), ("demo:aster-air", "aster-air · Demo"), ("file:ab12cd/ann", "file ab12 · Files")]
)
def test_a_tooltip_identifies_an_account(account: str, tooltip: str) -> None:
    """It has the handle and the network."""
    assert describe_handle(account) == tooltip
