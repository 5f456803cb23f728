"""Scoring with AFINN: points of words and phrases agree with a plain loop, and the list is the one that its README describes."""

import gzip
import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import lexicon
from dashboard.analytics.methods import afinn, bing
from dashboard.core.post_text import clean_text
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_posts, build_query, build_timeline, deterministic
from tests.support.paths import ROOT
from tests.support.shared_data import TIMELINES, needs_timelines

LIST = lexicon.LEXICON_DIR / "afinn.txt"
README = (lexicon.LEXICON_DIR / "README.md").read_text("utf-8").partition("## `afinn.txt`")[2].partition("\n## ")[0]
DIGEST = "3a06ace6047b203fc1adff0dd3d498ff68528d9206b84242fbce4fc2083a389b"
COUNTS = ("words", "matched", "positive", "negative", "score")


def counts(text: str | None) -> tuple[float, ...]:
    """Return words, matched, positive, negative and score of one post."""
    return afinn.score(build_posts({"text": text})).select(COUNTS).row(0)


@cache
def entries() -> dict[str, int]:
    """Return the entries of the list's file."""
    return {entry: int(points) for entry, points in (line.split("\t") for line in LIST.read_text("utf-8").splitlines())}


@cache
def by_words() -> dict[tuple[str, ...], int]:
    """Return the points of each sequence of words."""
    return {tuple(re.split("[ -]", entry)): points for entry, points in entries().items()}


def score_with_loop(words: list[str]) -> tuple[float, ...]:
    """Count the words of a post one after the other, by the rule that AFINN's README states."""
    rest, matched, points = [word.replace("’", "'") for word in words], 0, [0]
    while rest:
        taken = next((size for size in (4, 3, 2, 1) if tuple(rest[:size]) in by_words() and len(rest) >= size), 0)
        if taken:
            points.append(by_words()[tuple(rest[:taken])])
        matched, rest = matched + taken, rest[taken or 1 :]
    positive, negative = sum(point for point in points if point > 0), -sum(point for point in points if point < 0)
    return len(words), matched, positive, negative, positive - negative


def score_both_ways(texts: list[str]) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """Return the scores of posts by `afinn.score` and by the loop."""
    frame = build_posts(*texts)
    words = frame.select(word=lexicon.extract_words(lexicon.fold_apostrophes(pl.col("text"))))["word"].to_list()
    return afinn.score(frame).select(COUNTS).rows(), [score_with_loop(word) for word in words]


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("good day", (2, 1, 3, 0, 3)),
        ("Good GOOD #good", (3, 3, 9, 0, 9)),
        ("a superb catastrophe", (3, 2, 5, 3, 2)),
        ("naïve NAÏVE", (2, 2, 0, 4, -4)),
        ("gr8 n00b", (2, 2, 3, 2, 1)),
        ("hm", (1, 0, 0, 0, 0)),
        ("goodness me", (2, 1, 3, 0, 3)),
        ("goods", (1, 0, 0, 0, 0)),
        ("@good https://good.com/great", (0, 0, 0, 0, 0)),
        ("won't", (1, 0, 0, 0, 0)),
    ],
)
def test_listed_words_add_their_points_at_each_occurrence(text: str, counted: tuple[float, ...]) -> None:
    """Whole words match in any case, and points above and below zero are summed separately."""
    assert counts(text) == counted


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("this is not good", (4, 2, 0, 2, -2)),
        ("it does not work", (4, 3, 0, 3, -3)),
        ("I can't stand it", (4, 2, 0, 3, -3)),
        ("I can’t stand it", (4, 2, 0, 3, -3)),
        ("bad luck bad luck bad", (5, 5, 0, 7, -7)),
        ("some kind of good", (4, 3, 3, 0, 3)),
        ("the best damn good", (4, 3, 7, 0, 7)),
        ("not\n good", (2, 2, 0, 2, -2)),
        ("not @nasa good", (2, 2, 0, 2, -2)),
        ("not very good", (3, 1, 3, 0, 3)),
    ],
)
def test_a_phrase_is_one_match_whose_words_do_not_match_again(text: str, counted: tuple[float, ...]) -> None:
    """Matching goes from left to right, prefers the longest entry and uses each word once."""
    assert counts(text) == counted


@pytest.mark.parametrize("text", ["well-being", "well being", "well‑being", "Well-Being"])
def test_an_entry_with_a_hyphen_matches_with_and_without_it(text: str) -> None:
    """A hyphen separates words, and people often leave it out."""
    assert counts(text) == (2, 2, 2, 0, 2)


@pytest.mark.parametrize("text", [None, "", " ", "😀", "@nasa", "_"])
def test_a_post_without_words_counts_nothing(text: str | None) -> None:
    """Null, empty and wordless texts are posts with zero words."""
    assert counts(text) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("points", sorted(set(entries().values())))
def test_every_entry_scores_its_points(points: int) -> None:
    """Tokenization loses no entry of the list when each is a post of its own."""
    listed = [entry for entry, listed_points in entries().items() if listed_points == points]
    scored = afinn.score(build_posts(*listed)).select("text", "score").rows()
    assert dict(scored) == dict.fromkeys(listed, points)


WHISKERS = "Thin lines: margin of error (95%)"
CUT_WHISKERS = f"{WHISKERS}, which goes on where they reach the edge"
_WRITTEN = """
    not good bad luck does work working can't can’t stand some kind of best damn cute once-in-a-lifetime once in a lifetime son bitch well
    being naïve Fed UP no fun table @good https://good.com #love & — good. … _ well-being
"""
_pieces = st.sampled_from([*_WRITTEN.split(), "\n"])


