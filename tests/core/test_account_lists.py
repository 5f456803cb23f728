"""Finding accounts in a field: whatever people put between them, around them or in front of them."""

import pytest

from dashboard.core.account_lists import find_personal_name, split_accounts
from dashboard.core.query_values import parse_users

_MAIL_LINK = "https://urldefense.com/v3/__a"


@pytest.mark.parametrize(
    "between", [",", ", ", " ", "\n", "\r\n", ";", "\t", "，", "、", "､", "；", "،", "؛", ",,,", " , ;\n", "\u00a0", "\u3000"]
)
def test_handles_are_split_at_commas_semicolons_and_whitespace(between: str) -> None:
    """A list can be pasted in any form."""
    assert split_accounts(f"nasa{between}@esa") == ["nasa", "@esa"]


@pytest.mark.parametrize("text", ["", " ", ",", "@", "@ @,\n;"])
def test_an_empty_list_has_no_handles(text: str) -> None:
    """Separators and single @ signs aren't handles."""
    assert split_accounts(text) == []


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("NASA (@NASA) / X", ["@NASA"]),
        ("Eugen Rochko (@Gargron@mastodon.social) - Mastodon", ["@Gargron@mastodon.social"]),
        ("Quay Ferries (@quay.example.org) — Bluesky", ["@quay.example.org"]),
        ("NASA (@NASA), Jane Smith (@jane)", ["@NASA", "@jane"]),
        ("nasa (@esa)", ["nasa", "(@esa)"]),
    ],
)
def test_of_a_title_with_a_handle_only_the_handle_is_kept(text: str, handles: list[str]) -> None:
    """It's what a profile page is called in a list of tabs or bookmarks."""
    assert split_accounts(text) == handles


@pytest.mark.parametrize(
    "name",
    [
        "Jane Smith",
        "Mary-Ann Jones O'Brien",
        "Åsa Müller",
        "The New York Times",
        "European Space Agency",
        "Ursula von der Leyen",
        "Dr. Jane Smith",
        "J. K. Rowling Smith",
        "NASA Ames Research Center",
    ],
)
def test_a_name_with_spaces_is_told_from_a_list_of_handles(name: str) -> None:
    """A name is two or three capitalised words; it's found between other accounts too."""
    assert find_personal_name(name) == name
    assert find_personal_name(f"nasa, {name}\nesa") == name


@pytest.mark.parametrize(
    "text", ["nasa esa", "NASA ESA", "Nasa esa", "@Jane @Smith", "Jane, Smith", "Jane\nSmith", "Jane", "Jane_Smith X1"]
)
def test_handles_separated_by_spaces_are_not_taken_for_a_name(text: str) -> None:
    """Only words that nobody writes a list of handles in count as a name."""
    assert find_personal_name(text) == ""


def test_a_form_full_of_line_breaks_is_split_in_linear_time() -> None:
    """Its accounts are looked for once: with a time that grows with the square, this test would take an hour."""
    assert split_accounts("\n" * 1_000_000 + "nasa") == ["nasa"]
    assert find_personal_name("\n" * 1_000_000 + "Jane Smith") == "Jane Smith"


@pytest.mark.parametrize(
    "text",
    [
        "nasa and esa",
        "nasa, and esa",
        "@nasa und @esa",
        "@nasa y @esa",
        "nasa vs. esa",
        "nasa & esa",
        "nasa | esa",
        "nasa — esa",
        "- nasa\n- esa",
        "• @nasa\n• @esa",
        "1. nasa\n2. esa",
        "1) @nasa 2) @esa",
        "NASA ✅, esa 🚀",
        "> nasa\n> esa",
        "X: @nasa, @esa",
        "Twitter : nasa\ntwitter: esa",
        "nasa (X), esa (Twitter)",
        "@nasa on X, esa auf X",
        "[NASA on X](https://x.com/nasa), [@esa](https://x.com/esa)",
        '[NASA](https://x.com/nasa "The page") ![ESA](https://x.com/esa)',
        '<a class="me" href="https://x.com/nasa">NASA</a> <a href=https://x.com/esa>the European Space Agency</a>',
        "<https://x.com/nasa|NASA> <https://x.com/esa|ESA>",
        "https://urldefense.com/v3/__https://x.com/nasa__;!!Ab1!c$ esa",
        "https://x.com/nasahttps://x.com/esa",
        "https://chorus.example/report?n=50&users=nasa%2Cesa&tz=UTC",
        "users=nasa,esa",
    ],
)
def test_what_stands_between_and_around_accounts_is_no_account(text: str) -> None:
    """Lists come from notes, messages, pages and the address of a report. A word that is read as an account of X may cost money."""
    assert [str(account) for account in parse_users(text)] == ["nasa", "esa"]


@pytest.mark.parametrize("text", ["nasa,and,esa", "nasa, and, esa", "nasa\nand\nesa", "nasa @and esa"])
def test_a_word_in_the_place_of_an_account_is_one(text: str) -> None:
    """What is separated as accounts are, or has an @, is an account."""
    assert [str(account) for account in parse_users(text)] == ["nasa", "and", "esa"]


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("Bluesky: nasa.bsky.social", "nasa.bsky.social"),
        ("nasa.bsky.social (Bluesky)", "nasa.bsky.social"),
        ("bsky.app on Bluesky", "bsky.app"),
        ("mastodon: @Mastodon@mastodon.social", "mastodon@mastodon.social"),
        ("mastodon@mastodon.social (Mastodon)", "mastodon@mastodon.social"),
        ("Mastodon at mastodon.social", "mastodon@mastodon.social"),
        ("demo: aster-air", "demo:aster-air"),
    ],
)
def test_the_name_of_a_network_beside_an_account_belongs_to_it(text: str, account: str) -> None:
    """This is how people, and the documentation, say where an account is."""
    assert [str(account) for account in parse_users(text)] == [account]


@pytest.mark.parametrize("text", ["Bluesky: nasa", "nasa (Bluesky)", "nasa on Bluesky"])
def test_an_account_that_its_network_cannot_have_is_refused(text: str) -> None:
    """It isn't taken for another network's."""
    with pytest.raises(ValueError, match=r"Did you mean nasa\.bsky\.social"):
        parse_users(text)


@pytest.mark.parametrize("text", ["Jane Smith on Bluesky", "Jane Smith (X)"])
def test_a_name_with_its_network_is_still_a_name(text: str) -> None:
    """Its first word isn't an account."""
    assert find_personal_name(text) == text


@pytest.mark.parametrize("text", ["!!!", "🚀", "—"])
def test_a_field_of_marks_only_is_quoted(text: str) -> None:
    """Something was entered, so the message says what is wrong with it."""
    assert split_accounts(text) == [text]


@pytest.mark.parametrize(
    "noise", ["<a ", "[", "[a](", "a on ", "x:, ", "1. ", "https://", "users=", "a (", "<https://a|", "and ", "href=", _MAIL_LINK]
)
def test_a_form_full_of_beginnings_is_split_in_linear_time(noise: str) -> None:
    """None of the patterns looks at the rest of the text again from each of its places."""
    assert split_accounts("<a " + noise * 10_000 + " @nasa")[-1] == "@nasa"
