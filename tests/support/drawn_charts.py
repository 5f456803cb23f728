"""Reports and charts of small, mixed timelines, the SVG of a chart, and the charts that every renderer is tried with."""

import re

import pytest

from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.vega import images
from dashboard.core.posts import Timeline
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_query, build_timeline

DRAWN_CHARTS = [("frequency", {}), *(("sentiment", {"measure": measure}) for measure in ("net", "mean", "share"))]
EACH_KIND = pytest.mark.parametrize("kind", ["frequency", "sentiment"])
EACH_CHART = pytest.mark.parametrize(("kind", "args"), DRAWN_CHARTS, ids=["frequency", "net", "mean", "share"])
HOSTILE_NAME = "file:ab/[x]'\"\\.y"


def build_mixed_timeline(account: str) -> Timeline:
    """Return a timeline of two good days, a day without posts, a mixed day and a bad day."""
    texts = {"2026-03-01": "good great", "2026-03-02": "love", "2026-03-04": "good bad bad", "2026-03-05": "awful"}
    return build_timeline(*({"text": text, "created_at": day} for day, text in texts.items()), account=account)


def build_report(kind: str, users: str = "zeta,alpha", **args: str) -> Report:
    """Return the report on accounts with such timelines, by default per day."""
    query = build_query(users, **({"interval": "day"} | args))
    return builder.build_report(kind, query, Fetched([build_mixed_timeline(str(user)) for user in query.users]))


def build_chart(kind: str, users: str = "zeta,alpha", **args: str) -> TimeSeriesChart:
    """Return the chart of such a report."""
    return build_report(kind, users, **args).chart


def render_svg(drawn: TimeSeriesChart, width: int = 900, height: int = 420, theme: str = "light") -> str:
    """Return the chart as an SVG document."""
    return images.render_svg(drawn, width=width, height=height, theme_name=theme)


def count_marks(document: str) -> dict[str, int]:
    """Return the number of lines, points and bars in an SVG, without legends and axes."""
    groups = re.findall(r'<g class="mark-(\w+) role-mark[^>]*[^>/]>(.*?)</g>', document, re.S)
    return {kind: sum(inside.count("<path") for group, inside in groups if group == kind) for kind in ("line", "symbol", "rect")}


def list_users(count: int) -> str:
    """Return this many accounts, as a query names them."""
    return ",".join(f"user{number}" for number in range(count))
