"""The faster analyzer against the package's own, to the last digit."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

from dashboard.analytics.methods.vader_analyzer import VaderAnalyzer
from tests.support.shared_data import TIMELINES, needs_timelines

REFERENCE, ANALYZER = SentimentIntensityAnalyzer(), VaderAnalyzer()
# Words that any rule knows, words of the lexicon, and some that mean nothing.
_CONTEXT_WORDS = ["no", "nor", "or", "least", "at", "very", "so", "this", "never", "without", "doubt", "but", "kind", "of", "the", "don't"]
_RULE_WORDS = [*NEGATE, *BOOSTER_DICT, *SPECIAL_CASES, *_CONTEXT_WORDS]
_LEXICON_WORDS = [
    "good",
    "GREAT",
    "Terrible",
    "kind",
    "no",
    "shit",
    "bomb",
    "ass",
    "right",
    "die",
    "kiss",
    "heart",
    ":)",
    ":-(",
    "<3",
    "lol",
    "sux",
]
_OTHER_WORDS = ["ferry", "A", "İstanbul", "ΟΔΟΣ", "’", "—", "x", "!", "??", "!!!!", "…", "(late)", "n't", "\u200b"]
_EMOJI = ["😁", "💋", "💘", "❤️", "©", "👩‍🚀", "🇩🇪"]
words = st.sampled_from([*_RULE_WORDS, *_LEXICON_WORDS, *_OTHER_WORDS, *_EMOJI])
shapes = st.sampled_from([str, str.upper, str.title, lambda word: f"“{word}”", lambda word: f"{word}!", lambda word: f"...{word},"])
gaps = st.sampled_from([" ", " ", " ", "", "  ", "\n", "\u00a0"])


def package_score(text: str) -> float:
    """Return the score that the package computes."""
    return REFERENCE.polarity_scores(text)["compound"]


@given(st.lists(st.tuples(words, shapes, gaps), max_size=20))
def test_every_rule_gives_the_package_s_score(parts: list[tuple[str, object, str]]) -> None:
    """Rules meet each other in any order, in any case, with any punctuation and spacing."""
    text = "".join(shape(word) + gap for word, shape, gap in parts)
    assert ANALYZER.compound(text) == package_score(text)


@given(st.text(max_size=80))
def test_any_text_gives_the_package_s_score(text: str) -> None:
    """Nothing that can be typed makes the two differ."""
    assert ANALYZER.compound(text) == package_score(text)


@pytest.mark.parametrize("template", ["{} good", "{} a good", "{} a b good", "good {}", "so GOOD {} but bad", "It was {} the shit"])
def test_each_phrase_gives_the_package_s_score(template: str) -> None:
    """Every negation, degree word and special phrase has its effect wherever it stands."""
    texts = [template.format(phrase) for phrase in {*SPECIAL_CASES, *BOOSTER_DICT, *NEGATE}]
    differing = [text for text in texts if ANALYZER.compound(text) != package_score(text)]
    assert differing == []


@needs_timelines
def test_real_posts_give_the_package_s_scores() -> None:
    """All 12,212 posts of the timelines have equal scores."""
    with gzip.open(TIMELINES / "timelines.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    differing = [text for text in texts if ANALYZER.compound(text) != package_score(text)]
    assert differing == []
