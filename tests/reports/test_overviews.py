"""Reports with several charts show typical reactions instead of one dot per post, on the page and in its images."""

import pytest
from flask.testing import FlaskClient

from dashboard.charts.spec.bars import BarChart
from dashboard.charts.spec.scatter import ScatterChart
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.posts import Timeline
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline

TEXTS = {"good": 9, "awful": 2, "hm": 4}


def build_liked_timeline(account: str) -> Timeline:
    """Return a timeline of eight positive, eight negative and eight neutral posts with likes."""
    return build_timeline(
        *({"text": text, "likes": likes + number} for text, likes in TEXTS.items() for number in range(8)), account=account
    )


def build_reports(users: str = "nasa,esa") -> tuple[BarChart, ScatterChart]:
    """Return the chart of reactions in a report, and on its own page."""
    query = build_query(users)
    fetched = Fetched([build_liked_timeline(str(user)) for user in query.users])
    overview = next(report for report in builder.build_dashboard(query, fetched).reports if report.kind == "engagement").chart
    chart = builder.build_report("engagement", query, fetched).chart
    assert isinstance(overview, BarChart)
    assert isinstance(chart, ScatterChart)
    return overview, chart


@pytest.mark.slow
def test_a_report_shows_three_medians_per_account() -> None:
    """They are the medians that the cloud of dots shows, the positive posts first."""
    overview, cloud = build_reports()
    assert [[bar.label for bar in panel.bars] for panel in overview.panels] == [["Positive: 12.5", "Neutral: 7.5", "Negative: 5.5"]] * 2
    assert [bar.value for bar in overview.panels[0].bars] == [point.y for point in reversed(cloud.series[0].medians)]
    assert [(bar.low, bar.high) for bar in overview.panels[0].bars] == [
        (point.low, point.high) for point in reversed(cloud.series[0].medians)
    ]


def test_each_median_opens_the_posts_of_its_account_and_polarity() -> None:
    """They are the scored posts."""
    bar = build_reports()[0].panels[0].bars[0]
    assert dict(bar.post_query) == {"account": "nasa", "polarity": "positive", "language": "english"}


def test_the_overview_says_that_there_are_no_counts() -> None:
    """A network without counts gets a sentence instead of empty axes."""
    fetched = Fetched([build_timeline("good", "bad")])
    report = next(report for report in builder.build_dashboard(build_query(), fetched).reports if report.kind == "engagement")
    assert report.chart.is_empty is True
    assert report.chart.empty_message == "These posts come without reaction counts."


@pytest.mark.slow
def test_a_sample_of_dots_is_mentioned_only_with_the_dots(demo_client: FlaskClient) -> None:
    """Medians use every post."""
    url = "users=demo:aster-air,demo:harbour-news"
    assert "shows a sample of" in demo_client.get(f"/html/engagement?{url}").text
    assert "shows a sample of" not in demo_client.get(f"/report?{url}").text


@pytest.mark.parametrize(("variant", "is_overview"), [("overview", True), ("bare", False)])
def test_the_image_of_a_report_shows_the_medians(demo_client: FlaskClient, variant: str, is_overview: bool) -> None:
    """The page of the chart alone still has an image of all dots."""
    svg = demo_client.get(f"/kept/{variant}/engagement.svg?users=demo:aster-air").text
    assert (">Positive: " in svg) is is_overview
    page_url = "/report" if is_overview else "/html/engagement"
    assert f"/kept/{variant}/engagement.svg" in demo_client.get(f"{page_url}?users=demo:aster-air").text


def describe_drawing(kind: str, count: int, **args: str) -> str:
    """Return the line below the headline of a chart of this many accounts."""
    query = build_query(",".join(f"user{number}" for number in range(count)), **args)
    fetched = Fetched([build_liked_timeline(str(user)) for user in query.users])
    return builder.build_report(kind, query, fetched).drawn


def test_bars_of_positive_shares_have_the_scale_from_none_to_all() -> None:
    """A bar of 53% as high as one of 100% would be taken for as much, so there is no other scale to choose."""
    query = build_query("user0,user1", measure="share")
    report = builder.build_report("sentiment", query, Fetched([build_liked_timeline(str(user)) for user in query.users]))
    assert isinstance(report.chart, TimeSeriesChart)
    assert [report.chart.scale_of(line) for line in report.chart.series] == [(0.0, 1.0)] * 2
    assert report.drawn.endswith("all accounts on one scale")
    assert report.other_axis is None


@pytest.mark.parametrize(
    ("count", "args", "key"),
    [
        (1, {}, ""),
        (2, {}, " · each account on its own scale"),
        (2, {"axis": "same"}, " · all accounts on one scale"),
        (5, {}, " · teal is positive, red is negative, each account on its own scale"),
    ],
)
def test_the_line_below_a_headline_explains_colours_and_scale(count: int, args: dict[str, str], key: str) -> None:
    """Without it, the picture couldn't be read."""
    assert describe_drawing("sentiment", count, **args) == f"Total balance: positive − negative words, by the word list{key}"