@deterministic
@given(st.lists(st.lists(_pieces, max_size=12).map(" ".join) | st.text(max_size=40).map(clean_text), max_size=12))
def test_any_posts_score_like_the_loop(texts: list[str]) -> None:
    """A plain loop over the words of each post gives the same numbers in the same order."""
    ours, theirs = score_both_ways(texts)
    assert ours == theirs


@needs_timelines
def test_real_posts_score_like_the_loop() -> None:
    """All 12,212 posts of the collection have the same scores."""
    with gzip.open(TIMELINES / "timelines.jsonl.gz", "rt", encoding="utf-8") as lines:
        ours, theirs = score_both_ways([clean_text(json.loads(line)["text"], has_entities=True) for line in lines])
    assert len(ours) == 12_212
    assert ours == theirs


def test_scoring_keeps_rows_and_their_order() -> None:
    """Duplicates, nulls and texts without a match stay in their rows."""
    frame = build_posts("good", {"text": None}, "bad luck", "good", "hm")
    scored = afinn.score(frame)
    assert scored["id"].to_list() == frame["id"].to_list()
    assert scored["score"].to_list() == [3.0, 0.0, -2.0, 3.0, 0.0]


def test_scoring_has_the_columns_of_the_other_methods() -> None:
    """The columns are those of the word list, even for an empty frame."""
    schemas = [afinn.score(build_posts()).schema, afinn.score(build_posts("good")).schema, bing.SCORER.score(build_posts("good")).schema]
    assert schemas[0] == schemas[1] == schemas[2]


@pytest.mark.parametrize(
    ("measure", "value", "axis"),
    [
        (
            "net",
            "+6",
            "Total balance: positive − negative points, by weighted words (AFINN). Dark: the balance. Light: positive and negative points",
        ),
        (
            "mean",
            "+3.00 (−60.53 to +66.53 with 95% confidence)",
            f"Balance per post: (positive − negative points) ÷ posts, by weighted words (AFINN). {CUT_WHISKERS}",
        ),
        (
            "share",
            "80% (22% to 98% with 95% confidence)",
            f"Positive share: positive points ÷ (positive + negative points), by weighted words (AFINN). {WHISKERS}",
        ),
    ],
)
def test_the_chart_names_points_as_its_unit(measure: str, value: str, axis: str) -> None:
    """Tooltips and axis say what is summed."""
    read = build_timeline("a good day, superb", "a disaster", created_at="2026-03-02")
    chart = builder.build_report("sentiment", build_query(method="afinn", measure=measure), Fetched([read])).chart
    assert chart.series[0].tooltips[0].split("\n")[:2] == [value, "8 positive, 2 negative points"]
    assert chart.hint == axis


def test_the_title_is_the_same_by_afinn() -> None:
    """The chart's hint names the method."""
    dashboard = builder.build_dashboard(build_query(method="afinn", interval="day"), Fetched([build_timeline("good")]))
    assert dashboard.reports[1].chart.title == "Sentiment per day"


def test_a_chart_states_the_source_and_licence_of_the_list() -> None:
    """Section 4.3 of the ODbL requires a notice with everything that is produced from the list."""
    report = builder.build_report("sentiment", build_query(method="afinn"), Fetched([build_timeline("good")]))
    notice = "Word scores: AFINN (github.com/fnielsen/afinn), ODbL (opendatacommons.org/licenses/odbl/1-0)"
    assert report.chart.caption[-1] == notice
    assert report.notes[-1] == f"{notice}."


def test_the_share_of_matched_words_is_stated() -> None:
    """A note says how many words are in the list, including the words of phrases."""
    notes = builder.build_report("sentiment", build_query(method="afinn"), Fetched([build_timeline("not good at all")])).notes
    assert notes[0] == "2 of 4 words (50.0%) are in AFINN; all others are treated as neutral."


def test_words_outside_the_list_are_either_neutral_or_unknown() -> None:
    """If no word is in the list, the sentiment is unknown, and nothing is said to be neutral."""
    notes = builder.build_report("sentiment", build_query(method="afinn"), Fetched([build_timeline("one two")])).notes
    assert notes[0] == "None of the words of @nasa are in AFINN, so its sentiment is unknown."
    assert [note for note in notes if "neutral" in note] == []


def test_the_list_is_the_pinned_one() -> None:
    """Numbers published with one version of the list must not change with another, and its licence requires changes to be stated."""
    assert sha256(LIST.read_bytes()).hexdigest() == DIGEST


def test_the_readme_has_the_counts_of_the_list() -> None:
    """Entries, phrases and hyphens in the README are those of the file."""
    points = list(entries().values())
    positive, negative = sum(point > 0 for point in points), sum(point < 0 for point in points)
    blanks, hyphens = (sum(sign in entry for entry in entries()) for sign in " -")
    sides = f"{positive:,} above zero, {negative:,} below, {points.count(0)} at zero"
    expected_text = f"{len(points):,} entries ({sides}), {blanks} with a blank, {hyphens} with a hyphen"
    assert expected_text in README


@pytest.mark.parametrize(
    "expected_text", ["ODbL", "https://opendatacommons.org/licenses/odbl/1-0/", "Finn Årup Nielsen", str(Path(__file__).relative_to(ROOT))]
)
def test_the_readme_attributes_the_list(expected_text: str) -> None:
    """Whoever copies the list finds its licence next to it."""
    assert expected_text in README
