"""What is below the heading of a report, a chart or a list of posts: its days, the number of posts, the time zone and the data's age.

If not all posts of the period were read, it says so, and offers more.
"""

from typing import Any

from flask import Flask

from dashboard.core import accounts
from dashboard.core.formatting.dates import format_clock, format_day, format_days
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import start_within_sentence
from dashboard.core.messages import gettext, ngettext
from dashboard.core.networks import NETWORKS
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.web.outcome import Outcome
from dashboard.web.presenters import period_links

_FILE_NETWORK = "file"


def init_app(app: Flask) -> None:
    """Make the line, and the notice of demo data, available to templates."""
    app.jinja_env.globals.update(
        describe_question=describe_question, source_notice=source_notice, describe_reach=describe_reach, offer_all_posts=offer_all_posts
    )


def source_notice(query: Query) -> str:
    """Return what must be said about the accounts of a question, such as that demo data is made up; "" if nothing."""
    return accounts.source_notice(query.users)


def describe_question(query: Query, account_count: int, outcome: Outcome | None, *, with_days: bool = True) -> str:
    """Return a line such as `8 Sep – 31 Oct 2026 · latest 400 posts per account · UTC · updated 29 Nov 2026, 13:28`.

    Without an outcome, because the accounts are still being read, the days are the requested ones, and the age is left out.
    `with_days=False` leaves out the days, because the heading above is about some of them.
    """
    report = _first_report(outcome.result) if outcome else None
    extent = describe_extent_of(report) or _describe_read_posts(query, report) or _describe_limit(query, account_count)
    posts = [_describe_languages(query), extent]
    line = " · ".join(filter(None, [_describe_days(query, report) if with_days else "", *posts, query.tz, _describe_age(query, report)]))
    return line[:1].upper() + line[1:]


def describe_reach(query: Query, outcome: Outcome) -> str:
    """Return how far posts were read back if that isn't to the beginning of the requested period, otherwise ""."""
    report = _first_report(outcome.result) if outcome.result else None
    if report is None or query.counted == "network":
        return ""
    from dashboard.reports.notes import extent_notes

    return extent_notes.describe_reach(report.coverage, report.labels, query)


def offer_all_posts(query: Query, outcome: Outcome, chart_kind: str = "") -> tuple[str, str]:
    """Return title and address of the same page on as many posts as possible if this one left out some that are free; otherwise two "".

    Somebody who uploads a file expects all of it, and somebody who asks for a period all of its posts.
    """
    coverage = getattr(_first_report(outcome.result), "coverage", None) if outcome.result else None
    is_cut = coverage is not None and "n" in coverage["cut_by"].to_list()
    if not is_cut or query.n >= MAX_POSTS_PER_ACCOUNT or not (_are_files(query) or (_are_free(query) and describe_reach(query, outcome))):
        return "", ""
    most = gettext("Read up to %(count)s posts per account", count=format_number(MAX_POSTS_PER_ACCOUNT))
    return most, period_links.page_url(query.model_copy(update={"n": MAX_POSTS_PER_ACCOUNT}), chart_kind)


def _are_files(query: Query) -> bool:
    return all(user.network == _FILE_NETWORK for user in query.users)


def _are_free(query: Query) -> bool:
    return not any(NETWORKS[user.network].is_paid for user in query.users)


def _first_report(result: Any) -> Any:
    """Return what knows the time of the posts: the first report, the only one, or the analysis of a list of posts."""
    return getattr(result, "analysis", None) or next(iter(getattr(result, "reports", (result,))), None)


def describe_extent_of(report: Any) -> str:
    """Return which posts a report, or the analysis of a list of posts, is about if all of them were analyzed before; "" otherwise."""
    coverage = getattr(report, "coverage", getattr(report, "coverage_table", None))
    if coverage is None or report.query.counted == "network":
        return ""
    from dashboard.reports.notes.coverage_notes import describe_extent

    return describe_extent(coverage)


def _describe_read_posts(query: Query, report: Any) -> str:
    """Return which posts were read and how many of them are shown; "" before that is known, and if networks counted them."""
    if report is None or query.counted == "network" or report.count_shown is None:
        return ""
    from dashboard.reports.notes.extent_notes import describe_read_posts

    coverage = report.coverage if hasattr(report, "coverage") else report.coverage_table
    return describe_read_posts(coverage, report.count_shown())


def _describe_days(query: Query, report: Any) -> str:
    """Return the days that are shown: those of the posts, or the requested ones if the accounts' common period doesn't limit them."""
    shown_time = getattr(report, "shown_time", None)
    shown_days = format_days(*(moment.astimezone(query.zone) for moment in shown_time)) if shown_time else ""
    if query.window == "common" and shown_days:
        return gettext("common period %(days)s", days=shown_days)
    return query.describe_period() if query.since or query.until else shown_days


def _describe_languages(query: Query) -> str:
    return start_within_sentence(query.describe_languages())


def _describe_limit(query: Query, account_count: int) -> str:
    """Return how many posts are read; if more were asked for, say that this is the most."""
    limit, most = _name_limit(query, account_count), gettext("the most Chorus reads")
    return f"{limit} ({most})" if query.n > MAX_POSTS_PER_ACCOUNT else limit


def _name_limit(query: Query, account_count: int) -> str:
    values = {"count": format_number(query.limit)}
    if query.counted == "network":
        if account_count > 1:
            return gettext("counted by the network where possible, otherwise the latest %(count)s posts per account", **values)
        return gettext("counted by the network where possible, otherwise the latest %(count)s posts", **values)
    if account_count > 1:
        return ngettext("latest post per account", "latest %(count)s posts per account", query.limit, **values)
    return ngettext("latest post", "latest %(count)s posts", query.limit, **values)


def _describe_age(query: Query, report: Any) -> str:
    fetched_at = getattr(report, "fetched_at", None)
    if fetched_at is None:
        return ""
    local = fetched_at.astimezone(query.zone)
    return gettext("updated %(day)s, %(time)s", day=format_day(local), time=format_clock(local))
