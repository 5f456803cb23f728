"""Posts that aren't in English are counted and left out of the sentiment."""

from collections.abc import Sequence

import pytest

from dashboard.analytics import language_filter
from dashboard.prediction import language_detection
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_posts, build_query, build_timeline

GERMAN = "Der Sturm ist vorbei und die Fähren fahren wieder nach dem gewohnten Plan über die Elbe"


def detect_foreign(*rows: dict[str, str | None]) -> tuple[list[bool], list[tuple[str, str | None]]]:
    """Return which posts are foreign, and the texts and tags that reached a detector that takes every `ja` for Japanese."""
    asked: list[tuple[str, str | None]] = []

    def detector(texts: Sequence[str], tags: Sequence[str | None]) -> list[str | None]:
        asked.extend(zip(texts, tags, strict=True))
        return ["ja" if text.startswith("ja") else None for text in texts]

    return language_filter.find_languages(build_posts(*rows), detector).is_not_null().to_list(), asked


def test_the_detector_gets_texts_with_their_tags() -> None:
    """It alone decides."""
    rows = [{"text": text, "lang": lang} for text, lang in (("ja ja", "en"), ("hm", "de"), ("hm", None))]
    assert detect_foreign(*rows) == ([True, False, False], [("ja ja", "en"), ("hm", "de"), ("hm", None)])


def test_equal_texts_are_detected_once_and_texts_without_letters_never() -> None:
    """Detection takes time."""
    rows = [{"text": text, "lang": None} for text in ("ja", "ja", None, "", "😀 !")]
    assert detect_foreign(*rows) == ([True, True, False, False, False], [("ja", None)])


def test_a_post_without_letters_is_read_whatever_its_tag() -> None:
    """Emoji are in no language."""
    assert detect_foreign({"text": "😀 🎉", "lang": "ja"}) == ([False], [])


def test_no_posts_need_no_detection() -> None:
    """Nothing fails, and no detector is loaded."""
    assert detect_foreign() == ([], [])


def test_the_built_in_detector_works_with_the_filter() -> None:
    """They are tested together, as reports use them."""
    texts = (GERMAN, "Moin!", "This is the end of the storm")
    frame = build_posts(*({"text": text, "lang": None} for text in texts))
    assert language_filter.find_languages(frame, language_detection.detect_languages).is_not_null().to_list() == [True, False, False]


@pytest.mark.parametrize("kind", ["sentiment", "words", "methods"])
def test_charts_of_words_leave_other_languages_out_with_a_note(kind: str) -> None:
    """The note says how many posts there are."""
    report = builder.build_report(
        kind, build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "this is a good day"}, {"text": "bad, said the dog"})])
    )
    assert (
        "1 of 3 posts isn't in English (German) and doesn't count towards sentiment or words. "
        "The words of a post decide; where they leave it open, the network's language tag does."
    ) in report.notes


def test_frequency_counts_posts_in_every_language() -> None:
    """Counting needs no words."""
    report = builder.build_report("frequency", build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "good"})]))
    assert sum(row["posts"] for row in report.to_rows()) == 2
    assert report.notes == []


def test_the_summary_counts_all_posts_but_measures_only_english_ones() -> None:
    """Posts in other languages don't dilute the mean."""
    rows = ({"text": text, "lang": lang} for text, lang in (("good", "en"), ("gut", "de"), ("schlecht", "de")))
    (row,) = builder.build_dashboard(build_query(measure="mean"), Fetched([build_timeline(*rows)])).scorecard.rows
    assert row.posts == 3
    assert row.find_tile("balance_per_post").text == "+1.00"
