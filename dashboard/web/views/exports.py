"""Charts in every registered format, as pictures and as data."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import cast

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from dashboard.core.charts import CHARTS
from dashboard.core.errors import ModelUnavailable
from dashboard.core.local_days import start_of_day
from dashboard.core.query import Query
from dashboard.core.source_errors import SourceError
from dashboard.core.spending import NO_SPENDING
from dashboard.web import fetching, keeping, languages, rendering, urls
from dashboard.web.extensions import computing_share, current_time
from dashboard.web.fetch import Fetch
from dashboard.web.formats import BARE_FORMAT, FORMATS, DataFormat, PictureFormat, Table, with_link_options
from dashboard.web.kept_results import identify
from dashboard.web.presenters import link_previews

exports = Blueprint("exports", __name__)
_MAX_AGE_SECONDS = 60  # for which a client may use a chart or a table again without asking


@exports.app_template_global("download_url")
def download_url(query: Query, kind: str, file_format: str) -> str:
    """Return the URL of a page's link to one chart in one format."""
    extra_args = languages.image_language_args() if isinstance(FORMATS[file_format], PictureFormat) else []
    return urls.for_query(
        "exports.export", with_link_options(query, file_format), extra_args=extra_args, kind=kind, file_format=file_format
    )


@exports.app_template_global("slide_url")
def slide_url(query: Query, kind: str) -> str:
    """Return the URL of one chart as a slide."""
    slide_query, extra_args = query.model_copy(update={"frame": "slide"}), languages.image_language_args()
    return urls.for_query("exports.export", slide_query, extra_args=extra_args, kind=kind, file_format=BARE_FORMAT)


@exports.get("/<chart:kind>")
def export_png(kind: str) -> ResponseReturnValue:
    """Return one chart as PNG."""
    return export(kind, BARE_FORMAT)


@exports.get("/<chart:kind>.<format:file_format>")
def export(kind: str, file_format: str) -> ResponseReturnValue:
    """Return one chart in one format."""
    query = Query.parse(request.args.to_dict(flat=False), current_time).validated_for(kind)
    fetch = fetching.start_fetch(query, fetching.requested_spending(query), kind)
    entry = FORMATS[file_format]
    if isinstance(entry, PictureFormat):
        response = _build_image_response(kind, fetch, entry)
    else:
        response = build_data_response(entry, fetch, ("chart", kind), lambda: fetching.build_report(kind, fetch), _name_chart(kind, query))
    extra_args = languages.image_language_args()
    canonical_url = urls.for_query("exports.export", query, extra_args=extra_args, kind=kind, file_format=file_format)
    return make_cacheable(response, canonical_url, query, is_complete=not fetch.refused_accounts)


@exports.get("/report.csv", defaults={"file_format": "csv"})
@exports.get("/report.json", defaults={"file_format": "json"})
def export_report(file_format: str) -> ResponseReturnValue:
    """Return the findings and the scorecard of a report as data."""
    query = Query.parse(request.args.to_dict(flat=False), current_time).validated_for_report()
    fetch = fetching.start_fetch(query, fetching.requested_spending(query))
    entry = cast(DataFormat, FORMATS[file_format])
    response = build_data_response(entry, fetch, ("report",), lambda: fetching.build_report_data(fetch), f"report-{account_slug(query)}")
    canonical_url = urls.for_query("exports.export_report", query, file_format=file_format)
    return make_cacheable(response, canonical_url, query, is_complete=not fetch.refused_accounts)


