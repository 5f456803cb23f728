"""Builds the chart of reactions by sentiment."""

from dashboard.analytics import engagement
from dashboard.charts.definitions.engagement import engagement_chart, single_post_query
from dashboard.charts.definitions.engagement_notes import ReactionTables, build_notes, explain_sample
from dashboard.charts.definitions.typical_reactions import typical_reactions_chart
from dashboard.core import sharing_terms
from dashboard.core.posts import list_author_column
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult, RowQueries
from dashboard.reports.interval_tables import MAX_TABLE_ROWS
from dashboard.reports.notes import post_language_notes, post_notes


def build_engagement(analysis: Analysis) -> ChartResult:
    """Return each post's score and reactions, and the median reactions to negative, neutral and positive posts."""
    query = analysis.query
    rows, medians = analysis.shown_reactions, analysis.median_reactions
    drawn = engagement.limit_rows(rows, query.users, MAX_TABLE_ROWS)
    table = drawn.drop(list_author_column(drawn))
    context = analysis.chart_context.with_caption(after=analysis.scoring_attribution)
    chart = engagement_chart(drawn, medians, context)
    remarks = [
        *build_notes(ReactionTables(rows, table, medians, analysis.filtered_posts), chart, context),
        *sharing_terms.build_remarks(table, query.users),
        *post_notes.date_only_table_remarks(int(analysis.filtered_posts["date_only"].sum()), analysis.filtered_posts.height),
        *analysis.language_remarks,
        *post_language_notes.explain_uncertain_posts(analysis.reactions.height - rows.height),
    ]
    overview = typical_reactions_chart(medians, context, analysis.language_filter, chart.empty_message)
    post_queries = RowQueries(table[["account", "id"]], single_post_query)
    return ChartResult(
        table,
        chart,
        remarks,
        post_queries,
        overview=overview,
        chart_remarks=explain_sample(chart, table),
        list_drawn_posts=lambda: analysis.reactions.drop_nulls("reactions").rename({"start": "created_at"}),
    )
