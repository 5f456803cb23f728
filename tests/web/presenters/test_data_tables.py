"""The rows of data tables: every text is escaped, and links say which row they belong to."""

from dataclasses import replace

import polars as pl
import pytest
from flask import Flask

from dashboard.reports.builder import build_report
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from dashboard.web.presenters.data_tables import render_rows
from tests.support.builders import build_query, build_timeline_at

QUERY = build_query(interval="day")


@pytest.fixture
def report() -> Report:
    """The posts per day of one account on three days."""
    timeline = build_timeline_at("2026-03-01T10:00", "2026-03-02T10:00", "2026-03-02T11:00", "2026-03-03T10:00")
    return build_report("frequency", QUERY, Fetched([timeline]))


def render(app: Flask, report: Report, query: str = "", max_rows: int = 300) -> str:
    """Return the rows of a report."""
    with app.test_request_context(f"/html/frequency{query}"):
        return str(render_rows(report, QUERY.model_copy(update={"embed": "embed" in query}), max_rows))


def test_a_row_has_a_cell_per_column(app: Flask, report: Report) -> None:
    """The account is its heading, numbers are marked, and the number of posts links to them."""
    rows = render(app, report).splitlines()
    assert len(rows) == 3
    assert rows[1].count("<th") + rows[1].count("<td") == len(report.columns)
    assert rows[1].startswith('      <tr><th scope="row">')
    assert rows[1].count("<a href=") == 1
    assert "&amp;account=nasa&amp;from=2026-03-02&amp;to=2026-03-03" in rows[1]
    assert f'aria-label="2 {report.columns[2].title.lower()}: {report.labels["nasa"]}, 2 Mar 2026"' in rows[1]


def test_no_text_is_markup(app: Flask, report: Report) -> None:
    """Names come from networks and files."""
    hostile = replace(report, labels={"nasa": "<img src=x onerror=alert(1)>\"'&"})
    rows = render(app, hostile)
    assert "<img" not in rows
    assert rows.count("&lt;img src=x onerror=alert(1)&gt;&#34;&#39;&amp;") == 6  # in three cells and in the labels of three links


def test_only_the_first_rows_are_shown(app: Flask, report: Report) -> None:
    """The others are in the file."""
    assert len(render(app, report, max_rows=2).splitlines()) == 2


def test_links_of_an_embedded_chart_open_a_tab(app: Flask, report: Report) -> None:
    """The frame is too small for a page."""
    assert render(app, report, "?embed=1").count('target="_blank"') == 3
    assert "target" not in render(app, report)


def test_a_row_without_posts_has_no_link(app: Flask, report: Report) -> None:
    """There would be nothing to see."""
    rows = render(app, replace(report, post_queries=[(), *report.post_queries[1:]])).splitlines()
    assert ["<a " in row for row in rows] == [False, True, True]
    assert "<a " not in render(app, replace(report, post_queries=[], table=pl.DataFrame(report.table)))
