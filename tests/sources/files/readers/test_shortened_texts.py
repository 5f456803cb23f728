"""Texts of which a program kept only a part: completed where the file has the rest, and reported where it doesn't."""

import csv
import io

import pytest

from dashboard.sources.files.readers import reader

ORIGINAL = (
    "This app is great but the support is terrible and awful, the new version is broken & I hate it so much that I’ll never use it again"
)
CUT = f"RT @northpier: {ORIGINAL[:124]}…"
WHOLE = f"RT @northpier: {ORIGINAL}"


def read_text(**cells: str) -> tuple[str, list[str]]:
    """Return the text of a post in a table with these cells, and the warnings."""
    row = {"id": "1990000000000000101", "created_at": "2026-11-02 10:00:00 +0000", "username": "quay", **cells}
    content = io.StringIO()
    csv.writer(content).writerows([row.keys(), row.values()])
    file_reader = reader.open_reader(io.BytesIO(content.getvalue().encode()), "posts.csv")
    rows = [row for batch in file_reader for row in batch]
    return rows[0]["text"], file_reader.tally.format_warnings()


@pytest.mark.parametrize(
    "column",
    [
        "retweeted_status.full_text",
        "retweeted_status.extended_tweet.full_text",
        "retweeted_status_full_text",
        "retweet_text",
        "sourcetweet_text",
    ],
)
def test_a_repost_has_the_whole_text_of_the_original(column: str) -> None:
    """json_normalize, rtweet and academictwitteR write it to a column of its own."""
    text, warnings = read_text(text=CUT, **{column: ORIGINAL})
    assert text == WHOLE
    assert warnings == []


def test_entities_and_line_ends_do_not_hide_the_original() -> None:
    """Tools differ in how they write both."""
    original = ORIGINAL.replace("&", "&amp;").replace(", ", ",\n", 1)
    assert read_text(text=CUT, retweet_text=original)[0] == WHOLE.replace(", ", ",\n", 1)


def test_the_text_of_another_post_is_not_taken() -> None:
    """A column on the original may be about the post that is quoted."""
    assert read_text(text=CUT, sourcetweet_text="Something else")[0] == CUT
    assert read_text(text="Look at this…", sourcetweet_text=ORIGINAL)[0] == "Look at this…"
    assert read_text(text="This app…", sourcetweet_text=ORIGINAL)[0] == "This app…"


def test_a_repost_that_stays_cut_off_is_reported() -> None:
    """Nobody can count the words that the file doesn't have."""
    text, warnings = read_text(text=CUT)
    assert text == CUT
    assert len(warnings) == 1
    assert "1 text is cut off in the file" in warnings[0]
    assert "RT @northpier: This app is great" in warnings[0]


def test_a_post_that_the_api_truncated_is_reported() -> None:
    """Its text ends with a link to the whole post."""
    shortened = "The support is terrible and… https://t.co/abcDEF1234"
    assert "is cut off" in read_text(text=shortened, truncated="TRUE")[1][0]
    assert read_text(text=shortened, truncated="FALSE")[1] == []


@pytest.mark.parametrize("missing", ["NA", "nan", ""])
def test_a_missing_long_text_leaves_the_short_one(missing: str) -> None:
    """R and pandas write NA and nan for posts that have no long text."""
    assert read_text(text="Good morning", **{"extended_tweet.full_text": missing})[0] == "Good morning"


def test_a_post_may_say_none() -> None:
    """In a table with one column of texts, the word is what somebody wrote."""
    assert read_text(text="None")[0] == "None"


@pytest.mark.parametrize("error", ["#NAME?", "#VALUE!", "#REF!", "#ERROR!"])
def test_a_text_that_a_spreadsheet_has_lost_is_reported(error: str) -> None:
    """It took “=) good morning” for a formula, and the error isn't what was posted."""
    text, warnings = read_text(text=error)
    assert text == ""
    assert warnings[0].startswith("1 text is lost, because a spreadsheet took it for a formula")
    assert read_text(text=f"{error} is an error")[0] == f"{error} is an error"
