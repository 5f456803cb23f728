"""Score posts with VADER, rules over a lexicon that judge a whole post (Hutto and Gilbert, ICWSM-2014), using the authors' package.

VADER scores posts, not words, so `positive` and `negative` count posts here: those with a compound score of at least 0.05 or at most
−0.05, its authors' thresholds. VADER itself handles negation, degree words, capitals, punctuation, emoticons and emoji; no rules here.
It knows only straight apostrophes and plain letters, so texts are written with these before it reads them.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.scorer import TextScorer, blank_match
from dashboard.core import look_alikes
from dashboard.core.code_digest import digest_modules
from dashboard.core.methods import PredictProbabilities

if TYPE_CHECKING:
    from dashboard.analytics.methods.vader_analyzer import VaderAnalyzer

COMPOUND_THRESHOLD = 0.05
MAX_CHARS = 5_000  # per post, because VADER moves every word of a text that contains “but”, which takes quadratic time
_MENTION_REGEX = re.compile(r"(?<!\w)@\w[\w.@-]*")  # the same mentions as lexicon.MENTION_PATTERN
MAX_EMOJI = 200  # per post, because VADER replaces each with several words


def score(posts: pl.DataFrame) -> pl.DataFrame:
    """Add words, matched (words in VADER's lexicon), positive and negative (0 or 1), score (compound, −1 … 1) and hits to each post."""
    cleaned_posts = posts.with_columns(_clean_text=clean_text())
    texts = cleaned_posts.select(text="_clean_text").unique()
    scores = lexicon.count_matches(texts, load_lexicon().select("word")).with_columns(
        score=pl.col("text").map_batches(_compound_scores, return_dtype=pl.Float64)
    )
    labels = scores.with_columns(
        positive=(pl.col("score") >= COMPOUND_THRESHOLD).cast(pl.Int64),
        negative=(pl.col("score") <= -COMPOUND_THRESHOLD).cast(pl.Int64),
    )
    return cleaned_posts.join(labels, left_on="_clean_text", right_on="text", how="left", maintain_order="left").drop("_clean_text")


def clean_text() -> pl.Expr:
    """Return an expression for each text without web addresses and mentions, which VADER would otherwise treat as words.

    Styled letters and look-alikes of the apostrophe are replaced, because VADER takes “don’t” for a word without meaning.
    """
    start = pl.col("text").fill_null("").str.slice(0, MAX_CHARS)
    prose = lexicon.drop_addresses(start).str.replace_all(lexicon.MENTION_PATTERN, "$1 ")
    return lexicon.fold_apostrophes(lexicon.fold_letters(prose))


def _compound_scores(texts: pl.Series) -> pl.Series:
    analyzer = _analyzer()
    return pl.Series([analyzer.compound(_limit_emoji(text, analyzer.emojis)) for text in texts], dtype=pl.Float64)


def _limit_emoji(text: str, emoji_descriptions: Mapping[str, str]) -> str:
    """Return the text with only its first MAX_EMOJI emoji."""
    if len(text) <= MAX_EMOJI or text.isascii():
        return text
    positions = [position for position, char in enumerate(text) if char in emoji_descriptions]
    excess = set(positions[MAX_EMOJI:])
    return "".join(char for position, char in enumerate(text) if position not in excess) if excess else text


@cache
def _analyzer() -> "VaderAnalyzer":
    from dashboard.analytics.methods.vader_analyzer import VaderAnalyzer

    return VaderAnalyzer()


@cache
def load_lexicon() -> pl.DataFrame:
    """Return VADER's lexicon: word, valence (−4 … 4), one row per word."""
    return pl.DataFrame({"word": list(_analyzer().lexicon), "valence": list(_analyzer().lexicon.values())})


class VaderScorer(TextScorer):
    """A scorer for the first MAX_CHARS of a post without mentions. Words are weighted by their valence, without VADER's rules."""

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Score posts by VADER's rules, as the function `score` does."""
        return score(posts)

    def digest(self) -> str:
        """Return a digest that also changes with VADER's rules."""
        from dashboard.analytics.methods import vader_analyzer

        return digest_modules([vader_analyzer], super().digest(), version("vaderSentiment"))

    def find_units(self) -> pl.Expr:
        """Return an expression for the list of words that VADER sees in each text."""
        return lexicon.extract_words(clean_text())

    def load_entries(self) -> pl.DataFrame | None:
        """Return unit, word and points (valences) of the lexicon's single words, without emoticons that contain spaces."""
        single_words = load_lexicon().filter(~pl.col("word").str.contains(" ", literal=True))
        return single_words.select("word", unit="word", points="valence")

    def blank_ignored_text(self, text: str) -> str:
        """Return the part of a text that VADER scores, as it reads it, with web addresses and mentions replaced by spaces."""
        return look_alikes.fold_apostrophes(_MENTION_REGEX.sub(blank_match, super().blank_ignored_text(text[:MAX_CHARS])))


SCORER = VaderScorer()
