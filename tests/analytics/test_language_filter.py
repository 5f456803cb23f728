"""Languages: posts that English words can't read are counted and left out, and every other post is kept."""

from collections.abc import Sequence

import pytest

from dashboard.analytics import language_filter
from dashboard.prediction import language_detection
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_posts, build_query, build_timeline

GERMAN = "Der Sturm ist vorbei und die Fähren fahren wieder nach dem gewohnten Plan über die Elbe"


def heard(*rows: dict[str, str | None]) -> tuple[list[bool], list[str]]:
    """Return which posts are foreign, and which texts a detector that takes every `ja` for Japanese was asked about."""
    asked: list[str] = []

    def detector(texts: Sequence[str]) -> list[str | None]:
        asked.extend(texts)
        return ["ja" if text.startswith("ja") else None for text in texts]

    return language_filter.is_foreign(build_posts(*rows), detector).to_list(), asked


@pytest.mark.parametrize("code", ["de", "DE", "pt-BR", "zh_Hant", "tlh"])
def test_what_the_network_says_holds(code: str) -> None:
    """The detector is not asked."""
    assert heard({"text": "good", "lang": code}) == ([True], [])


@pytest.mark.parametrize("code", ["en", "EN", "en-GB", "en_US"])
def test_english_is_read(code: str) -> None:
    """Whatever its country."""
    assert heard({"text": "ja ja", "lang": code}) == ([False], [])


@pytest.mark.parametrize("code", [None, "und", "zxx", "mul", "art", "", "???"])
def test_a_detector_hears_what_no_network_tells(code: str | None) -> None:
    """Only what it is sure of is left out."""
    assert heard({"text": "ja ja", "lang": code}, {"text": "hm", "lang": code}) == ([True, False], ["ja ja", "hm"])


def test_equal_texts_are_asked_about_once_and_textless_ones_never() -> None:
    """Each question costs time."""
    rows = [{"text": text, "lang": None} for text in ("ja", "ja", None, "", "😀 !")]
    assert heard(*rows) == ([True, True, False, False, False], ["ja"])


def test_no_posts_are_no_questions() -> None:
    """Nothing fails, and no detector is loaded."""
    assert heard() == ([], [])


def test_the_kept_detector_tells_a_german_post_and_keeps_a_short_one() -> None:
    """Together with it, as the report puts them."""
    frame = build_posts(
        {"text": GERMAN, "lang": None}, {"text": "Moin!", "lang": None}, {"text": "This is the end of the storm", "lang": None}
    )
    assert language_filter.is_foreign(frame, language_detection.detect_languages).to_list() == [True, False, False]


@pytest.mark.parametrize("kind", ["sentiment", "words", "methods"])
def test_what_looks_at_words_leaves_other_languages_out_and_says_so(kind: str) -> None:
    """Counted, and told."""
    answer = builder.build_report(
        kind, build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "this is a good day"}, {"text": "bad, said the dog"})])
    )
    assert "1 of 3 posts isn't in English and doesn't count towards sentiment or words." in answer.notes


def test_frequency_counts_posts_in_every_language() -> None:
    """A post is a post."""
    answer = builder.build_report("frequency", build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "good"})]))
    assert sum(row["posts"] for row in answer.to_rows()) == 2
    assert answer.notes == []


def test_the_summary_counts_all_posts_but_measures_those_it_reads() -> None:
    """The mean is not diluted by posts that nobody read."""
    rows = ({"text": text, "lang": lang} for text, lang in (("good", "en"), ("gut", "de"), ("schlecht", "de")))
    (row,) = builder.build_dashboard(build_query(measure="mean"), Fetched([build_timeline(*rows)])).summary_rows
    assert row["posts"] == 3
    assert row["measured"] == "+1.00"
    assert row["words"] == 1
