"""The posts behind a chart or one of its data points, as a page and as data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from dashboard.core import post_selection as selections
from dashboard.core.charts import first_countable_chart
from dashboard.core.messages import gettext, translatable
from dashboard.core.post_selection import PostSelection
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS
from dashboard.web import fetching, languages, streaming, urls
from dashboard.web.extensions import current_time
from dashboard.web.formats import FORMATS, DataFormat, data_formats, with_link_options
from dashboard.web.presenters import explanations
from dashboard.web.views import exports

if TYPE_CHECKING:
    from dashboard.core.accounts import Account
    from dashboard.reports.post_view import PostView

posts = Blueprint("posts", __name__)
posts_data = Blueprint("posts_data", __name__)
SORT_TITLES = {
    "newest": translatable("Newest"),
    "oldest": translatable("Oldest"),
    "positive": translatable("Most positive"),
    "negative": translatable("Most negative"),
    "reactions": translatable("Most reactions"),
    "disagreement": translatable("Methods disagree"),
}

_KINDS = {"reply": translatable("reply"), "repost": translatable("repost"), "quote": translatable("quote")}


@posts.get("/posts")
def show_posts() -> ResponseReturnValue:
    """Show the selected posts, 50 per page."""
    query, selection = selections.parse_query_and_selection(request.args.to_dict(flat=False), current_time, REPORT_DEFAULTS)
    if list(request.args.items(multi=True)) != [*query.to_args(REPORT_DEFAULTS), *selection.to_args()]:
        return redirect(urls.for_posts(query, [*selection.to_args(), *languages.requested_language_args()]), 302)
    fetch = fetching.start_fetch(query, fetching.requested_spending(query), selection=selection)
    return streaming.render_or_stream(
        "posts.html", fetch, lambda: fetching.build_posts_page(fetch, selection), selection=selection, charts_url=_charts_url(query)
    )


@posts_data.get("/posts.<format(data):file_format>")
def export_posts(file_format: str) -> ResponseReturnValue:
    """Return the selected posts as data in the same order. Posts on X contain only what its terms allow."""
    query, selection = selections.parse_query_and_selection(request.args.to_dict(flat=False), current_time)
    fetch = fetching.start_fetch(query, fetching.requested_spending(query), selection=selection)
    subject, name = ("posts", selection.with_changes().to_args()), f"posts-{exports.account_slug(query)}"
    entry = cast(DataFormat, FORMATS[file_format])
    response = exports.build_data_response(entry, fetch, subject, lambda: fetching.build_posts_page(fetch, selection), name)
    return exports.make_cacheable(response, _export_url(query, selection, file_format), query, is_complete=not fetch.refused_accounts)


def _export_url(query: Query, selection: PostSelection, file_format: str) -> str:
    args = selection.with_changes().to_args()
    return urls.for_query("posts_data.export_posts", query, extra_args=args, file_format=file_format)


@posts.app_template_global("posts_downloads")
def posts_downloads(query: Query, selection: PostSelection) -> list[tuple[str, str]]:
    """Return the download formats of posts as pairs of title and URL."""
    return [(entry.title, _export_url(with_link_options(query, entry.name), selection, entry.name)) for entry in data_formats()]


@posts.app_template_global("sort_links")
def sort_links(query: Query, selection: PostSelection) -> list[tuple[str, str, bool]]:
    """Return the sort orders as tuples of title, URL and whether it is the current one."""
    return [
        (gettext(title), urls.for_posts(query, selection.with_changes(sort=sort).to_args()), sort == selection.sort)
        for sort, title in SORT_TITLES.items()
    ]


@posts.app_template_global("page_url")
def page_url(query: Query, selection: PostSelection, page_number: int) -> str:
    """Return the URL of another page of the selection."""
    return urls.for_posts(query, selection.with_changes(page=page_number).to_args())


@posts.app_template_global("author_url")
def author_url(query: Query, author: "Account") -> str:
    """Return the URL of the report on the author of a post in a series of several accounts."""
    return urls.for_query("pages.report", query.model_copy(update={"users": (author,)}))


@posts.app_template_filter("text_segments")
def text_segments(post: "PostView") -> Sequence[Any]:
    """Return a post's text in segments with their polarity, from the model's explanation if there is one, otherwise from the word list."""
    return [
        *(explanations.highlight_polarity(post.text, post.explanation) if post.explanation else post.segments),
        *[explanations.TextSegment(post.unhighlighted_text)] * bool(post.unhighlighted_text),
    ]


@posts.app_template_global("name_post_kind")
def name_post_kind(kind: str) -> str:
    """Return the kind of a post as a label: `reply`."""
    return gettext(_KINDS[kind]) if kind in _KINDS else kind


def _charts_url(query: Query) -> str:
    """Return the URL of the page with the charts of a query."""
    return (
        urls.for_query("pages.chart", query, kind=first_countable_chart().name)
        if query.counted == "network"
        else urls.for_query("pages.report", query)
    )
