"""Collects every finding on an analysis, from the tables that it shares with the charts.

Which of them a report shows is decided in `selection.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl

from dashboard.analytics import engagement, events, shared_period
from dashboard.reports.analysis import Analysis
from dashboard.reports.findings import audience, busiest, caveats, changes, levels, rhythms, steadiness, unusual
from dashboard.reports.findings.finding import Finding, FindingContext
from dashboard.reports.findings.history import History, build_histories


def collect_findings(analysis: Analysis) -> list[Finding]:
    """Return every finding on a report, in no particular order."""
    candidates = _Candidates(analysis)
    findings = [finding for find in _FINDERS_BY_CHART.values() for finding in find(candidates)]
    unique = list(dict.fromkeys(findings))  # charts share some of them
    return [*unique, *candidates.find_steadiness(unique), *candidates.find_caveats()]


def collect_chart_findings(analysis: Analysis, chart_kind: str) -> list[Finding]:
    """Return the findings that one kind of chart shows, computing no table that the chart doesn't need."""
    find = _FINDERS_BY_CHART.get(chart_kind)
    return find(_Candidates(analysis)) if find else []


@dataclass(frozen=True)
class _Candidates:
    """The findings of one analysis, by what they are made of."""

    analysis: Analysis

    @cached_property
    def context(self) -> FindingContext:
        """What the sentences have in common."""
        analysis = self.analysis
        counted = frozenset(counts.account for counts in analysis.network_counts)
        return FindingContext(analysis.query, analysis.account_labels, analysis.interval, self._shows_year, counted)

    @property
    def _shows_year(self) -> bool:
        """Whether the report covers more than one calendar year."""
        days = [moment.astimezone(self.analysis.query.zone) for moment in self._ends]
        return len({day.year for day in days}) > 1

    @cached_property
    def _ends(self) -> list[datetime]:
        """The first and last moment that the charts show, none if there is nothing."""
        spans = self.analysis.account_spans
        row: tuple[datetime | None, ...] = spans.select(pl.col("first").min(), pl.col("last").max()).row(0)
        return [moment for moment in row if moment is not None]

    @cached_property
    def counted_intervals(self) -> pl.DataFrame:
        """The posts per interval, with `part`."""
        return self.analysis.mark_partial_intervals(self.analysis.posts_per_interval)

    @cached_property
    def usual_posts(self) -> dict[str, float]:
        """The usual number of posts of each account with enough intervals."""
        return events.find_usual_posts(self.counted_intervals)

    @cached_property
    def histories(self) -> dict[str, History]:
        """The intervals of these accounts with their sentiment."""
        analysis = self.analysis
        return build_histories(self.counted_intervals, analysis.sentiment_per_interval, self.usual_posts, analysis.interval)

    @cached_property
    def levels(self) -> tuple[pl.DataFrame, str] | None:
        """The accounts over the period that they share, and that period in words; None if they share none."""
        analysis = self.analysis
        span = shared_period.find_shared_span(analysis.account_spans, analysis.known_spans)
        if span is None:
            return None
        table = shared_period.summarize_span(analysis.filtered_posts, analysis.scored_posts, analysis.counted_hours, span)
        return table, levels.describe_period(span, analysis.account_spans, self.context)

    @cached_property
    def unusual(self) -> list[Finding]:
        """The unusual spans."""
        analysis = self.analysis
        table = events.combine_events([analysis.posting_events, analysis.sentiment_events], list(analysis.account_labels))
        return unusual.find_unusual_spans(table, self.histories, self.context)

    def find_activity(self) -> list[Finding]:
        """Return what the chart of posts over time shows."""
        posting = [finding for finding in self.unusual if "frequency" in finding.charts]
        peaks = busiest.find_busiest_intervals(self.histories, set(self.analysis.posting_events["account"]), self.context)
        return [*posting, *peaks, *(levels.find_most_frequent(*self.levels, self.context) if self.levels else [])]

    def find_sentiment(self) -> list[Finding]:
        """Return what the chart of sentiment over time shows."""
        swings = [finding for finding in self.unusual if "sentiment" in finding.charts]
        return [*swings, *(levels.find_most_positive(*self.levels, self.context) if self.levels else [])]

    def find_unusual(self) -> list[Finding]:
        """Return what the chart of unusual intervals shows."""
        return self.unusual

    def find_changes(self) -> list[Finding]:
        """Return what the comparison of periods shows; nothing if the period before wasn't read."""
        analysis = self.analysis
        if not analysis.has_previous_period:
            return []
        return changes.find_changes(analysis.period_changes, analysis.comparison_periods, self.context)

    def find_rhythms(self) -> list[Finding]:
        """Return what the chart of the week shows."""
        return rhythms.find_rhythms(self.analysis.posts_by_hour_of_week, self.context)

    def find_reactions(self) -> list[Finding]:
        """Return what the chart of reactions shows."""
        contrasts = audience.find_audience_contrasts(self.analysis.median_reactions, self.context)
        return [*contrasts, *audience.find_top_post(engagement.find_top_post(self.analysis.filtered_posts), self.context)]

    def find_steadiness(self, findings: list[Finding]) -> list[Finding]:
        """Return that nothing stood out among these findings, if that is so."""
        analysis = self.analysis
        compared = analysis.period_changes.drop_nulls("low")["account"].to_list() if analysis.has_previous_period else []
        return steadiness.find_steadiness(findings, self.usual_posts, compared, self.context)

    def find_caveats(self) -> list[Finding]:
        """Return what to know before comparing."""
        analysis = self.analysis
        spans = analysis.account_spans.join(analysis.known_spans, on="account", how="left")
        begins = spans.filter(pl.col("known_from").is_not_null()).select("account", pl.min_horizontal("known_from", "first"))
        return caveats.find_caveat(
            dict(begins.iter_rows()),
            self._ends[-1] if self._ends else None,
            analysis.account_summaries,
            analysis.method_agreement,
            analysis.rated_posts.height,
            self.context,
        )


_FINDERS_BY_CHART: Mapping[str, Callable[[_Candidates], list[Finding]]] = {
    "events": _Candidates.find_unusual,
    "compare": _Candidates.find_changes,
    "sentiment": _Candidates.find_sentiment,
    "engagement": _Candidates.find_reactions,
    "frequency": _Candidates.find_activity,
    "rhythm": _Candidates.find_rhythms,
}
