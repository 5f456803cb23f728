"""What the first screen says around the form: which networks can be read, in one line, and reports to try. The form isn't here."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flask import Flask

from dashboard.core.formatting.numbers import format_small_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.messages import SOURCE_LANGUAGE, gettext, ngettext
from dashboard.core.methods import MULTILINGUAL_METHOD
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.web import fetching, urls
from dashboard.web.extensions import sources

if TYPE_CHECKING:
    from dashboard.sources.base import Source


def init_app(app: Flask) -> None:
    """Make the functions available to templates."""
    app.jinja_env.globals.update(list_sample_reports=list_sample_reports, networks_in_one_line=describe_networks)


def list_sample_reports() -> list[tuple[str, str]]:
    """Return title and address of reports to try: of the demo, and of networks that can be read and are free."""
    ready = [source.network for source in sources().values() if source.readiness().ready]
    samples = [network.sample_report for network in ready if network.sample_report[0]]
    return [*_list_demo_reports(), *((gettext(title), _report_url(account)) for title, account in samples)]


def describe_networks(networks: "Iterable[Source]") -> str:
    """Return the networks in one line: `Bluesky · Mastodon · your own files · X isn't connected`. The demo needs no mention."""
    listed = [source for source in networks if not source.network.notice]
    ready = [gettext(source.network.name_in_list or source.network.title) for source in listed if source.readiness().ready]
    missing = [source.network.title for source in listed if source.network.is_live and not source.readiness().ready]
    problem = ngettext("%(networks)s isn’t connected", "%(networks)s aren’t connected", len(missing), networks=format_list(missing))
    return " · ".join([*ready, *([problem] if missing else [])])


def _list_demo_reports() -> list[tuple[str, str]]:
    organisations = fetching.list_demo_accounts()
    titles = {account: title for account, title, language in organisations if language == SOURCE_LANGUAGE}
    pair = ["demo:aster-air", "demo:harbour-news"]
    english = gettext("All %(count)s demo organisations in English", count=format_small_number(len(titles)))
    others = [
        (f"{title} ({name_language(language)})", _report_url(account, method=MULTILINGUAL_METHOD))
        for account, title, language in organisations
        if language != SOURCE_LANGUAGE
    ]
    return [
        (gettext("%(account)s vs %(other)s", account=titles[pair[0]], other=titles[pair[1]]), _report_url(",".join(pair))),
        (
            english,
            _report_url(",".join(titles), n=MAX_POSTS_PER_ACCOUNT),
        ),
        *others,
    ]


def _report_url(users: str, **parameters: object) -> str:
    return urls.for_query("pages.report", Query.parse({"users": [users]} | _as_args(parameters), defaults=REPORT_DEFAULTS))


def _as_args(parameters: dict[str, object]) -> dict[str, Sequence[str]]:
    return {name: [str(value)] for name, value in parameters.items()}
