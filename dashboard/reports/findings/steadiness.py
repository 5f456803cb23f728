"""Says that nothing stood out, as far as that is known."""

from collections.abc import Collection, Sequence

from dashboard.analytics.intervals import Interval
from dashboard.core.messages import gettext, translatable
from dashboard.reports.findings.finding import Finding, FindingContext

_NOTHING_UNUSUAL = {
    "hour": translatable(": no unusual hours."),
    "day": translatable(": no unusual days."),
    "week": translatable(": no unusual weeks."),
    "month": translatable(": no unusual months."),
}
_NOTHING = {
    "hour": translatable(": no unusual hours and no clear change."),
    "day": translatable(": no unusual days and no clear change."),
    "week": translatable(": no unusual weeks and no clear change."),
    "month": translatable(": no unusual months and no clear change."),
}
_STARTLING_KINDS = ("unusual", "busiest", "change")


def find_steadiness(
    findings: Sequence[Finding],
    judged: Collection[str],
    compared: Collection[str],
    context: FindingContext,
    *,
    knows_sentiment: bool = True,
) -> list[Finding]:
    """Return a finding if there is neither a peak nor a clear change, otherwise nothing.

    `judged` are the accounts with enough intervals to know what is unusual, `compared` those with a known period before. It only says
    what is known of every account: without `knows_sentiment`, that they posted steadily.
    """
    if any(finding.kind in _STARTLING_KINDS for finding in findings):
        return []
    are_judged, are_compared = (set(accounts) >= set(context.labels) for accounts in (judged, compared))
    detail = _describe_quiet(context.interval, are_judged=are_judged, are_compared=are_compared)
    charts = ("events",) * are_judged + ("compare",) * are_compared
    headline = gettext("A steady period") if knows_sentiment else gettext("Steady posting")
    return [Finding("steady", "", headline, detail, charts)] if detail else []


def _describe_quiet(interval: Interval, *, are_judged: bool, are_compared: bool) -> str:
    if are_judged:
        return gettext(_NOTHING[interval] if are_compared else _NOTHING_UNUSUAL[interval])
    return gettext(": no clear change.") if are_compared else ""
