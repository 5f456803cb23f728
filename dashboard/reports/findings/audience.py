"""Finds what got reactions: the post with the most, and accounts whose negative and positive posts clearly differ."""

from collections.abc import Mapping, Set
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.core.account_labels import label_author
from dashboard.core.formatting.dates import format_day_in_full
from dashboard.core.formatting.numbers import format_median, format_multiple, format_number
from dashboard.core.formatting.texts import ELLIPSIS, quote, truncate_at_word
from dashboard.core.messages import gettext, translatable
from dashboard.core.posts import AUTHOR
from dashboard.reports.findings.finding import Finding, FindingContext

_MAX_QUOTED_CHARACTERS = 60
_PUNCTUATION = " .,;:!?–-"
_MIN_MULTIPLE = 1.5  # from which a ratio is worth naming
_MULTIPLE_HEADLINES = {
    "positive": translatable("Positive posts by %(account)s typically get about %(multiple)s as many reactions as its negative ones"),
    "negative": translatable("Negative posts by %(account)s typically get about %(multiple)s as many reactions as its positive ones"),
}
_MORE_HEADLINES = {
    "positive": translatable("Positive posts by %(account)s typically get more reactions than its negative ones"),
    "negative": translatable("Negative posts by %(account)s typically get more reactions than its positive ones"),
}
_Row = Mapping[str, Any]


def find_audience_contrasts(medians: pl.DataFrame, clear_accounts: Set[str], context: FindingContext) -> list[Finding]:
    """Return the accounts whose negative or positive posts typically get more reactions: the intervals of the medians don't overlap.

    `medians` is the table of analytics.engagement.median_reactions, `clear_accounts` the accounts that find_clear_contrasts returns.
    """
    known = {(row["account"], row["polarity"]): row for row in medians.iter_rows(named=True) if row["low"] is not None}
    findings = []
    for account in context.labels:
        rows = [known[account, polarity] for polarity in ("negative", "positive") if (account, polarity) in known]
        if len(rows) < 2 or account not in clear_accounts:
            continue
        more, fewer = sorted(rows, key=lambda row: -row["median"])
        if more["low"] > fewer["high"]:
            findings.append(_describe_contrast(account, more, fewer, context))
    return findings


def find_top_post(post: _Row | None, context: FindingContext) -> list[Finding]:
    """Return the post with more reactions than any other, by its author; `post` is that of analytics.engagement.find_top_post."""
    if post is None:
        return []
    account = post["account"]
    day = post["created_at"].astimezone(ZoneInfo(context.query.tz))
    quoted = " ".join((post["text"] or "").split()) if context.may_quote(account) else ""
    if quoted:
        headline = gettext("Most reactions: %(quotation)s", quotation=quote(_truncate(quoted)))
    else:
        headline = gettext("Most reactions: one post")
    target = context.link_posts(gettext("Open the post"), account, ("id", post["id"]))
    day_text = format_day_in_full(day, year=context.shows_year)
    name = label_author(post.get(AUTHOR)) or context.labels[account]
    detail = f" ({name}, {day_text}, {format_number(post['reactions'])})."
    return [Finding("top_post", account, headline, detail, (), target, float(post["reactions"]))]  # the chart shows what is typical


def _truncate(text: str) -> str:
    """Return the first words of a post; if some are missing, the ellipsis replaces the punctuation before it."""
    start = truncate_at_word(text, _MAX_QUOTED_CHARACTERS)
    return start if start == text else start.rstrip(ELLIPSIS).rstrip(_PUNCTUATION) + ELLIPSIS


def _describe_contrast(account: str, more: _Row, fewer: _Row, context: FindingContext) -> Finding:
    ratio = more["median"] / fewer["median"] if fewer["median"] else 0.0
    label = context.labels[account]
    if ratio >= _MIN_MULTIPLE:
        headline = gettext(_MULTIPLE_HEADLINES[more["polarity"]], account=label, multiple=format_multiple(ratio))
    else:
        headline = gettext(_MORE_HEADLINES[more["polarity"]], account=label)
    medians = {"more": format_median(more["median"]), "fewer": format_median(fewer["median"])}
    detail = gettext(": a median of %(more)s against %(fewer)s.", **medians)
    width = more["high"] - more["low"] + fewer["high"] - fewer["low"]
    target = context.link_posts(gettext("See its posts by reactions"), account, ("sort", "reactions"))
    return Finding("audience", account, headline, detail, ("engagement",), target, (more["median"] - fewer["median"]) / (width or 1))
