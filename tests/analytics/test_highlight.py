"""Highlighting the words of a method's lexicon in a text."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import highlight, lexicon
from dashboard.analytics.methods import afinn, bing, vader
from tests.support.builders import build_posts, deterministic

LISTS: list[str] = ["bing", "afinn", "vader"]


def marks(text: str, method: str = "bing", meant: str = "") -> list[tuple[str, str]]:
    """Return the marked parts of a text with their polarity."""
    return [
        (piece.text, piece.polarity)
        for piece in highlight.split_segments([text], method, meant)[0]
        if piece.polarity or piece.is_search_hit
    ]


@pytest.mark.parametrize("method", LISTS)
def test_words_are_marked_by_polarity(method: str) -> None:
    """They keep their spelling and capitals."""
    assert marks("A GREAT day, an awful night.", method) == [("GREAT", "up"), ("awful", "down")]


def test_an_entry_of_several_words_is_one_mark() -> None:
    """AFINN's longest entry counts, however people write it."""
    assert marks("I can’t  stand it, not good!", "afinn") == [("can’t  stand", "down"), ("not good", "down")]


@pytest.mark.parametrize("method", LISTS)
def test_words_with_invisible_characters_are_marked_whole(method: str) -> None:
    """The mark covers what was written, and the parts still give the text."""
    assert marks("so aw\u00adful, ﬁne and ter\u200drible", method)[:1] == [("aw\u00adful", "down")]
    assert marks("so aw\u00adful, ﬁne and ter\u200drible", method)[-1:] == [("ter\u200drible", "down")]


@pytest.mark.parametrize("method", LISTS)
def test_words_in_styled_letters_are_marked_where_they_are(method: str) -> None:
    """They keep their look."""
    assert marks("so 𝗚𝗿𝗲𝗮𝘁, so ａｗｆｕｌ", method) == [("𝗚𝗿𝗲𝗮𝘁", "up"), ("ａｗｆｕｌ", "down")]


@pytest.mark.parametrize("method", LISTS)
def test_urls_and_mentions_are_not_marked(method: str) -> None:
    """They aren't words, even if the same word follows."""
    assert marks("@good https://good.example/great good", method) == [("good", "up")]


def test_letters_that_grow_in_lower_case_do_not_shift_marks() -> None:
    """A capital I with a dot becomes two characters in lower case."""
    assert marks("İİİ good İ bad") == [("good", "up"), ("bad", "down")]


def test_text_that_vader_does_not_read_is_not_marked() -> None:
    """It reads only the first characters of a post."""
    assert marks("good " + "x" * vader.MAX_CHARS + " bad", "vader") == [("good", "up")]


def test_the_searched_word_is_marked_for_a_model_too() -> None:
    """A model has no lexicon, but the reader searched for the word."""
    assert marks("Sorry, so SORRY, a good day", "model", "sorry") == [("Sorry", ""), ("SORRY", "")]


@pytest.mark.parametrize(
    ("method", "word", "expected"),
    [
        ("bing", "Good", ["good", "not good"]),
        ("bing", "goo", []),
        ("afinn", "not good", ["not good"]),
        ("afinn", "good", ["good"]),
        ("vader", "good", ["good", "not good"]),
        ("model", "not", ["not good"]),
    ],
)
def test_posts_are_filtered_by_word(method: str, word: str, expected: list[str]) -> None:
    """Words match as the method finds them, so a word inside a longer entry doesn't match."""
    texts = ["good", "not good", "@good", "https://good.example", ""]
    assert highlight.filter_by_word(build_posts(*texts), word, method)["text"].to_list() == expected


@pytest.mark.parametrize("method", LISTS)
@deterministic
@given(
    st.lists(
        st.sampled_from(
            [
                "good",
                "bad",
                "not",
                "can't",
                "can’t",
                "stand",
                "@ok",
                "İ",
                "ﬁne",
                "𝗴𝗼𝗼𝗱",
                "ⓑⓐⓓ",
                "x.yz/a…",
                "🙂",
                "-",
                "https://x.yz/a",
                "\n",
                "<b>",
            ]
        ),
        max_size=12,
    )
)
def test_segments_join_to_the_text_and_marks_are_the_matches(method: str, words: list[str]) -> None:
    """No character is lost or added, and as many words are marked as the method counts."""
    text = " ".join(words)
    scorer = {"bing": bing.SCORER.score, "afinn": afinn.score, "vader": vader.score}[method]
    segments = highlight.split_segments([text], method)[0]
    marked_words = (
        pl.DataFrame({"text": [" ".join(piece.text for piece in segments if piece.polarity)]})
        .select(lexicon.extract_words(pl.col("text")).list.len())
        .item()
    )
    assert "".join(piece.text for piece in segments) == text
    assert marked_words == scorer(build_posts(text))["matched"].item()
