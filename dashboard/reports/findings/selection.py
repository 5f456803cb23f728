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
    """Return up to `size` findings, the second of a kind after the first of the others."""
    seen = _number_repeats([finding.kind for finding in ranked])
    by_priority = sorted(zip(seen, ranked, strict=True), key=lambda pair: pair[0] + (pair[1].kind in _MINOR_KINDS))
    kinds, accounts = Counter[str](), Counter[str]()
    selected: list[Finding] = []
    for _, finding in by_priority:
        is_of_account = finding.account != "" and finding.kind not in _COMPARISONS
        if kinds[finding.kind] < MAX_PER_KIND and not (is_of_account and accounts[finding.account] >= max_per_account):
            selected.append(finding)
            kinds[finding.kind] += 1
            accounts[finding.account] += is_of_account
    return selected[:size]


def _strength_within_kind(finding: Finding) -> tuple[int, float]:
    return _ORDER.index(finding.kind), -finding.strength


def _alternate_accounts(findings: list[Finding]) -> list[Finding]:
    """Return findings, the strongest first, so that the second of an account comes after the first of all others."""
    repeats = _number_repeats([finding.account for finding in findings])
    return [finding for _, finding in sorted(zip(repeats, findings, strict=True), key=lambda pair: pair[0])]


def _number_repeats(names: Sequence[str]) -> list[int]:
    """Return how often each name has occurred before."""
    seen = Counter[str]()
    numbers = []
    for name in names:
        numbers.append(seen[name])
        seen[name] += 1
    return numbers
