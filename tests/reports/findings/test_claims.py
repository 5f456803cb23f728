"""The headline of each chart: what it shows, if it shows anything in particular."""

import pytest

from dashboard.core.charts import CHARTS
from dashboard.reports.builder import build_report
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query
from tests.support.findings import BAD, GOOD, build_daily_timeline, build_dashboard_of

QUERY = build_query("demo:one", interval="day")
CRISIS = build_daily_timeline([*[6] * 20, 30, *[6] * 20], texts=dict.fromkeys(range(41), (GOOD, BAD)) | {20: (BAD,)})


@pytest.mark.parametrize(
    ("kind", "claim"),
    [
        ("frequency", "demo:one posted far more than usual on 22 March"),
        ("sentiment", "demo:one was far more negative than usual on 22 March"),
        ("events", "demo:one was far more negative than usual on 22 March"),
        ("engagement", ""),
    ],
)
def test_each_chart_claims_what_it_shows(kind: str, claim: str) -> None:
    """The chart of posts says nothing of sentiment, although the report has one sentence about both."""
    assert build_report(kind, QUERY, Fetched([CRISIS])).claim == claim


@pytest.mark.slow
def test_a_chart_claims_the_same_alone_and_in_a_report() -> None:
    """A picture on a slide and the page that it is from have one headline."""
    in_report = {report.kind: report.claim for report in build_dashboard_of(QUERY, CRISIS).reports}
    alone = {kind: build_report(kind, QUERY, Fetched([CRISIS])).claim for kind in CHARTS.names()}
    assert in_report == alone


def test_a_chart_without_sentiment_needs_no_model() -> None:
    """Its headline is made of posts alone."""
    query = build_query("demo:one", interval="day", method="model")
    assert build_report("frequency", query, Fetched([CRISIS])).claim == "demo:one posted far more than usual on 22 March"
    assert build_report("rhythm", query, Fetched([CRISIS])).claim.startswith("demo:one posts only between 12:00")


def test_a_comparison_that_was_not_read_claims_nothing() -> None:
    """Not even that nothing changed."""
    query = build_query("demo:one", interval="day", since="2026-03-02", until="2026-03-31")
    reports = {report.kind: report for report in build_dashboard_of(query, build_daily_timeline([4] * 29)).reports}
    assert reports["compare"].claim == ""
