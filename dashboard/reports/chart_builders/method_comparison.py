"""Builds the comparison of methods on the same posts."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.analytics import agreement
from dashboard.charts.definitions.method_comparison import (
    claim_agreement,
    describe_agreement,
    describe_sampling,
    disputed_post_query,
    method_comparison_chart,
)
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.methods import METHODS
from dashboard.core.readings import MIN_PROVISIONAL_POSTS
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult
from dashboard.reports.notes import scoring_notes


def build_method_comparison(analysis: Analysis) -> ChartResult:
    """Return how positive each method finds the same posts. If there are very many, only a sample is compared."""
    rated, split = analysis.rated_posts, analysis.comparable_split
    rows = _summarize_rows(rated, analysis)
    table = split.restore(rows) if split else rows
    attributions = [
        line for method in agreement.rated_methods(rated) for line in scoring_notes.scoring_attribution(method, analysis.model_title)
    ]
    context = split.repeat_labels(analysis.chart_context.with_caption(after=attributions))
    step = agreement.sampling_step(analysis.comparable_posts)
    post_queries = [disputed_post_query(row, step, _select_language(row, analysis)) for row in table.iter_rows(named=True)]
    chart = method_comparison_chart(rows, context, post_queries)
    remarks = [
        *describe_agreement(analysis.method_agreement, agreement.krippendorff_alpha(rated), rated),
        *describe_sampling(step, rated.height, analysis.comparable_posts.height),
        *analysis.language_remarks,
    ]
    return ChartResult(
        table, chart, remarks, post_queries, claim_agreement(analysis.method_agreement), list_drawn_posts=lambda: analysis.rated_posts
    )


def _summarize_rows(rated: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    """Return the verdicts of each method per row: those of an account, or of one of its languages, without methods that don't read it.

    A share of few posts in a language that the AI model reads only roughly is unknown.
    """
    split = analysis.comparable_split
    named = split.name_posts(rated, rated["language"]) if split else rated
    accounts = split.repeat(analysis.account_spans.select("account"))["account"].to_list()
    rows = agreement.summarize_methods(named, accounts)
    is_row_of_language = pl.col("account").is_in(split.keys["row_key"].to_list())
    return _hide_unsure_shares(rows.filter(~is_row_of_language | (pl.col("posts") > 0)), rated, analysis)


def _hide_unsure_shares(rows: pl.DataFrame, rated: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    by_account = rated.group_by("account").agg(pl.col("language").mode().first())
    provisional = [account for account, language in by_account.iter_rows() if language and analysis.is_graded_provisional(language)]
    labelling = [method.name for method in METHODS if method.needs_labeller]
    is_unsure = pl.col("account").is_in(provisional) & pl.col("method").is_in(labelling) & (pl.col("posts") < MIN_PROVISIONAL_POSTS)
    return rows.with_columns(pl.when(~is_unsure).then(pl.col("share", "low", "high")))


def _select_language(row: Mapping[str, Any], analysis: Analysis) -> PostQuery:
    """Return the query parameters that select the posts of a row by their language."""
    return (("language", row["language"]),) if row.get("language") else analysis.language_filter_of(row["method"])
