"""Builds reports whose findings can be computed by hand. There is no test in here."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.reports.analysis import Analysis
from dashboard.reports.builder import build_dashboard
from dashboard.reports.dashboard import Dashboard
from dashboard.reports.fetched import Fetched
from dashboard.reports.findings.candidates import Candidates, collect_findings
from dashboard.reports.findings.finding import Finding
from tests.support.builders import build_timeline

FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
GOOD, BAD, PLAIN = "a good day", "a bad day", "a day"  # one positive word, one negative, none of either


def build_daily_timeline(
    counts: Sequence[int], account: str = "demo:one", texts: Mapping[int, Sequence[str]] | None = None, **fields: Any
) -> Timeline:
    """Return the timeline of an account that posted so many times on each day from FIRST_DAY, minutes apart from noon on.

    `texts` has the texts of some days by their position, which are repeated as often as needed; all other posts have PLAIN.
    """
    rows = [
        {"created_at": FIRST_DAY + timedelta(days=day, hours=12, minutes=number), "id": f"{account}-{day}-{number}"}
        | {"text": (texts or {}).get(day, (PLAIN,))[number % len((texts or {}).get(day, (PLAIN,)))]}
        for day, count in enumerate(counts)
        for number in range(count)
    ]
    return build_timeline(*reversed(rows), account=account, **fields)


def find_all(query: Query, *timelines: Timeline) -> list[Finding]:
    """Return every finding on these timelines, shown or not."""
    return collect_findings(Candidates(Analysis(query, Fetched(timelines))))


def find_sentences(kind: str, query: Query, *timelines: Timeline) -> list[str]:
    """Return the sentences of all findings of a kind."""
    return [finding.sentence for finding in find_all(query, *timelines) if finding.kind == kind]


def build_dashboard_of(query: Query, *timelines: Timeline) -> Dashboard:
    """Return the report on these timelines."""
    return build_dashboard(query, Fetched(timelines))
