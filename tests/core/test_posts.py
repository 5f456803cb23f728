"""The schema of posts: rows of any shape become a frame, and any text becomes harmless."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.post_text import MAX_TEXT_CHARACTERS, clean_text
from dashboard.core.posts import SCHEMA, SHORTENED_MARK, build_frame, empty_frame, is_shortened, iter_slices, limit_characters
from tests.support.builders import deterministic, parse_utc


def test_no_rows_make_an_empty_frame_of_the_schema() -> None:
    """It has every column."""
    assert build_frame([]).schema == empty_frame().schema == pl.Schema(SCHEMA)


def test_missing_keys_become_null_and_unknown_keys_are_dropped() -> None:
    """Values that a network doesn't provide are null, never 0."""
    (row,) = build_frame([{"account": "nasa", "likes": 0, "colour": "blue"}]).to_dicts()
    assert row == dict.fromkeys(SCHEMA) | {"account": "nasa", "likes": 0, "date_only": False}


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        (parse_utc("2026-03-02T12:00"), parse_utc("2026-03-02T12:00")),
        (datetime(2026, 3, 2, 14, tzinfo=timezone(timedelta(hours=2))), parse_utc("2026-03-02T12:00")),
        (parse_utc("2006-01-01T00:00"), parse_utc("2006-01-01T00:00")),
        (parse_utc("2005-12-31T23:59:59"), None),
        (parse_utc("2099-12-31T23:59:59"), parse_utc("2099-12-31T23:59:59")),
        (parse_utc("2100-01-01T00:00"), None),
        (datetime.min.replace(tzinfo=UTC), None),
        (datetime.max.replace(tzinfo=UTC), None),
        (None, None),
    ],
)
def test_times_are_utc_and_implausible_ones_are_null(moment: datetime | None, kept: datetime | None) -> None:
    """Other zones are converted; times before 2006 or from 2100 on are unknown."""
    assert build_frame([{"created_at": moment}])["created_at"].to_list() == [kept]


def test_a_long_id_keeps_its_digits() -> None:
    """X's IDs exceed the precision of floats."""
    assert build_frame([{"id": "9007199254740993"}])["id"].to_list() == ["9007199254740993"]


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("a\0b", "ab"),
        ("a\ud83db", "ab"),
        ("a\udc00", "a"),
        ("a\x07b\x1bc\x7fd\x85e", "a b c d e"),
        ("cafe\u0301", "café"),
        ("Å", "Å"),
        ("👩‍👩‍👧 ❤️ नमस्ते", "👩‍👩‍👧 ❤️ नमस्ते"),
        ("\u202eevil", "\u202eevil"),
        ("fish &amp; chips", "fish &amp; chips"),
    ],
)
def test_a_text_is_made_harmless(text: str, harmless: str) -> None:
    """Line ends are unified, NUL and unpaired surrogates removed, control characters replaced, letters composed."""
    assert clean_text(text) == harmless


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        ("fish &amp; chips", "fish & chips"),
        ("&lt;b&gt; &quot;x&quot; &#39;y&#39;", "<b> \"x\" 'y'"),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;amp;", "&amp;amp;"),
        ("a&#0;b", "a\ufffdb"),
        ("a&#13;&#10;b", "a\nb"),
        ("a&#xD800;b", "a\ufffdb"),
        ("a&#7;b", "ab"),
        ("R&D &nosuch; &", "R&D &nosuch; &"),
        ("caf&eacute;", "café"),
    ],
)
def test_html_entities_are_decoded_once(escaped: str, plain: str) -> None:
    """An entity that a person typed stays."""
    assert clean_text(escaped, has_entities=True) == plain


@pytest.mark.parametrize("letter", ["a", "é", "😀", "\n", "\u0958", "\ufb2c", "\U0001d160"])
def test_no_text_exceeds_the_limit(letter: str) -> None:
    """This holds for letters that normalization expands, too."""
    assert len(clean_text(letter * (MAX_TEXT_CHARACTERS + 7))) <= MAX_TEXT_CHARACTERS


def test_a_text_of_maximum_length_is_kept() -> None:
    """The limit itself is allowed."""
    assert clean_text("a" * MAX_TEXT_CHARACTERS) == "a" * MAX_TEXT_CHARACTERS


@deterministic
@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cf", "Cs"])), st.booleans())
def test_any_text_can_be_cleaned(text: str, escaped: bool) -> None:
    """The result is valid UTF-8 without NUL, and cleaning it again changes nothing."""
    harmless = clean_text(text, has_entities=escaped)
    frame: Any = build_frame([{"text": harmless}])["text"].to_list()
    assert "\0" not in harmless
    assert clean_text(harmless) == harmless
    assert frame == [harmless]


# --- long texts ------------------------------------------------------------------------------------------------------


def frame_of(*texts: str | None) -> pl.DataFrame:
    return build_frame([{"text": text} for text in texts])


def test_texts_within_the_limit_stay_as_they_are() -> None:
    """Nothing is shortened as long as all texts together are short enough."""
    frame = frame_of("a" * 60, None, "b" * 40)
    assert limit_characters(frame, 100).equals(frame)


def test_the_longest_texts_are_shortened_to_one_length() -> None:
    """Short texts are never shortened, and long ones are treated alike, whichever comes first."""
    texts = limit_characters(frame_of("a" * 1_000, "short", None, "b" * 500, "c" * 100), 500)["text"].to_list()
    assert texts == ["a" * 197 + SHORTENED_MARK, "short", None, "b" * 197 + SHORTENED_MARK, "c" * 100]


def test_a_text_is_shortened_between_words() -> None:
    """No part of a word is left, unless it is extremely long."""
    assert limit_characters(frame_of("fog over the harbour"), 14)["text"].to_list() == [f"fog over the{SHORTENED_MARK}"]


def test_shortened_texts_are_recognized() -> None:
    """The mark at the end tells which texts are incomplete."""
    frame = limit_characters(frame_of("a" * 100, "short", None), 50)
    assert frame.select(is_shortened()).to_series().to_list() == [True, False, False]


@deterministic
@given(st.lists(st.integers(0, 400)), st.integers(0, 2_000))
def test_shortened_texts_are_never_longer_than_the_limit(lengths: list[int], limit: int) -> None:
    """Apart from the marks, the sum is within the limit, and every post is still there."""
    frame = limit_characters(frame_of(*("😀" * length for length in lengths)), limit)
    assert frame.height == len(lengths)
    assert sum(len(text.removesuffix(SHORTENED_MARK)) for text in frame["text"]) <= limit + len(SHORTENED_MARK) * len(lengths)


def test_slices_have_every_post_once_and_in_order() -> None:
    """However long the texts are, slices put together are the posts again."""
    frame = frame_of("a" * 300_000, None, "b" * 300_000, "", "c" * 1_200_000, "d")
    slices = list(iter_slices(frame))
    assert pl.concat(slices).equals(frame)
    assert len(slices) > 1


def test_no_posts_are_one_slice() -> None:
    """Code that concatenates slices needs at least one, with the right columns."""
    assert [part.schema for part in iter_slices(build_frame([]))] == [build_frame([]).schema]
