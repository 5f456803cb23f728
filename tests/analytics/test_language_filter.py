"""Posts that aren't in English are counted and left out of the sentiment."""

from collections.abc import Sequence

import pytest

from dashboard.analytics import language_filter
from dashboard.prediction import language_detection
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_posts, build_query, build_timeline

GERMAN = "Der Sturm ist vorbei und die Fähren fahren wieder nach dem gewohnten Plan über die Elbe"


def detect_foreign(*rows: dict[str, str | None]) -> tuple[list[bool], list[str]]:
    """Return which posts are foreign, and the texts that reached a detector that takes every `ja` for Japanese."""
    asked: list[str] = []

    def detector(texts: Sequence[str]) -> list[str | None]:
        asked.extend(texts)
        return ["ja" if text.startswith("ja") else None for text in texts]

    return language_filter.is_foreign(build_posts(*rows), detector).to_list(), asked


@pytest.mark.parametrize("code", ["de", "DE", "pt-BR", "zh_Hant", "tlh"])
def test_the_language_tag_of_the_network_decides(code: str) -> None:
    """The detector isn't called."""
    assert detect_foreign({"text": "good", "lang": code}) == ([True], [])


@pytest.mark.parametrize("code", ["en", "EN", "en-GB", "en_US"])
def test_english_of_any_country_is_kept(code: str) -> None:
    """The country code doesn't matter."""
    assert detect_foreign({"text": "ja ja", "lang": code}) == ([False], [])


@pytest.mark.parametrize("code", [None, "und", "zxx", "mul", "art", "", "???"])
def test_the_detector_decides_for_untagged_posts(code: str | None) -> None:
    """Only posts that it is sure about are left out."""
    assert detect_foreign({"text": "ja ja", "lang": code}, {"text": "hm", "lang": code}) == ([True, False], ["ja ja", "hm"])


def test_equal_texts_are_detected_once_and_empty_texts_never() -> None:
    """Detection takes time."""
    rows = [{"text": text, "lang": None} for text in ("ja", "ja", None, "", "😀 !")]
    assert detect_foreign(*rows) == ([True, True, False, False, False], ["ja"])


def test_no_posts_need_no_detection() -> None:
    """Nothing fails, and no detector is loaded."""
    assert detect_foreign() == ([], [])


def test_the_built_in_detector_finds_german_and_keeps_a_short_text() -> None:
    """It is tested together with the filter, as reports use them."""
    frame = build_posts(
        {"text": GERMAN, "lang": None}, {"text": "Moin!", "lang": None}, {"text": "This is the end of the storm", "lang": None}
    )
    assert language_filter.is_foreign(frame, language_detection.detect_languages).to_list() == [True, False, False]


@pytest.mark.parametrize("kind", ["sentiment", "words", "methods"])
def test_charts_of_words_leave_other_languages_out_with_a_note(kind: str) -> None:
    """The note says how many posts there are."""
    report = builder.build_report(
        kind, build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "this is a good day"}, {"text": "bad, said the dog"})])
    )
    assert "1 of 3 posts isn't in English and doesn't count towards sentiment or words." in report.notes


def test_frequency_counts_posts_in_every_language() -> None:
    """Counting needs no words."""
    report = builder.build_report("frequency", build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "good"})]))
    assert sum(row["posts"] for row in report.to_rows()) == 2
    assert report.notes == []


def test_the_summary_counts_all_posts_but_measures_only_english_ones() -> None:
    """Posts in other languages don't dilute the mean."""
    rows = ({"text": text, "lang": lang} for text, lang in (("good", "en"), ("gut", "de"), ("schlecht", "de")))
    (row,) = builder.build_dashboard(build_query(measure="mean"), Fetched([build_timeline(*rows)])).summary_rows
    assert row["posts"] == 3
    assert row["measured"] == "+1.00"
    assert row["words"] == 1
