"""VADER: rules over a lexicon that read a whole post (Hutto and Gilbert, ICWSM-2014), by the authors' own package.

It scores posts, not words, so here `positive` and `negative` count posts: those whose compound score is at least 0.05, or at most −0.05,
the thresholds its authors give. Negation, degree words, capitals, punctuation, emoticons and emoji are VADER's business.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.scorer import TextScorer, blank_match
from dashboard.core.methods import PredictProbabilities

COMPOUND_THRESHOLD = 0.05
MAX_CHARS = 1_000  # characters of a post: VADER's time grows with the square of a post's length
_MENTION_REGEX = re.compile(r"(?<!\w)@\w[\w.@-]*")  # as lexicon.MENTION_PATTERN has it
MAX_EMOJI = 50  # of a post: each becomes several words to VADER


def score(posts: pl.DataFrame) -> pl.DataFrame:
    """Add to each post words, matched (words in VADER's lexicon), positive and negative (0 or 1), score (compound, −1 … 1)."""
    texts = posts.select(text=clean_text()).unique()
    scored = lexicon.count_matches(texts, load_lexicon().select("word")).with_columns(
        score=pl.col("text").map_batches(_compound_scores, return_dtype=pl.Float64)
    )
    sides = scored.with_columns(
        positive=(pl.col("score") >= COMPOUND_THRESHOLD).cast(pl.Int64),
        negative=(pl.col("score") <= -COMPOUND_THRESHOLD).cast(pl.Int64),
    )
    return (
        posts.with_columns(_read=clean_text())
        .join(sides, left_on="_read", right_on="text", how="left", maintain_order="left")
        .drop("_read")
    )


def clean_text() -> pl.Expr:
    """Return each text without addresses and mentions, which VADER would otherwise read as words."""
    plain = pl.col("text").fill_null("").str.slice(0, MAX_CHARS)
    return plain.str.replace_all(lexicon.URL_PATTERN, " ").str.replace_all(lexicon.MENTION_PATTERN, "$1 ")


def _compound_scores(texts: pl.Series) -> pl.Series:
    analyser = _analyzer()
    return pl.Series([analyser.polarity_scores(_limit_emoji(text, analyser.emojis))["compound"] for text in texts], dtype=pl.Float64)


def _limit_emoji(text: str, emoji_descriptions: Mapping[str, str]) -> str:
    """Return the text with its first EMOJI emoji only."""
    places = [place for place, letter in enumerate(text) if letter in emoji_descriptions] if not text.isascii() else []
    late = set(places[MAX_EMOJI:])
    return "".join(letter for place, letter in enumerate(text) if place not in late) if late else text


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


@cache
def load_lexicon() -> pl.DataFrame:
    """Return VADER's lexicon: word, valence (−4 … 4), a row a word."""
    return pl.DataFrame({"word": list(_analyzer().lexicon), "valence": list(_analyzer().lexicon.values())})


class VaderScorer(TextScorer):
    """Reads the start of a post without its mentions; words count by their valence in the lexicon, without VADER's rules."""

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Score posts by VADER's rules, as `score` does."""
        return score(posts)

    def find_units(self) -> pl.Expr:
        """Return the list of words of each text that VADER reads."""
        return lexicon.extract_words(clean_text())

    def load_entries(self) -> pl.DataFrame | None:
        """Return unit, word, points (valences) of the lexicon's single words; emoticons with blanks are found by rules alone."""
        single = load_lexicon().filter(~pl.col("word").str.contains(" ", literal=True))
        return single.select("word", unit="word", points="valence")

    def blank_ignored_text(self, text: str) -> str:
        """Return what VADER reads, with blanks instead of web addresses and mentions."""
        return _MENTION_REGEX.sub(blank_match, super().blank_ignored_text(text[:MAX_CHARS]))


SCORER = VaderScorer()
