"""The only way from web to the domain: starts the fetch of a query's accounts, and builds reports from what was fetched."""

from collections.abc import Callable, Hashable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from flask import has_request_context, request

from dashboard.core.errors import InvalidQuery, ModelUnavailable
from dashboard.core.local_days import start_of_day
from dashboard.core.messages import current_language, gettext, translate
from dashboard.core.networks import NETWORKS
from dashboard.core.query import Query
from dashboard.core.query_values import LARGE_POST_COUNT, MAX_ACCOUNTS, Measure
from dashboard.core.spending import NO_SPENDING, Spending
from dashboard.sources.files.network import is_series
from dashboard.web import turns
from dashboard.web.account_reader import AccountReader
from dashboard.web.auth import access, confirmation
from dashboard.web.extensions import (
    computing_share,
    fact_tables,
    flights,
    kept_reports,
    language_models,
    large_share,
    model,
    timeline_store,
)
from dashboard.web.fetch import Fetch
from dashboard.web.middleware import bots

if TYPE_CHECKING:  # the domain is slow to import, so it's loaded by the first query instead of at startup
    from dashboard.core.accounts import Account
    from dashboard.core.post_selection import PostSelection
    from dashboard.prediction.serving.labeller import Labeller
    from dashboard.reports.dashboard import Dashboard
    from dashboard.reports.fetched import Fetched
    from dashboard.reports.posts_page import PostsPage
    from dashboard.reports.report import Report
    from dashboard.reports.report_data import ReportData
    from dashboard.timelines.store import TimelineStore

MAX_READ_COLLECTION_ACCOUNTS = 3  # whose posts are read from the files of a collection for one question
_T = TypeVar("_T")


def requested_spending(query: Query) -> Spending:
    """Return what the request may spend on a query, judging by who sends it. Access keys are checked later."""
    return NO_SPENDING if bots.is_bot() else confirmation.requested_spending(query)


def start_fetch(
    query: Query,
    spending: Spending,
    chart_kind: str | None = None,
    ends_with_client: bool = True,
    selection: "PostSelection | None" = None,
) -> Fetch:
    """Start fetching the timelines of a query, for all charts, for one kind, or for a list of selected posts.

    A rolling period is counted back from the newest post if no account can have newer ones, as in files and in the demo.
    The fetch stops if its client leaves, unless `ends_with_client` is False because other clients wait for what is built from it.

    Without a required access key, only free and cached posts are used; a query that costs nothing never looks at the key. Raises
    InvalidQuery or ModelUnavailable, before anything is read, if the query needs labels that the model can't provide.
    """
    labeller, labeller_error = _choose_labeller(query, chart_kind)
    if any(NETWORKS[user.network].is_paid for user in query.users):
        spending = access.restrict_spending(spending)
    store = timeline_store()
    if query.last and (last_day := store.find_last_day(query.users, query.zone)):
        end = start_of_day(last_day, query.zone)
        query = query.with_period(query.last, lambda: end)
    users = _list_accounts(query, selection, store)
    expanded_query = query.model_copy(update={"users": tuple(users[:MAX_ACCOUNTS])})
    reader = AccountReader(expanded_query, spending, store, chart_kind, selection)
    if reader.needs_posts:
        reader.sampled_accounts = _find_sampled_accounts(expanded_query.users, store)
    omitted_account_count, generation = len(users) - len(expanded_query.users), kept_reports().generation
    fetch = Fetch(query, reader, omitted_account_count, labeller, labeller_error, fact_tables(), generation)
    if ends_with_client and has_request_context():
        fetch.has_client_left = request.environ.get("waitress.client_disconnected", fetch.has_client_left)
    return fetch.start()


def _list_accounts(query: Query, selection: "PostSelection | None", store: "TimelineStore") -> list["Account"]:
    """Return the accounts to read: files are expanded to theirs."""
    if selection and selection.account and store.is_analyzed(selection.account):
        return [selection.account]  # posts of collections are read from their files, which takes long
    return list(dict.fromkeys(account for user in query.users for account in store.expand_account(user)))


def _find_sampled_accounts(users: Sequence["Account"], store: "TimelineStore") -> frozenset["Account"]:
    """Return the accounts of collections of whose posts a sample is read, because they are too many to be read from their files.

    Raises InvalidQuery if accounts without a sample are too many: each of their files may have to be read for every one.
    """
    analyzed = [user for user in users if store.is_analyzed(user)]
    is_many = len(analyzed) > MAX_READ_COLLECTION_ACCOUNTS
    sampled = frozenset(user for user in analyzed if (is_many or is_series(user.name)) and store.has_sample(user))
    if is_many and len(sampled) < len(analyzed):
        problem = gettext(
            "This needs the posts of %(count)s accounts of a collection, which have to be read from its files. Choose up to %(limit)s "
            "accounts, such as %(example)s.",
            count=len(analyzed),
            limit=MAX_READ_COLLECTION_ACCOUNTS,
            example=",".join(map(str, analyzed[:2])),
        )
        raise InvalidQuery([("users", problem)])
    return sampled


