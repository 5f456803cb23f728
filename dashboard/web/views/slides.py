"""The report as a PowerPoint file."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from dashboard.core.formatting.texts import format_list
from dashboard.core.query import Query
from dashboard.core.query_parameters import REPORT_DEFAULTS
from dashboard.web import fetching, keeping, languages, rendering, urls
from dashboard.web.extensions import current_time
from dashboard.web.formats import DECK_MIME_TYPE, FORMATS, PictureFormat, with_link_options
from dashboard.web.kept_results import identify
from dashboard.web.views.exports import account_slug, make_cacheable

if TYPE_CHECKING:  # the domain is slow to import
    from dashboard.reports.report import Report
    from dashboard.web.fetch import Fetch

slides = Blueprint("slides", __name__)
_SCALE = 2  # of the pictures, so that they stay sharp on a large screen
_MAX_NAMES = 4  # accounts in the title of the file


@slides.app_template_global("report_downloads")
def report_downloads(query: Query) -> list[tuple[str, str]]:
    """Return the files of a whole report with their URLs."""
    data = [
        (FORMATS[name].title, urls.for_query("exports.export_report", with_link_options(query, name), file_format=name))
        for name in ("csv", "json")
    ]
    return [("PowerPoint", urls.for_query("slides.deck", query, extra_args=languages.image_language_args())), *data]


@slides.get("/report.pptx")
def deck() -> ResponseReturnValue:
    """Return a slide per finding, each with its chart and the source of its numbers."""
    query = Query.parse(request.args.to_dict(flat=False), current_time, REPORT_DEFAULTS).validated_for_report()
    fetch = fetching.start_fetch(query, fetching.requested_spending(query))
    saved_at = current_time().replace(second=0, microsecond=0)
    response = keeping.find_or_respond(
        fetch, lambda digest: identify("deck", saved_at, fetch.query, digest), DECK_MIME_TYPE, lambda: _build(fetch, saved_at)
    )
    response.headers["Content-Disposition"] = f'attachment; filename="chorus-{account_slug(query)}.pptx"'
    return make_cacheable(
        response,
        urls.for_query("slides.deck", query, extra_args=languages.image_language_args()),
        query,
        is_complete=not fetch.refused_accounts,
    )


def _build(fetch: "Fetch", saved_at: datetime) -> bytes:
    from dashboard.reports import slide_deck

    dashboard = fetching.build_dashboard(fetch)
    chosen = slide_deck.choose_slides(dashboard, lambda kind, measure: fetching.build_report_of_measure(kind, measure, fetch))
    names = format_list(list(dashboard.reports[0].labels.values()), _MAX_NAMES)
    return slide_deck.build_deck(names, chosen, _draw, saved_at)


def _draw(report: "Report") -> bytes:
    from dashboard.reports.slide_deck import CHART_SIZE

    width, height = CHART_SIZE
    query = report.query.without_image_parameters().model_copy(update={"width": width, "height": height, "scale": _SCALE})
    return rendering.render_image(replace(report, query=query), cast(PictureFormat, FORMATS["png"]), report.image_variant)
