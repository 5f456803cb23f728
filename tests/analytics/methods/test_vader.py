"""Scoring with VADER: the scores of the authors' package, in the order of the posts."""

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from dashboard.analytics.methods import vader
from tests.support.builders import build_posts

REFERENCE = SentimentIntensityAnalyzer()
TEXTS = [
    "VADER is smart, handsome, and funny!",
    "VADER is VERY SMART, handsome, and FUNNY!!!",
    "The book was only kind of good.",
    "At least it isn't a horrible book.",
    "Not bad at all",
    "Today SUX!",
    "Make sure you :) or :D today!",
    "Catch utf-8 emoji such as 💘 and 💋 and 😁",
    "Sorry, your flight is cancelled.",
    "no idea what this is",
    "Ein schöner Tag in Köln",
    "अच्छा दिन",
    "love\nhate\tlove",
    "The plot was good, but the characters are uncompelling and the dialog is not great.",
    "#happy",
    "!!!",
    "",
]


def compound(text: str) -> float:
    """Return the score that the package itself computes."""
    return REFERENCE.polarity_scores(text)["compound"]


def scores(*texts: str | None) -> list[float]:
    """Return our scores of posts with these texts."""
    return vader.score(build_posts(*({"text": text} for text in texts)))["score"].to_list()


@pytest.mark.parametrize("text", TEXTS)
def test_a_score_is_that_of_the_package(text: str) -> None:
    """Negation, degree words, capitals, punctuation, emoticons and emoji are handled by the package."""
    assert scores(text) == [compound(text)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("@happy this is a table", "this is a table"),
        ("this is good @terrible", "this is good"),
        ("RT @love_hate: a terrible day", "RT : a terrible day"),
        ("sad day https://example.org/love/happy", "sad day"),
        ("https://t.co/love", ""),
        ("@good@great.social @best.bsky.social hi", "hi"),
    ],
)
def test_urls_and_mentions_are_not_scored(text: str, read: str) -> None:
    """A name or URL that contains a word of the lexicon doesn't change the score."""
    assert scores(text) == [compound(read)]


@pytest.mark.parametrize("apostrophe", "’‘ʼ＇´`′")
@pytest.mark.parametrize("text", ["I don't like this ferry", "It isn't good", "Wasn't great, wouldn't recommend"])
def test_an_apostrophe_may_be_curly(text: str, apostrophe: str) -> None:
    """Phones type ’ by default, and the package knows only the straight one."""
    assert scores(text.replace("'", apostrophe)) == [compound(text)]
    assert compound(text) < 0


@pytest.mark.parametrize("styled", ["𝗚𝗥𝗘𝗔𝗧", "ＧＲＥＡＴ", "🅶🆁🅴🅰🆃"])
def test_styled_letters_score_as_plain_ones(styled: str) -> None:
    """This includes their case."""
    assert scores(f"A {styled} day") == [compound("A GREAT day")]


def test_rows_and_their_order_are_kept() -> None:
    """Duplicates, nulls and empty texts stay posts, each in its own row."""
    frame = build_posts("great", {"text": None}, "awful", "great", "", "great ", "@nasa great")
    scored = vader.score(frame)
    expected = [compound(text) for text in ("great", "", "awful", "great", "", "great", "great")]
    assert scored["id"].to_list() == frame["id"].to_list()
    assert scored["score"].to_list() == expected


def test_no_posts_give_no_rows_with_the_same_columns() -> None:
    """An empty frame stays empty."""
    assert vader.score(build_posts()).schema == vader.score(build_posts("great")).schema


@pytest.mark.parametrize("text", TEXTS)
def test_a_post_is_positive_from_0_05_and_negative_from_minus_0_05(text: str) -> None:
    """Between the authors' two thresholds, a post is neither."""
    sides = vader.score(build_posts(text)).select("positive", "negative").row(0)
    assert sides == (int(compound(text) >= 0.05), int(compound(text) <= -0.05))


@pytest.mark.parametrize(
    ("text", "counted"), [("a great day", (3, 1)), ("hm", (1, 0)), ("@love great", (1, 1)), (None, (0, 0)), ("", (0, 0))]
)
def test_words_and_matched_words_are_counted(text: str | None, counted: tuple[int, int]) -> None:
    """Every score comes with the number of words that VADER knows."""
    assert vader.score(build_posts({"text": text})).select("words", "matched").row(0) == counted


def test_text_beyond_the_limit_is_not_scored() -> None:
    """Only the first characters of a long post are read, which bounds the time per post."""
    start = "good " * (vader.MAX_CHARS // 5)
    assert scores(start + "terrible " * 2000) == [compound(start)]


def test_ordinary_posts_are_shorter_than_the_limit() -> None:
    """A post of 500 characters, Mastodon's default limit, is read completely."""
    text = "x " * 245 + "terrible"
    assert scores(text) == [compound("terrible")]


@pytest.mark.parametrize("written", ["gr\u00adeat", "gre\u200dat", "great\u2060"])
def test_invisible_characters_do_not_change_a_score(written: str) -> None:
    """VADER would take such a word for another one."""
    assert scores(f"A {written} day") == [compound("A great day")]
