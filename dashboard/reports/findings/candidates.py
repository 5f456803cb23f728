"""Collects every finding on an analysis, from the tables that it shares with the charts.

Which of them a report shows is decided in `selection.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import polars as pl

from dashboard.analytics import engagement, shared_period
from dashboard.reports.analysis import Analysis
from dashboard.reports.findings import audience, busiest, caveats, changes, levels, rhythms, steadiness, unusual
from dashboard.reports.findings.finding import Finding, FindingContext
from dashboard.reports.findings.history import History, build_histories
from dashboard.sources.files.network import is_series


def collect_findings(candidates: "Candidates") -> list[Finding]:
    """Return every finding on a report, in no particular order."""
    findings = [
        *candidates.unusual,
        *candidates.busiest,
        *candidates.changes,
        *candidates.most_positive,
        *candidates.reactions,
        *candidates.most_frequent,
        *candidates.rhythms,
    ]
    return [*findings, *candidates.find_steadiness(findings), *candidates.find_caveats()]


def collect_chart_findings(candidates: "Candidates", chart_kind: str) -> list[Finding]:
    """Return the findings that one kind of chart shows, made only of tables that this chart needs, too.

    The chart of posts over time shows no sentiment, so it may have a finding that is part of another one in the report.
    """
    select = _FINDINGS_BY_CHART.get(chart_kind)
    return select(candidates) if select else []


@dataclass(frozen=True)
class Candidates:
    """The findings of one analysis, by what they are made of. Charts and the report share what several of them need."""

    analysis: Analysis

    @cached_property
    def context(self) -> FindingContext:
        """What the sentences have in common."""
        analysis = self.analysis
        counted = frozenset(counts.account for counts in analysis.network_counts)
        return FindingContext(
            analysis.query, analysis.account_labels, analysis.interval, self._shows_year, counted, lambda: analysis.compared_languages
        )

    @property
    def _shows_year(self) -> bool:
        """Whether the report covers more than one calendar year."""
        days = [moment.astimezone(self.analysis.query.zone) for moment in self.analysis.shown_span or ()]
        return len({day.year for day in days}) > 1

    @cached_property
    def activity(self) -> dict[str, History]:
        """The intervals of accounts, without their sentiment."""
        return build_histories(self.analysis.expected_posts, self.analysis.interval)

    @cached_property
    def histories(self) -> dict[str, History]:
        """The intervals of accounts with their sentiment."""
        analysis = self.analysis
        return build_histories(analysis.expected_posts, analysis.interval, analysis.sentiment_per_interval)

    @cached_property
    def shared_span(self) -> tuple[datetime, datetime] | None:
        """The period that is known of all accounts; None if they share none."""
        return shared_period.find_shared_span(self.analysis.account_spans, self.analysis.known_spans)

    @cached_property
    def unusual(self) -> list[Finding]:
        """The unusual spans."""
        return unusual.find_unusual_spans(self.analysis.unusual_intervals, self.histories, self.context)

    @cached_property
    def busiest(self) -> list[Finding]:
        """The busiest intervals of accounts that never posted unusually often."""
        return busiest.find_busiest_intervals(self.analysis.plain_peaks, self.activity, self.analysis.judged_accounts, self.context)

    @cached_property
    def most_frequent(self) -> list[Finding]:
        """Who posts most often."""
        if self.shared_span is None:
            return []
        hourly_counts = self.analysis.counted_hours if self.analysis.network_counts else None
        counts = shared_period.count_span(self.analysis.post_counts, hourly_counts, self.shared_span)
        findings = levels.find_most_frequent(_leave_out_series(counts), self._describe_shared_span(self.shared_span), self.context)
        return [replace(finding, span=self.shared_span) for finding in findings]

    @cached_property
    def most_positive(self) -> list[Finding]:
        """Who is the most positive."""
        if self.shared_span is None:
            return []
        if len(set(self.analysis.main_languages.values())) > 1:
            return []  # the errors of reading differ between languages, and with them the levels
        shares = shared_period.measure_span(self.analysis.main_language_sums, list(self.context.labels), self.shared_span)
        findings = levels.find_most_positive(_leave_out_series(shares), self._describe_shared_span(self.shared_span), self.context)
        return [replace(finding, span=self.shared_span) for finding in findings]

    def _describe_shared_span(self, span: tuple[datetime, datetime]) -> str:
        return levels.describe_period(span, self.analysis.account_spans, self.context)

    @cached_property
    def activity_findings(self) -> list[Finding]:
        """What the chart of posts over time shows."""
        posting = unusual.find_unusual_spans(self.analysis.posting_events, self.activity, self.context)
        return [*posting, *self.busiest, *self.most_frequent]

    @cached_property
    def sentiment_findings(self) -> list[Finding]:
        """What the chart of sentiment over time shows."""
        swings = unusual.find_unusual_spans(self.analysis.sentiment_events, self.histories, self.context)
        return [*swings, *self.most_positive]

    @cached_property
    def changes(self) -> list[Finding]:
        """What the comparison of periods shows; nothing if the period before wasn't read."""
        analysis = self.analysis
        if not analysis.has_previous_period:
            return []
        return changes.find_changes(analysis.period_changes, analysis.comparison_periods, self.context)

    @cached_property
    def rhythms(self) -> list[Finding]:
        """What the chart of the week shows."""
        return rhythms.find_rhythms(self.analysis.posts_by_hour_of_week, self.analysis.count_known_weekends(), self.context)

    @cached_property
    def reactions(self) -> list[Finding]:
        """What the chart of reactions shows."""
        clear_accounts = engagement.find_clear_contrasts(self.analysis.reactions)
        contrasts = audience.find_audience_contrasts(self.analysis.median_reactions, clear_accounts, self.context)
        return [*contrasts, *audience.find_top_post(engagement.find_top_post(self.analysis.counted_reactions), self.context)]

    def find_steadiness(self, findings: list[Finding]) -> list[Finding]:
        """Return that nothing stood out among these findings, if that is so."""
        analysis = self.analysis
        compared = analysis.period_changes.drop_nulls("low")["account"].to_list() if analysis.has_previous_period else []
        knows_sentiment = not analysis.unread_accounts
        return steadiness.find_steadiness(findings, analysis.judged_accounts, compared, self.context, knows_sentiment=knows_sentiment)

    def find_caveats(self) -> list[Finding]:
        """Return what to know before comparing."""
        analysis = self.analysis
        spans = analysis.account_spans.join(analysis.known_spans, on="account", how="left")
        begins = spans.filter(pl.col("known_from").is_not_null()).select("account", pl.min_horizontal("known_from", "first"))
        basis = caveats.Basis(
            starts=dict(begins.iter_rows()),
            last=analysis.shown_span[-1] if analysis.shown_span else None,
            shares_time=self.shared_span is not None,
            summaries=analysis.account_summaries,
            agreement=analysis.method_agreement,
            rated_count=analysis.rated_posts.height,
            unread=analysis.unread_counts,
            find_reader=analysis.find_reader,
        )
        return caveats.find_caveat(basis, self.context)


def _leave_out_series(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of single accounts: all others together post more often than any of them, which says nothing."""
    return table.filter(pl.col("account").is_in([account for account in table["account"] if not is_series(account)]))


_FINDINGS_BY_CHART: Mapping[str, Callable[[Candidates], list[Finding]]] = {
    "events": lambda candidates: candidates.unusual,
    "compare": lambda candidates: candidates.changes,
    "sentiment": lambda candidates: candidates.sentiment_findings,
    "engagement": lambda candidates: candidates.reactions,
    "frequency": lambda candidates: candidates.activity_findings,
    "rhythm": lambda candidates: candidates.rhythms,
}
