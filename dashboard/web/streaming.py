"""Pages that take longer than a second. They start immediately, show progress and end with the report, all in one response.

This needs no script and no polling: the page itself streams, so any instance can serve it, and closing it stops the fetch.
"""

import logging
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from flask import Response, current_app, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from dashboard.core import messages
from dashboard.core.errors import ChorusError, InvalidQuery
from dashboard.core.messages import gettext
from dashboard.core.source_errors import SourceError
from dashboard.web import keeping, rendering, shutdown
from dashboard.web.errors import count_error, unexpected_error_message
from dashboard.web.extensions import computing_share, progress_delay_seconds
from dashboard.web.fetch import Fetch
from dashboard.web.middleware import bots
from dashboard.web.outcome import Outcome
from dashboard.web.presenters import empty_periods, page_identity, question_form, read_offers, report_layout
from dashboard.web.presenters.corrections import link_suggestions
from dashboard.web.presenters.progress import iter_progress

_log = logging.getLogger(__name__)
_BOT_WAIT_SECONDS = 8.0  # seconds a bot waits for the whole page, because bots read only the head and then leave
_CONTENT_TYPE = "text/html; charset=utf-8"
_FLUSH_MARKER = "\x00"  # where a template pauses and its output is sent; doesn't occur in pages


def render_or_stream(template: str, fetch: Fetch, build_result: Callable[[], Any], **context: Any) -> ResponseReturnValue:
    """Return the complete page if its accounts are fetched soon, otherwise a page that streams its progress first.

    A server that is about to end doesn't begin a page that it can't finish: it raises ServerStopping instead.

    The template gets `early_outcome`, the outcome for use in the head, which is None in a streamed page.
    """
    page = _Page(template, fetch, build_result, context)
    if kept := keeping.find(fetch, page.identify, _CONTENT_TYPE):
        return kept
    if fetch.wait(timeout=_BOT_WAIT_SECONDS if bots.is_bot() else progress_delay_seconds()) or shutdown.has_begun():
        return page.respond()
    chunks = _keep_language(page.stream(), messages.current_language())
    accepts_gzip = request.accept_encodings["gzip"] > 0
    response = Response(stream_with_context(_compress_stream(chunks) if accepts_gzip else chunks), content_type=_CONTENT_TYPE)
    response.vary.add("Accept-Encoding")
    if accepts_gzip:
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@dataclass(frozen=True)
class _Page:
    """A page that shows what is built from a fetch: at once and complete, or in pieces while the fetch goes on."""

    template: str
    fetch: Fetch
    build_result: Callable[[], Any]
    context: dict[str, Any]  # of the template, besides what every such page gets

    @cached_property
    def identify(self) -> Callable[[str], str | None]:
        """Return the identity of the page, given the digest of what was fetched, None if it mustn't be kept."""
        return cache(lambda digest: page_identity.identify_page(self.template, self.fetch, digest))

    def respond(self) -> Response:
        """Return the complete page, kept or rendered."""
        identity = self.identify(self.fetch.result().digest)
        if identity is not None:
            return keeping.respond(
                identity,
                _CONTENT_TYPE,
                self._render,
                page_identity.may_be_kept,
                may_be_shared=not self.fetch.reads_files,
            )
        response = Response(self._render(), content_type=_CONTENT_TYPE)
        if self.fetch.refused_accounts:
            response.headers["Cache-Control"] = "no-store"
        return response

    def _render(self) -> bytes:
        result = self.build_result()
        with computing_share().take_instead_of_turn(has_begun=True):
            outcome = self._build_outcome(result)
            page_context = {
                "query": self.fetch.original_query,
                **_name_accounts(self.fetch),
                "progress": (),
                "load_outcome": lambda: outcome,
                "flush_marker": "",
                "early_outcome": outcome,
            }
            return render_template(self.template, **page_context, **self.context).encode()

    def stream(self) -> Generator[str, None, None]:
        """Yield the page in one chunk per pause of the template. If the client disconnects, the fetch is cancelled."""
        buffer: list[str] = []
        page_context: dict[str, Any] = {
            "query": self.fetch.original_query,
            **_name_accounts(self.fetch),
            "progress": iter_progress(self.fetch),
            "load_outcome": self._load_outcome,
            "flush_marker": _FLUSH_MARKER,
            "early_outcome": None,
        }
        try:
            template = current_app.jinja_env.get_template(self.template)
            for piece in template.generate(**_build_template_context(), **page_context, **self.context):
                before, marker, after = piece.partition(_FLUSH_MARKER)
                buffer.append(before)
                if marker:
                    yield "".join(buffer)
                    buffer = [after]
            yield "".join(buffer)
        finally:
            self.fetch.cancel()

    def _load_outcome(self) -> Outcome:
        """Return the outcome of a page whose status has already been sent, so that errors appear on the page."""
        try:
            return self._build_outcome(self.build_result())
        except ChorusError as error:
            count_error(error)
            return self._explain_error(error)
        except Exception as error:  # the status has been sent, so no error handler can answer any more
            _log.exception("Unexpected error at %s", request.endpoint)
            count_error(error)
            return Outcome(
                form=question_form.form_from_args(request.args.to_dict(flat=False)),
                error_title=gettext("Something went wrong"),
                error_detail=unexpected_error_message(),
            )

    def _explain_error(self, error: ChorusError) -> Outcome:
        """Return the outcome of a page that shows an error instead of a result: at the fields of its form, if they are the problem."""
        sentences = error.messages if isinstance(error, SourceError) else [error.message]
        is_about_account = isinstance(error, SourceError) and error.is_about_account
        problems = error.problems if isinstance(error, InvalidQuery) else [("users", sentence) for sentence in sentences]
        corrections = error.corrections if isinstance(error, (InvalidQuery, SourceError)) else ()
        field_problems = link_suggestions(problems, corrections) if isinstance(error, InvalidQuery) or is_about_account else []
        return Outcome(
            form=question_form.form_from_args(request.args.to_dict(flat=False), field_problems),
            error_title=error.page_title,
            error_detail="" if field_problems else " ".join(sentences),
            needs_sign_in=self.fetch.needs_sign_in,
            read_offer=self._offer_read(),
        )

    def _offer_read(self) -> read_offers.ReadOffer | None:
        return read_offers.build_offer(self.fetch.original_query) if self.fetch.needs_confirmation else None

    def _build_outcome(self, result: Any) -> Outcome:
        return Outcome(
            result,
            _build_figures(result),
            question_form.form_from_query(self.fetch.original_query),
            needs_sign_in=self.fetch.needs_sign_in,
            read_offer=self._offer_read(),
            empty_period=empty_periods.build_empty_period(self.fetch, result),
        )


