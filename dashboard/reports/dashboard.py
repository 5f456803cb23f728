"""A dashboard: every report on a query, in sections, and what is said about them together.

Building it belongs in `builder.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.charts.definitions.events import name_unusual_intervals
from dashboard.core.charts import CHARTS, SECTIONS
from dashboard.core.messages import gettext, translatable
from dashboard.reports.findings.finding import Finding
from dashboard.reports.report import Report
from dashboard.reports.scorecard import Scorecard, ScorecardRow

if TYPE_CHECKING:
    from dashboard.reports.about import About
    from dashboard.reports.top_posts import TopPost
    from dashboard.reports.unusual_periods import UnusualPeriod

_ALL_UNUSUAL = {
    "hour": translatable("All unusual hours"),
    "day": translatable("All unusual days"),
    "week": translatable("All unusual weeks"),
    "month": translatable("All unusual months"),
}
_BUSIEST = {
    "hour": translatable("Busiest hours"),
    "day": translatable("Busiest days"),
    "week": translatable("Busiest weeks"),
    "month": translatable("Busiest months"),
}
_BUSIEST_AND_UNUSUAL = {
    "hour": translatable("Busiest and unusual hours"),
    "day": translatable("Busiest and unusual days"),
    "week": translatable("Busiest and unusual weeks"),
    "month": translatable("Busiest and unusual months"),
}


@dataclass(frozen=True)
class Section:
    """A part of a dashboard: its name, which is also its anchor on the page, its title, and its reports."""

    name: str
    title: str
    reports: tuple[Report, ...]

    @property
    def has_measure(self) -> bool:
        """Whether one of its charts draws the chosen measure of sentiment."""
        return any(CHARTS[report.kind].uses_measure for report in self.reports)


@dataclass(frozen=True)
class Dashboard:
    """All reports on a query, and what is said about them together.

    `findings` say what the reports show, the most important first, and `scorecard` has the numbers of each account. `interval` is the width
    of the intervals. `unusual_note` goes with the list of unusual periods. `remarks` has the sentences that more than one of the reports
    contains, `posts_notes` name the accounts without posts to show.
    """

    reports: tuple[Report, ...]
    findings: tuple[Finding, ...]
    scorecard: Scorecard
    interval: str
    unusual_periods: Sequence["UnusualPeriod"]
    unusual_note: str
    top_posts: Sequence["TopPost"]
    about: "About"
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    posts_notes: tuple[str, ...]

    @property
    def demo_notice(self) -> str:
        """The label of demo data, empty if there is none."""
        return self.reports[0].demo_notice

    @property
    def shown_reports(self) -> list[Report]:
        """The reports that the page draws; the others are only on their own pages."""
        return [report for report in self.reports if CHARTS[report.kind].section]

    @property
    def row_by_account(self) -> dict[str, ScorecardRow]:
        """The row of each account that was read."""
        return {row.account: row for row in self.scorecard.rows}

    @property
    def unusual_title(self) -> str:
        """The heading of the list, after what it has: `Unusual days`, `Busiest days`, or `Busiest and unusual days`."""
        if all(period.is_unusual for period in self.unusual_periods):
            return name_unusual_intervals(self.interval)
        return gettext((_BUSIEST_AND_UNUSUAL if self.has_unusual_periods else _BUSIEST)[self.interval])

    @property
    def has_unusual_periods(self) -> bool:
        """Whether any of the listed periods is on the chart of unusual periods."""
        return any(period.is_unusual for period in self.unusual_periods)

    @property
    def all_unusual_title(self) -> str:
        """The text of the link to all of them: `All unusual days`."""
        return gettext(_ALL_UNUSUAL[self.interval])

    @property
    def sections(self) -> list[Section]:
        """The sections that have reports, in their order on the page. A report without a section is only on its own page."""
        sections = [
            Section(name, gettext(title), tuple(report for report in self.reports if CHARTS[report.kind].section == name))
            for name, title in SECTIONS.items()
        ]
        return [section for section in sections if section.reports]

    @property
    def missing_languages(self) -> str:
        """The sentence to show instead of all charts if no post is in a chosen language, otherwise empty."""
        return self.reports[0].missing_languages

    @property
    def empty_period(self) -> str:
        """The sentence to show instead of all charts if the chosen period or languages have no posts at all, otherwise empty."""
        return self.reports[0].empty_period
