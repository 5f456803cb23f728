"""Errors as responses: a page with the form filled in, or problem+json (RFC 9457), as the request prefers.

Which error has which status, and what is said about it, belongs in `errors.py`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response, current_app, json, make_response, render_template, request, url_for
from werkzeug.exceptions import MethodNotAllowed

from dashboard.core.suggestions import Correction
from dashboard.web.extensions import sources, upload_storage
from dashboard.web.middleware import cors
from dashboard.web.presenters import question_form, read_offers
from dashboard.web.presenters.corrections import link_suggestions

_FILE_SUFFIX = re.compile(r"\.(?!html?$)[a-z]{3,7}$")  # .csv, .json, .parquet and so on


@dataclass(frozen=True)
class ErrorReport:
    """What a response says about an error, as a page with the form filled in or as problem+json."""

    status: int
    title: str
    detail: str = ""
    problems: Sequence[tuple[str, str]] = ()  # fields of the form, and what is wrong with them
    offer: read_offers.ReadOffer | None = None  # of a read that has to be confirmed, instead of problems
    corrections: Iterable[Correction] = ()

    def build_response(self) -> Response:
        """Return the response."""
        response = make_response(self._render_page() if wants_html() else self._render_problem_json(), self.status)
        if not wants_html():
            response.content_type = "application/problem+json"
        response.headers["Cache-Control"] = "no-store"
        return response

    def _render_page(self) -> str:
        problems = [] if self.offer or self.detail else link_suggestions(self.problems, self.corrections)
        return render_template(
            "error.html",
            status=self.status,
            title=self.title,
            detail=self.detail,
            form=question_form.form_from_args(request.args.to_dict(flat=False), problems),
            sources=sources().values(),
            imports_on=upload_storage().is_enabled,
            offer=self.offer,
            language_path="" if request.method in ("GET", "HEAD") else url_for("pages.index"),
        )

    def _render_problem_json(self) -> str:
        summary = self.detail or " ".join(message for _, message in self.problems)
        entries = [{"field": field, "message": message} for field, message in self.problems]
        return json.dumps({"title": self.title, "status": self.status, "detail": summary, "problems": entries})


def wants_html() -> bool:
    """Return whether the request gets a page; data, images and whatever asks for JSON get a problem document.

    An address that doesn't exist, but has a suffix like that of data or an image, gets a page only if pages are asked for by name.
    """
    accepted = request.accept_mimetypes
    if request.blueprint is None and _FILE_SUFFIX.search(request.path) and "text/html" not in accepted.values():
        return False
    if _requested_blueprint() not in ("pages", "posts", "uploads", "datasets", "classifier", "access", "docs", "model_details", None):
        return False
    preferred = ["application/json", "text/html"] if cors.is_api_path(request.path) else ["text/html", "application/json"]
    return accepted.best_match(preferred, "application/json" if accepted else preferred[0]) == "text/html"


def _requested_blueprint() -> str | None:
    """Return the blueprint of the address, even if the address only supports other methods."""
    routing_error = request.routing_exception
    if not isinstance(routing_error, MethodNotAllowed) or not routing_error.valid_methods:
        return request.blueprint
    adapter = current_app.create_url_adapter(request)
    return str(adapter.match(method=next(iter(routing_error.valid_methods)))[0]).partition(".")[0] if adapter else None
