"""How numbers, dates, lists and quotations are written, the same everywhere."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.formatting import counts, dates, directions, numbers, texts


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (1234567, "1,234,567"), (0.25, "0.2"), (-3.0, "−3"), (1234.5, "1,234"), (12.0, "12")]
)
def test_a_number_has_a_decimal_only_where_it_matters(value: float | None, text: str) -> None:
    """A number is grouped by thousands, and small fractions keep one decimal."""
    assert numbers.format_number(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(12, 0, "+12"), (-1234, 0, "−1,234"), (0, 0, "0"), (0.314, 2, "+0.31"), (-0.004, 2, "0.00"), (-0.0, 1, "0.0"), (10, 2, "+10.00")],
)
def test_a_signed_number_has_a_sign_unless_it_rounds_to_zero(value: float, decimals: int, text: str) -> None:
    """The minus is a minus sign, not a hyphen."""
    assert numbers.format_signed(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(3.0, "+3"), (-1234.0, "−1,234"), (0.0, "0"), (0.5, "+0.50"), (-0.314, "−0.31")])
def test_a_whole_score_has_no_decimals(value: float, text: str) -> None:
    """Any other score has two."""
    assert numbers.format_score(value) == text


@pytest.mark.parametrize(("value", "decimals", "text"), [(None, 0, "–"), (0.637, 0, "64%"), (1, 0, "100%"), (0.1384, 1, "13.8%")])
def test_a_share_is_written_in_percent(value: float | None, decimals: int, text: str) -> None:
    """The number and its sign stay on one line."""
    assert numbers.format_share(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(0.125, "+12%"), (-0.5, "−50%"), (0.001, "0%")])
def test_a_relative_change_is_written_in_signed_percent(value: float, text: str) -> None:
    """What rounds to zero has no sign."""
    assert numbers.format_signed_share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01, "+1 point"), (-0.01, "−1 point"), (0.014, "+1 point"), (0.0, "0 points"), (0.12, "+12 points"), (-1, "−100 points")],
)
def test_a_change_of_a_share_is_in_points(value: float, text: str) -> None:
    """One point is singular, whatever its sign."""
    assert numbers.format_signed_points(value).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("count", "words", "text"),
    [
        (1, ("post",), "1 post"),
        (0, ("post",), "0 posts"),
        (2345, ("post",), "2,345 posts"),
        (1, ("reply", "replies"), "1 reply"),
        (2, ("reply", "replies"), "2 replies"),
    ],
)
def test_a_count_agrees_with_its_noun(count: int, words: tuple[str, ...], text: str) -> None:
    """One is singular, all else is plural."""
    assert counts.format_count(count, *words) == text


@pytest.mark.parametrize(("count", "verb"), [(1, "is"), (0, "are"), (2, "are")])
def test_a_verb_agrees_with_a_count(count: int, verb: str) -> None:
    """Irregular plurals are given."""
    assert counts.pluralize(count, "is", "are") == verb


@pytest.mark.parametrize(
    ("number", "text"), [(2, "second"), (3, "third"), (4, "4th"), (11, "11th"), (21, "21st"), (32, "32nd"), (113, "113th")]
)
def test_an_ordinal_has_its_ending(number: int, text: str) -> None:
    """The teens all end in th."""
    assert numbers.format_ordinal(number) == text


@pytest.mark.parametrize(("value", "text"), [(12.0, "12"), (12.5, "12.5"), (1200.0, "1,200")])
def test_a_median_has_a_decimal_only_between_two_numbers(value: float, text: str) -> None:
    """Half a reaction is written, a whole one has no decimal."""
    assert numbers.format_median(value) == text


def test_dates_begin_with_the_day() -> None:
    """Each length of a date has one form."""
    moment = datetime(2026, 8, 3, 14, 5, tzinfo=UTC)
    assert dates.format_day(moment) == "3 Aug 2026"
    assert dates.format_day(moment, year=False) == "3 Aug"
    assert dates.format_day_in_full(moment) == "3 August 2026"
    assert dates.format_month(moment) == "Aug 2026"
    assert dates.format_month_in_full(moment) == "August 2026"
    assert dates.format_date(date(2026, 8, 3)) == "3 Aug 2026"
    assert dates.format_date(moment) == "3 Aug 2026, 14:05 UTC"
    assert dates.format_moment(moment) == "Mon 3 Aug 2026, 14:05 UTC"
    assert dates.format_minute(moment) == "3 Aug 2026 14:05"


def test_an_hour_ends_when_the_next_begins() -> None:
    """The last hour of the day ends at midnight."""
    assert dates.format_hours(9) == ("09:00", "10:00")
    assert dates.format_hours(23) == ("23:00", "00:00")


def test_a_period_of_one_day_is_that_day() -> None:
    """A period names both ends, and both years, only if they differ."""
    assert dates.format_days(date(2026, 8, 3), date(2026, 8, 3)) == "3 Aug 2026"
    assert dates.format_days(date(2026, 8, 3), date(2026, 9, 5)) == "3 Aug – 5 Sep 2026"
    assert dates.format_days(date(2025, 12, 3), date(2026, 1, 5)) == "3 Dec 2025 – 5 Jan 2026"


@pytest.mark.parametrize(
    ("items", "max_items", "text"),
    [
        ([], None, ""),
        (["a"], None, "a"),
        (["a", "b"], None, "a and b"),
        (["a", "b", "c"], 3, "a, b and c"),
        (["a", "b", "c", "d"], 3, "a, b and 2 more"),
    ],
)
def test_a_list_ends_with_and(items: list[str], max_items: int | None, text: str) -> None:
    """A long list says how many items are missing."""
    assert texts.format_list(items, max_items) == text


def test_a_list_of_the_first_items_counts_the_others() -> None:
    """Only as many items as are shown need to be there."""
    assert texts.format_list(["a", "b"], total=1002) == "a, b and 1,000 more"


def test_a_list_of_alternatives_ends_with_or() -> None:
    """The conjunction can be another one."""
    assert texts.format_list(["png", "svg", "csv"], conjunction="or") == "png, svg or csv"


@pytest.mark.parametrize(("text", "shown"), [("abcde", "abcde"), ("abcdef", "abcd…")])
def test_a_long_text_ends_in_an_ellipsis(text: str, shown: str) -> None:
    """The ellipsis counts as one of the characters."""
    assert texts.truncate(text, 5) == shown


def test_a_long_sentence_is_cut_between_words() -> None:
    """No half word is left."""
    assert texts.truncate_at_word("one two three", 9) == "one two…"


def test_an_excerpt_is_harmless() -> None:
    """What somebody typed is quoted without control characters and blanks, and at most 40 characters of it."""
    assert texts.excerpt(" na\x1bsa ") == "na�sa"
    assert texts.excerpt("a" * 41) == "a" * 39 + "…"
    assert texts.quote("good") == "“good”"


# --- direction of writing --------------------------------------------------------------------------------------------

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("text", ["", "fog", "Größe 🙂 ❤️", "日本語", "👩\u200d👧"])
def test_text_from_left_to_right_needs_no_isolation(text: str) -> None:
    """Nothing is added to it."""
    assert directions.isolate(text) == text


@pytest.mark.parametrize("text", ["שלום", "good שלום", "مرحبا", "١٢"])
def test_text_from_right_to_left_is_isolated(text: str) -> None:
    """Numbers and punctuation next to it keep their places."""
    assert directions.isolate(text) == f"\u2068{text}\u2069"


@pytest.mark.parametrize("control", BIDI_CONTROLS)
def test_controls_of_direction_are_removed(control: str) -> None:
    """Neither an override nor the end of an isolate reaches the surroundings."""
    assert directions.isolate(f"a{control}b") == "ab"
    assert directions.isolate(f"{control}שלום{control}") == "\u2068שלום\u2069"
    assert directions.remove_bidi_controls(f"a{control}b") == "ab"


@given(st.text(st.sampled_from([*BIDI_CONTROLS, *"ab1 ש"])))
def test_isolating_twice_changes_nothing(text: str) -> None:
    """The result has at most one isolate, and it is closed."""
    assert directions.isolate(directions.isolate(text)) == directions.isolate(text)
    assert directions.isolate(text).count("\u2068") == directions.isolate(text).count("\u2069")


def test_quotations_are_isolated() -> None:
    """The quotation marks stay around the text."""
    assert texts.quote("\u202eשלום") == "“\u2068שלום\u2069”"
    assert texts.excerpt("שלום") == "\u2068שלום\u2069"


def test_each_word_of_a_list_is_isolated() -> None:
    """Words of both directions keep their order."""
    assert directions.isolate_items("fog, שלום, \u202erain") == "fog, \u2068שלום\u2069, rain"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (65_536, "64 KiB"),
        (1_048_576, "1 MiB"),
        (1_572_864, "1.5 MiB"),
        (2**32, "4 GiB"),
    ],
)
def test_sizes_are_in_units_that_people_know(count: int, text: str) -> None:
    """In the largest unit that the size fills."""
    assert counts.format_bytes(count) == text
