"""Where the parts meet: a question and the timelines that answer it become a table, a chart and what must be said of them.

No HTTP, no fetching, no cache: the same call works in a notebook.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from dashboard.analytics import agreement, compare, engagement, events, intervals, rhythm, sentiment, words
from dashboard.charts import definitions
from dashboard.charts.spec import Chart, PostQuery, TimeSeriesChart
from dashboard.core import x_terms
from dashboard.core.query import Query
from dashboard.reports import notes, table_format
from dashboard.reports.analysis import MAX_TABLE_ROWS, Analysis
from dashboard.reports.csv_export import to_csv, to_plain_rows
from dashboard.reports.fetched import Fetched


@dataclass(frozen=True)
class Report:
    """One kind of answer: its table (the contract's columns), the chart of it, coverage rows, notes, and when posts were read (UTC).

    `where` says of each row of the table which posts are behind it, as parameters of /posts; empty if that can't be said.
    """

    kind: str
    query: Query
    interval: str
    table: pl.DataFrame
    chart: Chart
    post_queries: Sequence[PostQuery]
    coverage: pl.DataFrame
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    fetched_at: datetime | None
    common_time: str = ""  # the time that all accounts cover, if a page is to offer it
    needs_more_posts: bool = False  # whether more must be read for it than was: its own page does, `chart.nothing` says so

    @property
    def demo_notice(self) -> str:
        """The label of demo data, empty if there is none."""
        return notes.DEMO_NOTICE if any(user.network == "demo" for user in self.query.users) else ""

    @property
    def notes(self) -> list[str]:
        """Everything that is to be said of the numbers, most important first."""
        return [*filter(None, [self.demo_notice]), *self.warnings, *self.remarks]

    @property
    def columns(self) -> list[table_format.Column]:
        """Return how the columns of the table are headed."""
        return table_format.build_columns(self.table, self.kind, self.query, self.interval)

    def formatted_rows(self, max_rows: int) -> list[dict[str, str]]:
        """Return the first rows of the table as people read them."""
        return table_format.format_rows(self.table.head(max_rows), self.kind, self.query)

    @property
    def link_column(self) -> str:
        """Return the column whose cells lead to the posts behind their row, empty if none does."""
        likely = ("posts", "posts_now", *self.table.columns[1:])
        return next((name for name in likely if name in self.table.columns), "") if any(self.post_queries) else ""

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the table as plain values, times as ISO 8601 texts; of posts on X what may be handed on."""
        return to_plain_rows(x_terms.redact_table(self.table, self.query.users))

    def to_coverage_rows(self) -> list[dict[str, Any]]:
        """Return coverage as plain values: account, asked, fetched, first, last, cut_by."""
        return to_plain_rows(self.coverage)

    def to_csv(self) -> str:
        """Return the table as RFC 4180 text, each row followed by its account's coverage, with no cell a spreadsheet would compute."""
        riding = self.coverage.select("account", "asked", "fetched", "first", "last", "cut_by")
        return to_csv(x_terms.redact_table(self.table, self.query.users).join(riding, on="account", how="left", maintain_order="left"))


@dataclass(frozen=True)
class Dashboard:
    """All kinds of answers to one question, and a summary row an account; `unit` is what counts as positive, `measured` the measure.

    `remarks` and `caption` are what more than one of them would say.
    """

    reports: tuple[Report, ...]
    summary_rows: list[dict[str, Any]]
    polarity_unit: str
    measure_title: str
    demo_notice: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    caption: tuple[str, ...]
    common_time: str = ""


class ChartResult(NamedTuple):
    """What a kind of answer consists of: its table, the picture of it, what must be said besides, and the posts behind each row."""

    table: pl.DataFrame
    chart: Chart
    remarks: Sequence[str] = ()
    post_queries: Sequence[PostQuery] = ()


def _build_frequency(analysis: Analysis) -> ChartResult:
    table = analysis.posts_per_interval
    by_network = {counts.account for counts in analysis.network_counts}
    labels = {account: f"{label} (counted by X)" if account in by_network else label for account, label in analysis.account_labels.items()}
    chart = definitions.frequency_chart(
        analysis.mark_partial_intervals(table), labels, analysis.account_styles, analysis.interval, analysis.caption
    )
    chart = definitions.mark_events(chart, analysis.posting_events, table)
    return _link_marks(ChartResult(table, chart, post_queries=_interval_post_queries(table, analysis)))


def _build_sentiment(analysis: Analysis) -> ChartResult:
    method, measure = analysis.query.method, analysis.query.measure
    table = sentiment.sentiment(analysis.scored_posts, analysis.account_spans, analysis.interval, analysis.query.tz, measure)
    caption = [*analysis.caption, *notes.scoring_attribution(method, analysis.model_title)]
    drawn = analysis.mark_partial_intervals(table)
    chart = definitions.sentiment_chart(
        drawn, analysis.account_labels, analysis.account_styles, analysis.interval, caption, method=method, measure=measure
    )
    chart = definitions.mark_events(chart, analysis.sentiment_events, table)
    told = (
        notes.model_remarks(analysis.account_summaries, analysis.model_title)
        if method == "model"
        else notes.lexicon_remarks(analysis.account_summaries, analysis.account_labels, method)
    )
    return _link_marks(
        ChartResult(
            table, chart, [*told, *analysis.language_remarks], _interval_post_queries(table, analysis, **dict(analysis.language_filter))
        )
    )


def _build_comparison(analysis: Analysis) -> ChartResult:
    query, times = analysis.query, analysis.comparison_periods
    table = compare.compare_periods(analysis.filtered_posts, analysis.scored_posts, times, query.tz)
    caption = [
        *notes.describe_periods(times, analysis.account_labels, query),
        *analysis.caption,
        *notes.scoring_attribution(query.method, analysis.model_title),
    ]
    edges = compare.current_spans(times, query.tz).iter_rows()
    now = {account: (("from", cut.isoformat()), ("to", until.isoformat())) for account, cut, until in edges}
    english: dict[str, PostQuery] = {"posts_per_day": ()} | dict.fromkeys(compare.MEASURES[1:], analysis.language_filter)
    rows = table.select("account", "measure", "posts_now").iter_rows()
    where = [(("account", account), *now[account], *english[of]) if posts and account in now else () for account, of, posts in rows]
    chart = definitions.comparison_chart(table, analysis.account_labels, analysis.account_styles, caption, where, query.method)
    return ChartResult(
        table, chart, [*notes.missing_period_remarks(times, analysis.account_labels, query), *analysis.language_remarks], where
    )


def _build_events(analysis: Analysis) -> ChartResult:
    query = analysis.query
    table = events.combine_events([analysis.posting_events, analysis.sentiment_events], list(analysis.account_labels))
    caption = [*analysis.caption, *notes.scoring_attribution(query.method, analysis.model_title)]
    behind, places = (
        _interval_post_queries(analysis.posts_per_interval, analysis),
        analysis.posts_per_interval.select("account", "start").with_row_index("_place"),
    )
    english: dict[str, PostQuery] = {"posts": (), "sentiment": analysis.language_filter}
    rows = table.join(places, on=["account", "start"], how="left", maintain_order="left").select("_place", "measure").iter_rows()
    where = [(*behind[place], *english[of]) if behind[place] else () for place, of in rows]
    chart = definitions.event_chart(table, analysis.account_labels, analysis.account_styles, analysis.interval, caption, where)
    short = events.find_short_histories(analysis.mark_partial_intervals(analysis.posts_per_interval))
    told = notes.event_remarks(table.height, short, analysis.account_labels, analysis.interval, events.MIN_INTERVALS)
    return ChartResult(table, chart, [*told, *analysis.language_remarks], where)


def _build_rhythm(analysis: Analysis) -> ChartResult:
    table = rhythm.rhythm(analysis.filtered_posts, analysis.known_spans, analysis.account_spans["account"].to_list(), analysis.query.tz)
    chart = definitions.rhythm_chart(table, analysis.account_labels, analysis.account_styles, analysis.query.tz, analysis.caption)
    remarks = definitions.explain_short_histories(analysis.known_spans, analysis.account_labels)
    return ChartResult(table, chart, remarks, [definitions.hour_post_query(row) for row in table.iter_rows(named=True)])


def _build_engagement(analysis: Analysis) -> ChartResult:
    method, networks = analysis.query.method, {str(user): user.network for user in analysis.query.users}
    rows = engagement.engagement(analysis.scored_posts, analysis.query.tz)
    table, medians = engagement.limit_rows(rows, analysis.query.users, MAX_TABLE_ROWS), engagement.median_reactions(rows)
    caption = [*analysis.caption, *notes.scoring_attribution(method, analysis.model_title)]
    chart = definitions.engagement_chart(table, medians, analysis.account_labels, analysis.account_styles, caption, method)
    told = definitions.engagement_notes.build_notes(rows, table, chart, medians, analysis.account_labels, networks, analysis.filtered_posts)
    told += x_terms.build_remarks(table, analysis.query.users)
    return ChartResult(
        table, chart, [*told, *analysis.language_remarks], [definitions.single_post_query(row) for row in table.iter_rows(named=True)]
    )


def _build_words(analysis: Analysis) -> ChartResult:
    method = analysis.query.method
    table = words.rank_words(analysis.scored_posts, method, analysis.account_spans["account"].to_list())
    caption = [*analysis.caption, *notes.scoring_attribution(method, analysis.model_title)]
    chart = definitions.word_chart(
        table, analysis.account_labels, analysis.account_styles, caption, method=method, base_query=analysis.language_filter
    )
    where = [definitions.word_post_query(row, analysis.language_filter) for row in table.iter_rows(named=True)]
    return ChartResult(
        table, chart, [*definitions.describe_distinctive_words(table, analysis.account_labels), *analysis.language_remarks], where
    )


def _build_method_agreement(analysis: Analysis) -> ChartResult:
    table = agreement.summarize_methods(analysis.rated_posts, analysis.account_spans["account"].to_list())
    caption = [
        *analysis.caption,
        *notes.scoring_attribution("afinn", ""),
        *(notes.scoring_attribution("model", analysis.model_title) if analysis.fetched.labeller else []),
    ]
    every = agreement.sampling_step(analysis.scorable_posts)
    where = [definitions.disputed_post_query(row, every, analysis.language_filter) for row in table.iter_rows(named=True)]
    chart = definitions.method_comparison_chart(table, analysis.account_labels, analysis.account_styles, caption, where)
    told = definitions.describe_agreement(
        agreement.pairwise_agreement(analysis.rated_posts), agreement.krippendorff_alpha(analysis.rated_posts), analysis.rated_posts
    )
    told += definitions.describe_sampling(every, analysis.scorable_posts.height)
    return ChartResult(table, chart, [*told, *analysis.language_remarks], where)


def _interval_post_queries(table: pl.DataFrame, analysis: Analysis, **extra_parameters: str) -> list[PostQuery]:
    """Return which posts are behind each row of a table of intervals; none are behind a row without posts, nor behind counts."""
    by_network = {counts.account for counts in analysis.network_counts}
    edges = intervals.add_edges(table, analysis.interval)
    return [
        (("account", account), ("from", start), ("to", end), *extra_parameters.items()) if posts and account not in by_network else ()
        for account, posts, start, end in edges.select("account", "posts", "from", "to").iter_rows()
    ]


def _link_marks(chart_result: ChartResult) -> ChartResult:
    """Return an answer whose chart of time knows the posts behind its marks, which are those behind the rows of its table."""
    by_account: dict[str, list[PostQuery]] = {}
    for account, where in zip(chart_result.table["account"], chart_result.post_queries, strict=True):
        by_account.setdefault(account, []).append(where)
    return (
        chart_result._replace(chart=chart_result.chart.with_post_queries(by_account))
        if isinstance(chart_result.chart, TimeSeriesChart)
        else chart_result
    )


# The registry of charts: a new one is one line here, and its name in query.CHARTS.
CHART_BUILDERS: dict[str, Callable[[Analysis], ChartResult]] = {
    "frequency": _build_frequency,
    "sentiment": _build_sentiment,
    "compare": _build_comparison,
    "events": _build_events,
    "rhythm": _build_rhythm,
    "words": _build_words,
    "methods": _build_method_agreement,
    "engagement": _build_engagement,
}
TIME_SERIES_KINDS = ("frequency", "sentiment", "events")  # what is cut into intervals


def build_report(kind: str, query: Query, fetched: Fetched) -> Report:
    """Answer one question with one kind of chart.

    Raises ModelUnavailable for sentiment by the method `model` without a labeller, and InvalidQuery for a chart of words of a question
    that is answered by counts.
    """
    return _assemble_report(kind, Analysis(query.validated_for(kind), fetched, query.required_span(kind)))


def build_dashboard(query: Query, fetched: Fetched) -> Dashboard:
    """Answer one question with every kind of chart; errors as for `build_report`.

    What was fetched is of the time asked for and no more. A kind that needs more has no numbers here, and says that its own page has them.
    """
    reading = Analysis(query, fetched)
    enough = {kind: query.required_span(kind) == query.span for kind in CHART_BUILDERS if query.validated_for(kind)}
    reports = tuple(_assemble_report(kind, reading) if here else _build_unread_report(kind, reading) for kind, here in enough.items())
    unit, measured = definitions.METHOD_UNITS[query.method], definitions.MEASURE_TITLES[query.measure]
    said = _repeated_sentences(report.remarks for report in reports)
    caption = _repeated_sentences(report.chart.caption for report in reports)
    first = reports[0]
    return Dashboard(
        reports, _build_summary_rows(reading), unit, measured, first.demo_notice, first.warnings, said, caption, reading.common_time
    )


def _repeated_sentences(sentence_lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the sentences that more than one of several says, in their order."""
    counts = Counter(sentence for each in sentence_lists for sentence in dict.fromkeys(each))
    return tuple(sentence for sentence, count in counts.items() if count > 1)


def _build_summary_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Return a row for each account that was read, in the order asked for: its sums, its coverage, and how they are worded and coloured."""
    sums = {row["account"]: row for row in analysis.account_summaries.iter_rows(named=True)}
    nothing = dict.fromkeys(("words", "matched", "positive", "negative", "posts"), 0) | {"share": None, "per_day": None, "value": None}
    return [
        nothing | covered | sums.get(covered["account"], {}) | _format_summary_row(covered, sums.get(covered["account"]), analysis)
        for covered in analysis.coverage_table.iter_rows(named=True)
    ]


def _format_summary_row(coverage_row: Mapping[str, Any], summary_row: Mapping[str, Any] | None, analysis: Analysis) -> dict[str, str]:
    account = coverage_row["account"]
    return {
        "label": analysis.account_labels[account],
        "colour": analysis.account_styles[account].color,
        "cut": notes.describe_cut(coverage_row, analysis.query),
        "measured": definitions.format_value(summary_row["value"], analysis.query.measure) if summary_row and summary_row["posts"] else "–",
    }


def _assemble_report(kind: str, analysis: Analysis) -> Report:
    width = analysis.interval if kind in TIME_SERIES_KINDS else analysis.query.interval
    answer = CHART_BUILDERS[kind](analysis)
    told = tuple(analysis.warnings), (*analysis.remarks, *answer.remarks)
    return Report(
        kind,
        analysis.query,
        width,
        answer.table,
        answer.chart,
        answer.post_queries,
        analysis.coverage_table,
        *told,
        analysis.fetched_at,
        analysis.common_time,
    )


def _build_unread_report(kind: str, analysis: Analysis) -> Report:
    """Return a kind of answer without numbers: a sentence on what would have to be read for them."""
    nothing = _assemble_report(kind, replace(analysis, fetched=replace(analysis.fetched, answers=())))
    chart = replace(nothing.chart, hint="", caption=(), empty_message=notes.explain_unread_period(analysis.query))
    return replace(nothing, chart=chart, remarks=(), needs_more_posts=True)
