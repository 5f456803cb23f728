"""What a page shows instead of charts of a period or languages without posts: one sentence, and a link to a question that has posts."""

from dataclasses import dataclass
from typing import Any

from flask import g

from dashboard.core.messages import gettext
from dashboard.core.query import Query
from dashboard.web import fetching, urls
from dashboard.web.extensions import current_time
from dashboard.web.fetch import Fetch
from dashboard.web.presenters import period_links, query_prices


@dataclass(frozen=True)
class EmptyPeriod:
    """The sentence, and the title and address of the link; `price` is the most that following it can cost, "" if nothing."""

    sentence: str
    link_title: str
    url: str
    price: str


def build_empty_period(fetch: Fetch, result: Any) -> EmptyPeriod | None:
    """Return what to show for a report, a chart or a list of posts, None if its period and languages have posts or none were chosen."""
    sentence = getattr(result, "empty_period", "")
    if not sentence:
        return None
    if sentence == getattr(result, "missing_languages", ""):
        query = fetch.original_query.model_copy(update={"language": ()})
        return EmptyPeriod(sentence, gettext("Show posts in all languages"), _page_url(fetch, query, result), query_prices.max_price(query))
    g.links_to_stored_posts = True
    dated_query = fetching.find_latest_period(fetch.query)
    query, title = fetch.original_query.with_period(None), gettext("Show the latest posts")
    if dated_query:
        update = {name: getattr(dated_query, name) for name in ("last", "since", "until")}
        query, title = query.model_copy(update=update), gettext("Show %(period)s", period=dated_query.describe_period())
    if fetch.query.since and fetch.query.since > current_time().astimezone(fetch.query.zone).date():
        sentence = gettext("There are no posts yet, because this period is in the future: %(days)s.", days=fetch.query.describe_days())
    return EmptyPeriod(sentence, title, _page_url(fetch, query, result), query_prices.max_price(query))


def links_to_stored_posts() -> bool:
    """Return whether a page of this request links to the latest posts, which depend on what others have asked for."""
    return bool(g.get("links_to_stored_posts"))


def _page_url(fetch: Fetch, query: Query, result: Any) -> str:
    is_list_of_posts = hasattr(result, "total_posts")
    return urls.for_posts(query) if is_list_of_posts else period_links.page_url(query, fetch.chart_kind or "")
