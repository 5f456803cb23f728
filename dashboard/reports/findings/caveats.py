"""Finds what a reader should know before comparing the numbers, each with its remedy.

Accounts that are missing or incomplete have warnings of their own, which pages show above the findings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dashboard.core.formatting.dates import format_day_in_full
from dashboard.core.formatting.numbers import format_share
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext
from dashboard.core.methods import METHODS
from dashboard.reports.findings.finding import Finding, FindingContext, Target

_MAX_MISSING_PART = 1 / 3  # of the longest account's period that another account may lack
_MAX_UNREAD_SHARE = 1 / 3  # of an account's posts that the method may not read
_MIN_MATCHED_SHARE = 0.05  # of words that are in the lexicon
_MIN_AGREEMENT = 0.7  # of the two methods that agree most
_MIN_WORDS, _MIN_RATED_POSTS = 1_000, 50  # for a share to mean something


@dataclass(frozen=True)
class Basis:
    """What the numbers of a report rest on.

    `starts` has when the known time of each account that was cut begins, `last` the end of the period, and `shares_time` says whether some
    time is known of all accounts. `summaries` and `agreement` are tables of analytics.summary and analytics.agreement, the latter for
    `rated_count` posts. `unread` has account, posts, unread, and the `language` of most unread posts; `find_reader` returns the method that
    reads a language, if there is one.
    """

    starts: dict[str, datetime]
    last: datetime | None
    shares_time: bool
    summaries: pl.DataFrame
    agreement: pl.DataFrame
    rated_count: int
    unread: pl.DataFrame
    find_reader: Callable[[str], str]


def find_caveat(basis: Basis, context: FindingContext) -> list[Finding]:
    """Return the most important caveat, nothing if there is none."""
    caveats = (
        _describe_unread(basis, context),
        _describe_spans(basis.starts, basis.last, context) if basis.shares_time else _describe_no_overlap(basis.summaries, context),
        _describe_few_matches(basis.summaries, context),
        _describe_disagreement(basis.agreement, basis.rated_count),
    )
    return [caveat for caveat in caveats if caveat][:1]


def _describe_unread(basis: Basis, context: FindingContext) -> Finding | None:
    """Return that the method reads no post of some accounts because of their language, or only few of one account."""
    unknown = basis.unread.filter(pl.col("unread") == pl.col("posts"))
    if unknown.height:
        languages = unknown["language"].unique(maintain_order=True).to_list()
        headline = gettext(
            "The sentiment of %(account)s is unknown, because this method doesn’t read %(language)s",
            account=format_list([context.labels[account] for account in context.labels if account in unknown["account"]]),
            language=format_list([name_language(language) for language in languages], conjunction="or"),
        )
        return _build_caveat(headline, _link_reader(languages, basis, context))
    is_many = (pl.col("posts") >= _MIN_RATED_POSTS) & (pl.col("unread") > _MAX_UNREAD_SHARE * pl.col("posts"))
    counts = basis.unread.filter(is_many)
    if counts.is_empty():
        return None
    account, posts, unread, language = counts.sort(pl.col("unread") / pl.col("posts"), descending=True).row(0)
    headline = gettext(
        "Sentiment covers only %(share)s of the posts by %(account)s, because most others are in %(language)s",
        share=format_share(1 - unread / posts),
        account=context.labels[account],
        language=name_language(language),
    )
    return _build_caveat(headline, _link_reader([language], basis, context))


def _link_reader(languages: Sequence[str], basis: Basis, context: FindingContext) -> Target | None:
    """Return a link to the method that reads these languages, None if not one method reads them all."""
    readers = {basis.find_reader(language) for language in languages}
    reader = readers.pop()
    if readers or not reader:
        return None
    return Target(gettext("Switch to %(method)s", method=METHODS[reader].title), query=context.query.model_copy(update={"method": reader}))


def _describe_spans(starts: dict[str, datetime], last: datetime | None, context: FindingContext) -> Finding | None:
    """Return that the accounts cover different periods, if one lacks over a third of another's."""
    if context.query.window == "common" or len(starts) < 2 or last is None:
        return None
    longest, shortest = min(starts, key=lambda account: starts[account]), max(starts, key=lambda account: starts[account])
    if starts[shortest] - starts[longest] <= _MAX_MISSING_PART * (last - starts[longest]) or starts[shortest] >= last:
        return None
    days = [format_day_in_full(starts[account].astimezone(context.query.zone), year=context.shows_year) for account in (shortest, longest)]
    headline = gettext(
        "Posts reach back to %(day)s (%(account)s) and %(other_day)s (%(other)s)",
        day=days[0],
        account=context.labels[shortest],
        other_day=days[1],
        other=context.labels[longest],
    )
    return _build_caveat(headline, Target(gettext("Show only the common period"), query=context.query.limited_to_common_time()))


def _describe_no_overlap(summaries: pl.DataFrame, context: FindingContext) -> Finding | None:
    """Return that several accounts have posts, but not of the same time. With window=common a warning says so."""
    is_comparison = summaries.filter(pl.col("posts") > 0).height > 1 and context.query.window != "common"
    headline = gettext("These accounts’ posts don’t overlap in time, so don’t compare their numbers")
    return _build_caveat(headline, None) if is_comparison else None


def _describe_few_matches(summaries: pl.DataFrame, context: FindingContext) -> Finding | None:
    """Return that sentiment rests on few words, with a link to a method that judges whole posts."""
    words, matched = summaries.select(pl.col("words", "matched").sum()).row(0)
    if not context.method.lexicon_name or words < _MIN_WORDS or matched >= _MIN_MATCHED_SHARE * words:
        return None
    values = {"share": format_share(matched / words, 1), "list": context.method.lexicon_name}
    headline = gettext("Only %(share)s of all words are in %(list)s, so sentiment rests on few words", **values)
    other = next((method for method in METHODS if method.unit == "posts" and not method.needs_labeller and method != context.method), None)
    query = context.query.model_copy(update={"method": other.name}) if other else None
    return _build_caveat(headline, Target(gettext("Switch to %(method)s", method=other.title), query=query) if other and query else None)


def _describe_disagreement(agreement: pl.DataFrame, rated_count: int) -> Finding | None:
    best = agreement["agreement"].max()
    if rated_count < _MIN_RATED_POSTS or not isinstance(best, float) or best >= _MIN_AGREEMENT:
        return None
    headline = gettext("No two methods agree on the sentiment of more than %(share)s of posts", share=format_share(best))
    return _build_caveat(headline, Target(gettext("Compare the methods"), section="about-methods"))


def _build_caveat(headline: str, target: Target | None) -> Finding:
    return Finding("caveat", "", headline, ".", (), target)
