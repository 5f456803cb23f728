"""What changed from one period to the next, for each account and measure."""

from collections.abc import Iterator

import polars as pl

from dashboard.analytics import compare
from dashboard.charts.definitions.compare import comparison_chart
from dashboard.charts.spec import PostQuery
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.period_notes import describe_periods, missing_period_remarks
from dashboard.reports.chart_builders.result import ChartResult


def build_comparison(analysis: Analysis) -> ChartResult:
    """Return the change of each account and measure, against the period before."""
    query, periods = analysis.query, analysis.comparison_periods
    table = compare.compare_periods(analysis.filtered_posts, analysis.scored_posts, periods, query.tz)
    described = describe_periods(periods, analysis.account_labels, query)
    context = analysis.chart_context.with_caption(before=described, after=analysis.scoring_attribution)
    post_queries = list(_current_post_queries(table, analysis))
    chart = comparison_chart(table, context, post_queries)
    remarks = [*missing_period_remarks(periods, analysis.account_labels, query), *analysis.language_remarks]
    return ChartResult(table, chart, remarks, post_queries)


def _current_post_queries(table: pl.DataFrame, analysis: Analysis) -> Iterator[PostQuery]:
    """Yield the posts of this period behind each row: all posts for the rate, those that are scored for the rest."""
    spans = compare.current_spans(analysis.comparison_periods, analysis.query.tz).iter_rows()
    current = {account: (("from", start.isoformat()), ("to", end.isoformat())) for account, start, end in spans}
    language: dict[str, PostQuery] = {"posts_per_day": ()} | dict.fromkeys(compare.MEASURES[1:], analysis.language_filter)
    for account, measure, posts in table.select("account", "measure", "posts_now").iter_rows():
        yield (("account", account), *current[account], *language[measure]) if posts and account in current else ()
