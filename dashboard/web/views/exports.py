"""The same charts as images and data: PNG (also bare), SVG, CSV, JSON. Each view is parse, ask, answer."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.core.errors import ModelUnavailable, SourceError
from dashboard.core.query import CHARTS, Query
from dashboard.web import fetching, rendering, urls
from dashboard.web.formats import FORMATS, PICTURES, TYPES
from dashboard.web.middleware import bots
from dashboard.web.presenters import link_previews

if TYPE_CHECKING:
    from dashboard.reports.builder import Report

exports = Blueprint("exports", __name__)
_ANY_CHART = f"<any({', '.join(CHARTS)}):kind>"


@exports.get(f"/{_ANY_CHART}")
def bare(kind: str) -> ResponseReturnValue:
    """One chart as PNG."""
    return export(kind, "png")


@exports.get(f"/{_ANY_CHART}.<any({', '.join(FORMATS)}):form>")
def export(kind: str, form: str) -> ResponseReturnValue:
    """One chart in one format."""
    query = Query.parse(request.args.to_dict(flat=False)).answered_by(kind)
    answer = fetching.report(kind, fetching.fetch(query, buys=bots.is_a_person(), kind=kind))
    if form == "json":
        response = jsonify(_document(answer))
    elif form == "csv":
        response = Response(answer.csv(), content_type=TYPES[form])
        response.headers["Content-Disposition"] = f'attachment; filename="chorus-{kind}-{names(query)}.csv"'
    else:
        response = Response(rendering.image(answer, form), content_type=TYPES[form])
    return lasting(response, urls.to("exports.export", query, kind=kind, form=form))


@exports.get(f"/kept/{_ANY_CHART}.<any({', '.join(PICTURES)}):form>", defaults={"words": "all"})
@exports.get(f"/kept/card/{_ANY_CHART}.<any({', '.join(PICTURES)}):form>", defaults={"words": "card"})
@exports.get(f"/kept/bare/{_ANY_CHART}.<any({', '.join(PICTURES)}):form>", defaults={"words": "bare"})
def kept(kind: str, form: str, words: str) -> ResponseReturnValue:
    """One chart as an image of what is kept or free, for pages of others, for link previews (a card) and for our own pages, which have
    its words (bare): whoever asks, nothing is bought.

    What can't be drawn is a picture that says why, for a preview shows no error.
    """
    query = Query.parse(request.args.to_dict(flat=False)).answered_by(kind)
    try:
        answer = fetching.report(kind, fetching.fetch(query, buys=False, kind=kind))
    except (SourceError, ModelUnavailable) as error:
        title, sentence = link_previews.excuse(error)
        response = Response(rendering.notice(kind, query, title, sentence, form), content_type=TYPES[form])
        response.headers["Cache-Control"] = "no-store"
        return response
    response = Response(rendering.image(answer, form, words), content_type=TYPES[form])
    return lasting(response, urls.to("exports.kept", query, kind=kind, form=form, words=words))


def names(query: Query) -> str:
    """Return accounts as a part of a file name."""
    return re.sub(r"[^a-z0-9.-]+", "-", "_".join(user.name for user in query.users))[:80].strip("-.")


def _document(answer: "Report") -> dict[str, object]:
    """Return the public contract's JSON document of a chart."""
    return {
        "query": answer.query.to_json() | {"interval": answer.width},
        "coverage": answer.coverage_rows(),
        "notes": list(answer.notes),
        "fetched_at": iso(answer.fetched_at),
        "data": answer.rows(),
    }


def iso(moment: datetime | None) -> str | None:
    """Return a moment as documents have it."""
    return moment.isoformat(timespec="seconds") if moment else None


def lasting(response: Response, here: str) -> ResponseReturnValue:
    """Say under which URL an answer stands, and let a reader who has it already keep it."""
    response.headers["Content-Location"] = here
    response.headers["Link"] = f'<{here}>; rel="canonical"'
    response.headers["Cache-Control"] = "private, max-age=60"
    response.add_etag()
    return response.make_conditional(request)