@exports.get("/kept/<chart:kind>.<format(picture):file_format>", defaults={"variant": "all"})
@exports.get("/kept/card/<chart:kind>.<format(picture):file_format>", defaults={"variant": "card"})
@exports.get("/kept/bare/<chart:kind>.<format(picture):file_format>", defaults={"variant": "bare"})
@exports.get("/kept/overview/<chart:kind>.<format(picture):file_format>", defaults={"variant": "overview"})
def free_image(kind: str, file_format: str, variant: str) -> ResponseReturnValue:
    """Return one chart as an image of cached or free posts, so that no request can cause paid reads.

    It's for embedding in other sites, for link previews (`card`) and for our own pages, which show its text themselves (`bare`, and
    `overview` in a report with several charts). If the chart can't be drawn, the image says why, because a preview can't show an error.
    """
    query = Query.parse(request.args.to_dict(flat=False), current_time).validated_for(kind)
    entry = cast(PictureFormat, FORMATS[file_format])
    try:
        response = _build_image_response(kind, fetching.start_fetch(query, NO_SPENDING, kind), entry, variant)
    except (SourceError, ModelUnavailable) as error:
        title, sentence = link_previews.missing_image_text(error)
        response = Response(rendering.render_notice(kind, query, title, sentence, entry), content_type=entry.mime_type)
        response.headers["Cache-Control"] = "no-store"
        return response
    extra_args = languages.image_language_args()
    canonical_url = urls.for_query("exports.free_image", query, extra_args=extra_args, kind=kind, file_format=file_format, variant=variant)
    return make_cacheable(response, canonical_url, query)


def _build_image_response(kind: str, fetch: Fetch, entry: PictureFormat, variant: str = "all") -> Response:
    def identify_image(digest: str) -> str:
        return identify("image", kind, entry.name, variant, fetch.query, digest)

    def render() -> bytes:
        return rendering.render_image(fetching.build_report(kind, fetch), entry, variant)

    response = keeping.find_or_respond(fetch, identify_image, entry.mime_type, render)
    is_slide = fetch.query.frame == "slide"
    name = f"chorus-{_name_chart(kind, fetch.query)}{'-slide' if is_slide else ''}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{entry.name}"'
    return response


def _name_chart(kind: str, query: Query) -> str:
    """Return the name of a chart's files, such as `sentiment-aster-air-share-vader`: ASCII and bounded.

    Measure and method are part of it if the chart shows them and they aren't the defaults, so that files of both don't have one name.
    """
    chart_kind, defaults = CHARTS[kind], Query.model_fields
    measure = query.measure if chart_kind.uses_measure and query.measure != defaults["measure"].default else ""
    method = query.method if chart_kind.uses_labels and query.method != defaults["method"].default else ""
    return "-".join(filter(None, [kind, account_slug(query), measure, method]))


def build_data_response(
    entry: DataFormat, fetch: Fetch, subject: Sequence[object], build_table: Callable[[], Table], name: str
) -> Response:
    """Return a table in a format. `subject` tells it apart from the other tables of the same question.

    `name` becomes part of the file name if it is downloaded.
    """

    def identify_table(digest: str) -> str:
        return identify("table", *subject, entry.name, fetch.query.without_image_parameters(), digest)

    def render() -> bytes:
        table = build_table()
        with computing_share().take_instead_of_turn(has_begun=True):
            content = entry.render(table)
        return content.encode() if isinstance(content, str) else content

    response = keeping.find_or_respond(fetch, identify_table, entry.mime_type, render)
    if entry.is_attachment:
        response.headers["Content-Disposition"] = f'attachment; filename="chorus-{name}.{entry.name}"'
    return response


def account_slug(query: Query) -> str:
    """Return the accounts as part of a file name."""
    return re.sub(r"[^a-z0-9.-]+", "-", "_".join(user.name for user in query.users))[:80].strip("-.")


def make_cacheable(response: Response, canonical_url: str, query: Query, *, is_complete: bool = True) -> ResponseReturnValue:
    """Add the canonical URL and caching headers to a response, or answer 304 if the client already has it.

    A response that lacks posts because they cost money isn't stored, because the next request may be allowed to buy them. One on the
    last days is stored until the day ends at most.
    """
    response.headers["Content-Location"] = canonical_url
    response.headers["Link"] = f'<{canonical_url}>; rel="canonical"'
    response.headers["Cache-Control"] = f"private, max-age={_max_age_seconds(query)}" if is_complete else "no-store"
    return response if response.status_code == 304 else response.make_conditional(request)


def _max_age_seconds(query: Query) -> int:
    if not query.last:
        return _MAX_AGE_SECONDS
    now = current_time()
    midnight = start_of_day(now.astimezone(query.zone).date() + timedelta(days=1), query.zone)  # when `last` means other days
    return min(_MAX_AGE_SECONDS, int((midnight - now).total_seconds()))
