"""Pages for people: the form, the report, one chart alone. Each view is parse, ask, answer."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from dashboard.extensions import services
from dashboard.query import CHARTS, Query
from dashboard.web import cached, forms, links

pages = Blueprint("pages", __name__)


@pages.get("/")
def index() -> str:
    """The form, what each network needs, and examples that need nothing."""
    form = forms.form(request.args.to_dict(flat=False))
    return render_template("index.html", form=form, sources=services().sources.values(), examples=cached.examples())


@pages.get("/report")
def report() -> str | Response:
    """Everything about a question on one page."""
    query = Query.parse(request.args.to_dict(flat=False))
    if better := links.canonical("pages.report", query):
        return redirect(better, 302)
    answer = cached.dashboard(query)
    figures = [cached.figure(each) for each in answer.reports]
    return render_template("report.html", query=query, answer=answer, figures=figures, form=forms.filled(query))


@pages.get(f"/html/<any({', '.join(CHARTS)}):kind>")
def chart(kind: str) -> str | Response:
    """One interactive chart; with embed=1, without the page around it."""
    query = Query.parse(request.args.to_dict(flat=False))
    if better := links.canonical("pages.chart", query, kind=kind):
        return redirect(better, 302)
    answer = cached.report(kind, query)
    return render_template("embed.html" if query.embed else "chart.html", query=query, answer=answer, figure=cached.figure(answer))