def _choose_labeller(query: Query, chart_kind: str | None) -> "tuple[Labeller | None, str]":
    """Return the labeller if the query needs one or can use one, and why it can't be used where it isn't required."""
    if query.needs_model_labels(chart_kind):
        return _load_labeller(), ""
    return _try_load_labeller() if query.needs_method_comparison(chart_kind) else (None, "")


def _load_labeller() -> "Labeller":
    from dashboard.prediction.serving.labeller import build_labeller

    try:
        return build_labeller(model(), language_models())
    except ModelUnavailable as error:
        advice = gettext("All other sentiment methods work without it.")
        raise ModelUnavailable(error.detail, f"{translate(error.advice)} {advice}".strip()) from error


def list_readable_languages() -> frozenset[str]:
    """Return the languages other than English that the model reads, by the tags that posts may have; none without a model."""
    labeller, _ = _try_load_labeller()
    return frozenset(labeller.languages) if labeller else frozenset()


def _try_load_labeller() -> "tuple[Labeller | None, str]":
    """Return the labeller, or the reason why the comparison of methods can't include it."""
    try:
        return _load_labeller(), ""
    except ModelUnavailable as error:
        reason = error.detail
    except InvalidQuery as error:
        reason = " ".join(message for _, message in error.problems)
    return None, gettext("The comparison of methods leaves out the AI model: %(reason)s", reason=reason)


def share_result(fetch: Fetch, purpose: Hashable, work: Callable[["Fetched"], _T]) -> _T:
    """Return the result of `work`, shared with all requests that need the same at the same time.

    `purpose` names the work and its question. The result may be kept for as long as nothing changes, so it is shared only if
    everything that was fetched is the same, such as reactions and the time of reading, and so is the language. Waits for the networks
    first. Raises what `Fetch.result` and `work` raise.
    """
    fetched = fetch.result()
    return flights().do((purpose, *_conditions(fetched)), lambda: work(fetched), waiting=turns.give_away)


def build_report(chart_kind: str, fetch: Fetch) -> "Report":
    """Return the report of one chart, which is kept for other sizes, themes and formats of the same chart.

    Raises InvalidQuery, the SourceError of an account if none of them could be read, or ServerBusy if too many large reports
    are waiting.
    """
    return _load_or_build_report(chart_kind, fetch, fetch.query)


def build_report_of_measure(chart_kind: str, measure: Measure, fetch: Fetch) -> "Report":
    """Return the report of one chart, as a dashboard has it, with another measure of sentiment than the query's. Raises the same."""
    return _load_or_build_report(chart_kind, fetch, fetch.query.model_copy(update={"measure": measure})).for_dashboard()


def _load_or_build_report(chart_kind: str, fetch: Fetch, query: Query) -> "Report":
    from dashboard.reports.builder import build_report

    question, fetched = query.without_image_parameters(), fetch.result()
    purpose = ("report", chart_kind, question)
    report = kept_reports().get((purpose, *_conditions(fetched)))
    if report is None:
        report = _build(fetch, purpose, lambda fetched: build_report(chart_kind, question, fetched))
        kept_reports().put((purpose, *_conditions(fetched)), report, fetched.post_count, fetch.report_generation)
    return replace(report, query=report.query.with_image_parameters_of(query))


def _conditions(fetched: "Fetched") -> tuple[Hashable, ...]:
    """Return what the answer to a question depends on besides the question."""
    return fetched.digest, current_language()


def build_dashboard(fetch: Fetch) -> "Dashboard":
    """Return the reports of all charts. Raises what `build_report` raises."""
    from dashboard.reports.builder import build_dashboard as build

    return _build(fetch, ("dashboard", fetch.query), lambda fetched: build(fetch.query, fetched))


def build_report_data(fetch: Fetch) -> "ReportData":
    """Return the findings and the scorecard of a report. Raises what `build_report` raises."""
    from dashboard.reports.report_data import ReportData

    return ReportData(build_dashboard(fetch))


def build_posts_page(fetch: Fetch, selection: "PostSelection") -> "PostsPage":
    """Return the posts of a selection. Raises what `build_report` raises."""
    from dashboard.reports.posts_page import build_posts_page

    purpose = ("posts", fetch.query, tuple(selection.to_args()))
    return _build(fetch, purpose, lambda fetched: build_posts_page(fetch.query, selection, fetched))


def _build(fetch: Fetch, purpose: Hashable, build: Callable[["Fetched"], _T]) -> _T:
    def build_in_share(fetched: "Fetched") -> _T:
        is_large = fetched.post_count > LARGE_POST_COUNT
        with large_share().take() if is_large else nullcontext(), computing_share().take_instead_of_turn():
            result = build(fetched)
            fetched.facts.save()
            return result

    return share_result(fetch, purpose, build_in_share)


def find_latest_period(query: Query) -> Query | None:
    """Return the same question of the days of the accounts' latest posts, None if that can't be known without asking a network."""
    from dashboard.timelines.latest_posts import find_latest_span

    span = find_latest_span(timeline_store(), query.users, query.limit, query.kinds)
    return query.with_days(*span) if span else None


def list_demo_accounts() -> list[tuple[str, str, str]]:
    """Return the account, title and language of every demo organisation."""
    from dashboard.sources.demo import load_organisations

    return [(f"demo:{organisation.name}", organisation.title, organisation.language) for organisation in load_organisations()]
