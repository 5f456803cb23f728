"""The same charts in every format of the registry, as pictures and as data. Each view is parse, ask, answer."""

import re
from typing import cast

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from dashboard.core.errors import ModelUnavailable, SourceError
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.web import fetching, rendering, urls
from dashboard.web.formats import BARE_FORMAT, FORMATS, DataFormat, PictureFormat, Table
from dashboard.web.middleware import bots
from dashboard.web.presenters import link_previews

exports = Blueprint("exports", __name__)


@exports.get("/<chart:kind>")
def export_png(kind: str) -> ResponseReturnValue:
    """One chart as PNG."""
    return export(kind, BARE_FORMAT)


@exports.get("/<chart:kind>.<format:file_format>")
def export(kind: str, file_format: str) -> ResponseReturnValue:
    """One chart in one format."""
    query = Query.parse(request.args.to_dict(flat=False)).validated_for(kind)
    answer = fetching.build_report(kind, fetching.start_fetch(query, bots.requested_spending(), kind))
    entry = FORMATS[file_format]
    if isinstance(entry, PictureFormat):
        response = Response(rendering.render_image(answer, entry), content_type=entry.mime_type)
    else:
        response = build_data_response(entry, answer, f"{kind}-{account_slug(query)}")
    return make_cacheable(response, urls.for_query("exports.export", query, kind=kind, file_format=file_format))


@exports.get("/kept/<chart:kind>.<format(picture):file_format>", defaults={"variant": "all"})
@exports.get("/kept/card/<chart:kind>.<format(picture):file_format>", defaults={"variant": "card"})
@exports.get("/kept/bare/<chart:kind>.<format(picture):file_format>", defaults={"variant": "bare"})
def free_image(kind: str, file_format: str, variant: str) -> ResponseReturnValue:
    """One chart as an image of what is kept or free, for pages of others, for link previews (a card) and for our own pages, which have
    its words (bare): whoever asks, nothing is bought.

    What can't be drawn is a picture that says why, for a preview shows no error.
    """
    query = Query.parse(request.args.to_dict(flat=False)).validated_for(kind)
    entry = cast(PictureFormat, FORMATS[file_format])
    try:
        answer = fetching.build_report(kind, fetching.start_fetch(query, NO_SPENDING, kind))
    except (SourceError, ModelUnavailable) as error:
        title, sentence = link_previews.missing_image_text(error)
        response = Response(rendering.render_notice(kind, query, title, sentence, entry), content_type=entry.mime_type)
        response.headers["Cache-Control"] = "no-store"
        return response
    response = Response(rendering.render_image(answer, entry, variant), content_type=entry.mime_type)
    return make_cacheable(response, urls.for_query("exports.free_image", query, kind=kind, file_format=file_format, variant=variant))


def build_data_response(entry: DataFormat, table: Table, name: str) -> Response:
    """Return a table in a format; `name` says of what it is, if it becomes a file."""
    response = Response(entry.render(table), content_type=entry.mime_type)
    if entry.is_attachment:
        response.headers["Content-Disposition"] = f'attachment; filename="chorus-{name}.{entry.name}"'
    return response


def account_slug(query: Query) -> str:
    """Return accounts as a part of a file name."""
    return re.sub(r"[^a-z0-9.-]+", "-", "_".join(user.name for user in query.users))[:80].strip("-.")


def make_cacheable(response: Response, canonical_url: str) -> ResponseReturnValue:
    """Say under which URL an answer stands, and let a reader who has it already keep it."""
    response.headers["Content-Location"] = canonical_url
    response.headers["Link"] = f'<{canonical_url}>; rel="canonical"'
    response.headers["Cache-Control"] = "private, max-age=60"
    response.add_etag()
    return response.make_conditional(request)
