"""Texts in which a program wrote characters in its own notation are read as they were posted."""

import csv
import io

import pytest

from dashboard.sources.files.readers import reader


def read(*texts: str, **cells: str) -> list[str]:
    """Return the texts of posts in a table."""
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(["created_at", "username", "text", *cells])
    writer.writerows(["2026-11-02 10:00:00 +0000", "quay", text, *cells.values()] for text in texts)
    return [row["text"] for batch in reader.open_reader(io.BytesIO(content.getvalue().encode()), "posts.csv") for row in batch]


def test_bytes_of_python_are_decoded() -> None:
    """Many scripts write `tweet.text.encode("utf-8")` to a table."""
    assert read(r"b'Caf\xc3\xa9, good\nday'", 'b"It\'s bad"') == ["Café, good\nday", "It's bad"]
    assert read("b'good'", "not bytes") == ["b'good'", "not bytes"]


def test_written_line_breaks_separate_words() -> None:
    """Otherwise `good\\nday` would be “good” and “nday”."""
    assert read(r"good\nday", r"bad\r\nday", "fine") == ["good\nday", "bad\nday", "fine"]


@pytest.mark.parametrize("texts", [[r"print('\n') is good"], ["real\nbreak", r"good\nday", r"bad\nday"]])
def test_posts_about_code_stay(texts: list[str]) -> None:
    """A single text may be about code, and a file with real line breaks has no written ones."""
    assert read(*texts) == texts


def test_code_units_are_decoded_in_files_of_ascii() -> None:
    """Programs that write JSON escape everything else."""
    assert read(r"caf\u00e9 good \ud83d\ude00") == ["café good 😀"]
    assert read(r"is \u00e9 escaped?", "café") == [r"is \u00e9 escaped?", "café"]


def test_what_r_writes_on_windows_is_decoded() -> None:
    """It has code points or bytes in angle brackets."""
    assert read("I don<U+2019>t like <U+0001F600> it") == ["I don’t like 😀 it"]
    assert read("good <f0><9f><98><80> don<e2><80><99>t") == ["good 😀 don’t"]


@pytest.mark.parametrize("text", ["<U+D800>", "<U+FFFFFFFF>", "<ff><fe>", "a <3 b", "<U+12>"])
def test_what_is_no_character_stays(text: str) -> None:
    """Nothing is guessed."""
    assert read(text) == [text]


def test_our_own_exports_stay_as_they_are() -> None:
    """Their texts aren't escaped."""
    assert read(r"good\nday", r"bad\nday", kind="post") == [r"good\nday", r"bad\nday"]
