"""Builds the comparison of methods on the same posts."""

from dashboard.analytics import agreement
from dashboard.charts.definitions.method_comparison import (
    claim_agreement,
    describe_agreement,
    describe_sampling,
    disputed_post_query,
    method_comparison_chart,
)
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult
from dashboard.reports.notes import scoring_notes


def build_method_comparison(analysis: Analysis) -> ChartResult:
    """Return how positive each method finds the same posts. If there are very many, only a sample is compared."""
    rated = analysis.rated_posts
    table = agreement.summarize_methods(rated, analysis.account_spans["account"].to_list())
    attributions = [
        line for method in agreement.rated_methods(rated) for line in scoring_notes.scoring_attribution(method, analysis.model_title)
    ]
    context = analysis.chart_context.with_caption(after=attributions)
    step = agreement.sampling_step(analysis.comparable_posts)
    post_queries = [disputed_post_query(row, step, analysis.language_filter_of(row["method"])) for row in table.iter_rows(named=True)]
    chart = method_comparison_chart(table, context, post_queries)
    remarks = [
        *describe_agreement(analysis.method_agreement, agreement.krippendorff_alpha(rated), rated),
        *describe_sampling(step, analysis.comparable_posts.height),
        *analysis.language_remarks,
    ]
    return ChartResult(table, chart, remarks, post_queries, claim_agreement(analysis.method_agreement))
