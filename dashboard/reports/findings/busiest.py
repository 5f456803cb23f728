"""Finds the busiest interval of each account whose number of posts was never unusual. A peak is a fact, so it needs no test."""

from collections.abc import Collection, Mapping

from dashboard.core.formatting.counts import format_count
from dashboard.core.messages import gettext, translatable
from dashboard.reports.findings import phrases
from dashboard.reports.findings.finding import Finding, FindingContext
from dashboard.reports.findings.history import History

_MIN_POSTS = 5  # of a peak
_USUAL_DETAILS = {
    "hour": translatable(": %(posts)s, against %(usual)s in a usual hour."),
    "day": translatable(": %(posts)s, against %(usual)s on a usual day."),
    "week": translatable(": %(posts)s, against %(usual)s in a usual week."),
    "month": translatable(": %(posts)s, against %(usual)s in a usual month."),
}


def find_busiest_intervals(
    histories: Mapping[str, History], unusual_accounts: Collection[str], judged_accounts: Collection[str], context: FindingContext
) -> list[Finding]:
    """Return a finding for each account whose busiest interval has twice the usual number of posts, and more than any other interval.

    `unusual_accounts` are left out, because their unusual intervals say more. What is usual is only told of `judged_accounts`, of
    which enough intervals are known.
    """
    candidates = [account for account in context.labels if account in histories and account not in unusual_accounts]
    findings = (_describe_peak(account, histories[account], context, is_judged=account in judged_accounts) for account in candidates)
    return [finding for finding in findings if finding]


def _describe_peak(account: str, history: History, context: FindingContext, *, is_judged: bool) -> Finding | None:
    rows = sorted(history.rows, key=lambda row: -row["posts"])[:2]
    peak, second = rows[0], rows[1]
    posts = peak["posts"]
    if posts < _MIN_POSTS or posts == second["posts"] or not history.is_busy(posts):
        return None
    when = phrases.on_intervals(peak["start"], peak["start"], context.interval, year=context.shows_year)
    target = context.link_posts(phrases.invite_to_read(posts), account, ("from", peak["from"]), ("to", peak["to"]))
    headline = gettext("%(account)s was busiest %(when)s", account=context.labels[account], when=when)
    detail = _describe_posts(format_count(posts, "post"), history.usual if is_judged else 0, context)
    return Finding("busiest", account, headline, detail, ("frequency",), target, posts / max(1.0, history.usual))


def _describe_posts(posts: str, usual: float, context: FindingContext) -> str:
    return gettext(_USUAL_DETAILS[context.interval], posts=posts, usual=phrases.format_usual(usual)) if usual >= 1 else f": {posts}."
