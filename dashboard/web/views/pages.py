"""The form, the report and the page of one chart. Pages that take long are streamed."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from dashboard.core.charts import CHARTS, first_countable_chart
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS
from dashboard.web import fetching, languages, streaming, urls
from dashboard.web.extensions import current_time, sources, upload_storage
from dashboard.web.presenters import cost_estimate, demo_chart, question_form

pages = Blueprint("pages", __name__)
_DEMO_CHART_SECONDS = 3600  # that browsers keep the demo's chart


@pages.get("/")
def index() -> str:
    """Show the form, reports to try, and the chart of the demo."""
    form = question_form.form_from_args(request.args.to_dict(flat=False))
    return render_template(
        "index.html",
        form=form,
        sources=sources().values(),
        imports_on=upload_storage().is_enabled,
    )


@pages.get("/demo-chart/<name>.svg")
def demo_chart_image(name: str) -> Response:
    """Return the chart of the demo that the form shows, drawn once per process and day."""
    if name not in demo_chart.IMAGE_NAMES:
        raise NotFound
    response = Response(demo_chart.load().images[name], mimetype="image/svg+xml")
    response.cache_control.public, response.cache_control.max_age = True, _DEMO_CHART_SECONDS
    return response


@pages.get("/report")
def report() -> ResponseReturnValue:
    """Show all charts of a query on one page."""
    args = request.args.to_dict(flat=False)
    query = Query.parse(args, current_time, REPORT_DEFAULTS)
    if query.counted == "network":  # counts are enough for only one chart, which has no measure
        return redirect(
            urls.for_query(
                "pages.chart",
                Query.parse(args, current_time),
                kind=first_countable_chart().name,
                extra_args=languages.requested_language_args(),
            ),
            302,
        )
    if canonical_url := urls.canonical_redirect("pages.report", query):
        return redirect(canonical_url, 302)
    fetch = fetching.start_fetch(query, fetching.requested_spending(query))
    return streaming.render_or_stream("report.html", fetch, lambda: fetching.build_dashboard(fetch))


@pages.get("/html/<chart:kind>")
def chart(kind: str) -> ResponseReturnValue:
    """Show one interactive chart, without the page around it if embed=1."""
    query = Query.parse(request.args.to_dict(flat=False), current_time).validated_for(kind)
    if canonical_url := urls.canonical_redirect("pages.chart", query, kind=kind):
        return redirect(canonical_url, 302)
    fetch = fetching.start_fetch(query, fetching.requested_spending(query), kind)
    template = "embed.html" if query.embed else "chart.html"
    return streaming.render_or_stream(template, fetch, lambda: fetching.build_report(kind, fetch), kind=kind, chart_kind=CHARTS[kind])


@pages.get("/cost")
def cost() -> ResponseReturnValue:
    """Return the maximum cost of a query, which the form shows while it is filled in."""
    query = Query.parse(request.args.to_dict(flat=False), current_time)
    return jsonify(cost_estimate.estimate(query))
