"""The same charts as images and data: PNG (also bare), SVG, CSV, JSON. Each view is parse, ask, answer."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.core.errors import ModelUnavailable, SourceError
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.web import fetching, rendering, urls
from dashboard.web.formats import CHART_FORMATS, IMAGE_FORMATS, MIME_TYPES
from dashboard.web.middleware import bots
from dashboard.web.presenters import link_previews

if TYPE_CHECKING:
    from dashboard.reports.report import Report

exports = Blueprint("exports", __name__)


@exports.get("/<chart:kind>")
def export_png(kind: str) -> ResponseReturnValue:
    """One chart as PNG."""
    return export(kind, "png")


@exports.get(f"/<chart:kind>.<any({', '.join(CHART_FORMATS)}):file_format>")
def export(kind: str, file_format: str) -> ResponseReturnValue:
    """One chart in one format."""
    query = Query.parse(request.args.to_dict(flat=False)).validated_for(kind)
    answer = fetching.build_report(kind, fetching.start_fetch(query, bots.requested_spending(), kind))
    if file_format == "json":
        response = jsonify(_build_document(answer))
    elif file_format == "csv":
        response = Response(answer.to_csv(), content_type=MIME_TYPES[file_format])
        response.headers["Content-Disposition"] = f'attachment; filename="chorus-{kind}-{account_slug(query)}.csv"'
    else:
        response = Response(rendering.render_image(answer, file_format), content_type=MIME_TYPES[file_format])
    return make_cacheable(response, urls.for_query("exports.export", query, kind=kind, file_format=file_format))


@exports.get(f"/kept/<chart:kind>.<any({', '.join(IMAGE_FORMATS)}):file_format>", defaults={"variant": "all"})
@exports.get(f"/kept/card/<chart:kind>.<any({', '.join(IMAGE_FORMATS)}):file_format>", defaults={"variant": "card"})
@exports.get(f"/kept/bare/<chart:kind>.<any({', '.join(IMAGE_FORMATS)}):file_format>", defaults={"variant": "bare"})
def free_image(kind: str, file_format: str, variant: str) -> ResponseReturnValue:
    """One chart as an image of what is kept or free, for pages of others, for link previews (a card) and for our own pages, which have
    its words (bare): whoever asks, nothing is bought.

    What can't be drawn is a picture that says why, for a preview shows no error.
    """
    query = Query.parse(request.args.to_dict(flat=False)).validated_for(kind)
    try:
        answer = fetching.build_report(kind, fetching.start_fetch(query, NO_SPENDING, kind))
    except (SourceError, ModelUnavailable) as error:
        title, sentence = link_previews.missing_image_text(error)
        response = Response(rendering.render_notice(kind, query, title, sentence, file_format), content_type=MIME_TYPES[file_format])
        response.headers["Cache-Control"] = "no-store"
        return response
    response = Response(rendering.render_image(answer, file_format, variant), content_type=MIME_TYPES[file_format])
    return make_cacheable(response, urls.for_query("exports.free_image", query, kind=kind, file_format=file_format, variant=variant))


def account_slug(query: Query) -> str:
    """Return accounts as a part of a file name."""
    return re.sub(r"[^a-z0-9.-]+", "-", "_".join(user.name for user in query.users))[:80].strip("-.")


def _build_document(report: "Report") -> dict[str, object]:
    """Return the public contract's JSON document of a chart."""
    return {
        "query": report.query.to_json() | {"interval": report.interval},
        "coverage": report.to_coverage_rows(),
        "notes": list(report.notes),
        "fetched_at": format_timestamp(report.fetched_at),
        "data": report.to_rows(),
    }


def format_timestamp(moment: datetime | None) -> str | None:
    """Return a moment as documents have it."""
    return moment.isoformat(timespec="seconds") if moment else None


def make_cacheable(response: Response, canonical_url: str) -> ResponseReturnValue:
    """Say under which URL an answer stands, and let a reader who has it already keep it."""
    response.headers["Content-Location"] = canonical_url
    response.headers["Link"] = f'<{canonical_url}>; rel="canonical"'
    response.headers["Cache-Control"] = "private, max-age=60"
    response.add_etag()
    return response.make_conditional(request)
