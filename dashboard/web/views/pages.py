"""Pages for people: the form, the report, one chart alone. Each view is parse, ask, answer; what takes long is streamed."""

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.core.query import CHARTS, COUNTED_CHARTS, Query
from dashboard.web import fetching, streaming, urls
from dashboard.web.extensions import imports, library
from dashboard.web.middleware import bots
from dashboard.web.presenters import cost_estimate
from dashboard.web.presenters import form as form_presenter

pages = Blueprint("pages", __name__)


@pages.get("/")
def index() -> str:
    """The form, what each network needs, and examples that need nothing."""
    form = form_presenter.form(request.args.to_dict(flat=False))
    return render_template(
        "index.html", form=form, sources=library().sources.values(), examples=fetching.examples(), imports_on=imports().on
    )


@pages.get("/report")
def report() -> ResponseReturnValue:
    """Everything about a question on one page."""
    query = Query.parse(request.args.to_dict(flat=False))
    if query.counted == "network":  # all that counts can answer is one chart
        return redirect(urls.to("pages.chart", query, kind=COUNTED_CHARTS[0]), 302)
    if better := urls.canonical("pages.report", query):
        return redirect(better, 302)
    fetch = fetching.fetch(query, buys=bots.is_a_person())
    return streaming.page("report.html", fetch, lambda: fetching.dashboard(fetch))


@pages.get(f"/html/<any({', '.join(CHARTS)}):kind>")
def chart(kind: str) -> ResponseReturnValue:
    """One interactive chart; with embed=1, without the page around it."""
    query = Query.parse(request.args.to_dict(flat=False)).answered_by(kind)
    if better := urls.canonical("pages.chart", query, kind=kind):
        return redirect(better, 302)
    fetch = fetching.fetch(query, buys=bots.is_a_person(), kind=kind)
    return streaming.page("embed.html" if query.embed else "chart.html", fetch, lambda: fetching.report(kind, fetch), kind=kind)


@pages.get("/cost")
def cost() -> ResponseReturnValue:
    """What a question would cost at most, for the form to show while a person types."""
    query = Query.parse(request.args.to_dict(flat=False))
    return jsonify(cost_estimate.estimate(query))
