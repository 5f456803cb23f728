"""The last section of a report: coverage, notes by chart, agreement of methods, and credits."""

from dashboard.core.posts import Timeline
from dashboard.reports.about import About
from dashboard.reports.builder import build_dashboard
from dashboard.reports.fetched import Fetched
from tests.support.builders import FETCHED_AT, build_query, build_timeline


def build(*timelines: Timeline, users: str = "nasa", **parameters: str) -> About:
    """Return the section of a report."""
    about = build_dashboard(build_query(users, **parameters), Fetched(timelines)).about
    assert about is not None
    return about


def test_coverage_has_a_row_per_account_that_was_read() -> None:
    """It says how many posts of how many, from when to when, and why reading ended."""
    rows = build(build_timeline("good", "bad", cut_by="n"), build_timeline(account="esa"), users="nasa,esa", n="2").coverage
    assert [(row.label, row.network, row.fetched, row.asked) for row in rows] == [("@nasa", "X", 2, 2), ("@esa", "X", 0, 2)]
    assert [row.ending for row in rows] == ["the number you asked for", "all posts"]
    assert rows[0].first is not None
    assert rows[1].first is None
    assert {row.fetched_at for row in rows} == {FETCHED_AT}


def test_notes_on_all_charts_are_given_once_and_first() -> None:
    """A post without a date is left out of every chart."""
    notes = build(build_timeline("good", {"text": "bad", "created_at": None})).notes
    sentences = [sentence for chart in notes for sentence in chart.sentences]
    undated = "1 of 2 posts has no known date, so every chart, table and list of posts leaves it out."
    assert notes[0].title == ""
    assert undated in notes[0].sentences
    assert sentences.count(undated) == 1


def test_notes_on_one_chart_have_its_title() -> None:
    """They begin with how to read it."""
    notes = {chart.title: chart.sentences for chart in build(build_timeline("good", "bad"), interval="day").notes}
    assert notes["Sentiment per day"][0].startswith("Total balance: positive − negative words")
    assert "2 of 2 words (100.0%) are in the word list; all others are treated as neutral." in notes["Sentiment per day"]


def test_the_agreement_of_the_methods_is_a_sentence_of_its_own() -> None:
    """The notes don't repeat it."""
    about = build(build_timeline("good", "bad", "moon"))
    assert about.agreement[0].endswith("of posts.")
    assert not [chart for chart in about.notes if chart.title == "Do the methods agree?"]


def test_every_method_is_credited() -> None:
    """The AI model is named only if it is there."""
    credits = build(build_timeline("good")).credits
    assert [credit.partition(":")[0] for credit in credits] == ["Word list", "Rules", "Weighted words"]
