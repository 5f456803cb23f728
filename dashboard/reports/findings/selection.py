"""Decides which findings a report shows, and in what order."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from dashboard.reports.findings.finding import Finding, FindingKind

MAX_FINDINGS, MIN_FINDINGS = 6, 3
MAX_PER_KIND = MAX_PER_ACCOUNT = 2
_ORDER: tuple[FindingKind, ...] = ("unusual", "busiest", "change", "steady", "level", "audience", "top_post", "volume", "rhythm")
_COMPARISONS: tuple[FindingKind, ...] = ("level", "top_post", "volume")  # are about all accounts, although only one is named first
_MINOR_KINDS: tuple[FindingKind, ...] = ("volume", "rhythm")  # say less than the second finding of another kind


def rank(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings by their kind, and within a kind the strongest of each account first. Caveats are left out."""
    ranked = sorted((finding for finding in findings if finding.kind in _ORDER), key=_strength_within_kind)
    return [finding for _, of_kind in groupby(ranked, key=lambda finding: finding.kind) for finding in _alternate_accounts(list(of_kind))]


def select_findings(findings: Sequence[Finding], account_count: int) -> tuple[Finding, ...]:
    """Return the findings that a report shows: at most six, the last of them a caveat if there is one.

    There are at most two of a kind and, in a report of several accounts, at most two about one account. That limit is dropped if it leaves
    fewer than three. The first of every kind comes before the second of any, unless it says little.
    """
    caveats = [finding for finding in findings if finding.kind == "caveat"][:1]
    ranked = rank(findings)
    size = MAX_FINDINGS - len(caveats)
    selected = _select(ranked, size, MAX_PER_ACCOUNT if account_count > 1 else MAX_FINDINGS)
    if len(selected) < MIN_FINDINGS - len(caveats):
        selected = _select(ranked, MIN_FINDINGS - len(caveats), MAX_FINDINGS)
    return (*(finding for finding in ranked if finding in selected), *caveats)


def find_claim(findings: Sequence[Finding], chart_kind: str) -> str:
    """Return the headline of a chart: that of the most important finding that the chart shows, "" if there is none."""
    return next((finding.headline for finding in rank(findings) if chart_kind in finding.charts), "")


def _select(ranked: Sequence[Finding], size: int, max_per_account: int) -> list[Finding]:
    """Return up to `size` findings: the first of every kind before the second of any, minor kinds a round later."""
    accounts = Counter[str]()
    selected: list[Finding] = []
    for turn in range(MAX_PER_KIND + 1):
        for kind in _ORDER:
            is_due = 0 <= turn - (kind in _MINOR_KINDS) < MAX_PER_KIND
            rest = (finding for finding in ranked if finding.kind == kind and finding not in selected)
            finding = next((one for one in rest if accounts[one.account] < max_per_account or not _is_about_account(one)), None)
            if finding and is_due and len(selected) < size:
                selected.append(finding)
                accounts[finding.account] += _is_about_account(finding)
    return selected


def _is_about_account(finding: Finding) -> bool:
    return finding.account != "" and finding.kind not in _COMPARISONS


def _strength_within_kind(finding: Finding) -> tuple[int, float]:
    return _ORDER.index(finding.kind), -finding.strength * finding.scope


def _alternate_accounts(findings: list[Finding]) -> list[Finding]:
    """Return findings, the strongest first, so that the second of an account comes after the first of all others."""
    seen = Counter[str]()
    places = []
    for finding in findings:
        places.append(seen[finding.account])
        seen[finding.account] += 1
    return [finding for _, finding in sorted(zip(places, findings, strict=True), key=lambda pair: pair[0])]
