"""Tokens are tidytext's, sums are R's, and the lexicon is the one that its README describes."""

import csv
import gzip
import json
import re
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest

from dashboard.analytics import lexicon
from dashboard.analytics.methods import bing
from dashboard.core.post_text import clean_text
from tests.support.builders import build_posts
from tests.support.paths import ROOT
from tests.support.shared_data import TIMELINES, needs_timelines

LEXICON = lexicon.LEXICON_DIR / "bing.csv"
README = (lexicon.LEXICON_DIR / "README.md").read_text("utf-8")
DIGEST = "7c592a0c19e3a71139709c93d80e7028800b794b8ddf51c55c3b448e369d41f5"


def words(text: str | None) -> list[str] | None:
    """Return the words of a text."""
    (frame,) = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(lexicon.extract_words(pl.col("text")))["text"].to_list()
    return frame


def counts(text: str | None) -> tuple[int, int, int, int]:
    """Return words, matched, positive and negative of one post."""
    return bing.SCORER.score(build_posts({"text": text})).select("words", "matched", "positive", "negative").row(0)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Good MORNING", "good morning"),
        ("good, bad; ugly!", "good bad ugly"),
        ("don't can’t I‘m", "don't can’t i‘m"),
        ("rock'n'roll 'quoted' ‘quoted’ dogs'", "rock'n'roll quoted quoted dogs"),
        ("'90s 1st 2nd 3D mp3", "90s 1st 2nd 3d mp3"),
        ("snake_case _x_", "snake_case _x_"),
        ("_ __ ___", ""),
        ("U.S.A. e.g. end.Start wait...what", "u.s.a e.g end.start wait what"),
        ("3.14 1,000.5 12:30 50% $5 1,a a,1", "3.14 1,000.5 12 30 50 5 1 a a 1"),
        ("well-known good—bad good…bad good/bad", "well known good bad good bad good bad"),
        ("good:bad a·b", "good bad a·b"),
        ("#love #FreeWins", "love freewins"),
        ("good😀bad ❤️love 👩‍👩‍👧", "good bad love"),
        ("cafe\u0301 naïve", "cafe\u0301 naïve"),
        ("ΑΣ STRASSE ẞ", "ας strasse ß"),
        ("अच्छा नमस्ते हिन्दी", "अच्छा नमस्ते हिन्दी"),
        ("f**k a+ c++", "f k a c"),
        ("line\nbreak\ttab\u00a0space\u3000wide", "line break tab space wide"),
        ("good\u00adness good\u200dness", "goodness goodness"),
        ("me@love.com a@b love@", "me@love.com a@b love@"),
        ("!!! ... 😀 — “”", ""),
        ("", ""),
    ],
)
def test_words_are_split_like_icu_does(text: str, tokens: str) -> None:
    """Lower case, Unicode word boundaries, no punctuation; apostrophes, full stops and underscores inside words are kept."""
    assert words(text) == re.findall(r"[^ ]+", tokens)


@pytest.mark.parametrize("styled", ["ＧＯＯＤ", "𝗴𝗼𝗼𝗱", "𝒈𝒐𝒐𝒅", "ⓖⓞⓞⓓ", "ɢᴏᴏᴅ"])
def test_styled_letters_count_as_letters(styled: str) -> None:
    """A word written in them is in the lexicon if the word is."""
    assert words(f"{styled} day") == ["good", "day"]
    assert counts(styled) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example/best-worst",
        "shop.example/best-worst-lo…",
        "shop.example/best-worst-lo...",
        "www.shop.example/best",
        "WWW.BEST.EXAMPLE",
        "Bit.ly/Best1",
        "pic.twitter.com/bEst2",
        "a.shop.example/?q=best",
        "(shop.example/best)",
    ],
)
def test_an_address_is_not_a_word_even_without_a_scheme(address: str) -> None:
    """A shortened one ends in three dots."""
    assert words(f"Our report: {address} Read it") == ["our", "report", "read", "it"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("good/bad and/or", "good bad and or"),
        ("today...good/bad", "today good bad"),
        ("provided.Good/bad", "provided.good bad"),
        ("50 km/h 3.Best", "50 km h 3 best"),
        ("example.com is good", "example.com is good"),
    ],
)
def test_a_slash_or_a_full_stop_alone_makes_no_address(text: str, tokens: str) -> None:
    """People leave out spaces."""
    assert words(text) == re.findall(r"[^ ]+", tokens)


@pytest.mark.parametrize("text", ["good\u200bbad", "good\u200b bad", "\u200bgood \u200b bad\u200b"])
def test_a_zero_width_space_separates_words(text: str) -> None:
    """UAX #29 excludes U+200B from the format characters that belong to the word before them."""
    assert words(text) == ["good", "bad"]


@pytest.mark.parametrize(
    "text", ["@love", "@love's", ".@happy hi", "hi @good_happy!", "(@good)", "@love: @love. @love\n", "RT @good: hm", "@Love.Happy"]
)
def test_a_mention_is_not_a_word(text: str) -> None:
    """The name of an account says nothing about the sentiment of a post."""
    assert counts(text)[1:] == (0, 0, 0)


@pytest.mark.parametrize(
    "text",
    ["https://x.com/love", "http://good.com/happy-end?great=1#best", "HTTPS://GOOD.COM", "see https://t.co/good", "(https://t.co/love)"],
)
def test_a_url_contains_no_words(text: str) -> None:
    """The words of a URL aren't the author's."""
    assert counts(text)[1:] == (0, 0, 0)


def test_words_around_a_url_count() -> None:
    """Only the URL itself is left out."""
    assert words("Great https://t.co/abc happy") == ["great", "happy"]


