"""Builds reports and dashboards: a query and what was fetched for it become tables, charts and notes.

There is no HTTP, fetching or cache in here, so the same call works in a notebook. What only one chart needs belongs in `chart_builders`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from dashboard.core.charts import CHARTS
from dashboard.core.errors import InvalidQuery
from dashboard.core.messages import gettext
from dashboard.core.query import Query
from dashboard.reports.about import build_about
from dashboard.reports.analysis import Analysis
from dashboard.reports.chart_builders.period_notes import explain_unread_period
from dashboard.reports.chart_builders.result import ChartResult
from dashboard.reports.dashboard import Dashboard
from dashboard.reports.empty_periods import explain_missing_languages
from dashboard.reports.fetched import Fetched
from dashboard.reports.findings.candidates import Candidates, collect_chart_findings, collect_findings
from dashboard.reports.findings.selection import find_claim, select_findings
from dashboard.reports.notes.analyzed_notes import explain_missing_posts, explain_sampled_counts
from dashboard.reports.report import Report
from dashboard.reports.scorecard import build_scorecard
from dashboard.reports.top_posts import list_top_posts
from dashboard.reports.unusual_periods import explain_unusual_periods, list_unusual_periods


def build_report(kind: str, query: Query, fetched: Fetched) -> Report:
    """Return one kind of report on a query.

    Raises ModelUnavailable if the method needs a labeller and there is none, and InvalidQuery for a chart that needs texts if the query
    asks for counts.
    """
    return _assemble_report(kind, Candidates(Analysis(query.validated_for(kind), fetched, query.required_span(kind))))


def build_dashboard(query: Query, fetched: Fetched) -> Dashboard:
    """Return every kind of report on a query. Raises the same errors as `build_report`.

    Only posts of the requested period were fetched. A chart that needs more posts has no numbers here; its own page has them.
    """
    candidates = Candidates(analysis := Analysis(query, fetched))
    analysis.find_all_words()
    reports = tuple(_build_chart_of_dashboard(kind, candidates) for kind in CHARTS.names() if query.validated_for(kind))
    remarks = _repeated_sentences(report.page_remarks for report in reports)
    unusual_periods = list_unusual_periods(analysis)
    return Dashboard(
        reports=reports,
        findings=select_findings(collect_findings(candidates), len(analysis.account_labels)),
        scorecard=build_scorecard(analysis),
        interval=analysis.interval,
        unusual_periods=unusual_periods,
        unusual_note=explain_unusual_periods(analysis, unusual_periods),
        top_posts=list_top_posts(analysis.sampled),
        about=build_about(analysis, reports, remarks),
        warnings=tuple(analysis.warnings),
        remarks=remarks,
        posts_notes=tuple(analysis.posts_notes),
    )


def _build_chart_of_dashboard(kind: str, candidates: Candidates) -> Report:
    query = candidates.analysis.query
    if CHARTS[kind].needs_posts and candidates.analysis.fetched.has_samples:
        candidates = Candidates(candidates.analysis.sampled)
    if CHARTS[kind].needs_posts and candidates.analysis.analyzed:
        return _build_empty_report(kind, candidates.analysis, explain_missing_posts(candidates.analysis))
    if query.required_span(kind) != query.span:
        return replace(_build_empty_report(kind, candidates.analysis, explain_unread_period(query, kind)), needs_more_posts=True)
    return _assemble_report(kind, candidates).for_dashboard()


def _repeated_sentences(sentence_lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the sentences that are in more than one of the lists, in their original order."""
    counts = Counter(sentence for sentences in sentence_lists for sentence in dict.fromkeys(sentences))
    return tuple(sentence for sentence, count in counts.items() if count > 1)


def _assemble_report(kind: str, candidates: Candidates) -> Report:
    chart_kind, analysis = CHARTS[kind], candidates.analysis
    if chart_kind.needs_posts and analysis.analyzed:
        raise InvalidQuery([("users", explain_missing_posts(analysis))])
    interval = analysis.interval if chart_kind.has_intervals else analysis.query.interval  # raises InvalidQuery before anything is computed
    result: ChartResult = chart_kind.load_builder()(analysis)
    explanation = gettext("None of these posts are in a language that this method reads.") if analysis.reads_no_post else ""
    chart, overview = result.chart.explain_emptiness(explanation), result.overview and result.overview.explain_emptiness(explanation)
    return Report(
        kind=kind,
        query=analysis.query,
        interval=interval,
        table=result.table,
        chart=chart,
        post_queries=result.post_queries,
        note=" ".join(filter(None, [result.note, explain_sampled_counts(analysis) if chart_kind.needs_posts else ""])),
        overview=overview,
        missing_languages=explain_missing_languages(analysis),
        chart_remarks=tuple(result.chart_remarks),
        coverage=analysis.coverage_table,
        warnings=tuple(analysis.warnings),
        remarks=(*analysis.remarks, *result.remarks),
        fetched_at=analysis.fetched_at,
        common_time=analysis.common_time,
        labels=analysis.labels,
        make_claim=cache(lambda: find_claim(collect_chart_findings(candidates, kind), kind) or result.claim),
        count_languages=lambda: analysis.language_counts,
        count_shown=analysis.count_shown,
        measure_shown=analysis.measure_shown,
        measure_drawn=lambda: analysis.measure_rows(result.list_drawn_posts() if result.list_drawn_posts else analysis.post_counts),
        model=(labeller.title, labeller.model.card.name) if (labeller := analysis.fetched.labeller) else ("", ""),
    )


def _build_empty_report(kind: str, analysis: Analysis, message: str) -> Report:
    """Return a report without numbers whose message says why there are none."""
    empty_report = _assemble_report(kind, Candidates(replace(analysis, fetched=replace(analysis.fetched, activities=()))))
    chart = replace(empty_report.chart, hint="", caption=(), empty_message=message)
    return replace(empty_report, chart=chart, remarks=())
