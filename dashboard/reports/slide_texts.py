"""Writes the texts of a slide with one chart: a claim, what is drawn, and where the numbers come from. Nothing is laid out here."""

from dashboard.charts.spec import SlideTexts
from dashboard.core.charts import CHARTS
from dashboard.core.formatting import format_count, format_days, format_list
from dashboard.core.methods import METHODS
from dashboard.core.networks import NETWORKS
from dashboard.reports.report import Report

_MAX_NAMES = 4
_PRODUCT = "Chorus"


def describe_slide(report: Report) -> SlideTexts:
    """Return the texts of the slide of a report: its claim, or the chart's title if nothing stands out."""
    claim, drawn = "", report.chart.hint or report.chart.title
    title = claim or report.chart.title
    return SlideTexts(title, f"{report.chart.title}. {report.chart.hint}".rstrip(". ") if title != report.chart.title else drawn, describe_source(report))


def describe_source(report: Report) -> str:
    """Return how many posts of which accounts a chart shows, from when, by which method, and what licences require to be said."""
    method = METHODS[report.query.method]
    by_method = [method.short_title] if CHARTS[report.kind].uses_labels else []
    required = [method.attribution_line(report.model[0])] if by_method and method.attribution else []
    return " · ".join(filter(None, [f"Source: {_describe_posts(report)}", _describe_days(report), *by_method, *required, _PRODUCT]))


def _describe_posts(report: Report) -> str:
    users, counts = report.query.users, report.coverage["fetched"].to_list()
    names = format_list([user.label for user in users], _MAX_NAMES)
    each = " each" if len(counts) > 1 and len(set(counts)) == 1 else ""
    demo = "" if all(NETWORKS[user.network].is_live for user in users) else " (made-up demo data)"
    return f"{format_count(counts[0] if each else sum(counts), 'post')}{each} by {names}{demo}"


def _describe_days(report: Report) -> str:
    spans = report.coverage.drop_nulls(["first", "last"])
    if spans.is_empty():
        return ""
    zone = report.query.zone
    return format_days(*(moment.astimezone(zone) for moment in (spans["first"].min(), spans["last"].max())))