def test_an_html_entity_is_not_a_word_in_a_clean_text() -> None:
    """`&amp;` is an ampersand before words are counted."""
    assert words(clean_text("good &amp; bad &lt;3", has_entities=True)) == ["good", "bad", "3"]


def test_the_words_of_a_missing_text_are_unknown() -> None:
    """A null text stays null."""
    assert words(None) is None


@pytest.mark.parametrize("text", [None, "", " ", "\n", "😀", "!?", "@nasa", "_"])
def test_a_post_without_words_counts_nothing(text: str | None) -> None:
    """Null, empty and wordless texts are posts with zero words."""
    assert counts(text) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("good day", (2, 1, 1, 0)),
        ("Good GOOD good", (3, 3, 3, 0)),
        ("good bad", (2, 2, 1, 1)),
        ("not good", (2, 1, 1, 0)),
        ("two-faced", (2, 0, 0, 0)),
        ("goods", (1, 0, 0, 0)),
        ("#love love_", (2, 1, 1, 0)),
    ],
)
def test_listed_words_are_counted_at_each_occurrence(text: str, counted: tuple[int, int, int, int]) -> None:
    """Whole words match in any case; there are no stems and no negation."""
    assert counts(text) == counted


@pytest.mark.parametrize("word", ["envious", "enviously", "enviousness"])
def test_a_word_on_both_sides_counts_on_each_and_matches_once(word: str) -> None:
    """As in tidytext's inner join, it adds nothing to the net."""
    assert counts(word) == (1, 1, 1, 1)


def test_scoring_keeps_rows_and_their_order() -> None:
    """Duplicates, nulls and texts without a match stay in their rows."""
    frame = build_posts("good", {"text": None}, "bad", "good", "hm")
    scored = bing.SCORER.score(frame)
    assert scored["id"].to_list() == frame["id"].to_list()
    assert scored["score"].to_list() == [1.0, 0.0, -1.0, 1.0, 0.0]


def test_scoring_no_posts_gives_no_rows_with_the_same_columns() -> None:
    """An empty frame stays empty."""
    assert bing.SCORER.score(build_posts()).schema == bing.SCORER.score(build_posts("good")).schema


@cache
def _rows() -> list[tuple[str, str]]:
    with LEXICON.open(encoding="utf-8", newline="") as file:
        return [(row["word"], row["polarity"]) for row in csv.DictReader(file)]


def test_the_list_is_the_pinned_one() -> None:
    """Numbers published with one version of the list must not change with another."""
    assert sha256(LEXICON.read_bytes()).hexdigest() == DIGEST


def test_the_readme_has_the_counts_of_the_list() -> None:
    """Rows, sides and words in the README are those of the file."""
    sides = [side for _, side in _rows()]
    expected_text = (
        f"{len(sides):,} rows ({sides.count('positive'):,} positive, {sides.count('negative'):,} negative), {len(dict(_rows())):,} words"
    )
    assert expected_text in README


def test_the_readme_names_the_words_on_both_sides() -> None:
    """Exactly these are in both classes."""
    by_word = {word: {side for _, side in rows} for word, rows in groupby(sorted(_rows()), key=lambda row: row[0])}
    both = [word for word, sides in by_word.items() if len(sides) == 2]
    assert both == re.findall(r"\*(\w+)\*", README.partition("stand on both sides**")[2])[: len(both)]


def test_the_readme_says_where_the_digest_is_pinned() -> None:
    """It names this file."""
    assert str(Path(__file__).relative_to(ROOT)) in README


def test_the_readme_names_the_masked_words() -> None:
    """Four words of the list are masked with asterisks."""
    masked = [word for word, _ in _rows() if "*" in word]
    assert "four swear words are\nmasked" in README
    assert len(masked) == 4


@cache
def _daily() -> tuple[dict[tuple[str, str], tuple[int, int]], int]:
    """Return our sums of words per account and day of the real timelines, and the number of posts."""
    with gzip.open(TIMELINES / "timelines.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    frame = build_posts(
        *(
            {
                "account": row["account"],
                "text": clean_text(row["text"], has_entities=True),
                "created_at": datetime.fromisoformat(row["created_at"]),
            }
            for row in rows
        )
    )
    day = pl.col("created_at").dt.date().cast(pl.String).alias("day")
    sums = bing.SCORER.score(frame).group_by("account", day).agg(pl.col("positive", "negative").sum())
    return {(account, day): (positive, negative) for account, day, positive, negative in sums.iter_rows() if positive or negative}, len(
        rows
    )


@needs_timelines
def test_the_sums_of_real_posts_equal_those_of_r_on_every_day() -> None:
    """All 1,789 account-days of R's tidytext agree, and no other day has a match."""
    with (TIMELINES / "bing-daily.csv").open(encoding="utf-8", newline="") as file:
        r = {(row["account"], row["day"]): (int(row["positive"]), int(row["negative"])) for row in csv.DictReader(file)}
    assert len(r) == 1789
    assert _daily()[0] == r


@needs_timelines
def test_all_real_posts_were_read() -> None:
    """The comparison uses the whole collection."""
    assert _daily()[1] == 12_212


@pytest.mark.parametrize("written", ["gr\u00adeat", "gre\u200dat", "gr\u2060eat", "great\u200f"])
def test_invisible_characters_are_not_part_of_a_word(written: str) -> None:
    """People see “great”, and so do the methods."""
    assert words(f"{written} day") == ["great", "day"]
    assert counts(f"{written} day") == counts("great day")


def test_ligatures_are_letters() -> None:
    """Texts copied from PDF files have them."""
    assert words("a ﬁne, eﬃcient day") == ["a", "fine", "efficient", "day"]
    assert counts("ﬁne") == counts("fine")
