"""The texts of a slide: nothing on it needs a page to be understood."""

from dashboard.reports.builder import build_report
from dashboard.reports.fetched import Fetched
from dashboard.reports.slide_texts import describe_slide
from tests.support.builders import build_query
from tests.support.findings import BAD, GOOD, build_daily_timeline

TEXTS = dict.fromkeys(range(29), (GOOD, BAD))


def test_a_slide_of_sentiment_explains_pale_and_outlined_bars() -> None:
    """On a page, its hint and the chart above do."""
    timeline = build_daily_timeline([2] * 29, texts=TEXTS)
    report = build_report("sentiment", build_query("demo:one", interval="day", measure="net"), Fetched([timeline]))
    assert "Light: positive and negative words" not in report.drawn
    subtitle = describe_slide(report).subtitle
    assert "ark: the balance. Light: positive and negative words" in subtitle
    assert ("outlined: incomplete" in subtitle) is bool(report.chart.incomplete_note)  # type: ignore[attr-defined]
    assert report.chart.incomplete_note  # type: ignore[attr-defined]


def test_incomplete_intervals_are_named_once() -> None:
    """“The last week may be incomplete” needs no “outlined: incomplete” beside it."""
    report = build_report("frequency", build_query("demo:one", interval="week"), Fetched([build_daily_timeline([2] * 31)]))
    assert report.claim == ""
    assert report.drawn.count("incomplete") == 1
