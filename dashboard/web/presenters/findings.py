"""The addresses that findings lead to. What they say is made in `reports/findings`."""

from typing import TYPE_CHECKING

from flask import Flask

from dashboard.core.query import Query
from dashboard.web import urls

if TYPE_CHECKING:
    from dashboard.reports.findings.finding import Target


def init_app(app: Flask) -> None:
    """Make the addresses available to templates."""
    app.jinja_env.globals.update(target_url=target_url)


def target_url(query: Query, target: "Target") -> str:
    """Return where a finding of a report leads: to posts, a chart, another report, or a section of the report itself, as a fragment."""
    if target.post_query:
        return urls.for_posts(query, target.post_query)
    if target.chart:
        return urls.for_query("pages.chart", query, kind=target.chart)
    return urls.for_query("pages.report", target.query) if target.query else f"#{target.section}"
