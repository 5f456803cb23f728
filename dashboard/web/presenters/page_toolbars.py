"""The toolbar of the requested page: where its links lead, what they cost, and what the page's result says about its accounts and days.

Which links there are is decided in `toolbar.py`.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask

from dashboard.charts.palette import Style, assign_styles
from dashboard.core.accounts import Account
from dashboard.core.charts import CHARTS
from dashboard.core.formatting.directions import isolate
from dashboard.core.post_selection import PostSelection
from dashboard.core.query import Query
from dashboard.web import urls
from dashboard.web.auth import file_owner
from dashboard.web.extensions import current_time
from dashboard.web.outcome import Outcome
from dashboard.web.presenters import period_links, query_prices
from dashboard.web.presenters.page_heads import describe_extent_of
from dashboard.web.presenters.toolbar import Toolbar, build_toolbar
from dashboard.web.presenters.toolbar_page import Page


def init_app(app: Flask) -> None:
    """Make the toolbar available to templates."""
    app.jinja_env.globals.update(toolbar_of_page=toolbar_of_page)


def toolbar_of_page(query: Query, outcome: Outcome, chart_kind: str = "", selection: PostSelection | None = None) -> Toolbar:
    """Return the toolbar of the page of a chart, of a list of posts (with `selection`), or of a report."""
    result: Any = outcome.result
    reports = [report for report in getattr(result, "reports", (result,)) if report is not None and hasattr(report, "kind")]
    interval_report = next((report for report in reports if CHARTS[report.kind].has_intervals), None)
    accounts = reports[0] if reports else getattr(result, "analysis", None)  # knows their names, and files expanded to their accounts
    page = Page(
        url_of=_url_function(query, chart_kind, selection),
        price_of=query_prices.price_calculator(),
        url_of_account=_account_filter(query, selection) if selection else None,
        current_account=selection.account if selection else None,
        chart_kind=chart_kind,
        is_list_of_posts=selection is not None,
        has_all_posts=bool(describe_extent_of(accounts)),
        shown_time=interval_report.shown_time if interval_report else None,
        chosen_interval=interval_report.interval if interval_report else "",
        labels=_name_files(query) | dict(accounts.labels if accounts else {}),
        styles=_style_accounts(accounts) if accounts else assign_styles(str(user) for user in query.users),
        language_counts=accounts.language_counts if accounts and query.counted == "posts" else (),
        new_account_price=query_prices.price_of_new_account(query),
        clock=current_time,
    )
    return build_toolbar(query, page)


def _style_accounts(report: Any) -> dict[str, Style]:
    """Return the styles of the accounts of a report, or of the analysis of a list of posts. Accounts that weren't read have none."""
    coverage = report.coverage if hasattr(report, "coverage") else report.coverage_table
    read_accounts = set(coverage["account"])
    styles = assign_styles((str(user) for user in report.query.users), report.labels)
    return {account: style for account, style in styles.items() if account in read_accounts}


def _name_files(query: Query) -> dict[str, str]:
    """Return the name of each uploaded file in a question, by the canonical form that stands for all of its accounts."""
    datasets = [imported_file["dataset"] for imported_file in file_owner.list_imported_files(query)]
    return {dataset.canonical_name: isolate(dataset.name) for dataset in datasets}


def _url_function(current_query: Query, chart_kind: str, selection: PostSelection | None) -> Callable[[Query], str]:
    """Return the function from a question to the address of the same page."""
    if selection is None:
        return lambda query: period_links.page_url(query, chart_kind)
    return lambda query: urls.for_posts(query, _fitting_selection(selection, query, current_query).to_args())


def _account_filter(query: Query, selection: PostSelection) -> Callable[[Account], str]:
    """Return the function from an account to its posts of the selection, or to everybody's if only its posts are shown now."""

    def url(account: Account) -> str:
        other = None if account == selection.account else account
        return urls.for_posts(query, selection.with_changes(account=other).to_args())

    return url


def _fitting_selection(selection: PostSelection, query: Query, current_query: Query) -> PostSelection:
    """Return the selection without what another question may not have: an account that was removed, and days of another period."""
    changes: dict[str, None] = {}
    if selection.account and not any(user.includes(selection.account) for user in query.users):
        changes["account"] = None
    if query.span != current_query.span:
        changes |= {"start": None, "end": None}
    return selection.with_changes(**changes)
