"""Writes the texts of a slide with one chart: a claim, what is drawn, and where the numbers come from. Nothing is laid out here."""

import polars as pl

from dashboard.charts.spec.chart import SlideTexts
from dashboard.core.accounts import source_notice
from dashboard.core.charts import CHARTS
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_days
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext
from dashboard.core.methods import METHODS
from dashboard.reports.report import Report, Span

_MAX_NAMES = 4
_PRODUCT = "Chorus"


def describe_slide(report: Report) -> SlideTexts:
    """Return the texts of the slide of a report: its claim as the title, or the chart's own title if nothing stands out."""
    return SlideTexts(report.claim or report.chart.title, report.drawn_alone, describe_source(report))


def describe_source(report: Report, span: Span | None = None) -> str:
    """Return how many posts of which accounts a chart shows, from when, by which method, and what licences require to be said.

    With `span` it's about the posts within it, because the slide's sentence is; otherwise about those that the chart is about, such as
    the posts that the method reads.
    """
    method = METHODS[report.query.method]
    by_method = [method.short_title] if CHARTS[report.kind].uses_labels else []
    required = [method.attribution_line(report.model[0])] if by_method and method.attribution else []
    counts = _count_posts(report, span)
    return " · ".join(filter(None, [_describe_posts(counts, report), _describe_days(counts, report), *by_method, *required, _PRODUCT]))


def _count_posts(report: Report, span: Span | None) -> pl.DataFrame:
    """Return account, posts, first and last of what the chart is about, or within `span`; of what was counted, if networks did that."""
    counts = pl.DataFrame()
    if report.measure_shown and report.measure_drawn and report.query.counted == "posts":
        counts = report.measure_shown(span) if span else report.measure_drawn()
    return counts if counts.height else report.coverage.rename({"fetched": "posts"})


def _describe_posts(counts: pl.DataFrame, report: Report) -> str:
    posts_by_account = dict(counts[["account", "posts"]].iter_rows())
    posts_by_label = {report.labels.get(account, account): posts for account, posts in posts_by_account.items()}
    demo = " " + gettext("(made-up demo data)") if source_notice(report.query.users) else ""
    names, total = format_list(list(posts_by_label), _MAX_NAMES), sum(posts_by_label.values())
    if len(posts_by_label) > 1 and len(set(posts_by_label.values())) == 1:
        posts = format_count(next(iter(posts_by_label.values())), "post")
        return gettext("Source: %(posts)s each by %(accounts)s", posts=posts, accounts=names) + demo
    if 1 < len(posts_by_label) <= _MAX_NAMES:
        parts = [
            gettext("%(posts)s by %(account)s", posts=format_count(posts, "post"), account=name) for name, posts in posts_by_label.items()
        ]
        return gettext("Source: %(posts)s", posts=format_list(parts)) + demo
    return gettext("Source: %(posts)s by %(accounts)s", posts=format_count(total, "post"), accounts=names) + demo


def _describe_days(counts: pl.DataFrame, report: Report) -> str:
    first, last = counts.select(pl.col("first").min(), pl.col("last").max()).row(0)
    return format_days(first.astimezone(report.query.zone), last.astimezone(report.query.zone)) if first and last else ""
