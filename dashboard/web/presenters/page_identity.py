"""What the page of a question depends on: the question, its posts, who asks, what is said about prices, and the day.

Whatever a template reads of the request, the clock or the stores must be named here, or else a kept page would show it to somebody else or
too late. A page of posts that nobody may pay for isn't kept, because paying or signing in changes it, and neither is one with the link that
deletes a file, because that is a secret, or one without posts, because what it links to depends on what others have asked for.
"""

from flask import request

from dashboard.web import urls
from dashboard.web.auth import access, confirmation, file_owner
from dashboard.web.extensions import current_time
from dashboard.web.fetch import Fetch
from dashboard.web.kept_results import identify
from dashboard.web.presenters import empty_periods, query_prices


def identify_page(template: str, fetch: Fetch, digest: str) -> str | None:
    """Return the identity of the requested page, given the digest of what was fetched, None if it mustn't be kept.

    The address stands for everything that a view takes from it.
    """
    files = file_owner.list_imported_files(fetch.original_query)
    if fetch.refused_accounts or any(file["delete_url"] for file in files):
        return None
    client = (urls.absolute(""), access.is_signed_in(), access.sign_in_url(), confirmation.form_confirms())
    prices = query_prices.list_prices(fetch.original_query)
    today = current_time().astimezone(fetch.query.zone).date()
    return identify("page", template, request.full_path, fetch.query, digest, files, client, prices, today)


def may_be_kept() -> bool:
    """Return whether the page that was rendered for this request shows nothing that its identity doesn't name."""
    return not query_prices.has_unlisted_price() and not empty_periods.links_to_stored_posts()