def _keep_language(chunks: Generator[str, None, None], language: str) -> Generator[str, None, None]:
    """Yield the chunks of a page made in a language, whatever the language is when each of them is asked for."""
    with closing(chunks):
        while True:
            with messages.use(language):
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk


def _compress_stream(chunks: Generator[str, None, None]) -> Iterator[bytes]:
    """Yield each chunk compressed and flushed, so that the browser can show it immediately."""
    compressor = zlib.compressobj(wbits=31)  # gzip
    with closing(chunks):
        for chunk in chunks:
            yield compressor.compress(chunk.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH)
        yield compressor.flush()


def _name_accounts(fetch: Fetch) -> dict[str, Any]:
    """Return the labels of the accounts by their canonical names: handles for those that are still being read.

    The list of names leaves out accounts that can't be read, unless none can.
    """
    labels, unreadable = fetch.label_accounts(), fetch.list_unreadable_accounts()
    names = [label for account, label in labels.items() if account not in unreadable]
    return {"account_labels": labels, "account_names": names or list(labels.values())}


def _build_template_context() -> dict[str, Any]:
    context: dict[str, Any] = {}
    current_app.update_template_context(context)
    return context


def _build_figures(result: Any) -> dict[str, dict[str, Any]]:
    """Return the figures of a page's charts by kind; a dashboard shows several, which are lower on phones."""
    shown_reports: Sequence[Any] | None = getattr(result, "shown_reports", None)
    if shown_reports is None:
        return {report.kind: rendering.build_figure(report) for report in getattr(result, "reports", (result,))}
    return {report.kind: report_layout.compact_figure(rendering.build_figure(report)) for report in shown_reports}
