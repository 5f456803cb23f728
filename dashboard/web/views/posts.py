"""Down to the posts: the page of those behind a chart or one mark of it, and the same as data. Each view is parse, ask, answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from dashboard.core import post_selection as selections
from dashboard.core.post_selection import Selection
from dashboard.core.query import COUNTED_CHARTS, Query
from dashboard.web import fetching, streaming, urls
from dashboard.web.middleware import bots
from dashboard.web.presenters import explanations
from dashboard.web.views import exports

if TYPE_CHECKING:
    from dashboard.reports.posts_page import Behind, Post

posts = Blueprint("posts", __name__)
posts_data = Blueprint("posts_data", __name__)
FORMATS = ("csv", "json")
SORTS = {
    "newest": "Newest",
    "oldest": "Oldest",
    "positive": "Most positive",
    "negative": "Most negative",
    "reactions": "Most reactions",
    "disagreement": "Methods disagree",
}
_METHODS = {"bing": "Hu and Liu", "afinn": "AFINN", "vader": "VADER", "model": "Model"}
_CONTENT = {"csv": "text/csv; charset=utf-8"}


@posts.get("/posts")
def page() -> ResponseReturnValue:
    """Some posts, 50 a page."""
    query, chosen = selections.parse(request.args.to_dict(flat=False))
    if list(request.args.items(multi=True)) != [*query.to_args(), *chosen.to_args()]:
        return redirect(urls.behind(query, chosen.to_args()), 302)
    fetch = fetching.fetch(query, buys=bots.is_a_person())
    return streaming.page("posts.html", fetch, lambda: fetching.behind(fetch, chosen), chosen=chosen, charts=_charts(query))


@posts_data.get(f"/posts.<any({', '.join(FORMATS)}):form>")
def data(form: str) -> ResponseReturnValue:
    """All of them as data, in the same order; of posts on X what its terms allow."""
    query, chosen = selections.parse(request.args.to_dict(flat=False))
    answer = fetching.behind(fetching.fetch(query, buys=bots.is_a_person()), chosen)
    if form == "json":
        response = jsonify(_document(answer))
    else:
        response = Response(answer.csv(), content_type=_CONTENT[form])
        response.headers["Content-Disposition"] = f'attachment; filename="chorus-posts-{exports.names(query)}.csv"'
    return exports.lasting(response, urls.to("posts_data.data", query, besides=chosen.on().to_args(), form=form))


@posts.app_template_global("sorts")
def sorts(query: Query, chosen: Selection) -> list[tuple[str, str, bool]]:
    """Return the orders: title, address, whether it is the one of this page."""
    return [(title, urls.behind(query, chosen.on(sort=sort).to_args()), sort == chosen.sort) for sort, title in SORTS.items()]


@posts.app_template_global("turned")
def turned(query: Query, chosen: Selection, to: int) -> str:
    """Return the address of another page."""
    return urls.behind(query, chosen.on(page=to).to_args())


@posts.app_template_filter("pieces")
def pieces(post: "Post") -> Sequence[Any]:
    """Return a post's text in pieces with their tones: of a model that explains itself by its words, else by the method's list."""
    return [*(explanations.toned(post.text, post.why) if post.why else post.pieces), *[explanations.Piece(post.rest)] * bool(post.rest)]


@posts.app_template_filter("method")
def method(name: str) -> str:
    """Return what a method is called where there is little room."""
    return _METHODS[name]


def _charts(query: Query) -> str:
    """Return where the charts of a question are."""
    return urls.to("pages.chart", query, kind=COUNTED_CHARTS[0]) if query.counted == "network" else urls.to("pages.report", query)


def _document(answer: "Behind") -> dict[str, object]:
    """Return the same document as a chart's, its rows being posts."""
    return {
        "query": answer.query.to_json() | answer.selection.to_json(),
        "coverage": answer.coverage_rows(),
        "notes": answer.notes,
        "fetched_at": exports.iso(answer.reading.fetched_at),
        "data": answer.rows(),
    }
