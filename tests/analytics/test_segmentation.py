"""Words of scripts without blanks are separated by ICU's dictionaries, and all other texts stay as they are."""

import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import lexicon, segmentation
from tests.support.builders import build_posts, deterministic


def split(text: str) -> list[str]:
    """Return the words of a text."""
    return pl.DataFrame({"text": [text]}).select(lexicon.extract_words(pl.col("text")))["text"][0].to_list()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("今日のフェリーは時間通りです", ["今日", "の", "フェリー", "は", "時間", "通り", "です"]),
        ("今天天气真好，我们去博物馆吧", ["今天", "天气", "真好", "我们", "去", "博物", "馆", "吧"]),
        ("วันนี้อากาศดีมาก", ["วัน", "นี้", "อากาศ", "ดี", "มาก"]),
        ("see 東京タワー now", ["see", "東京タワー", "now"]),
    ],
)
def test_scripts_without_blanks_are_separated(text: str, words: list[str]) -> None:
    """A run of letters isn't one word there."""
    assert split(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("आज मौसम बहुत अच्छा है, हिन्दी", ["आज", "मौसम", "बहुत", "अच्छा", "है", "हिन्दी"]),
        ("الطقس جميلٌ اليوم", ["الطقس", "جميلٌ", "اليوم"]),
        ("தமிழ் மொழி", ["தமிழ்", "மொழி"]),
    ],
)
def test_combining_marks_stay_inside_words(text: str, words: list[str]) -> None:
    """A vowel sign ends no word."""
    assert split(text) == words


@deterministic
@given(st.text(alphabet="ab 今日のフェリーวันนี้ดี!", max_size=40))
def test_no_letter_is_lost(text: str) -> None:
    """Only spaces are added, and only between letters of these scripts."""
    (separated,) = segmentation.separate_words(pl.Series([text], dtype=pl.String))
    assert separated.replace(" ", "") == text.replace(" ", "")


@deterministic
@given(st.text(alphabet=st.characters(max_codepoint=0x0DFF, exclude_categories=["Cs"]), max_size=40))
def test_other_scripts_are_left_alone(text: str) -> None:
    """So English words equal R's, as before."""
    assert segmentation.separate_words(pl.Series([text, None], dtype=pl.String)).to_list() == [text, None]


def test_icu_is_loaded_only_by_a_text_that_needs_it() -> None:
    """It takes 13 MB."""
    code = "import polars as pl, sys; from dashboard.analytics.segmentation import separate_words as s; s(pl.Series(['hello मौसम']))"
    loaded = f"{code}; first = 'icu4py' in sys.modules; s(pl.Series(['今日の'])); print(first, 'icu4py' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert output.split() == ["False", "True"]


def test_a_word_of_a_joined_text_can_be_searched() -> None:
    """Its posts are those that have it."""
    from dashboard.analytics.highlight import filter_by_word, split_segments

    posts = build_posts("今日のフェリーは時間通りです", "明日の天気")
    assert filter_by_word(posts, "フェリー", "bing")["text"].to_list() == ["今日のフェリーは時間通りです"]
    (segments,) = split_segments(["今日のフェリーは時間通りです"], "bing", "フェリー")
    assert [segment.text for segment in segments if segment.is_search_hit] == ["フェリー"]
