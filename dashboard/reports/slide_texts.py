"""Writes the texts of a slide with one chart: a claim, what is drawn, and where the numbers come from. Nothing is laid out here."""

from datetime import datetime

import polars as pl

from dashboard.charts.spec.chart import SlideTexts
from dashboard.core.accounts import source_notice
from dashboard.core.charts import CHARTS
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_days
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext
from dashboard.core.methods import METHODS
from dashboard.reports.report import Report

_MAX_NAMES = 4
_PRODUCT = "Chorus"


def describe_slide(report: Report) -> SlideTexts:
    """Return the texts of the slide of a report: its claim as the title, or the chart's own title if nothing stands out."""
    return SlideTexts(report.claim or report.chart.title, report.drawn, describe_source(report))


def describe_source(report: Report) -> str:
    """Return how many posts of which accounts a chart shows, from when, by which method, and what licences require to be said."""
    method = METHODS[report.query.method]
    by_method = [method.short_title] if CHARTS[report.kind].uses_labels else []
    required = [method.attribution_line(report.model[0])] if by_method and method.attribution else []
    return " · ".join(filter(None, [_describe_posts(report), _describe_days(report), *by_method, *required, _PRODUCT]))


def _describe_posts(report: Report) -> str:
    counts = report.coverage["fetched"].to_list()
    names = format_list([report.labels.get(account, account) for account in report.coverage["account"]], _MAX_NAMES)
    demo = " " + gettext("(made-up demo data)") if source_notice(report.query.users) else ""
    if len(counts) > 1 and len(set(counts)) == 1:
        return gettext("Source: %(posts)s each by %(accounts)s", posts=format_count(counts[0], "post"), accounts=names) + demo
    return gettext("Source: %(posts)s by %(accounts)s", posts=format_count(sum(counts), "post"), accounts=names) + demo


def _describe_days(report: Report) -> str:
    row: tuple[datetime | None, datetime | None] = report.coverage.select(pl.col("first").min(), pl.col("last").max()).row(0)
    first, last = row
    return format_days(first.astimezone(report.query.zone), last.astimezone(report.query.zone)) if first and last else ""
