"""Builds the chart of the words behind the sentiment."""

from dashboard.analytics.words import rank_words
from dashboard.charts.definitions.words import describe_distinctive_words, word_chart, word_post_query
from dashboard.core.messages import gettext
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.result import ChartResult
from dashboard.reports.notes import unread_notes


def build_words(analysis: Analysis) -> ChartResult:
    """Return the words that contribute most to the sentiment, by the query's method."""
    language_filter = analysis.language_filter
    accounts, languages = analysis.account_spans["account"].to_list(), analysis.main_languages
    table = rank_words(analysis.scored_posts, analysis.query.method, accounts, analysis.list_words, languages)
    context = analysis.chart_context.with_caption(after=analysis.scoring_attribution)
    chart = word_chart(table, context, language_filter)
    typical = describe_distinctive_words(table, analysis.account_labels)
    languages_differ = len({languages[account] for account in accounts if account in languages}) > 1
    differing = [gettext("Words are compared only between accounts that write in the same language.")] if languages_differ else []
    post_queries = [word_post_query(row, language_filter) for row in table.iter_rows(named=True)]
    claim = typical[0].removesuffix(".") if typical else ""
    remarks = [*typical, *differing, *analysis.language_remarks, *unread_notes.describe_unread_posts(analysis)]
    return ChartResult(table, chart, remarks, post_queries, claim=claim, list_drawn_posts=lambda: analysis.scored_posts)
