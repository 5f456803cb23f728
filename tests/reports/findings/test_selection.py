"""Which findings a report shows, and in what order."""

from dashboard.reports.findings.finding import Finding, FindingKind
from dashboard.reports.findings.selection import find_claim, rank, select_findings


def build_finding(kind: FindingKind, account: str = "a", strength: float = 1.0, charts: tuple[str, ...] = ()) -> Finding:
    """Return a finding whose headline names its kind, account and strength."""
    return Finding(kind, account, f"{kind} {account} {strength:g}", ".", charts, strength=strength)


def headlines(findings: list[Finding], accounts: int = 2) -> list[str]:
    """Return the headlines of the findings that a report of so many accounts shows."""
    return [finding.headline for finding in select_findings(findings, accounts)]


def test_unusual_times_come_first_and_the_strongest_of_them_before_the_others() -> None:
    """A reader may read only the first."""
    findings = [build_finding("level"), build_finding("unusual", "a", 4), build_finding("unusual", "b", 9)]
    assert headlines(findings) == ["unusual b 9", "unusual a 4", "level a 1"]


def test_another_account_comes_before_the_second_finding_of_the_first() -> None:
    """Otherwise one account's crisis hides everybody else."""
    findings = [build_finding("unusual", account, strength) for account, strength in (("a", 9), ("a", 8), ("b", 4))]
    assert [finding.headline for finding in rank(findings)] == ["unusual a 9", "unusual b 4", "unusual a 8"]


def test_there_are_at_most_two_of_a_kind() -> None:
    """Twenty accounts may all have a clear change."""
    findings = [build_finding("change", str(number), number) for number in range(20)]
    assert headlines(findings, 20) == ["change 19 19", "change 18 18"]


def test_there_are_at_most_two_about_an_account() -> None:
    """Others have news, too."""
    kinds: list[FindingKind] = ["unusual", "change", "audience", "rhythm"]
    findings = [*(build_finding(kind) for kind in kinds), build_finding("busiest", "b")]
    assert headlines(findings) == ["unusual a 1", "busiest b 1", "change a 1"]


def test_that_limit_is_dropped_if_fewer_than_three_would_be_left() -> None:
    """Only one account has news."""
    kinds: list[FindingKind] = ["unusual", "change", "audience", "rhythm"]
    assert headlines([build_finding(kind) for kind in kinds]) == ["unusual a 1", "change a 1", "audience a 1"]


def test_there_are_at_most_six_with_a_caveat_last() -> None:
    """The first of every kind comes before the second of any."""
    kinds: list[FindingKind] = ["caveat", "unusual", "busiest", "change", "level", "audience", "top_post", "volume", "rhythm"]
    findings = [build_finding(kind, account) for kind in kinds for account in ("a", "b", "c")]
    shown = [finding.kind for finding in select_findings(findings, 3)]
    assert shown == ["unusual", "busiest", "change", "level", "audience", "caveat"]


def test_one_account_may_have_all_six() -> None:
    """It's a report about that account."""
    kinds: list[FindingKind] = ["unusual", "unusual", "change", "audience", "top_post", "rhythm"]
    assert len(headlines([build_finding(kind, strength=number) for number, kind in enumerate(kinds)], 1)) == 6


def test_the_claim_of_a_chart_is_its_most_important_headline() -> None:
    """Even if the report doesn't show it among its findings."""
    findings = [build_finding("volume", charts=("frequency",)), build_finding("busiest", charts=("frequency",))]
    assert find_claim(findings, "frequency") == "busiest a 1"


def test_a_chart_without_findings_claims_nothing() -> None:
    """Its title remains."""
    assert find_claim([build_finding("level", charts=("sentiment",))], "rhythm") == ""
