"""Every chart of complete reports is valid for Vega-Lite's schema and for plotly.py."""

import pytest
from flask import Flask

from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.vega import images
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.reports.report import Report
from dashboard.web import fetching
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.plotly_check import expand_layouts, validate_figure
from tests.support.vega_check import validate_specification

AIR, BOTH = "demo:aster-air", "demo:aster-air,demo:harbour-news"
QUESTIONS = [{"users": BOTH, "n": "400", "interval": "day"}, {"users": AIR, "n": "20", "measure": "share", "interval": "day"}]


@pytest.fixture(params=[QUESTIONS[0], pytest.param(QUESTIONS[1], marks=ONLY_IN_FAULTS)], ids=lambda asked: "-".join(asked.values()))
def reports(request: pytest.FixtureRequest, app: Flask) -> list[Report]:
    """Return the charts of a query's report."""
    with app.app_context():
        query = Query.parse({name: [value] for name, value in request.param.items()})
        return list(fetching.build_dashboard(fetching.start_fetch(query, NO_SPENDING)).reports)


@pytest.mark.slow
def test_every_chart_is_valid(reports: list[Report]) -> None:
    """The renderers would silently ignore a misspelt name."""
    for report in reports:
        figure = figures.build_figure(report.chart)
        assert validate_figure(figure) == expand_layouts(figure), report.kind
        validate_specification(images.build_spec(report.chart, width=900, height=420, theme_name="light"))


@pytest.mark.slow
def test_the_checked_charts_have_peaks_and_hollow_points(app: Flask) -> None:
    """Rare marks are checked too."""
    with app.app_context():
        query = Query.parse({name: [value] for name, value in QUESTIONS[0].items()})
        charts = [report.chart for report in fetching.build_dashboard(fetching.start_fetch(query, NO_SPENDING)).reports]
    of_time = [chart for chart in charts if isinstance(chart, TimeSeriesChart)]
    assert len(of_time) == 2
    assert [chart.title for chart in of_time if not any(line.peaks for line in chart.series)] == []
    assert [chart.title for chart in of_time if not any(any(line.hollow) for line in chart.series)] == []
