"""Says that nothing stood out, as far as that is known."""

from collections.abc import Collection, Sequence

from dashboard.reports.findings.finding import Finding, FindingContext

_STARTLING_KINDS = ("unusual", "busiest", "change")


def find_steadiness(
    findings: Sequence[Finding], judged: Collection[str], compared: Collection[str], context: FindingContext
) -> list[Finding]:
    """Return a finding if there is neither a peak nor a clear change, otherwise nothing.

    `judged` are the accounts with enough intervals to know what is unusual, `compared` those with a known period before. It only says
    what is known of every account.
    """
    if any(finding.kind in _STARTLING_KINDS for finding in findings):
        return []
    are_judged, are_compared = (set(accounts) >= set(context.labels) for accounts in (judged, compared))
    quiet = [f"no unusual {context.interval}s"] * are_judged + ["no clear change"] * are_compared
    charts = ("events",) * are_judged + ("compare",) * are_compared
    return [Finding("steady", "", "A steady period", f": {' and '.join(quiet)}.", charts)] if quiet else []
