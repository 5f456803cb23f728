"""The button that starts a paid read, for pages that other sites may have opened. What may be spent isn't decided here."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, urlencode

from flask import request

from dashboard.core.formatting.counts import format_count
from dashboard.core.messages import gettext
from dashboard.core.networks import NETWORKS, join_titles
from dashboard.core.post_selection import parse_query_and_selection
from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR, format_dollars
from dashboard.core.query import Query
from dashboard.web.extensions import current_time
from dashboard.web.presenters import cost_estimate, query_prices


@dataclass(frozen=True)
class ReadOffer:
    """What a page offers: the button's label, empty for no button, the address that it leads to, and why that isn't the page itself.

    A frame in another site gets a link to the page instead of the button, because that site could cover the button.
    """

    label: str
    networks: str
    next_url: str
    problem: str = ""
    is_framed: bool = False


def offer_for_request() -> ReadOffer:
    """Return the offer to read what the requested page needs."""
    query, _ = parse_query_and_selection(request.args.to_dict(flat=False), current_time)
    return build_offer(query)


def build_offer(query: Query) -> ReadOffer:
    """Return the offer to read what is missing for a query, for at most what it can cost now."""
    cost = cost_estimate.estimate(query)
    max_dollars, dollars_left = cast(float, cost["at_most"]), cast(float | None, cost["left"])
    networks = join_titles(NETWORKS[user.network] for user in query.users if NETWORKS[user.network].is_paid)
    price = format_dollars(round(max_dollars * MICRODOLLARS_PER_DOLLAR))
    problem = str(cost["sentence"]) if dollars_left is None or dollars_left < max_dollars else ""
    if problem and (count := query_prices.count_fitting_posts(query)):
        return ReadOffer(
            gettext("Read %(posts)s per account", posts=format_count(count, "post")),
            networks,
            _page_url(n=count),
            problem,
            "embed" in request.args,
        )
    label = "" if problem else gettext("Read from %(networks)s for up to %(price)s", networks=networks, price=price)
    return ReadOffer(label, networks, _page_url(), problem, "embed" in request.args)


def _page_url(**replaced: object) -> str:
    """Return the requested path and query string with some parameters replaced, for a frame those of the page without it."""
    args = [(name, value) for name, value in request.args.items(multi=True) if name not in {"embed", *replaced}] + list(replaced.items())
    return f"{request.path}?{urlencode(args, safe=',:@/', quote_via=quote)}"
