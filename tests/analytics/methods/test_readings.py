"""Each method's entry says how well it reads each language, and a list that reads one too badly isn't used."""

import pytest

from dashboard.core.methods import METHODS
from dashboard.core.readings import Reading
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline

LISTS = [method for method in METHODS if not method.needs_labeller]


@pytest.mark.parametrize("method", LISTS, ids=lambda method: method.name)
def test_every_list_was_measured_in_english(method) -> None:  # type: ignore[no-untyped-def]
    """On the same posts as the AI model."""
    reading = method.load_readings()["en"]
    assert reading.dataset == "tweeteval-sentiment/val"
    assert reading.posts == 2_000
    assert 0 < reading.opposite_rate < reading.error_rate < 0.5


def test_no_translation_reads_its_language_well_enough() -> None:
    """The same grades hold for every method: none is even provisional."""
    readings = METHODS["afinn"].load_readings()
    assert set(readings) == {"ar", "de", "en", "es", "fr", "id", "it", "pt"}
    assert {code: reading.grade for code, reading in readings.items() if code != "en"} == dict.fromkeys(set(readings) - {"en"}, "counted")


@pytest.mark.parametrize(
    ("recall", "low", "grade"), [(0.70, 0.64, "shown"), (0.62, 0.57, "provisional"), (0.60, 0.60, "shown"), (0.50, 0.45, "counted")]
)
def test_the_grade_follows_from_the_measurement(recall: float, low: float, grade: str) -> None:
    """There is one rule for all methods and languages."""
    assert Reading("posts", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], recall, low).grade == grade


def test_the_rates_are_those_of_the_confusion_matrix() -> None:
    """Two of ten are misread, one of them with the opposite sign."""
    reading = Reading("posts", [[3, 0, 1], [1, 2, 0], [0, 0, 3]], 0.8, 0.6)
    assert reading.posts == 10
    assert reading.error_rate == pytest.approx(0.2)
    assert reading.opposite_rate == pytest.approx(0.1)


def test_the_bias_is_the_difference_of_the_balances() -> None:
    """Four posts are read as positive and four as negative, where three are positive and four negative."""
    assert Reading("posts", [[3, 0, 1], [1, 2, 0], [0, 0, 3]], 0.8, 0.6).bias == pytest.approx(0.1)


def test_a_perfect_reading_shows_the_whole_change() -> None:
    """One that guesses shows nothing of it, and one that calls half of all posts neutral shows half."""
    perfect, guessed, cautious = ([[3, 0, 0], [0, 3, 0], [0, 0, 3]], [[1, 1, 1]] * 3, [[2, 2, 0], [0, 4, 0], [0, 2, 2]])
    assert [Reading("posts", matrix, 0.8, 0.6).shown_change for matrix in (perfect, guessed, cautious)] == [1, 0, 0.5]


def test_a_note_says_why_a_translation_is_not_used() -> None:
    """Whoever chooses weighted words for a German account learns how wrong they would be."""
    german = "Der Sturm ist vorbei und die Fähren fahren wieder nach dem gewohnten Plan über die Elbe"
    report = builder.build_report("sentiment", build_query(method="afinn"), Fetched([build_timeline(german, "a good day for all of us")]))
    assert (
        "By AFINN’s machine translation, about three German posts in five are misread (323 labelled posts), so it isn’t used."
        in report.notes
    )
    assert report.table["posts"].sum() == 1
