"""Findings on clear changes against the period before, which are 2 to 15 March and 16 to 29 March in these reports."""

import pytest

from dashboard.charts.spec.bars import BarChart
from dashboard.reports.builder import build_report
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query
from tests.support.findings import BAD, GOOD, build_daily_timeline, find_all, find_sentences

QUERY = build_query("demo:one", interval="day")


def test_more_posts_are_told_per_day() -> None:
    """Twenty-eight posts in two weeks, then eighty-four."""
    sentences = find_sentences("change", QUERY, build_daily_timeline([2] * 14 + [6] * 15))
    assert sentences == [
        "demo:one posted clearly more often from 16 to 29 March than in the two weeks before: 6.0 posts a day, up from 2.0."
    ]


def test_a_less_positive_account_is_told_by_its_share_of_positive_words() -> None:
    """Forty-two of fifty-six words are positive, then fourteen of fifty-six."""
    texts = {day: (GOOD, GOOD, GOOD, BAD) if day < 14 else (GOOD, BAD, BAD, BAD) for day in range(29)}
    sentences = find_sentences("change", QUERY, build_daily_timeline([4] * 29, texts=texts))
    assert sentences == [
        "demo:one was clearly less positive from 16 to 29 March than in the two weeks before: 25% positive words, down from 75%."
    ]


def test_rare_posts_are_told_per_week() -> None:
    """Less than one post a day would be “0.3 posts a day, up from 0.1”."""
    rare, frequent = [1] + [0] * 6, [1, 0] * 3 + [0]
    counts = [*rare * 6, *frequent * 6, 1]
    assert find_sentences("change", QUERY, build_daily_timeline(counts)) == [
        "demo:one posted clearly more often from 13 April to 24 May than in the six weeks before: 3.0 posts a week, up from 1.0."
    ]


def test_an_unclear_change_is_not_told() -> None:
    """Two posts a day and then, on some days, three."""
    assert find_sentences("change", QUERY, build_daily_timeline([2] * 14 + [2, 3, 2, 2] * 3 + [2, 3, 2])) == []


def test_a_change_leads_to_the_chart_of_changes() -> None:
    """It shows the margin of error and both periods."""
    finding = next(item for item in find_all(QUERY, build_daily_timeline([2] * 14 + [6] * 15)) if item.kind == "change")
    assert finding.target
    assert finding.target.chart == "compare"


@pytest.mark.parametrize("parameters", [{"since": "2026-03-16", "until": "2026-03-30"}])
def test_nothing_is_told_of_a_chosen_period_because_the_one_before_was_not_read(parameters: dict[str, str]) -> None:
    """The page of the comparison reads it."""
    query = build_query("demo:one", interval="day", **parameters)
    assert find_sentences("change", query, build_daily_timeline([2] * 14 + [6] * 15)) == []


def test_each_measure_has_its_own_scale_in_the_chart_of_changes() -> None:
    """Of every measure, the farthest end is drawn equally far from no change: percentages, words and points have nothing in common."""
    texts = {day: (GOOD, GOOD, GOOD, BAD) if day < 14 else (GOOD, BAD, BAD, BAD) for day in range(29)}
    timeline = build_daily_timeline([4] * 14 + [6] * 15, texts=texts)
    chart = build_report("compare", QUERY, Fetched([timeline])).chart
    assert isinstance(chart, BarChart)
    farthest = [max(abs(end) for end in (bar.low, bar.value, bar.high) if end is not None) for bar in chart.panels[0].bars]
    assert farthest == [1.0, 1.0, 1.0]
    assert chart.key == "each measure on its own scale"
